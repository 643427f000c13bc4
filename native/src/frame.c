/* Where the messages of a stream end (CORBA 3.3 Part 2, 9.4.1). */
#include "reactor.h"

#include <string.h>

enum { HEADER_OCTETS = 12 };

static bool may_be_fragmented(uint8_t type, uint8_t minor) {
  switch (type) {
    case 0: /* Request */
    case 1: /* Reply */
    case 7: /* Fragment */
      return minor > 0;
    case 3: /* LocateRequest */
    case 4: /* LocateReply */
      return minor == 2;
    default:
      return false;
  }
}

/* Octets of the message whose header this is, all of it; 0 when the ORB takes no such message. */
static uint64_t message_octets(const uint8_t *header) {
  uint8_t minor = header[5];
  uint8_t flags = header[6];
  uint8_t type = header[7];
  if (memcmp(header, "GIOP", 4) != 0 || header[4] != 1 || minor > 2 || type > 7) return 0;
  if (type == 7 && minor == 0) return 0;
  if (minor > 0 && (flags & 2) != 0 && !may_be_fragmented(type, minor)) return 0;
  uint32_t size = (flags & 1) != 0
                    ? (uint32_t)header[8] | (uint32_t)header[9] << 8 | (uint32_t)header[10] << 16 | (uint32_t)header[11] << 24
                    : (uint32_t)header[8] << 24 | (uint32_t)header[9] << 16 | (uint32_t)header[10] << 8 | (uint32_t)header[11];
  return (uint64_t)size + HEADER_OCTETS;
}

size_t frame(struct channel *c, const uint8_t *octets, size_t length) {
  if (c->is_raw) return length;
  size_t at = c->missing < length ? (size_t)c->missing : length;
  c->missing -= at;
  uint64_t size = 0;
  while (length - at >= HEADER_OCTETS) {
    size = message_octets(octets + at);
    if (size == 0) {
      c->is_raw = true;
      return length;
    }
    if (size > length - at) break;
    at += (size_t)size;
  }
  size_t rest = length - at;
  if (rest >= HEADER_OCTETS && size > c->whole_octets) {
    c->missing = size - rest;
    return length;
  }
  if (rest > 0 && memcmp(octets + at, "GIOP", rest < 4 ? rest : 4) != 0) {
    c->is_raw = true;
    return length;
  }
  return at;
}
