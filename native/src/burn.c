/*
 * Processor time spent on purpose: threads that load cores for a while, and a bounded amount on the calling
 * thread. The threads are pthreads, so that a slice is as long as it says whatever JavaScript does meanwhile.
 * Every one of them ends by itself: it looks at an absolute instant of the monotonic clock at each turn.
 */
#include "addon.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

static const int64_t NS_PER_S = 1000000000;
static const int64_t MOST_DURATION_NS = 600 * 1000000000LL;
static const int64_t MOST_SLICE_NS = 50 * 1000000LL;
/* A thread that rests looks this often whether it is to stop. */
static const int64_t REST_NS = 10 * 1000000LL;
enum { MOST_THREADS = 256, MOST_PRIORITY = 98, MOST_PERMILLE = 950 };

struct burning;

struct burner {
  pthread_t thread;
  struct burning *burning;
  int core;
  unsigned seed;
  int fault; /* errno of what kept it from starting */
  int64_t cpu_ns;
  int64_t wall_ns;
};

/* Threads that load cores together. */
struct burning {
  struct burning *next;
  int32_t id;
  int priority;
  int permille;
  int64_t slice_ns;
  int64_t until_ns;
  atomic_bool stop;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  size_t ready;
  bool go;
  size_t count;
  struct burner burners[];
};

static int64_t clock_ns(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* Until `instant`, or soon after `stop`. */
static void rest(struct burning *burning, int64_t instant) {
  if (instant > burning->until_ns) instant = burning->until_ns;
  for (;;) {
    int64_t now = clock_ns(CLOCK_MONOTONIC);
    if (now >= instant || atomic_load_explicit(&burning->stop, memory_order_relaxed)) return;
    int64_t step = instant - now > REST_NS ? now + REST_NS : instant;
    struct timespec until = {.tv_sec = step / NS_PER_S, .tv_nsec = step % NS_PER_S};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
  }
}

/* Slices of processor time, each followed by as much rest as makes the duty. */
static void burn(struct burner *burner) {
  struct burning *burning = burner->burning;
  int64_t begun = clock_ns(CLOCK_MONOTONIC);
  int64_t due = begun;
  while (!atomic_load_explicit(&burning->stop, memory_order_relaxed)) {
    int64_t now = clock_ns(CLOCK_MONOTONIC);
    if (now >= burning->until_ns) break;
    /* Time that others took is not made up for: that would take more than the duty at once. */
    if (due < now) due = now;
    double share = 0.05 + 0.95 * (rand_r(&burner->seed) / (double)RAND_MAX);
    int64_t slice = (int64_t)(share * (double)burning->slice_ns);
    int64_t end = clock_ns(CLOCK_THREAD_CPUTIME_ID) + slice;
    while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < end && clock_ns(CLOCK_MONOTONIC) < burning->until_ns &&
           !atomic_load_explicit(&burning->stop, memory_order_relaxed)) {
    }
    due += slice * 1000 / burning->permille;
    rest(burning, due);
  }
  burner->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  burner->wall_ns = clock_ns(CLOCK_MONOTONIC) - begun;
}

static int place(const struct burner *burner) {
  if (burner->core >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(burner->core, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) return errno;
  }
  struct sched_param parameter = {.sched_priority = burner->burning->priority};
  int policy = burner->burning->priority > 0 ? SCHED_FIFO | SCHED_RESET_ON_FORK : SCHED_OTHER;
  return sched_setscheduler(0, policy, &parameter) == 0 ? 0 : errno;
}

static void *run(void *data) {
  struct burner *burner = data;
  struct burning *burning = burner->burning;
  burner->fault = place(burner);
  prctl(PR_SET_NAME, "orbweaver-load");
  /* No one begins before all are there: the first could keep the caller from making the rest. */
  pthread_mutex_lock(&burning->mutex);
  burning->ready++;
  pthread_cond_broadcast(&burning->changed);
  while (!burning->go) pthread_cond_wait(&burning->changed, &burning->mutex);
  pthread_mutex_unlock(&burning->mutex);
  burn(burner);
  return NULL;
}

static void join_and_free(struct burning *burning) {
  atomic_store(&burning->stop, true);
  for (size_t i = 0; i < burning->count; i++) pthread_join(burning->burners[i].thread, NULL);
  pthread_cond_destroy(&burning->changed);
  pthread_mutex_destroy(&burning->mutex);
  free(burning);
}

/* The environment ends: so do its threads. */
static void stop_all(void *data) {
  struct addon *addon = data;
  while (addon->burnings != NULL) {
    struct burning *burning = addon->burnings;
    addon->burnings = burning->next;
    join_and_free(burning);
  }
}

/* Makes the threads; an errno where they cannot run as they should. */
static int launch(struct burning *burning, size_t wanted) {
  sigset_t all, before;
  int fault = 0;
  /* Signals are for the threads that have handlers. */
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (burning->count < wanted && fault == 0) {
    struct burner *burner = &burning->burners[burning->count];
    fault = pthread_create(&burner->thread, NULL, run, burner);
    if (fault == 0) burning->count++;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_mutex_lock(&burning->mutex);
  while (burning->ready < burning->count) pthread_cond_wait(&burning->changed, &burning->mutex);
  for (size_t i = 0; i < burning->count && fault == 0; i++) fault = burning->burners[i].fault;
  if (fault != 0) atomic_store(&burning->stop, true);
  burning->go = true;
  pthread_cond_broadcast(&burning->changed);
  pthread_mutex_unlock(&burning->mutex);
  return fault;
}

/*
 * start(priority, permille, sliceNs, durationNs, cores): one thread for each of `cores`, −1 for any core;
 * priority 0 is SCHED_OTHER. Its id.
 */
static napi_value start(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  int32_t priority, permille;
  int64_t slice, duration;
  void *cores;
  size_t count;
  if (!take_arguments(env, info, 5, arguments) || !int32_of(env, arguments[0], "priority", &priority) ||
      !int32_of(env, arguments[1], "permille", &permille) || !int64_of(env, arguments[2], "sliceNs", &slice) ||
      !int64_of(env, arguments[3], "durationNs", &duration) ||
      !array_of(env, arguments[4], "cores", napi_int32_array, &cores, &count))
    return NULL;
  if (priority < 0 || priority > MOST_PRIORITY || permille < 1 || permille > MOST_PERMILLE || slice < 1000 ||
      slice > MOST_SLICE_NS || duration < 1 || duration > MOST_DURATION_NS || count < 1 || count > MOST_THREADS)
    return number(env, -EINVAL);
  for (size_t i = 0; i < count; i++)
    if (((int32_t *)cores)[i] < -1 || ((int32_t *)cores)[i] >= CPU_SETSIZE) return number(env, -EINVAL);
  struct addon *addon = addon_of(env);
  if (addon == NULL) return NULL;
  struct burning *burning = calloc(1, sizeof *burning + count * sizeof burning->burners[0]);
  if (burning == NULL) return number(env, -ENOMEM);
  static atomic_int last_id;
  burning->id = atomic_fetch_add(&last_id, 1) + 1;
  burning->priority = priority;
  burning->permille = permille;
  burning->slice_ns = slice;
  burning->until_ns = clock_ns(CLOCK_MONOTONIC) + duration;
  pthread_mutex_init(&burning->mutex, NULL);
  pthread_cond_init(&burning->changed, NULL);
  for (size_t i = 0; i < count; i++)
    burning->burners[i] =
      (struct burner){.burning = burning, .core = ((int32_t *)cores)[i], .seed = (unsigned)burning->until_ns + (unsigned)i};
  int fault = launch(burning, count);
  if (fault != 0) {
    join_and_free(burning);
    return number(env, -fault);
  }
  if (addon->burnings == NULL && !addon->stops_burnings) {
    if (napi_add_env_cleanup_hook(env, stop_all, addon) != napi_ok) {
      join_and_free(burning);
      return throw_last(env);
    }
    addon->stops_burnings = true;
  }
  burning->next = addon->burnings;
  addon->burnings = burning;
  return number(env, burning->id);
}

/* stop(id, shares): ends the threads, waits for them, and fills what share of a core each had; their count. */
static napi_value stop(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int32_t id;
  void *shares;
  size_t room;
  if (!take_arguments(env, info, 2, arguments) || !int32_of(env, arguments[0], "id", &id) ||
      !array_of(env, arguments[1], "shares", napi_float64_array, &shares, &room))
    return NULL;
  struct addon *addon = addon_of(env);
  if (addon == NULL) return NULL;
  struct burning **link = &addon->burnings;
  while (*link != NULL && (*link)->id != id) link = &(*link)->next;
  struct burning *burning = *link;
  if (burning == NULL) return number(env, -ESRCH);
  *link = burning->next;
  atomic_store(&burning->stop, true);
  size_t count = burning->count;
  for (size_t i = 0; i < count; i++) {
    struct burner *burner = &burning->burners[i];
    pthread_join(burner->thread, NULL);
    if (i < room)
      ((double *)shares)[i] = burner->wall_ns > 0 ? (double)burner->cpu_ns / (double)burner->wall_ns : 0;
  }
  burning->count = 0; /* joined already */
  join_and_free(burning);
  return number(env, (int64_t)count);
}

/* spend(cpuNs, mostNs): processor time of the calling thread, within `mostNs` of the clock. How much it was. */
static napi_value spend(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int64_t cpu, most;
  if (!take_arguments(env, info, 2, arguments) || !int64_of(env, arguments[0], "cpuNs", &cpu) ||
      !int64_of(env, arguments[1], "mostNs", &most))
    return NULL;
  if (cpu < 0 || most < 0 || most > MOST_DURATION_NS) return number(env, -EINVAL);
  int64_t begun = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  int64_t until = clock_ns(CLOCK_MONOTONIC) + most;
  int64_t spent = 0;
  while (spent < cpu && clock_ns(CLOCK_MONOTONIC) < until) spent = clock_ns(CLOCK_THREAD_CPUTIME_ID) - begun;
  return number(env, spent);
}

/* endWithParent(): the kernel kills this process when the thread that started it ends. */
static napi_value end_with_parent(napi_env env, napi_callback_info info) {
  return result_of(env, prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0));
}

bool register_burn(napi_env env, napi_value part) {
  static const struct method METHODS[] = {
    {"start", start}, {"stop", stop}, {"spend", spend}, {"endWithParent", end_with_parent}};
  return ADD_METHODS(env, part, METHODS);
}
