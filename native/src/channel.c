/* Reading, writing and closing of one socket. */
#include "reactor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
  /* Connections accepted from one listener before the others have their turn. */
  MOST_ACCEPTED = 32,
  /* Octets read of one large message before the others have their turn. */
  MOST_ROOM_READ = 256 * 1024,
  MOST_READ = 64 * 1024,
  /* Pieces written in one call. */
  MOST_VECTORS = 64,
  /* Octets queued above which the end of the queue is told. */
  HIGH_WATER = 16 * 1024,
  FIRST_PART = 512,
};

static bool read_slab(struct reactor *r, struct channel *c);
static void read_room(struct reactor *r, struct channel *c);

static void add_news(struct reactor *r, struct channel *c) {
  if (c->has_news) return;
  c->has_news = true;
  c->next_news = NULL;
  if (r->news_last == NULL) r->news_first = c;
  else r->news_last->next_news = c;
  r->news_last = c;
}

/* Keeps the process alive as long as the channel is to, or has something left to do. */
void channel_hold(struct reactor *r, struct channel *c) {
  bool holds = !c->is_said && (c->keeps || c->is_closed || c->first != NULL);
  if (holds == c->holds) return;
  c->holds = holds;
  if (holds) {
    if (r->holding++ == 0) uv_ref((uv_handle_t *)&r->prepare);
  } else if (--r->holding == 0) {
    uv_unref((uv_handle_t *)&r->prepare);
  }
}

struct channel *channel_new(struct reactor *r, int fd, enum kind kind) {
  struct channel *c = r->free;
  uint32_t slot;
  if (c != NULL) {
    r->free = c->next_free;
    slot = c->slot;
    uint32_t generation = c->generation + 1;
    memset(c, 0, sizeof *c);
    c->generation = generation;
  } else {
    if (r->slots_made == r->slots_most) return NULL;
    c = calloc(1, sizeof *c);
    if (c == NULL) return NULL;
    slot = r->slots_made++;
    r->slots[slot] = c;
  }
  c->slot = slot;
  c->fd = fd;
  c->held = -1;
  c->kind = kind;
  c->staged_first = -1;
  c->keeps = true;
  r->queued[slot] = 0;
  r->open++;
  channel_hold(r, c);
  reactor_wake(r);
  return c;
}

struct channel *channel_at(const struct reactor *r, uint32_t slot) {
  if (slot >= r->slots_made) return NULL;
  struct channel *c = r->slots[slot];
  return c->fd < 0 || c->is_closed ? NULL : c;
}

/* To be called when JavaScript knows of the end: the slot may have another channel. */
void channel_release(struct reactor *r, struct channel *c) {
  c->is_said = true;
  channel_hold(r, c);
  c->next_free = r->free;
  r->free = c;
  r->open--;
}

void channel_watch(struct reactor *r, struct channel *c) {
  uint32_t wanted = 0;
  if (c->kind == LISTENER) wanted = EPOLLIN;
  else if (c->kind == CONNECTING) wanted = EPOLLOUT;
  else if (c->write_error == 0) wanted = (c->is_reading && !c->is_at_end ? EPOLLIN : 0) | (c->first != NULL ? EPOLLOUT : 0);
  if (wanted == c->interest) return;
  struct epoll_event event = {.events = wanted, .data.u64 = (uint64_t)c->generation << 32 | c->slot};
  /* A socket watched for nothing would still report its end, again and again. */
  int operation = wanted == 0 ? EPOLL_CTL_DEL : c->interest == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (epoll_ctl(r->epoll, operation, c->fd, &event) == 0) c->interest = wanted;
  else channel_close(r, c, errno, false);
}

static void drop_chunk(struct reactor *r, struct channel *c) {
  struct chunk *chunk = c->first;
  c->first = chunk->next;
  if (c->first == NULL) c->last = NULL;
  if (chunk->array != NULL) {
    napi_delete_reference(r->env, chunk->array);
    c->freed++;
  }
  free(chunk);
}

void channel_forget_room(struct reactor *r, struct channel *c) {
  if (c->room_array != NULL) napi_delete_reference(r->env, c->room_array);
  c->room_array = NULL;
  c->room = NULL;
  c->room_octets = 0;
}

/* Whether closing the socket resets the connection. Only TCP has resets. */
static void set_linger(struct channel *c, bool resets) {
  struct linger linger = {.l_onoff = resets, .l_linger = 0};
  setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

void channel_close(struct reactor *r, struct channel *c, int error, bool failed_writing) {
  if (c->is_closed) return;
  if (c->resets_on_crash && c->kind == CHANNEL && !c->is_resetting) set_linger(c, false);
  c->is_closed = true;
  c->error = error;
  c->failed_writing = failed_writing;
  if (c->interest != 0) epoll_ctl(r->epoll, EPOLL_CTL_DEL, c->fd, NULL);
  c->interest = 0;
  /* A child that is being made elsewhere in this process has a copy until it runs its program: it would go on listening. */
  if (c->kind == LISTENER) shutdown(c->fd, SHUT_RDWR);
  if (c->held >= 0) close(c->held);
  c->held = -1;
  close(c->fd);
  c->fd = -1;
  while (c->first != NULL) drop_chunk(r, c);
  channel_forget_room(r, c);
  free(c->part);
  c->part = NULL;
  r->queued[c->slot] = 0;
  channel_hold(r, c);
  add_news(r, c);
}

/* A peer that is gone may have said why: that is read before the error is told. */
static void fail_writing(struct reactor *r, struct channel *c, int error) {
  if (!c->is_reading || c->is_at_end) {
    channel_close(r, c, error, true);
    return;
  }
  c->write_error = error;
  while (c->first != NULL) drop_chunk(r, c);
  r->queued[c->slot] = 0;
  channel_watch(r, c);
  if (c->is_closed) return;
  channel_hold(r, c);
  add_news(r, c);
}

bool channel_read_last(struct reactor *r, struct channel *c) {
  uint8_t octet;
  if (!c->is_reading || recv(c->fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) <= 0) channel_close(r, c, c->write_error, true);
  else if (c->room == NULL || c->missing == 0) read_slab(r, c);
  else read_room(r, c);
  return c->is_closed;
}

/* Does what was put off until everything queued is written. */
static void finish_writing(struct reactor *r, struct channel *c) {
  if (c->wants_drained || !c->is_reading) {
    c->wants_drained = false;
    c->is_drained = true;
    add_news(r, c);
  }
  if (c->is_resetting) {
    /* The peer of a UNIX-domain socket learns of its end at once. */
    if (!c->is_local) set_linger(c, true);
    channel_close(r, c, 0, false);
  } else if (c->is_at_end) {
    channel_close(r, c, 0, false);
  } else if (c->is_ending && !c->is_shut) {
    c->is_shut = true;
    /* A peer that is gone already shows when its end is read. */
    shutdown(c->fd, SHUT_WR);
  }
}

/* @returns how many octets the socket took; below 0 when the channel was closed for an error */
static ssize_t write_vectors(struct reactor *r, struct channel *c, struct iovec *vectors, size_t count) {
  struct msghdr message = {.msg_iov = vectors, .msg_iovlen = count};
  for (;;) {
    ssize_t taken = count == 1 ? send(c->fd, vectors[0].iov_base, vectors[0].iov_len, MSG_NOSIGNAL | MSG_DONTWAIT)
                               : sendmsg(c->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (taken >= 0) {
      r->queued[c->slot] -= (double)taken;
      return taken;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
    fail_writing(r, c, errno);
    return -1;
  }
}

static void write_queue(struct reactor *r, struct channel *c) {
  struct iovec vectors[MOST_VECTORS];
  while (c->first != NULL) {
    size_t count = 0;
    size_t wanted = 0;
    for (struct chunk *chunk = c->first; chunk != NULL && count < MOST_VECTORS; chunk = chunk->next) {
      vectors[count].iov_base = (void *)chunk->octets;
      vectors[count++].iov_len = chunk->length;
      wanted += chunk->length;
    }
    ssize_t taken = write_vectors(r, c, vectors, count);
    if (taken < 0) return;
    size_t left = (size_t)taken;
    while (c->first != NULL && left >= c->first->length) {
      left -= c->first->length;
      drop_chunk(r, c);
    }
    if (c->first != NULL) {
      c->first->octets += left;
      c->first->length -= left;
    }
    if ((size_t)taken < wanted) break;
  }
  if (c->freed > 0) add_news(r, c);
  if (c->first == NULL) finish_writing(r, c);
  if (c->is_closed) return;
  channel_watch(r, c);
  channel_hold(r, c);
}

/* Keeps octets until the socket takes more: those of an array are read where they are. */
static void queue_octets(struct reactor *r, struct channel *c, const uint8_t *octets, size_t length,
                         napi_value array) {
  struct chunk *chunk = malloc(sizeof *chunk + (array == NULL ? length : 0));
  if (chunk == NULL) {
    channel_close(r, c, ENOMEM, true);
    return;
  }
  *chunk = (struct chunk){.octets = octets, .length = length};
  if (array == NULL) {
    memcpy(chunk + 1, octets, length);
    chunk->octets = (const uint8_t *)(chunk + 1);
  } else if (napi_create_reference(r->env, array, 1, &chunk->array) != napi_ok) {
    free(chunk);
    channel_close(r, c, ENOMEM, true);
    return;
  }
  if (c->last == NULL) c->first = chunk;
  else c->last->next = chunk;
  c->last = chunk;
}

static void wait_to_write(struct reactor *r, struct channel *c) {
  if (c->is_closed) return;
  if (r->queued[c->slot] >= HIGH_WATER) c->wants_drained = true;
  channel_watch(r, c);
  if (!c->is_closed) channel_hold(r, c);
}

bool channel_send(struct reactor *r, struct channel *c, const uint8_t *octets, size_t length, napi_value array) {
  struct iovec vector = {.iov_base = (void *)octets, .iov_len = length};
  ssize_t taken = 0;
  if (c->write_error != 0) return true;
  r->queued[c->slot] += (double)length;
  if (c->first == NULL) taken = write_vectors(r, c, &vector, 1);
  if (taken < 0) return true;
  if ((size_t)taken < length) {
    queue_octets(r, c, octets + taken, length - (size_t)taken, array);
    wait_to_write(r, c);
    return false;
  }
  finish_writing(r, c);
  return true;
}

/* Writes the entries staged for one channel. */
static void write_staged(struct reactor *r, struct channel *c, const size_t *offsets) {
  struct iovec vectors[MOST_VECTORS];
  int32_t at = c->staged_first;
  bool blocked = c->first != NULL;
  c->staged_first = -1;
  if (c->write_error != 0) return;
  for (int32_t i = at; i >= 0; i = r->staged_next[i]) r->queued[c->slot] += r->staged[i * 2 + 1];
  if (r->queued[c->slot] >= HIGH_WATER) c->wants_drained = true;
  while (at >= 0 && !c->is_closed) {
    size_t count = 0;
    size_t wanted = 0;
    for (; at >= 0 && count < MOST_VECTORS; at = r->staged_next[at]) {
      vectors[count].iov_base = (void *)(r->out + offsets[at]);
      vectors[count].iov_len = (size_t)r->staged[at * 2 + 1];
      wanted += vectors[count++].iov_len;
    }
    size_t taken = 0;
    if (!blocked) {
      ssize_t result = write_vectors(r, c, vectors, count);
      if (result < 0) return;
      taken = (size_t)result;
    }
    for (size_t i = 0; i < count && !c->is_closed; i++) {
      size_t length = vectors[i].iov_len;
      if (taken >= length) {
        taken -= length;
        continue;
      }
      queue_octets(r, c, (const uint8_t *)vectors[i].iov_base + taken, length - taken, NULL);
      taken = 0;
      blocked = true;
    }
  }
  if (c->is_closed) return;
  if (c->first == NULL) finish_writing(r, c);
  else wait_to_write(r, c);
}

void reactor_flush(struct reactor *r) {
  int32_t count = r->control[CONTROL_STAGED];
  if (count == 0) return;
  r->control[CONTROL_STAGED] = 0;
  r->control[CONTROL_STAGED_OCTETS] = 0;
  size_t offsets[count];
  size_t offset = 0;
  for (int32_t i = 0; i < count; i++) {
    offsets[i] = offset;
    offset += (size_t)r->staged[i * 2 + 1];
    r->staged_next[i] = -1;
    struct channel *c = channel_at(r, (uint32_t)r->staged[i * 2]);
    if (c == NULL) continue;
    if (c->staged_first < 0) c->staged_first = i;
    else r->staged_next[c->staged_last] = i;
    c->staged_last = i;
  }
  for (int32_t i = 0; i < count; i++) {
    struct channel *c = channel_at(r, (uint32_t)r->staged[i * 2]);
    if (c != NULL && c->staged_first == i) write_staged(r, c, offsets);
  }
}

void channel_end(struct reactor *r, struct channel *c) {
  c->is_ending = true;
  if (c->first == NULL) finish_writing(r, c);
}

void channel_reset(struct reactor *r, struct channel *c) {
  c->is_resetting = true;
  if (c->first == NULL) finish_writing(r, c);
}

static bool keep_part(struct channel *c, const uint8_t *octets, size_t length) {
  if (length > c->part_size) {
    size_t size = c->part_size == 0 ? FIRST_PART : c->part_size;
    while (size < length) size *= 2;
    uint8_t *part = realloc(c->part, size);
    if (part == NULL) return false;
    c->part = part;
    c->part_size = (uint32_t)size;
  }
  memcpy(c->part, octets, length);
  c->part_octets = (uint32_t)length;
  return true;
}

/* The peer says no more: so do we, when everything is written. */
static void read_end(struct reactor *r, struct channel *c) {
  c->is_at_end = true;
  channel_watch(r, c);
  if (c->is_closed) return;
  if (c->part_octets > 0) {
    /* Half a message is the ORB's to judge. */
    memcpy(r->slab + r->slab_used, c->part, c->part_octets);
    add_event(r, EVENT_DATA, c, (int32_t)r->slab_used, (int32_t)c->part_octets);
    r->slab_used += c->part_octets;
    c->part_octets = 0;
  }
  c->is_ending = true;
  if (c->first == NULL) finish_writing(r, c);
}

static void read_failed(struct reactor *r, struct channel *c) {
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return;
  channel_close(r, c, errno, false);
}

/* Reads into the place the receiver named, as far as there is something to read. */
static void read_room(struct reactor *r, struct channel *c) {
  size_t most = c->room_octets < MOST_ROOM_READ ? c->room_octets : MOST_ROOM_READ;
  if (most > c->missing) most = (size_t)c->missing;
  ssize_t count = recv(c->fd, c->room, most, MSG_DONTWAIT);
  if (count < 0) {
    read_failed(r, c);
    return;
  }
  if (count == 0) {
    read_end(r, c);
    return;
  }
  c->missing -= (size_t)count;
  channel_forget_room(r, c);
  add_event(r, EVENT_ROOM, c, (int32_t)count, c->missing > 0);
}

static bool read_slab(struct reactor *r, struct channel *c) {
  /* Messages begin at a multiple of 8, so that what is aligned in them is so in memory. */
  size_t start = (r->slab_used + 7) & ~(size_t)7;
  if (start + c->part_octets + LEAST_READ > r->slab_octets) {
    r->control[CONTROL_NEEDS_SLAB] = 1;
    return false;
  }
  uint8_t *octets = r->slab + start;
  size_t part = c->part_octets;
  size_t most = r->slab_octets - start - part;
  ssize_t count = recv(c->fd, octets + part, most < MOST_READ ? most : MOST_READ, MSG_DONTWAIT);
  if (count < 0) {
    read_failed(r, c);
    return true;
  }
  if (count == 0) {
    read_end(r, c);
    return true;
  }
  if (part > 0) memcpy(octets, c->part, part);
  c->part_octets = 0;
  size_t length = part + (size_t)count;
  size_t given = frame(c, octets, length);
  if (length > given && !keep_part(c, octets + given, length - given)) {
    channel_close(r, c, ENOMEM, false);
    return true;
  }
  if (given > 0) r->slab_used = start + given;
  add_event(r, c->missing > 0 ? EVENT_PIECE : EVENT_DATA, c, (int32_t)start, (int32_t)given);
  return true;
}

/* One more than there is room for: taken and closed, so that it does not wait for ever. */
static void refuse_one(struct reactor *r, int listener) {
  if (r->spare < 0) return;
  close(r->spare);
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  if (fd >= 0) close(fd);
  r->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void accept_some(struct reactor *r, struct channel *listener) {
  for (int i = 0; i < MOST_ACCEPTED; i++) {
    int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EMFILE || errno == ENFILE) refuse_one(r, listener->fd);
      if (errno == ECONNABORTED || errno == EINTR) continue;
      return;
    }
    struct channel *c = channel_new(r, fd, CHANNEL);
    if (c == NULL) {
      close(fd);
      return;
    }
    c->is_local = listener->is_local;
    c->whole_octets = listener->whole_octets;
    if (!c->is_local) {
      socket_prepare(fd, listener->keep_alive_ms, listener->user_timeout_ms);
      c->resets_on_crash = listener->resets_on_crash;
      if (c->resets_on_crash) set_linger(c, true);
    }
    add_event(r, EVENT_ACCEPTED, listener, (int32_t)c->slot, 0);
  }
}

static void connected(struct reactor *r, struct channel *c) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  if (error != 0) {
    channel_close(r, c, error, false);
    return;
  }
  c->kind = CHANNEL;
  channel_watch(r, c);
  if (!c->is_closed) add_event(r, EVENT_CONNECTED, c, 0, 0);
}

bool channel_ready(struct reactor *r, struct channel *c, uint32_t events) {
  if (c->kind == LISTENER) {
    accept_some(r, c);
    return true;
  }
  if (c->kind == CONNECTING) {
    connected(r, c);
    return true;
  }
  if ((events & EPOLLOUT) != 0 || ((events & (EPOLLERR | EPOLLHUP)) != 0 && (c->interest & EPOLLOUT) != 0)) {
    write_queue(r, c);
    if (c->is_closed) return true;
  }
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) == 0 || (c->interest & EPOLLIN) == 0) return true;
  if (c->room == NULL || c->missing == 0) return read_slab(r, c);
  read_room(r, c);
  return true;
}
