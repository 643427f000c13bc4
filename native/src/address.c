/* Sockets and their options. */
#include "reactor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 511, KEEP_ALIVE_INTERVAL_S = 1, KEEP_ALIVE_PROBES = 10 };

union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  struct sockaddr_un local;
};

/* @returns the length of the address, or -errno */
static int parse(const char *host, int port, union address *address) {
  memset(address, 0, sizeof *address);
  if (port < 0) {
    size_t length = strlen(host);
    if (length == 0 || length >= sizeof address->local.sun_path) return -ENAMETOOLONG;
    address->local.sun_family = AF_UNIX;
    memcpy(address->local.sun_path, host, length);
    return sizeof address->local;
  }
  if (uv_ip4_addr(host, port, &address->v4) == 0) return sizeof address->v4;
  if (uv_ip6_addr(host, port, &address->v6) == 0) return sizeof address->v6;
  return -EINVAL;
}

static void turn_on(int fd, int level, int option) {
  int on = 1;
  setsockopt(fd, level, option, &on, sizeof on);
}

static int refused(int fd) {
  int error = errno;
  close(fd);
  return -error;
}

void socket_prepare(int fd, int keep_alive_ms, int user_timeout_ms) {
  /* What a kernel does not know it does not do: the connection works all the same. */
  turn_on(fd, IPPROTO_TCP, TCP_NODELAY);
  if (keep_alive_ms > 0) {
    int idle_s = (keep_alive_ms + 999) / 1000;
    int interval_s = KEEP_ALIVE_INTERVAL_S;
    int probes = KEEP_ALIVE_PROBES;
    turn_on(fd, SOL_SOCKET, SO_KEEPALIVE);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
  }
  if (user_timeout_ms > 0)
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms, sizeof user_timeout_ms);
}

int socket_connect(const char *host, int port, int keep_alive_ms, int user_timeout_ms, bool *is_under_way) {
  union address address;
  int length = parse(host, port, &address);
  if (length < 0) return length;
  int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  /* Before it connects: the user timeout holds for that, too. */
  if (port >= 0) socket_prepare(fd, keep_alive_ms, user_timeout_ms);
  int result;
  do result = connect(fd, &address.any, (socklen_t)length);
  while (result != 0 && errno == EINTR);
  *is_under_way = result != 0 && errno == EINPROGRESS;
  return result == 0 || *is_under_way ? fd : refused(fd);
}

int socket_listen(const char *host, int port, bool ipv6_only, bool reuse_port) {
  union address address;
  int length = parse(host, port, &address);
  if (length < 0) return length;
  int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  if (port >= 0) turn_on(fd, SOL_SOCKET, SO_REUSEADDR);
  if (address.any.sa_family == AF_INET6) {
    int only = ipv6_only;
    if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only) != 0) return refused(fd);
  }
  if (reuse_port) {
    int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) return refused(fd);
  }
  if (bind(fd, &address.any, (socklen_t)length) != 0 || listen(fd, BACKLOG) != 0) return refused(fd);
  return fd;
}

enum { HIGH = 16384, LEAST_HIGH = 512 };

int socket_hold(int fd) {
  for (int high = HIGH; high >= LEAST_HIGH; high /= 2) {
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, high);
    if (copy >= 0) return copy;
  }
  return -1;
}

int socket_port(int fd) {
  union address address;
  socklen_t length = sizeof address;
  if (getsockname(fd, &address.any, &length) != 0) return -errno;
  if (address.any.sa_family == AF_INET) return ntohs(address.v4.sin_port);
  if (address.any.sa_family == AF_INET6) return ntohs(address.v6.sin6_port);
  return 0;
}

void socket_peer(int fd, char *text, size_t size) {
  union address address;
  socklen_t length = sizeof address;
  char host[INET6_ADDRSTRLEN] = "?";
  int port = 0;
  if (getpeername(fd, &address.any, &length) == 0) {
    if (address.any.sa_family == AF_INET) {
      inet_ntop(AF_INET, &address.v4.sin_addr, host, sizeof host);
      port = ntohs(address.v4.sin_port);
    } else if (address.any.sa_family == AF_INET6) {
      inet_ntop(AF_INET6, &address.v6.sin6_addr, host, sizeof host);
      port = ntohs(address.v6.sin6_port);
    }
  }
  snprintf(text, size, "%s:%d", host, port);
}
