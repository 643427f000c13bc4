/* Options of sockets that node:net has no names for, who is at the other end, and descriptors sent over. */
#include "addon.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Options whose value is an int, in the order of OPTIONS in socket.ts. */
static const struct {
  int level;
  int name;
} OPTIONS[] = {
  {SOL_SOCKET, SO_DOMAIN},       {SOL_SOCKET, SO_PRIORITY},  {IPPROTO_IP, IP_TOS},
  {IPPROTO_IPV6, IPV6_TCLASS},   {SOL_SOCKET, SO_BUSY_POLL}, {IPPROTO_TCP, TCP_QUICKACK},
  {IPPROTO_TCP, TCP_USER_TIMEOUT}, {SOL_SOCKET, SO_SNDBUF},  {SOL_SOCKET, SO_RCVBUF},
  {SOL_SOCKET, SO_DONTROUTE},    {SOL_SOCKET, SO_KEEPALIVE}, {IPPROTO_TCP, TCP_NODELAY},
};
enum { OPTION_COUNT = sizeof OPTIONS / sizeof OPTIONS[0] };

/* Descriptors of one message: the kernel's limit, SCM_MAX_FD. */
enum { MOST_DESCRIPTORS = 253 };

/* setOption(descriptor, option, value) */
static napi_value set_option(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  int32_t descriptor, option, value;
  if (!take_arguments(env, info, 3, arguments) || !int32_of(env, arguments[0], "descriptor", &descriptor) ||
      !int32_of(env, arguments[1], "option", &option) || !int32_of(env, arguments[2], "value", &value))
    return NULL;
  if (option < 0 || option >= OPTION_COUNT) return number(env, -ENOPROTOOPT);
  return result_of(
    env, setsockopt(descriptor, OPTIONS[option].level, OPTIONS[option].name, &value, sizeof value));
}

/* getOption(descriptor, option): values are never negative. */
static napi_value get_option(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int32_t descriptor, option;
  int value = 0;
  socklen_t length = sizeof value;
  if (!take_arguments(env, info, 2, arguments) || !int32_of(env, arguments[0], "descriptor", &descriptor) ||
      !int32_of(env, arguments[1], "option", &option))
    return NULL;
  if (option < 0 || option >= OPTION_COUNT) return number(env, -ENOPROTOOPT);
  if (getsockopt(descriptor, OPTIONS[option].level, OPTIONS[option].name, &value, &length) != 0)
    return number(env, -errno);
  return number(env, value);
}

/* duplicate(descriptor, atLeast): another descriptor of the same, that number or a higher one; or -errno. */
static napi_value duplicate(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int32_t descriptor, at_least;
  if (!take_arguments(env, info, 2, arguments) || !int32_of(env, arguments[0], "descriptor", &descriptor) ||
      !int32_of(env, arguments[1], "atLeast", &at_least))
    return NULL;
  int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, at_least);
  return number(env, copy < 0 ? -errno : copy);
}

/* setLinger(descriptor, seconds): below 0 not at all; 0: closing resets the connection. */
static napi_value set_linger(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int32_t descriptor, seconds;
  if (!take_arguments(env, info, 2, arguments) || !int32_of(env, arguments[0], "descriptor", &descriptor) ||
      !int32_of(env, arguments[1], "seconds", &seconds))
    return NULL;
  struct linger linger = {.l_onoff = seconds >= 0, .l_linger = seconds > 0 ? seconds : 0};
  return result_of(env, setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
}

/* linger(descriptor, seconds): fills seconds[0], −1 for not at all. */
static napi_value get_linger(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int32_t descriptor;
  void *seconds;
  size_t count;
  struct linger linger;
  socklen_t length = sizeof linger;
  if (!take_arguments(env, info, 2, arguments) || !int32_of(env, arguments[0], "descriptor", &descriptor) ||
      !array_of(env, arguments[1], "seconds", napi_int32_array, &seconds, &count))
    return NULL;
  if (count < 1) return number(env, -EINVAL);
  if (getsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, &length) != 0) return number(env, -errno);
  *(int32_t *)seconds = linger.l_onoff ? linger.l_linger : -1;
  return number(env, 0);
}

/* credentials(descriptor, ids): fills process, user and group. */
static napi_value credentials(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int32_t descriptor;
  void *ids;
  size_t count;
  struct ucred found = {0};
  socklen_t length = sizeof found;
  if (!take_arguments(env, info, 2, arguments) || !int32_of(env, arguments[0], "descriptor", &descriptor) ||
      !array_of(env, arguments[1], "ids", napi_uint32_array, &ids, &count))
    return NULL;
  if (count < 3) return number(env, -EINVAL);
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &found, &length) != 0) return number(env, -errno);
  uint32_t *result = ids;
  result[0] = (uint32_t)found.pid;
  result[1] = found.uid;
  result[2] = found.gid;
  return number(env, 0);
}

union control {
  struct cmsghdr header; /* for its alignment */
  char room[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
};

/* sendDescriptors(descriptor, octets, descriptors): how many octets went. */
static napi_value send_descriptors(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  int32_t descriptor;
  void *octets, *descriptors;
  size_t length, count;
  union control control;
  if (!take_arguments(env, info, 3, arguments) || !int32_of(env, arguments[0], "descriptor", &descriptor) ||
      !array_of(env, arguments[1], "octets", napi_uint8_array, &octets, &length) ||
      !array_of(env, arguments[2], "descriptors", napi_int32_array, &descriptors, &count))
    return NULL;
  /* Without an octet of data a stream socket carries no descriptors. */
  if (length == 0 || count == 0 || count > MOST_DESCRIPTORS) return number(env, -EINVAL);
  memset(&control, 0, sizeof control);
  struct iovec data = {.iov_base = octets, .iov_len = length};
  struct msghdr message = {
    .msg_iov = &data,
    .msg_iovlen = 1,
    .msg_control = &control,
    .msg_controllen = CMSG_SPACE(count * sizeof(int)),
  };
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(count * sizeof(int));
  memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
  ssize_t sent;
  do sent = sendmsg(descriptor, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (sent == -1 && errno == EINTR);
  return result_of(env, sent);
}

static void close_all(const int *descriptors, size_t count) {
  for (size_t i = 0; i < count; i++) close(descriptors[i]);
}

/*
 * receiveDescriptors(descriptor, octets, descriptors, count, timeoutMs): how many octets came, 0 at the end;
 * count[0] of the descriptors are filled, to be closed by the caller. EAGAIN when nothing came in time, EMFILE when
 * this process may not have so many: those that came are closed then.
 */
static napi_value receive_descriptors(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  int32_t descriptor, timeout_ms;
  void *octets, *descriptors, *count;
  size_t length, room, counts;
  union control control;
  if (!take_arguments(env, info, 5, arguments) || !int32_of(env, arguments[0], "descriptor", &descriptor) ||
      !array_of(env, arguments[1], "octets", napi_uint8_array, &octets, &length) ||
      !array_of(env, arguments[2], "descriptors", napi_int32_array, &descriptors, &room) ||
      !array_of(env, arguments[3], "count", napi_int32_array, &count, &counts) ||
      !int32_of(env, arguments[4], "timeoutMs", &timeout_ms))
    return NULL;
  if (length == 0 || counts == 0 || timeout_ms < 0) return number(env, -EINVAL);
  *(int32_t *)count = 0;
  struct pollfd readable = {.fd = descriptor, .events = POLLIN};
  if (poll(&readable, 1, timeout_ms) == -1) return number(env, errno == EINTR ? -EAGAIN : -errno);
  struct iovec data = {.iov_base = octets, .iov_len = length};
  struct msghdr message = {
    .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t received;
  do received = recvmsg(descriptor, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  while (received == -1 && errno == EINTR);
  if (received == -1) return number(env, -errno);
  size_t taken = 0;
  bool fits = true;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    int came[MOST_DESCRIPTORS];
    size_t here = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(came, CMSG_DATA(header), here * sizeof(int));
    if (taken + here > room) {
      close_all(came, here);
      fits = false;
      continue;
    }
    memcpy((int *)descriptors + taken, came, here * sizeof(int));
    taken += here;
  }
  /* What this process may not hold beside its others the kernel leaves out, and says so here only. */
  bool are_all = (message.msg_flags & MSG_CTRUNC) == 0;
  if (!fits || !are_all) {
    close_all(descriptors, taken);
    return number(env, fits ? -EMFILE : -EMSGSIZE);
  }
  *(int32_t *)count = (int32_t)taken;
  return number(env, received);
}

/* close(descriptor). The descriptor is free whatever this says, EINTR included. */
static napi_value close_descriptor(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  int32_t descriptor;
  if (!take_arguments(env, info, 1, arguments) || !int32_of(env, arguments[0], "descriptor", &descriptor)) return NULL;
  return result_of(env, close(descriptor));
}

/*
 * sendDatagram(path, octets): one datagram to the UNIX-domain socket at `path`; a path that begins with a zero octet
 * is one in the system's memory. Does not wait.
 */
static napi_value send_datagram(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  void *path, *octets;
  size_t path_length, length;
  if (!take_arguments(env, info, 2, arguments) ||
      !array_of(env, arguments[0], "path", napi_uint8_array, &path, &path_length) ||
      !array_of(env, arguments[1], "octets", napi_uint8_array, &octets, &length))
    return NULL;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (path_length == 0 || path_length >= sizeof address.sun_path) return number(env, -ENAMETOOLONG);
  memcpy(address.sun_path, path, path_length);
  int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor == -1) return number(env, -errno);
  /* The length tells where a name in memory ends; that of a file ends with its zero octet. */
  bool is_file = *(const char *)path != 0;
  socklen_t address_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path_length + (is_file ? 1 : 0));
  ssize_t sent;
  do
    sent = sendto(
      descriptor, octets, length, MSG_NOSIGNAL | MSG_DONTWAIT, (const struct sockaddr *)&address, address_length);
  while (sent == -1 && errno == EINTR);
  int failure = errno;
  close(descriptor);
  return number(env, sent == -1 ? -failure : sent);
}

bool register_socket(napi_env env, napi_value part) {
  static const struct method METHODS[] = {
    {"setOption", set_option},
    {"getOption", get_option},
    {"duplicate", duplicate},
    {"setLinger", set_linger},
    {"linger", get_linger},
    {"credentials", credentials},
    {"sendDescriptors", send_descriptors},
    {"receiveDescriptors", receive_descriptors},
    {"sendDatagram", send_datagram},
    {"close", close_descriptor},
  };
  return ADD_METHODS(env, part, METHODS);
}
