/* Threads of this process: ids, names, and how the kernel schedules them; sched(7), prctl(2). */
#include "addon.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* As the kernel has it (VER0, 48 octets): glibc declares it only from 2.41 on. */
struct attributes {
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime;
  uint64_t deadline;
  uint64_t period;
};

/* Fields of the array that `getattr` fills and `setattr` reads. */
enum { POLICY, NICE, PRIORITY, RUNTIME, DEADLINE, PERIOD, FIELDS };

static const uint64_t RESET_ON_FORK = 1;

/* threadId(): of the calling thread. */
static napi_value thread_id(napi_env env, napi_callback_info info) {
  return number(env, syscall(SYS_gettid));
}

/* setName(name): of the calling thread; the kernel keeps 15 octets. */
static napi_value set_name(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  char name[64];
  size_t length;
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  TRY(env, napi_get_value_string_utf8(env, arguments[0], name, sizeof name, &length));
  return result_of(env, prctl(PR_SET_NAME, name));
}

/* Whether the fields are whole numbers that fit: turning others into integers is undefined. */
static bool fit(const double *fields) {
  static const double LEAST[FIELDS] = {0, INT32_MIN, 0, 0, 0, 0};
  static const double MOST[FIELDS] = {INT32_MAX, INT32_MAX, INT32_MAX, 9007199254740991.0, 9007199254740991.0,
                                      9007199254740991.0};
  for (int i = 0; i < FIELDS; i++)
    if (!(fields[i] >= LEAST[i] && fields[i] <= MOST[i]) || fields[i] != (double)(int64_t)fields[i]) return false;
  return true;
}

/* setattr(threadId, fields): threads made later start as SCHED_OTHER, or a DEADLINE thread could make none. */
static napi_value set_attributes(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int32_t thread;
  double *fields;
  size_t length;
  if (!take_arguments(env, info, 2, arguments) || !int32_of(env, arguments[0], "threadId", &thread) ||
      !array_of(env, arguments[1], "fields", napi_float64_array, (void **)&fields, &length))
    return NULL;
  if (length < FIELDS || !fit(fields)) return number(env, -EINVAL);
  struct attributes wanted = {
    .size = sizeof wanted,
    .policy = (uint32_t)fields[POLICY],
    .flags = RESET_ON_FORK,
    .nice = (int32_t)fields[NICE],
    .priority = (uint32_t)fields[PRIORITY],
    .runtime = (uint64_t)fields[RUNTIME],
    .deadline = (uint64_t)fields[DEADLINE],
    .period = (uint64_t)fields[PERIOD],
  };
  return result_of(env, syscall(SYS_sched_setattr, thread, &wanted, 0));
}

/* getattr(threadId, fields): fills the fields. */
static napi_value get_attributes(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int32_t thread;
  double *fields;
  size_t length;
  struct attributes found;
  if (!take_arguments(env, info, 2, arguments) || !int32_of(env, arguments[0], "threadId", &thread) ||
      !array_of(env, arguments[1], "fields", napi_float64_array, (void **)&fields, &length))
    return NULL;
  if (length < FIELDS) return number(env, -EINVAL);
  memset(&found, 0, sizeof found);
  long result = syscall(SYS_sched_getattr, thread, &found, sizeof found, 0);
  if (result == 0) {
    fields[POLICY] = found.policy;
    fields[NICE] = found.nice;
    fields[PRIORITY] = found.priority;
    fields[RUNTIME] = (double)found.runtime;
    fields[DEADLINE] = (double)found.deadline;
    fields[PERIOD] = (double)found.period;
  }
  return result_of(env, result);
}

/* setaffinity(threadId, cores) */
static napi_value set_affinity(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int32_t thread;
  int32_t *cores;
  size_t length;
  cpu_set_t set;
  if (!take_arguments(env, info, 2, arguments) || !int32_of(env, arguments[0], "threadId", &thread) ||
      !array_of(env, arguments[1], "cores", napi_int32_array, (void **)&cores, &length))
    return NULL;
  CPU_ZERO(&set);
  for (size_t i = 0; i < length; i++) {
    if (cores[i] < 0 || cores[i] >= CPU_SETSIZE) return number(env, -EINVAL);
    CPU_SET(cores[i], &set);
  }
  return result_of(env, sched_setaffinity(thread, sizeof set, &set));
}

/* getaffinity(threadId, cores): fills the cores; their count. */
static napi_value get_affinity(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int32_t thread;
  int32_t *cores;
  size_t length;
  cpu_set_t set;
  if (!take_arguments(env, info, 2, arguments) || !int32_of(env, arguments[0], "threadId", &thread) ||
      !array_of(env, arguments[1], "cores", napi_int32_array, (void **)&cores, &length))
    return NULL;
  CPU_ZERO(&set);
  if (sched_getaffinity(thread, sizeof set, &set) != 0) return number(env, -errno);
  size_t count = 0;
  for (int core = 0; core < CPU_SETSIZE && count < length; core++)
    if (CPU_ISSET(core, &set)) cores[count++] = core;
  return number(env, (int64_t)count);
}

/* cpuTime(threadId): of a thread of this process since it began, in ns. */
static napi_value cpu_time(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  int32_t thread;
  struct timespec spent;
  if (!take_arguments(env, info, 1, arguments) || !int32_of(env, arguments[0], "threadId", &thread)) return NULL;
  if (thread <= 0) return number(env, -EINVAL);
  /* CPUCLOCK_PERTHREAD | CPUCLOCK_SCHED of the kernel: pthread_getcpuclockid makes the same of a pthread_t. */
  clockid_t clock = (clockid_t)((~(uint32_t)thread << 3) | 6);
  if (clock_gettime(clock, &spent) != 0) return number(env, -errno);
  return number(env, spent.tv_sec * 1000000000LL + spent.tv_nsec);
}

/* setTimerSlack(ns): of the calling thread; 0 gives it its default back. */
static napi_value set_timer_slack(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  int64_t slack;
  if (!take_arguments(env, info, 1, arguments) || !int64_of(env, arguments[0], "slackNs", &slack)) return NULL;
  if (slack < 0) return number(env, -EINVAL);
  return result_of(env, prctl(PR_SET_TIMERSLACK, (unsigned long)slack, 0, 0, 0));
}

/* timerSlack(): of the calling thread, in ns. */
static napi_value timer_slack(napi_env env, napi_callback_info info) {
  return result_of(env, prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0));
}

/* lockMemory(start, octets): pages stay in memory once touched */
static napi_value lock_memory(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int64_t start, octets;
  if (!take_arguments(env, info, 2, arguments) || !int64_of(env, arguments[0], "start", &start) ||
      !int64_of(env, arguments[1], "octets", &octets))
    return NULL;
  return result_of(env, mlock2((const void *)(uintptr_t)start, (size_t)octets, MLOCK_ONFAULT));
}

static napi_value unlock_memory(napi_env env, napi_callback_info info) {
  return result_of(env, munlockall());
}

bool register_sched(napi_env env, napi_value part) {
  static const struct method METHODS[] = {
    {"threadId", thread_id},         {"setName", set_name},
    {"setattr", set_attributes},     {"getattr", get_attributes},
    {"setaffinity", set_affinity},   {"getaffinity", get_affinity},
    {"cpuTime", cpu_time},
    {"setTimerSlack", set_timer_slack}, {"timerSlack", timer_slack},
    {"lockMemory", lock_memory},     {"unlockMemory", unlock_memory},
  };
  return ADD_METHODS(env, part, METHODS);
}
