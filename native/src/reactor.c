/* The calls from JavaScript. */
#include "reactor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_HOST = 256 };

/* The reactor of this environment; NULL with an exception pending before `open`. */
static struct reactor *reactor_of(napi_env env) {
  struct addon *addon = addon_of(env);
  if (addon == NULL) return NULL;
  if (addon->reactor == NULL) napi_throw_error(env, NULL, "the reactor is not open");
  return addon->reactor;
}

/* Reads `count` arguments and what all calls need. */
static struct reactor *enter(napi_env env, napi_callback_info info, size_t count, napi_value *arguments) {
  if (count > 0 && !take_arguments(env, info, count, arguments)) return NULL;
  return reactor_of(env);
}

/* The open channel that the first of `count` arguments names; it may be NULL without an exception. */
static struct channel *enter_channel(napi_env env, napi_callback_info info, size_t count, napi_value *arguments,
                                     struct reactor **r) {
  int32_t slot;
  *r = enter(env, info, count, arguments);
  if (*r == NULL || !int32_of(env, arguments[0], "slot", &slot)) return NULL;
  return channel_at(*r, (uint32_t)slot);
}

static bool text_of(napi_env env, napi_value value, char *text) {
  size_t length;
  if (napi_get_value_string_utf8(env, value, text, MOST_HOST, &length) == napi_ok) return true;
  throw_last(env);
  return false;
}

static bool bool_of(napi_env env, napi_value value, bool *result) {
  if (napi_get_value_bool(env, value, result) == napi_ok) return true;
  throw_last(env);
  return false;
}

/* open(handler, control, events, out, staged, queued) → 0 or -errno */
static napi_value open_reactor(napi_env env, napi_callback_info info) {
  napi_value arguments[6];
  size_t length, staged_length, events_length, out_length;
  struct addon *addon = addon_of(env);
  if (addon == NULL || !take_arguments(env, info, 6, arguments)) return NULL;
  if (addon->reactor != NULL) return number(env, 0);
  struct reactor *r = calloc(1, sizeof *r);
  if (r == NULL) return number(env, -ENOMEM);
  if (!array_of(env, arguments[1], "control", napi_int32_array, (void **)&r->control, &length) ||
      !array_of(env, arguments[2], "events", napi_int32_array, (void **)&r->events, &events_length) ||
      !array_of(env, arguments[3], "out", napi_uint8_array, (void **)&r->out, &out_length) ||
      !array_of(env, arguments[4], "staged", napi_int32_array, (void **)&r->staged, &staged_length) ||
      !array_of(env, arguments[5], "queued", napi_float64_array, (void **)&r->queued, &length)) {
    free(r);
    return NULL;
  }
  r->env = env;
  r->events_most = (uint32_t)(events_length / EVENT_WORDS);
  r->slots_most = (uint32_t)length;
  r->slots = calloc(length, sizeof(struct channel *));
  r->staged_next = calloc(staged_length / 2, sizeof *r->staged_next);
  napi_value name;
  int result = r->slots == NULL || r->staged_next == NULL ? -ENOMEM : 0;
  if (result == 0 &&
      (napi_get_uv_event_loop(env, &r->loop) != napi_ok ||
       napi_create_reference(env, arguments[0], 1, &r->handler) != napi_ok ||
       napi_create_string_utf8(env, "ORBREACTOR", NAPI_AUTO_LENGTH, &name) != napi_ok ||
       napi_async_init(env, NULL, name, &r->context) != napi_ok))
    result = -EINVAL;
  if (result == 0) result = reactor_begin(r);
  if (result != 0) {
    free(r->slots);
    free(r->staged_next);
    free(r);
    return number(env, result);
  }
  napi_add_async_cleanup_hook(env, reactor_end, r, &r->cleanup);
  addon->reactor = r;
  return number(env, 0);
}

/* slab(array): where to read to from now on; never written again once it is full */
static napi_value take_slab(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  size_t length;
  void *octets;
  struct reactor *r = enter(env, info, 1, arguments);
  if (r == NULL || !array_of(env, arguments[0], "slab", napi_uint8_array, &octets, &length)) return NULL;
  if (r->slab_array != NULL) TRY(env, napi_delete_reference(env, r->slab_array));
  r->slab_array = NULL;
  r->slab_octets = 0;
  TRY(env, napi_create_reference(env, arguments[0], 1, &r->slab_array));
  r->slab = octets;
  r->slab_octets = length;
  r->slab_used = 0;
  r->control[CONTROL_NEEDS_SLAB] = 0;
  return NULL;
}

/* spin(ns): how long to look before sleeping */
static napi_value set_spin(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  struct reactor *r = enter(env, info, 1, arguments);
  if (r == NULL || !int64_of(env, arguments[0], "spin", &r->spin_ns)) return NULL;
  return NULL;
}

struct place {
  char host[MOST_HOST];
  int32_t port;
  int32_t keep_alive_ms;
  int32_t user_timeout_ms;
  int32_t whole_octets;
  bool resets_on_crash;
};

/* host, port, keepAliveMs, userTimeoutMs, wholeOctets */
static bool place_of(napi_env env, const napi_value *arguments, struct place *place) {
  place->resets_on_crash = false;
  return text_of(env, arguments[0], place->host) && int32_of(env, arguments[1], "port", &place->port) &&
         int32_of(env, arguments[2], "keepAliveMs", &place->keep_alive_ms) &&
         int32_of(env, arguments[3], "userTimeoutMs", &place->user_timeout_ms) &&
         int32_of(env, arguments[4], "wholeOctets", &place->whole_octets);
}

static napi_value new_channel(struct reactor *r, int fd, enum kind kind, const struct place *place) {
  struct channel *c = channel_new(r, fd, kind);
  if (c == NULL) {
    close(fd);
    return number(r->env, -ENOBUFS);
  }
  c->is_local = place->port < 0;
  c->keep_alive_ms = place->keep_alive_ms;
  c->user_timeout_ms = place->user_timeout_ms;
  c->whole_octets = (uint32_t)place->whole_octets;
  c->resets_on_crash = place->resets_on_crash;
  if (kind == LISTENER && c->resets_on_crash && !c->is_local) c->held = socket_hold(fd);
  channel_watch(r, c);
  return number(r->env, c->slot);
}

/* connect(host, port, keepAliveMs, userTimeoutMs, wholeOctets) → slot or -errno */
static napi_value open_channel(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  struct place place;
  bool is_under_way = false;
  struct reactor *r = enter(env, info, 5, arguments);
  if (r == NULL || !place_of(env, arguments, &place)) return NULL;
  int fd = socket_connect(place.host, place.port, place.keep_alive_ms, place.user_timeout_ms, &is_under_way);
  /* One that is connected at once is writable, and told of like the others. */
  return fd < 0 ? number(env, fd) : new_channel(r, fd, CONNECTING, &place);
}

/* listen(host, port, keepAliveMs, userTimeoutMs, wholeOctets, ipv6Only, reusePort, resetOnCrash) → slot or -errno */
static napi_value open_listener(napi_env env, napi_callback_info info) {
  napi_value arguments[8];
  struct place place;
  bool ipv6_only, reuse_port, reset_on_crash;
  struct reactor *r = enter(env, info, 8, arguments);
  if (r == NULL || !place_of(env, arguments, &place) || !bool_of(env, arguments[5], &ipv6_only) ||
      !bool_of(env, arguments[6], &reuse_port) || !bool_of(env, arguments[7], &reset_on_crash))
    return NULL;
  int fd = socket_listen(place.host, place.port, ipv6_only, reuse_port);
  if (fd < 0) return number(env, fd);
  place.resets_on_crash = reset_on_crash;
  return new_channel(r, fd, LISTENER, &place);
}

/* port(slot): of this side, or -errno */
static napi_value port_of(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  struct reactor *r;
  struct channel *c = enter_channel(env, info, 1, arguments, &r);
  return c == NULL ? NULL : number(env, socket_port(c->fd));
}

/* descriptor(slot), or -EBADF */
static napi_value descriptor_of(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  struct reactor *r;
  struct channel *c = enter_channel(env, info, 1, arguments, &r);
  return number(env, c == NULL || c->is_closed ? -EBADF : c->fd);
}

/* peer(slot): address and port of the other side */
static napi_value peer_of(napi_env env, napi_callback_info info) {
  napi_value arguments[1], text;
  char peer[80] = "?:0";
  struct reactor *r;
  struct channel *c = enter_channel(env, info, 1, arguments, &r);
  if (c != NULL) socket_peer(c->fd, peer, sizeof peer);
  TRY(env, napi_create_string_utf8(env, peer, NAPI_AUTO_LENGTH, &text));
  return text;
}

/* credentials(slot, [pid, uid, gid]) → 0 or -errno */
static napi_value credentials_of(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  struct ucred peer;
  socklen_t size = sizeof peer;
  size_t length;
  int32_t *ids;
  struct reactor *r;
  struct channel *c = enter_channel(env, info, 2, arguments, &r);
  if (c == NULL || !array_of(env, arguments[1], "ids", napi_int32_array, (void **)&ids, &length) || length < 3)
    return NULL;
  if (getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return number(env, -errno);
  ids[0] = peer.pid;
  ids[1] = (int32_t)peer.uid;
  ids[2] = (int32_t)peer.gid;
  return number(env, 0);
}

/* read(slot, isReading) */
static napi_value set_reading(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  struct reactor *r;
  struct channel *c = enter_channel(env, info, 2, arguments, &r);
  if (c == NULL || !bool_of(env, arguments[1], &c->is_reading)) return NULL;
  channel_watch(r, c);
  return NULL;
}

/* keep(slot, isKept): whether the channel keeps the process alive */
static napi_value set_keeps(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  struct reactor *r;
  struct channel *c = enter_channel(env, info, 2, arguments, &r);
  if (c == NULL || !bool_of(env, arguments[1], &c->keeps)) return NULL;
  channel_hold(r, c);
  return NULL;
}

/* send(slot, array) → whether the array is no longer read */
static napi_value send_array(napi_env env, napi_callback_info info) {
  napi_value arguments[2], result;
  void *octets;
  size_t length;
  struct reactor *r;
  struct channel *c = enter_channel(env, info, 2, arguments, &r);
  if (r == NULL || !array_of(env, arguments[1], "octets", napi_uint8_array, &octets, &length)) return NULL;
  reactor_flush(r);
  bool is_free = c == NULL || c->is_closed || channel_send(r, c, octets, length, arguments[1]);
  TRY(env, napi_get_boolean(env, is_free, &result));
  return result;
}

/* flush(): writes what is staged */
static napi_value flush(napi_env env, napi_callback_info info) {
  struct reactor *r = enter(env, info, 0, NULL);
  if (r != NULL) reactor_flush(r);
  return NULL;
}

/* room(slot, array): where the octets that are missing of a large message go */
static napi_value set_room(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  void *octets;
  size_t length;
  struct reactor *r;
  struct channel *c = enter_channel(env, info, 2, arguments, &r);
  if (c == NULL || !array_of(env, arguments[1], "room", napi_uint8_array, &octets, &length)) return NULL;
  channel_forget_room(r, c);
  if (length == 0) return NULL;
  TRY(env, napi_create_reference(env, arguments[1], 1, &c->room_array));
  c->room = octets;
  c->room_octets = length;
  return NULL;
}

/* What is queued goes first. */
static napi_value close_after(napi_env env, napi_callback_info info, void (*how)(struct reactor *, struct channel *)) {
  napi_value arguments[1];
  struct reactor *r;
  struct channel *c = enter_channel(env, info, 1, arguments, &r);
  if (c == NULL) return NULL;
  reactor_flush(r);
  if (!c->is_closed) how(r, c);
  return NULL;
}

/* end(slot), reset(slot), destroy(slot) */
static napi_value end_channel(napi_env env, napi_callback_info info) {
  return close_after(env, info, channel_end);
}

static napi_value reset_channel(napi_env env, napi_callback_info info) {
  return close_after(env, info, channel_reset);
}

static napi_value destroy_channel(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  struct reactor *r;
  struct channel *c = enter_channel(env, info, 1, arguments, &r);
  if (c != NULL) channel_close(r, c, 0, false);
  return NULL;
}

bool register_reactor(napi_env env, napi_value part) {
  static const struct method METHODS[] = {
    {"open", open_reactor},       {"slab", take_slab},     {"spin", set_spin},
    {"connect", open_channel},    {"listen", open_listener}, {"port", port_of},
    {"peer", peer_of},            {"credentials", credentials_of}, {"read", set_reading},
    {"keep", set_keeps},          {"send", send_array},    {"flush", flush},
    {"room", set_room},           {"end", end_channel},    {"reset", reset_channel},
    {"destroy", destroy_channel}, {"descriptor", descriptor_of},
  };
  return ADD_METHODS(env, part, METHODS);
}
