/* What passes over one connection, read as GIOP 1.0 to 1.2 (CORBA 3.3, part 2, chapter 9). Nothing here waits. */
#ifndef ORBWEAVER_GIOP_H
#define ORBWEAVER_GIOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  GIOP_HEADER = 12,
  /* Octets of a body that are looked at: contexts and names stand at its beginning. */
  GIOP_KEPT = 4096,
  /* Requests under way at one time; with more, the connection is left alone. */
  GIOP_REQUESTS = 256,
  GIOP_REPLICAS = 8,
  GIOP_HOST = 64,
  GIOP_KEY = 512,
  GIOP_CODE_SETS = 64,
  GIOP_PROBE = GIOP_KEY + GIOP_CODE_SETS + 128,
};

/* IOP::ServiceId of the fail-over message: idl/own/FailOver.idl. */
#define GIOP_FAIL_OVER 0x4f570001u

struct giop_address {
  char host[GIOP_HOST];
  uint16_t port;
};

/* A fail-over message: where else the objects are, and whether to go there now. */
struct giop_fail_over {
  struct giop_address replicas[GIOP_REPLICAS];
  unsigned replica_count;
  bool moves_now;
};

/* One direction of a connection. */
struct giop_stream {
  uint8_t header[GIOP_HEADER];
  uint8_t kept[GIOP_KEPT];
  size_t header_count, kept_count;
  uint64_t body_left;
  /* Messages whose last fragment is still to come. */
  unsigned fragmented;
};

/* One connection as its client has it. */
struct giop_watch {
  struct giop_stream out, in;
  uint32_t outstanding[GIOP_REQUESTS];
  unsigned outstanding_count;
  /* Answered before they were noted as sent: the two directions are read by different threads. */
  uint32_t early[GIOP_REQUESTS];
  unsigned early_count;
  /* What passes is no GIOP, or more than can be followed: the connection is left alone from then on. */
  bool is_lost;
  /* The server has said CloseConnection: what it did not answer it did not execute. */
  bool is_closed;
  /* The last one. */
  struct giop_fail_over fail_over;
  /* Of requests: what a first one on another connection must say. */
  uint8_t version_minor;
  uint8_t key[GIOP_KEY];
  uint32_t key_length;
  uint8_t code_sets[GIOP_CODE_SETS];
  uint32_t code_sets_length;
};

void giop_start(struct giop_watch *watch);
void giop_sent(struct giop_watch *watch, const uint8_t *octets, size_t count);
void giop_received(struct giop_watch *watch, const uint8_t *octets, size_t count);

/* No message is partial in either direction and no reply is to come: another connection may take its place. */
bool giop_is_quiet(const struct giop_watch *watch);

/*
 * A request that changes nothing (`_non_existent` of the object called last) and says the code sets that the client
 * said on the connection before. Returns its octets; 0 when there is nothing to be said.
 */
size_t giop_probe(const struct giop_watch *watch, uint32_t id, uint8_t into[GIOP_PROBE]);

/*
 * Whether those octets are a whole reply without exception to that request; -1 when they can become none. A fail-over
 * message that comes with it is put into `heard`, which is left as it is otherwise.
 */
int giop_is_answer(const uint8_t *octets, size_t count, uint32_t id, struct giop_fail_over *heard);

#endif
