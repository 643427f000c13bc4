/*
 * LD_PRELOAD library for CORBA clients that exist already. It follows the GIOP of each connection that the program opens,
 * and puts a connection to the next replica in its place, under the same descriptor:
 *   - when the server says so by a fail-over message (Pertet and Narasimhan, "Proactive Recovery in Distributed CORBA
 *     Applications", DSN 2004), and
 *   - when the server is gone before the next request is sent, and an earlier message told of replicas;
 * only while no reply is outstanding and no message is partial in either direction: nothing is sent twice.
 *
 *   MEAD_TIMEOUT_MS  for one replica, connecting and answering; 1000 where absent, 60000 at most
 *   MEAD_LOG         1: tells on standard error what was moved, and why not
 */
#include "giop.h"
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
  MOST_DESCRIPTORS = 65536,
  TIMEOUT_MS = 1000,
  MOST_TIMEOUT_MS = 60000,
  /* Of a request of our own: ORBs count up from nought. */
  PROBE_ID = 0xfffffff0,
  MOST_EPOLLS = 4,
};

/* Where an event loop was told to look at the descriptor: the kernel forgets it with the socket. */
struct interest {
  int epoll;
  struct epoll_event event;
};

struct connection {
  /* One request at a time; held while the kernel takes it. Before `lock`, where both are. */
  pthread_mutex_t sending;
  /* What is below; never held while the kernel waits for the program's peer. */
  pthread_mutex_t lock;
  bool is_sending;
  struct giop_watch watch;
  struct interest interests[MOST_EPOLLS];
  unsigned interest_count;
  /* Counts moves: who waited in the kernel meanwhile asks the new socket. */
  unsigned moves;
};

static struct connection *connections[MOST_DESCRIPTORS];
static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;
static int timeout_ms = TIMEOUT_MS;
static bool is_logging;

static ssize_t (*real_send)(int, const void *, size_t, int);
static ssize_t (*real_sendto)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
static ssize_t (*real_sendmsg)(int, const struct msghdr *, int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_recv)(int, void *, size_t, int);
static ssize_t (*real_recvfrom)(int, void *, size_t, int, struct sockaddr *, socklen_t *);
static ssize_t (*real_recvmsg)(int, struct msghdr *, int);
static ssize_t (*real_read)(int, void *, size_t);
static ssize_t (*real_readv)(int, const struct iovec *, int);
static int (*real_connect)(int, const struct sockaddr *, socklen_t);
static int (*real_close)(int);
static int (*real_epoll_ctl)(int, int, int, struct epoll_event *);
#define SHOWN __attribute__((visibility("default")))

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void prepare(void) {
  *(void **)&real_send = dlsym(RTLD_NEXT, "send");
  *(void **)&real_sendto = dlsym(RTLD_NEXT, "sendto");
  *(void **)&real_sendmsg = dlsym(RTLD_NEXT, "sendmsg");
  *(void **)&real_write = dlsym(RTLD_NEXT, "write");
  *(void **)&real_writev = dlsym(RTLD_NEXT, "writev");
  *(void **)&real_recv = dlsym(RTLD_NEXT, "recv");
  *(void **)&real_recvfrom = dlsym(RTLD_NEXT, "recvfrom");
  *(void **)&real_recvmsg = dlsym(RTLD_NEXT, "recvmsg");
  *(void **)&real_read = dlsym(RTLD_NEXT, "read");
  *(void **)&real_readv = dlsym(RTLD_NEXT, "readv");
  *(void **)&real_connect = dlsym(RTLD_NEXT, "connect");
  *(void **)&real_close = dlsym(RTLD_NEXT, "close");
  *(void **)&real_epoll_ctl = dlsym(RTLD_NEXT, "epoll_ctl");
  const char *text = getenv("MEAD_TIMEOUT_MS");
  long wanted = text == NULL ? 0 : strtol(text, NULL, 10);
  if (wanted > 0) timeout_ms = wanted < MOST_TIMEOUT_MS ? (int)wanted : MOST_TIMEOUT_MS;
  text = getenv("MEAD_LOG");
  is_logging = text != NULL && strcmp(text, "1") == 0;
}

static void ready(void) {
  pthread_once(&once, prepare);
}

__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...) {
  if (!is_logging) return;
  char line[256];
  va_list words;
  va_start(words, format);
  int length = snprintf(line, sizeof line, "mead: ");
  length += vsnprintf(line + length, sizeof line - (size_t)length - 1, format, words);
  va_end(words);
  if (length > (int)sizeof line - 2) length = (int)sizeof line - 2;
  line[length] = '\n';
  if (real_write(STDERR_FILENO, line, (size_t)length + 1) < 0) return;
}

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* The connection of a descriptor; NULL for what is none. */
static struct connection *find(int fd) {
  return fd < 0 || fd >= MOST_DESCRIPTORS ? NULL : __atomic_load_n(&connections[fd], __ATOMIC_ACQUIRE);
}

static bool is_left_alone(const struct connection *one) {
  return __atomic_load_n(&one->watch.is_lost, __ATOMIC_RELAXED);
}

static struct connection *hold(int fd) {
  struct connection *one = find(fd);
  if (one != NULL) pthread_mutex_lock(&one->lock);
  return one;
}

static void let_go(struct connection *one) {
  if (one != NULL) pthread_mutex_unlock(&one->lock);
}

/* Connections are made once for each descriptor and never freed: another thread may hold any. */
static void begin(int fd) {
  if (fd < 0 || fd >= MOST_DESCRIPTORS) return;
  struct connection *one = hold(fd);
  if (one == NULL) {
    pthread_mutex_lock(&table);
    one = connections[fd];
    if (one == NULL && (one = calloc(1, sizeof *one)) != NULL) {
      pthread_mutex_init(&one->sending, NULL);
      pthread_mutex_init(&one->lock, NULL);
    }
    if (one != NULL) __atomic_store_n(&connections[fd], one, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&table);
    if (one == NULL) return;
    pthread_mutex_lock(&one->lock);
  }
  giop_start(&one->watch);
  one->interest_count = 0;
  let_go(one);
}

static void end(int fd) {
  struct connection *one = hold(fd);
  if (one == NULL) return;
  one->watch.is_lost = true;
  one->interest_count = 0;
  let_go(one);
}

static bool wait_for(int fd, short events, int64_t until) {
  struct pollfd at = {.fd = fd, .events = events};
  for (;;) {
    int64_t left = until - now_ms();
    if (left <= 0) return false;
    int count = poll(&at, 1, (int)left);
    if (count > 0) return true;
    if (count == 0 || errno != EINTR) return false;
  }
}

static int dial(const struct giop_address *to, int64_t until) {
  char port[8];
  snprintf(port, sizeof port, "%u", to->port);
  /* A name would be asked for without a deadline. */
  struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM}, *found;
  if (getaddrinfo(to->host, port, &hints, &found) != 0) return -1;
  int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error = 0, one = 1;
  socklen_t length = sizeof error;
  bool is_there = fd >= 0 && (real_connect(fd, found->ai_addr, found->ai_addrlen) == 0 ||
                              (errno == EINPROGRESS && wait_for(fd, POLLOUT, until) &&
                               getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0));
  freeaddrinfo(found);
  if (is_there) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (is_there || fd < 0) return fd;
  real_close(fd);
  return -1;
}

/* Says the code sets again, and sees that somebody is there who answers. */
static bool greet(int fd, const struct giop_watch *watch, int64_t until, struct giop_fail_over *heard) {
  uint8_t octets[GIOP_HEADER + GIOP_KEPT];
  size_t length = giop_probe(watch, PROBE_ID, octets), done = 0;
  if (length == 0) return true;
  while (done < length) {
    ssize_t sent = real_send(fd, octets + done, length - done, MSG_NOSIGNAL);
    if (sent > 0) done += (size_t)sent;
    else if (errno != EAGAIN || !wait_for(fd, POLLOUT, until)) return false;
  }
  for (done = 0;;) {
    int answer = giop_is_answer(octets, done, PROBE_ID, heard);
    if (answer != 0) return answer > 0;
    ssize_t got = real_recv(fd, octets + done, sizeof octets - done, 0);
    if (got > 0) done += (size_t)got;
    else if (got == 0 || errno != EAGAIN || !wait_for(fd, POLLIN, until)) return false;
  }
}

static bool is_here(int fd, const struct giop_address *replica) {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } peer;
  socklen_t length = sizeof peer;
  char host[INET6_ADDRSTRLEN] = "";
  if (getpeername(fd, &peer.any, &length) < 0) return false;
  bool is_v6 = peer.any.sa_family == AF_INET6;
  inet_ntop(peer.any.sa_family, is_v6 ? (void *)&peer.v6.sin6_addr : (void *)&peer.v4.sin_addr, host, sizeof host);
  return ntohs(is_v6 ? peer.v6.sin6_port : peer.v4.sin_port) == replica->port && strcmp(host, replica->host) == 0;
}

/* The socket takes the descriptor, with what the program had set. */
static bool replace(int fd, int with, struct connection *one) {
  int flags = fcntl(fd, F_GETFL), descriptor_flags = fcntl(fd, F_GETFD), value;
  socklen_t length = sizeof value;
  if (getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, &length) == 0)
    setsockopt(with, SOL_SOCKET, SO_KEEPALIVE, &value, length);
  if (flags < 0 || fcntl(with, F_SETFL, flags) < 0) return false;
  /* Who waits for octets of the old one wakes up and asks the new one. */
  shutdown(fd, SHUT_RDWR);
  if (dup3(with, fd, descriptor_flags & FD_CLOEXEC ? O_CLOEXEC : 0) < 0) return false;
  for (unsigned i = 0; i < one->interest_count; i++)
    real_epoll_ctl(one->interests[i].epoll, EPOLL_CTL_ADD, fd, &one->interests[i].event);
  return true;
}

/* To be called while the connection is quiet. Where no replica is reached, all stays as it was. */
static void move(int fd, struct connection *one, const char *why) {
  struct giop_watch *watch = &one->watch;
  int64_t start = now_ms();
  for (unsigned i = 0; i < watch->fail_over.replica_count; i++) {
    const struct giop_address to = watch->fail_over.replicas[i];
    struct giop_fail_over heard = watch->fail_over;
    heard.moves_now = false;
    if (is_here(fd, &to)) continue;
    int64_t until = now_ms() + timeout_ms;
    int with = dial(&to, until);
    bool is_well = with >= 0 && greet(with, watch, until, &heard) && replace(fd, with, one);
    if (with >= 0) real_close(with);
    if (!is_well) {
      tell("descriptor %d: no replica at %s:%u within %d ms", fd, to.host, to.port, timeout_ms);
      continue;
    }
    tell("descriptor %d goes to %s:%u after %d ms: %s", fd, to.host, to.port, (int)(now_ms() - start), why);
    /* One that leaves as well is left with the next reply. */
    watch->fail_over = heard;
    watch->is_closed = false;
    one->moves++;
    return;
  }
  watch->fail_over.moves_now = false;
}

static bool is_dead(int fd) {
  char octet;
  ssize_t got = real_recv(fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR && errno != ENOTSOCK);
}

/* Before the first octet of a request. */
static void before_sending(int fd, struct connection *one) {
  struct giop_watch *watch = &one->watch;
  if (watch->fail_over.replica_count == 0 || !giop_is_quiet(watch)) return;
  if (watch->fail_over.moves_now) move(fd, one, "fail-over message");
  else if (watch->is_closed) move(fd, one, "the server closed");
  else if (is_dead(fd)) move(fd, one, "the server is gone");
}

static void start_sending(int fd, struct connection *one) {
  pthread_mutex_lock(&one->sending);
  pthread_mutex_lock(&one->lock);
  before_sending(fd, one);
  one->is_sending = true;
  pthread_mutex_unlock(&one->lock);
}

static void note(struct giop_watch *watch, void (*seen)(struct giop_watch *, const uint8_t *, size_t),
                 const struct iovec *parts, size_t count, size_t octets) {
  for (size_t i = 0; i < count && octets > 0; i++) {
    size_t part = parts[i].iov_len < octets ? parts[i].iov_len : octets;
    seen(watch, parts[i].iov_base, part);
    octets -= part;
  }
}

/* Notes what was sent after it was: of a message that the kernel took in part, the rest is still to come. */
#define SEND(fd, call, parts, count)                                                      \
  ready();                                                                                \
  struct connection *one = find(fd);                                                      \
  if (one == NULL || is_left_alone(one)) return call;                                     \
  start_sending(fd, one);                                                                 \
  ssize_t done = call;                                                                    \
  int error = errno;                                                                      \
  pthread_mutex_lock(&one->lock);                                                         \
  if (done > 0) note(&one->watch, giop_sent, parts, count, (size_t)done);                 \
  one->is_sending = false;                                                                \
  pthread_mutex_unlock(&one->lock);                                                       \
  pthread_mutex_unlock(&one->sending);                                                    \
  errno = error;                                                                          \
  return done

/* The lock is not held while the kernel waits. */
static ssize_t received(int fd, unsigned moves, ssize_t done, const struct iovec *parts, size_t count, bool *is_again) {
  int error = errno;
  struct connection *one = hold(fd);
  if (one != NULL) {
    /* Octets of the former socket are read before it is left, so this is its end, and nobody's. */
    *is_again = one->moves != moves && done <= 0 && !(done < 0 && (error == EAGAIN || error == EINTR));
    if (done > 0) note(&one->watch, giop_received, parts, count, (size_t)done);
    bool may_move = done > 0 && one->watch.fail_over.moves_now && !one->is_sending && giop_is_quiet(&one->watch);
    if (may_move) move(fd, one, "fail-over message");
  }
  let_go(one);
  errno = error;
  return done;
}

#define RECEIVE(fd, call, parts, count)                                     \
  ready();                                                                  \
  struct connection *known = find(fd);                                      \
  if (known == NULL || is_left_alone(known)) return call;                   \
  for (;;) {                                                                \
    bool is_again = false;                                                  \
    struct connection *one = hold(fd);                                      \
    unsigned moves = one == NULL ? 0 : one->moves;                          \
    let_go(one);                                                            \
    ssize_t done = received(fd, moves, call, parts, count, &is_again);      \
    if (!is_again) return done;                                             \
  }

SHOWN int connect(int fd, const struct sockaddr *to, socklen_t length) {
  ready();
  int type = 0;
  socklen_t size = sizeof type;
  bool is_stream = getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM &&
                   length >= sizeof to->sa_family && (to->sa_family == AF_INET || to->sa_family == AF_INET6);
  int result = real_connect(fd, to, length), error = errno;
  if (is_stream && (result == 0 || error == EINPROGRESS)) begin(fd);
  errno = error;
  return result;
}

SHOWN int close(int fd) {
  ready();
  end(fd);
  return real_close(fd);
}

SHOWN int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event) {
  ready();
  struct connection *one = hold(fd);
  int result = real_epoll_ctl(epoll, operation, fd, event);
  if (one != NULL && result == 0) {
    unsigned at = 0;
    while (at < one->interest_count && one->interests[at].epoll != epoll) at++;
    bool is_known = at < one->interest_count;
    if (operation == EPOLL_CTL_DEL && is_known) one->interests[at] = one->interests[--one->interest_count];
    else if (operation != EPOLL_CTL_DEL && event != NULL && at < MOST_EPOLLS) {
      one->interests[at] = (struct interest){.epoll = epoll, .event = *event};
      if (!is_known) one->interest_count++;
    } else if (!is_known) one->watch.is_lost = true;
  }
  let_go(one);
  return result;
}

SHOWN ssize_t send(int fd, const void *octets, size_t count, int flags) {
  const struct iovec part = {(void *)octets, count};
  SEND(fd, real_send(fd, octets, count, flags), &part, 1);
}

SHOWN ssize_t sendto(int fd, const void *octets, size_t count, int flags,
                                                      const struct sockaddr *to, socklen_t length) {
  const struct iovec part = {(void *)octets, count};
  SEND(fd, real_sendto(fd, octets, count, flags, to, length), &part, 1);
}

SHOWN ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  SEND(fd, real_sendmsg(fd, message, flags), message->msg_iov, message->msg_iovlen);
}

SHOWN ssize_t write(int fd, const void *octets, size_t count) {
  const struct iovec part = {(void *)octets, count};
  SEND(fd, real_write(fd, octets, count), &part, 1);
}

SHOWN ssize_t writev(int fd, const struct iovec *parts, int count) {
  SEND(fd, real_writev(fd, parts, count), parts, (size_t)count);
}

SHOWN ssize_t recv(int fd, void *octets, size_t count, int flags) {
  const struct iovec part = {octets, count};
  if (flags & MSG_PEEK) {
    ready();
    return real_recv(fd, octets, count, flags);
  }
  RECEIVE(fd, real_recv(fd, octets, count, flags), &part, 1);
}

SHOWN ssize_t recvfrom(int fd, void *octets, size_t count, int flags,
                                                        struct sockaddr *from, socklen_t *length) {
  const struct iovec part = {octets, count};
  if (flags & MSG_PEEK) {
    ready();
    return real_recvfrom(fd, octets, count, flags, from, length);
  }
  RECEIVE(fd, real_recvfrom(fd, octets, count, flags, from, length), &part, 1);
}

SHOWN ssize_t recvmsg(int fd, struct msghdr *message, int flags) {
  if (flags & MSG_PEEK) {
    ready();
    return real_recvmsg(fd, message, flags);
  }
  RECEIVE(fd, real_recvmsg(fd, message, flags), message->msg_iov, message->msg_iovlen);
}

SHOWN ssize_t read(int fd, void *octets, size_t count) {
  const struct iovec part = {octets, count};
  RECEIVE(fd, real_read(fd, octets, count), &part, 1);
}

SHOWN ssize_t readv(int fd, const struct iovec *parts, int count) {
  RECEIVE(fd, real_readv(fd, parts, count), parts, (size_t)count);
}

/* What programs call that are compiled with _FORTIFY_SOURCE; `room` was checked by nobody yet. */
void __chk_fail(void) __attribute__((noreturn));

SHOWN ssize_t __recv_chk(int fd, void *octets, size_t count, size_t room, int flags) {
  if (count > room) __chk_fail();
  return recv(fd, octets, count, flags);
}

SHOWN ssize_t __recvfrom_chk(int fd, void *octets, size_t count, size_t room, int flags, struct sockaddr *from,
                             socklen_t *length) {
  if (count > room) __chk_fail();
  return recvfrom(fd, octets, count, flags, from, length);
}

SHOWN ssize_t __read_chk(int fd, void *octets, size_t count, size_t room) {
  if (count > room) __chk_fail();
  return read(fd, octets, count);
}
