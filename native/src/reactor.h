/*
 * The reactor: sockets of one environment, read and written from a uv_prepare hook that sleeps in its own epoll
 * set. The set also holds libuv's, so that timers, messages and everything else of the event loop go on.
 *
 * reactor.c   the calls from JavaScript
 * loop.c      the hook: sleep, read, hand over one batch, write what was answered
 * channel.c   reading, writing and closing of one socket
 * frame.c     where the messages of a stream end
 * address.c   sockets and their options
 */
#ifndef ORB_NATIVE_REACTOR_H
#define ORB_NATIVE_REACTOR_H

#include "addon.h"

#include <uv.h>

/* Words of the memory that JavaScript and C share; the TypeScript side has the same numbers. */
enum { CONTROL_STAGED, CONTROL_STAGED_OCTETS, CONTROL_NEEDS_SLAB };
/* An event is four words: kind, slot, and two that depend on the kind. */
enum event {
  EVENT_DATA,      /* offset and octets in the slab: whole messages; none when a part of one came */
  EVENT_PIECE,     /* the same, and the rest of the last message is on its way */
  EVENT_ROOM,      /* octets put into the room the channel was given; 1 when the message goes on */
  EVENT_ACCEPTED,  /* slot of the new channel */
  EVENT_CONNECTED, /* errno, or 0 */
  EVENT_FREED,     /* how many arrays given to `send` are no longer read */
  EVENT_DRAINED,
  EVENT_CLOSED, /* errno, or 0 after an orderly end; 1 when a write failed, 0 a read */
};
enum { EVENT_WORDS = 4 };

enum kind { LISTENER, CONNECTING, CHANNEL };

/* Octets that wait until the socket takes more: an array of JavaScript's, or a copy behind the struct. */
struct chunk {
  struct chunk *next;
  const uint8_t *octets;
  size_t length;
  napi_ref array;
};

struct channel {
  struct channel *next_news;
  struct channel *next_free;
  struct chunk *first;
  struct chunk *last;
  uint8_t *part; /* the begin of a small message whose end has not come */
  uint8_t *room;
  napi_ref room_array;
  size_t room_octets;
  uint64_t missing; /* octets of the large message that is passed on in pieces */
  uint32_t part_octets;
  uint32_t part_size;
  uint32_t whole_octets; /* messages up to this come whole */
  uint32_t slot;
  uint32_t generation; /* of the slot: what epoll tells of an earlier channel is not this one's */
  uint32_t interest; /* what epoll was told */
  uint32_t freed;
  int32_t staged_first;
  int32_t staged_last;
  int fd;
  int error;
  int write_error; /* the peer takes no more: what it said before is still read, then the channel is closed */
  int keep_alive_ms;
  int user_timeout_ms;
  enum kind kind;
  bool is_local;
  bool is_reading;
  bool is_raw; /* not GIOP: octets are passed on as they come */
  bool is_ending;
  bool is_shut; /* for writing */
  bool is_at_end; /* the peer's FIN was read */
  bool is_resetting;
  int held; /* of a listener that resets on a crash: see socket_hold; else -1 */
  bool resets_on_crash; /* of a listener: its channels; of a channel: SO_LINGER is set until it is closed */
  bool is_closed;
  bool is_said; /* JavaScript knows that it is closed */
  bool failed_writing;
  bool wants_drained;
  bool is_drained;
  bool has_news;
  bool keeps; /* the channel was told to keep the process alive */
  bool holds; /* it does: for that, or for what is still to be done */
};

struct reactor {
  napi_env env;
  napi_ref handler;
  napi_async_context context;
  napi_async_cleanup_hook_handle cleanup;
  uv_loop_t *loop;
  uv_prepare_t prepare;
  /* Active while libuv polls: its poll must not sleep, as it knows nothing of our sockets. */
  uv_idle_t idle;
  int epoll;
  int spare; /* given up to refuse a connection when descriptors have run out */
  int alarm; /* a timer of the kernel's */
  int64_t alarm_ns; /* when it goes off; 0: it is not set */
  int64_t spin_ns;
  bool is_dead;
  int open_handles;
  int32_t *control;
  int32_t *events;
  uint32_t events_most;
  uint32_t event_count;
  const uint8_t *out;
  int32_t *staged; /* slot and octets of each entry of `out` */
  int32_t *staged_next;
  double *queued; /* octets the system did not take yet, by slot */
  uint32_t slots_most;
  uint8_t *slab;
  size_t slab_octets;
  size_t slab_used;
  napi_ref slab_array;
  struct channel **slots;
  uint32_t slots_made;
  uint32_t open;
  uint32_t holding;
  struct channel *free;
  struct channel *news_first;
  struct channel *news_last;
};

/* Octets a slab must have left for another read. */
enum { LEAST_READ = 4096 };

/* loop.c */
int reactor_begin(struct reactor *r);
void reactor_wake(struct reactor *r);
void reactor_end(napi_async_cleanup_hook_handle handle, void *data);
void add_event(struct reactor *r, enum event kind, const struct channel *c, int32_t first, int32_t second);

/* channel.c */
struct channel *channel_new(struct reactor *r, int fd, enum kind kind);
/* NULL when the slot is free or its channel closed. */
struct channel *channel_at(const struct reactor *r, uint32_t slot);
void channel_release(struct reactor *r, struct channel *c);
void channel_hold(struct reactor *r, struct channel *c);
void channel_watch(struct reactor *r, struct channel *c);
/* @returns whether it had its turn; false: the slab is full, hand the batch over first */
bool channel_ready(struct reactor *r, struct channel *c, uint32_t events);
/* @returns whether the octets are no longer read: all written, or the channel closed */
bool channel_send(struct reactor *r, struct channel *c, const uint8_t *octets, size_t length, napi_value array);
void channel_end(struct reactor *r, struct channel *c);
void channel_reset(struct reactor *r, struct channel *c);
void channel_close(struct reactor *r, struct channel *c, int error, bool failed_writing);
/* Reads some of what a peer said before writing to it failed. @returns whether that was the last of it */
bool channel_read_last(struct reactor *r, struct channel *c);
void channel_forget_room(struct reactor *r, struct channel *c);
/* Writes what was staged, one call per channel. */
void reactor_flush(struct reactor *r);

/*
 * frame.c: how many of the octets are handed over now: whole messages, what belongs to a large one, and whatever is
 * not GIOP, which is the ORB's to refuse. The rest is the begin of a small message.
 */
size_t frame(struct channel *c, const uint8_t *octets, size_t length);

/* address.c: each returns a descriptor, or -errno. `port` below 0: `host` is the path of a socket file. */
int socket_connect(const char *host, int port, int keep_alive_ms, int user_timeout_ms, bool *is_under_way);
int socket_listen(const char *host, int port, bool ipv6_only, bool reuse_port);
/* Another descriptor of a listening socket, above those of its connections: Linux closes the highest first when the
 * process is killed, and who was reset then must find nobody listening any more. -1 where there may not be so many. */
int socket_hold(int fd);
void socket_prepare(int fd, int keep_alive_ms, int user_timeout_ms);
int socket_port(int fd);
/* `address:port` of the other side. */
void socket_peer(int fd, char *text, size_t size);

#endif
