/* The hook: sleep, read, hand over one batch, write what was answered. */
#include "reactor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
  /* Sockets looked at in one round. */
  MOST_READY = 128,
  /* Events one ready socket can lead to: a listener accepts several. */
  MOST_EVENTS_EACH = 34,
};
static const uint64_t BACKEND = UINT64_MAX, ALARM = UINT64_MAX - 1;
static const int64_t NS_PER_MS = 1000000, NS_PER_S = 1000000000;

void add_event(struct reactor *r, enum event kind, const struct channel *c, int32_t first, int32_t second) {
  int32_t *words = r->events + (size_t)r->event_count * EVENT_WORDS;
  words[0] = kind;
  words[1] = (int32_t)c->slot;
  words[2] = first;
  words[3] = second;
  r->event_count++;
}

static bool has_place(const struct reactor *r) {
  return r->event_count + MOST_EVENTS_EACH <= r->events_most;
}

/* Tells what happened to channels beside what was read; a closed one is told of last. */
static void add_news(struct reactor *r) {
  while (r->news_first != NULL && has_place(r)) {
    struct channel *c = r->news_first;
    while (c->write_error != 0 && !c->is_closed && !channel_read_last(r, c))
      /* The next round goes on with it. */
      if (!has_place(r) || r->control[CONTROL_NEEDS_SLAB] != 0) return;
    r->news_first = c->next_news;
    if (r->news_first == NULL) r->news_last = NULL;
    c->has_news = false;
    if (c->freed > 0) add_event(r, EVENT_FREED, c, (int32_t)c->freed, 0);
    c->freed = 0;
    if (c->is_drained && !c->is_closed) add_event(r, EVENT_DRAINED, c, 0, 0);
    c->is_drained = false;
    if (c->is_closed) {
      add_event(r, EVENT_CLOSED, c, c->error, c->failed_writing);
      channel_release(r, c);
    }
  }
}

/* What a callback threw is an uncaught exception, as anywhere else in the event loop. */
static void report_failure(struct reactor *r) {
  bool pending = false;
  napi_value thrown;
  if (napi_is_exception_pending(r->env, &pending) == napi_ok && pending &&
      napi_get_and_clear_last_exception(r->env, &thrown) == napi_ok &&
      napi_fatal_exception(r->env, thrown) == napi_ok)
    return;
  /* No JavaScript runs any more: the thread is being ended. */
  r->is_dead = true;
}

static void deliver(struct reactor *r) {
  if (r->is_dead) return;
  napi_handle_scope scope;
  napi_value handler, count, result;
  add_news(r);
  if (r->event_count == 0 && r->control[CONTROL_NEEDS_SLAB] == 0) return;
  uint32_t events = r->event_count;
  r->event_count = 0;
  if (napi_open_handle_scope(r->env, &scope) != napi_ok) {
    r->is_dead = true;
    return;
  }
  if (napi_get_reference_value(r->env, r->handler, &handler) != napi_ok ||
      napi_create_uint32(r->env, events, &count) != napi_ok)
    r->is_dead = true;
  else if (napi_make_callback(r->env, r->context, handler, handler, 1, &count, &result) != napi_ok)
    report_failure(r);
  napi_close_handle_scope(r->env, scope);
  reactor_flush(r);
}

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/*
 * Has the wait end when libuv's next timer is due. One alarm serves many waits, as it stands until it goes off: a
 * time-out of each wait has the processor's clock set and set back around every request, which virtual machines are
 * slow at. One that goes off too early does no harm.
 */
static void set_alarm(struct reactor *r, int timeout) {
  int64_t due_ns = now_ns() + timeout * NS_PER_MS;
  if (r->alarm_ns != 0 && r->alarm_ns <= due_ns) return;
  struct itimerspec at = {.it_value = {.tv_sec = due_ns / NS_PER_S, .tv_nsec = due_ns % NS_PER_S}};
  if (timerfd_settime(r->alarm, TFD_TIMER_ABSTIME, &at, NULL) == 0) r->alarm_ns = due_ns;
}

static void clear_alarm(struct reactor *r) {
  uint64_t times;
  r->alarm_ns = 0;
  while (read(r->alarm, &times, sizeof times) < 0 && errno == EINTR) continue;
}

/* Looks without sleeping for as long as spinning is allowed, then sleeps. `timeout` as libuv has it: below 0 none. */
static int wait_ready(struct reactor *r, struct epoll_event *ready, int timeout) {
  if (timeout > 0) set_alarm(r, timeout);
  if (timeout != 0 && r->spin_ns > 0) {
    int64_t start = now_ns();
    do {
      int count = epoll_wait(r->epoll, ready, MOST_READY, 0);
      if (count != 0) return count;
    } while (now_ns() - start < r->spin_ns);
  }
  return epoll_wait(r->epoll, ready, MOST_READY, timeout == 0 ? 0 : -1);
}

/* @returns whether the socket had its turn */
static bool look(struct reactor *r, const struct epoll_event *event) {
  struct channel *c = channel_at(r, (uint32_t)event->data.u64);
  if (c == NULL || c->generation != (uint32_t)(event->data.u64 >> 32)) return true;
  return channel_ready(r, c, event->events);
}

/* One look at the sockets, and one batch of what they brought. @returns whether libuv has something to do */
static bool turn(struct reactor *r) {
  struct epoll_event ready[MOST_READY];
  uv_update_time(r->loop);
  int others_timeout = uv_backend_timeout(r->loop);
  int timeout = r->news_first != NULL ? 0 : others_timeout;
  int count = wait_ready(r, ready, timeout);
  bool is_others_turn = others_timeout == 0;
  for (int i = 0; i < count; i++) {
    bool is_alarm = ready[i].data.u64 == ALARM;
    if (is_alarm) clear_alarm(r);
    if (is_alarm || ready[i].data.u64 == BACKEND) {
      is_others_turn = true;
      continue;
    }
    if (!has_place(r)) deliver(r);
    if (!look(r, &ready[i])) {
      deliver(r);
      look(r, &ready[i]);
    }
    if (r->is_dead) break;
  }
  deliver(r);
  return is_others_turn;
}

static void on_idle(uv_idle_t *handle) {}

static void on_prepare(uv_prepare_t *handle) {
  struct reactor *r = handle->data;
  uv_idle_stop(&r->idle);
  if (r->is_dead) return;
  reactor_flush(r);
  while (!r->is_dead && !turn(r)) continue;
  if (r->open == 0) {
    uv_prepare_stop(&r->prepare);
  } else if (!r->is_dead) {
    uv_update_time(r->loop);
    uv_idle_start(&r->idle, on_idle);
  }
}

void reactor_wake(struct reactor *r) {
  if (!r->is_dead) uv_prepare_start(&r->prepare, on_prepare);
}

int reactor_begin(struct reactor *r) {
  struct epoll_event others = {.events = EPOLLIN, .data.u64 = BACKEND};
  struct epoll_event alarm = {.events = EPOLLIN, .data.u64 = ALARM};
  r->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (r->epoll < 0) return -errno;
  r->alarm = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (r->alarm < 0 || epoll_ctl(r->epoll, EPOLL_CTL_ADD, r->alarm, &alarm) != 0 ||
      epoll_ctl(r->epoll, EPOLL_CTL_ADD, uv_backend_fd(r->loop), &others) != 0) {
    int error = errno;
    if (r->alarm >= 0) close(r->alarm);
    close(r->epoll);
    return -error;
  }
  r->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
  uv_prepare_init(r->loop, &r->prepare);
  uv_idle_init(r->loop, &r->idle);
  uv_unref((uv_handle_t *)&r->prepare);
  uv_unref((uv_handle_t *)&r->idle);
  r->prepare.data = r;
  r->idle.data = r;
  r->open_handles = 2;
  return 0;
}

static void on_closed(uv_handle_t *handle) {
  struct reactor *r = handle->data;
  if (--r->open_handles > 0) return;
  napi_remove_async_cleanup_hook(r->cleanup);
  free(r->slots);
  free(r->staged_next);
  free(r);
}

/*
 * The environment ends: its loop must have no handle open then, or the whole process is aborted. It does not free
 * references that were made by hand.
 */
void reactor_end(napi_async_cleanup_hook_handle cleanup, void *data) {
  struct reactor *r = data;
  reactor_flush(r);
  r->is_dead = true;
  for (uint32_t slot = 0; slot < r->slots_made; slot++) {
    struct channel *c = r->slots[slot];
    if (!c->is_closed) channel_close(r, c, 0, false);
  }
  for (uint32_t slot = 0; slot < r->slots_made; slot++) free(r->slots[slot]);
  close(r->epoll);
  close(r->alarm);
  if (r->spare >= 0) close(r->spare);
  napi_async_destroy(r->env, r->context);
  napi_delete_reference(r->env, r->handler);
  if (r->slab_array != NULL) napi_delete_reference(r->env, r->slab_array);
  uv_close((uv_handle_t *)&r->prepare, on_closed);
  uv_close((uv_handle_t *)&r->idle, on_closed);
}
