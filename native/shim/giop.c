#include "giop.h"
#include <string.h>

enum { REQUEST, REPLY, CANCEL, LOCATE_REQUEST, LOCATE_REPLY, CLOSE, ERROR, FRAGMENT };
enum { CODE_SETS = 1, MOST_BODY = 1 << 30 };

/* A CDR encapsulation or message body, from a place where 4 divides the offset. */
struct reader {
  const uint8_t *at;
  size_t count, next;
  bool is_little, is_bad;
};

static bool is_little(const uint8_t header[GIOP_HEADER]) {
  return header[6] & 1;
}

static uint32_t long_at(const uint8_t *at, bool little) {
  return little ? at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24
                : (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

static const uint8_t *take(struct reader *r, size_t count) {
  static const uint8_t none[4];
  if (r->is_bad || count > r->count - r->next) {
    r->is_bad = true;
    return none;
  }
  r->next += count;
  return r->at + r->next - count;
}

static void align(struct reader *r, size_t to) {
  size_t over = r->next % to;
  if (over != 0) take(r, to - over);
}

static uint32_t read_long(struct reader *r) {
  align(r, 4);
  return long_at(take(r, 4), r->is_little);
}

static uint16_t read_short(struct reader *r) {
  align(r, 2);
  const uint8_t *at = take(r, 2);
  return (uint16_t)(r->is_little ? at[0] | at[1] << 8 : at[0] << 8 | at[1]);
}

static const uint8_t *read_octets(struct reader *r, uint32_t *count) {
  *count = read_long(r);
  const uint8_t *at = take(r, *count);
  if (r->is_bad) *count = 0;
  return at;
}

/* What is not understood as a whole changes nothing. */
static void on_fail_over(struct giop_fail_over *heard, const uint8_t *at, uint32_t count) {
  struct giop_fail_over read = {.replica_count = 0};
  struct reader r = {.at = at, .count = count};
  r.is_little = *take(&r, 1) & 1;
  bool now = *take(&r, 1) & 1;
  uint32_t replica_count = read_long(&r);
  if (r.is_bad || replica_count > GIOP_REPLICAS) return;
  for (; read.replica_count < replica_count; read.replica_count++) {
    struct giop_address *replica = &read.replicas[read.replica_count];
    uint32_t length;
    const uint8_t *host = read_octets(&r, &length);
    if (length < 2 || length > GIOP_HOST || host[length - 1] != 0) return;
    memcpy(replica->host, host, length);
    replica->port = read_short(&r);
  }
  if (r.is_bad) return;
  read.moves_now = now && replica_count > 0;
  *heard = read;
}

static void read_reply_contexts(struct giop_fail_over *heard, struct reader *r) {
  uint32_t contexts = read_long(r);
  for (uint32_t i = 0; i < contexts && !r->is_bad; i++) {
    uint32_t id = read_long(r), length;
    const uint8_t *data = read_octets(r, &length);
    if (!r->is_bad && id == GIOP_FAIL_OVER) on_fail_over(heard, data, length);
  }
}

static void read_request_contexts(struct giop_watch *watch, struct reader *r) {
  uint32_t contexts = read_long(r);
  for (uint32_t i = 0; i < contexts && !r->is_bad; i++) {
    uint32_t id = read_long(r), length;
    const uint8_t *data = read_octets(r, &length);
    if (r->is_bad || id != CODE_SETS || length > GIOP_CODE_SETS) continue;
    memcpy(watch->code_sets, data, length);
    watch->code_sets_length = length;
  }
}

static bool drop(uint32_t *ids, unsigned *count, uint32_t id) {
  for (unsigned i = 0; i < *count; i++) {
    if (ids[i] != id) continue;
    ids[i] = ids[--*count];
    return true;
  }
  return false;
}

static void add(struct giop_watch *watch, uint32_t *ids, unsigned *count, uint32_t id) {
  if (*count == GIOP_REQUESTS) watch->is_lost = true;
  else ids[(*count)++] = id;
}

static void expect(struct giop_watch *watch, uint32_t id) {
  if (!drop(watch->early, &watch->early_count, id)) add(watch, watch->outstanding, &watch->outstanding_count, id);
}

static void settle(struct giop_watch *watch, uint32_t id) {
  if (!drop(watch->outstanding, &watch->outstanding_count, id)) add(watch, watch->early, &watch->early_count, id);
}

static void on_request(struct giop_watch *watch, struct reader *r, uint8_t minor) {
  enum { KEY_ADDRESS = 0 };
  uint32_t id, length = 0;
  const uint8_t *key = NULL;
  bool has_reply;
  if (minor >= 2) {
    id = read_long(r);
    has_reply = *take(r, 1) & 1;
    take(r, 3);
    if (read_short(r) == KEY_ADDRESS) key = read_octets(r, &length);
    if (r->is_bad) watch->is_lost = true;
    if (key != NULL) {
      uint32_t name;
      read_octets(r, &name);
      read_request_contexts(watch, r);
    }
  } else {
    read_request_contexts(watch, r);
    id = read_long(r);
    has_reply = *take(r, 1) & 1;
    /* Who cannot be told from the next one cannot be waited for. */
    if (r->is_bad) watch->is_lost = true;
    if (minor == 1) take(r, 3);
    key = read_octets(r, &length);
  }
  if (has_reply) expect(watch, id);
  if (key == NULL || length == 0 || length > GIOP_KEY) return;
  memcpy(watch->key, key, length);
  watch->key_length = length;
  watch->version_minor = minor;
}

static void on_reply(struct giop_watch *watch, struct reader *r, uint8_t minor) {
  uint32_t id;
  if (minor >= 2) {
    id = read_long(r);
    read_long(r);
    settle(watch, id);
    read_reply_contexts(&watch->fail_over, r);
    return;
  }
  read_reply_contexts(&watch->fail_over, r);
  id = read_long(r);
  if (r->is_bad) watch->is_lost = true;
  else settle(watch, id);
}

static void on_message(struct giop_watch *watch, const struct giop_stream *stream, bool is_out) {
  const uint8_t *header = stream->header;
  struct reader r = {.at = stream->kept, .count = stream->kept_count, .is_little = is_little(header)};
  uint8_t type = header[7], minor = header[5];
  switch (type) {
    case REQUEST:
      /* The server calls back over this connection: its requests are answered by nobody else. */
      if (!is_out) watch->is_lost = true;
      else on_request(watch, &r, minor);
      return;
    case LOCATE_REQUEST:
      if (is_out) expect(watch, read_long(&r));
      return;
    case CANCEL:
      /* Its reply may come all the same. */
      return;
    case REPLY:
      if (!is_out) on_reply(watch, &r, minor);
      return;
    case LOCATE_REPLY:
      if (!is_out) settle(watch, read_long(&r));
      return;
    case CLOSE:
      if (!is_out) watch->is_closed = true;
      return;
    case ERROR:
      watch->is_lost = true;
      return;
  }
}

static bool on_header(struct giop_stream *stream) {
  const uint8_t *header = stream->header;
  bool has_more = header[5] > 0 && header[6] & 2;
  if (memcmp(header, "GIOP\1", 5) != 0 || header[5] > 2 || header[7] > FRAGMENT) return false;
  if (header[7] == FRAGMENT) {
    if (stream->fragmented == 0) return false;
    if (!has_more) stream->fragmented--;
  } else if (has_more) {
    stream->fragmented++;
  }
  stream->body_left = long_at(header + 8, is_little(header));
  stream->kept_count = 0;
  return stream->body_left <= MOST_BODY;
}

static void follow(struct giop_watch *watch, struct giop_stream *stream, const uint8_t *octets, size_t count) {
  bool is_out = stream == &watch->out;
  while (count > 0 && !watch->is_lost) {
    if (stream->header_count < GIOP_HEADER) {
      size_t part = GIOP_HEADER - stream->header_count < count ? GIOP_HEADER - stream->header_count : count;
      memcpy(stream->header + stream->header_count, octets, part);
      stream->header_count += part;
      octets += part;
      count -= part;
      if (stream->header_count < GIOP_HEADER) return;
      if (!on_header(stream)) watch->is_lost = true;
    } else {
      size_t part = stream->body_left < count ? (size_t)stream->body_left : count;
      size_t room = GIOP_KEPT - stream->kept_count, kept = part < room ? part : room;
      memcpy(stream->kept + stream->kept_count, octets, kept);
      stream->kept_count += kept;
      stream->body_left -= part;
      octets += part;
      count -= part;
    }
    if (stream->body_left > 0) continue;
    on_message(watch, stream, is_out);
    stream->header_count = 0;
  }
}

void giop_start(struct giop_watch *watch) {
  memset(watch, 0, sizeof *watch);
}

void giop_sent(struct giop_watch *watch, const uint8_t *octets, size_t count) {
  follow(watch, &watch->out, octets, count);
}

void giop_received(struct giop_watch *watch, const uint8_t *octets, size_t count) {
  follow(watch, &watch->in, octets, count);
}

static bool is_between(const struct giop_stream *stream) {
  return stream->header_count == 0 && stream->fragmented == 0;
}

bool giop_is_quiet(const struct giop_watch *watch) {
  return !watch->is_lost && is_between(&watch->out) && is_between(&watch->in) && watch->outstanding_count == 0 &&
         watch->early_count == 0;
}

/* Always big-endian. */
struct writer {
  uint8_t *at;
  size_t count;
};

static void put_long(struct writer *w, uint32_t value) {
  while (w->count % 4 != 0) w->at[w->count++] = 0;
  for (int shift = 24; shift >= 0; shift -= 8) w->at[w->count++] = (uint8_t)(value >> shift);
}

static void put_octets(struct writer *w, const void *octets, uint32_t count) {
  put_long(w, count);
  memcpy(w->at + w->count, octets, count);
  w->count += count;
}

static void put_contexts(struct writer *w, const struct giop_watch *watch) {
  put_long(w, 1);
  put_long(w, CODE_SETS);
  put_octets(w, watch->code_sets, watch->code_sets_length);
}

size_t giop_probe(const struct giop_watch *watch, uint32_t id, uint8_t into[GIOP_PROBE]) {
  static const char operation[] = "_non_existent";
  if (watch->code_sets_length == 0 || watch->key_length == 0) return 0;
  uint8_t minor = watch->version_minor;
  struct writer w = {.at = into};
  const uint8_t header[] = {'G', 'I', 'O', 'P', 1, minor, 0, REQUEST, 0, 0, 0, 0};
  memcpy(into, header, sizeof header);
  w.count = sizeof header;
  if (minor < 2) put_contexts(&w, watch);
  put_long(&w, id);
  /* A reply is expected; three octets are reserved, and in GIOP 1.0 padding. */
  const uint8_t expected[4] = {minor < 2 ? 1 : 3, 0, 0, 0};
  memcpy(into + w.count, expected, sizeof expected);
  w.count += sizeof expected;
  if (minor >= 2) put_long(&w, 0);
  put_octets(&w, watch->key, watch->key_length);
  put_octets(&w, operation, sizeof operation);
  if (minor >= 2) put_contexts(&w, watch);
  else put_long(&w, 0);
  struct writer size = {.at = into, .count = 8};
  put_long(&size, (uint32_t)(w.count - GIOP_HEADER));
  return w.count;
}

int giop_is_answer(const uint8_t *octets, size_t count, uint32_t id, struct giop_fail_over *heard) {
  if (count < GIOP_HEADER) return 0;
  bool little = is_little(octets);
  uint32_t size = long_at(octets + 8, little);
  if (memcmp(octets, "GIOP\1", 5) != 0 || octets[5] > 2 || octets[7] != REPLY || size > GIOP_KEPT) return -1;
  if (count < GIOP_HEADER + size) return 0;
  struct reader r = {.at = octets + GIOP_HEADER, .count = size, .is_little = little};
  struct giop_fail_over said = *heard;
  if (octets[5] < 2) read_reply_contexts(&said, &r);
  bool is_mine = read_long(&r) == id, is_well = read_long(&r) == 0;
  if (octets[5] >= 2) read_reply_contexts(&said, &r);
  if (!is_mine || !is_well || r.is_bad) return -1;
  *heard = said;
  return 1;
}
