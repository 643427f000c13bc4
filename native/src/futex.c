/*
 * Mutexes with priority inheritance, each one 32-bit word that JavaScript takes and gives by itself while nobody
 * else wants it; futex(2). The word holds the owner's thread id, 0 when free; the kernel adds FUTEX_WAITERS and,
 * where the owner ended with it, FUTEX_OWNER_DIED.
 */
#include "addon.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000 };

/* The word that (words, index) names. */
static bool word_of(napi_env env, napi_value words, napi_value index, uint32_t **word) {
  void *data;
  size_t length;
  int32_t at;
  if (!array_of(env, words, "words", napi_int32_array, &data, &length) || !int32_of(env, index, "index", &at))
    return false;
  if (at < 0 || (size_t)at >= length) {
    napi_throw_range_error(env, NULL, "index lies outside of words");
    return false;
  }
  *word = (uint32_t *)data + at;
  return true;
}

static struct timespec instant(clockid_t clock, int64_t after_ns) {
  struct timespec at;
  clock_gettime(clock, &at);
  after_ns += at.tv_nsec;
  at.tv_sec += after_ns / NS_PER_S;
  at.tv_nsec = after_ns % NS_PER_S;
  return at;
}

/* lock(words, index, timeoutMs): ETIMEDOUT when it was not to be had in time. */
static napi_value lock(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  uint32_t *word;
  int64_t timeout_ms;
  if (!take_arguments(env, info, 3, arguments) || !word_of(env, arguments[0], arguments[1], &word) ||
      !int64_of(env, arguments[2], "timeoutMs", &timeout_ms))
    return NULL;
  if (timeout_ms < 0 || timeout_ms > INT32_MAX) return number(env, -EINVAL);
  struct timespec until = instant(CLOCK_MONOTONIC, timeout_ms * NS_PER_MS);
  long result = syscall(SYS_futex, word, FUTEX_LOCK_PI2 | FUTEX_PRIVATE_FLAG, 0, &until, NULL, 0);
  if (result == -1 && errno == ENOSYS) {
    /* Before Linux 5.14 there is only the form that goes by the wall clock. */
    until = instant(CLOCK_REALTIME, timeout_ms * NS_PER_MS);
    result = syscall(SYS_futex, word, FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG, 0, &until, NULL, 0);
  }
  return result_of(env, result);
}

static napi_value at_once(napi_env env, napi_callback_info info, int operation) {
  napi_value arguments[2];
  uint32_t *word;
  if (!take_arguments(env, info, 2, arguments) || !word_of(env, arguments[0], arguments[1], &word)) return NULL;
  return result_of(env, syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0));
}

/* tryLock(words, index): EAGAIN when another thread has it. */
static napi_value try_lock(napi_env env, napi_callback_info info) {
  return at_once(env, info, FUTEX_TRYLOCK_PI);
}

/* unlock(words, index): to the first of those that wait. */
static napi_value unlock(napi_env env, napi_callback_info info) {
  return at_once(env, info, FUTEX_UNLOCK_PI);
}

bool register_futex(napi_env env, napi_value part) {
  static const struct method METHODS[] = {{"lock", lock}, {"tryLock", try_lock}, {"unlock", unlock}};
  return ADD_METHODS(env, part, METHODS);
}
