/*
 * A client without a garbage collector: calls one operation without arguments at a steady rate, by GIOP 1.2 over one
 * connection. `paced HOST PORT KEY OPERATION [fifo PRIORITY] [core N] [next PORT]…`; KEY in hexadecimal. It reads lines:
 *   run CALLS RATE WARM     prints "done LOST us us us …", one latency for each call that was answered
 *   fault CALLS RATE PID    the same, and kills that process by SIGKILL at half-time, between two calls; then prints
 *                           "over US AGAIN LATEST", from when the fault was seen to the next answer, how many calls that
 *                           took, and the counter's value in the last reply. After a fault the servers at the ports
 *                           that `next` gave are gone through in a ring.
 *   flood MS OUTSTANDING    as many calls as it can with so many under way; prints "flooded ANSWERED"
 *   gap MS                  looks at the clock without pause for at most 1000 ms; prints "gap MAX_US OVER_100US"
 * and ends with its input. Every wait is bounded.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <signal.h>
#include <unistd.h>

enum { HEADER = 12, MOST = 65536, REPLY_TIMEOUT_S = 2, MOST_CALLS = 100000, MOST_GAP_MS = 1000, MOST_FLOOD_MS = 5000 };
enum { MOST_PLACES = 16, FAIL_OVER_TIMEOUT_MS = 2000 };

static int fd;
static const char *host, *ports[MOST_PLACES];
static size_t places, place;
static uint8_t request[1024], reply[MOST];
static size_t length;
static uint32_t id;

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void put32(uint32_t v) {
  memcpy(request + length, &v, 4);
  length += 4;
}

static void align4(void) {
  while (length % 4) request[length++] = 0;
}

static int make(const char *hex, const char *operation) {
  size_t octets = strlen(hex) / 2, name = strlen(operation) + 1;
  if (octets > 512 || name > 128) return -1;
  memcpy(request, "GIOP\1\2\1\0", 8);
  length = HEADER;
  put32(0);
  put32(3); /* a reply when the servant is done; three octets reserved */
  put32(0); /* addressed by the key */
  put32((uint32_t)octets);
  for (size_t i = 0; i < octets; i++) {
    unsigned octet;
    if (sscanf(hex + 2 * i, "%2x", &octet) != 1) return -1;
    request[length++] = (uint8_t)octet;
  }
  align4();
  put32((uint32_t)name);
  memcpy(request + length, operation, name);
  length += name;
  align4();
  put32(0); /* no contexts */
  uint32_t size = (uint32_t)(length - HEADER);
  memcpy(request + 8, &size, 4);
  return 0;
}

static int dial(void) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(ports[place]))};
  struct timeval limit = {.tv_sec = REPLY_TIMEOUT_S};
  int one = 1;
  if (inet_pton(AF_INET, host, &at.sin_addr) != 1) return -1;
  fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) < 0) return -1;
  if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0) return -1;
  return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

static int put(void) {
  id += 2;
  memcpy(request + HEADER, &id, 4);
  return send(fd, request, length, MSG_NOSIGNAL) == (ssize_t)length ? 0 : -1;
}

static int take(size_t from, size_t wanted) {
  while (from < wanted) {
    ssize_t got = recv(fd, reply + from, wanted - from, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return -1;
    from += (size_t)got;
  }
  return 0;
}

/* Whether the last answer was a system exception: the server is there, and did not take the request. */
static int is_refused;

/* The next reply; its request's id, or 0 when there is none, or it is an exception. */
static uint32_t answer(void) {
  uint32_t size, of, status;
  is_refused = 0;
  if (take(0, HEADER) < 0) return 0;
  memcpy(&size, reply + 8, 4);
  if (reply[7] != 1 || size < 8 || size > MOST - HEADER || take(HEADER, HEADER + size) < 0) return 0;
  memcpy(&of, reply + HEADER, 4);
  memcpy(&status, reply + HEADER + 4, 4);
  is_refused = status == 2;
  return status == 0 ? of : 0;
}

/* The long in the body of the last reply, which has no contexts: the procedure's result. */
static int32_t result(void) {
  int32_t value;
  memcpy(&value, reply + HEADER + 12, 4);
  return value;
}

/* Goes on at the next server that answers. Returns microseconds, or -1 when none did in time; `again`: calls. */
static double fail_over(long *again) {
  int64_t start = now_ns(), end = start + FAIL_OVER_TIMEOUT_MS * 1000000LL;
  while (now_ns() < end) {
    close(fd);
    place = (place + 1) % places;
    if (dial() < 0) continue;
    for ((*again)++; put() == 0 && now_ns() < end; (*again)++) {
      uint32_t of = answer();
      if (of == id) return (double)(now_ns() - start) / 1e3;
      if (!is_refused) break; /* not taken, so that it may be said again */
    }
  }
  return -1;
}

static void run(long calls, double rate, long warm, pid_t victim) {
  static float us[MOST_CALLS];
  long got = 0, lost = 0, again = 0;
  double over = -1;
  int64_t period = (int64_t)(1e9 / rate), next = now_ns();
  if (calls > MOST_CALLS) calls = MOST_CALLS;
  for (long i = -warm; i < calls; i++) {
    next += period;
    int64_t now = now_ns();
    if (next > now) {
      struct timespec until = {.tv_sec = next / 1000000000LL, .tv_nsec = next % 1000000000LL};
      while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        ;
    } else {
      next = now; /* calls that are late are not made up for in a burst */
    }
    if (victim > 0 && i == calls / 2) kill(victim, SIGKILL);
    int64_t start = now_ns();
    int is_answered = put() == 0 && answer() == id;
    int64_t end = now_ns();
    if (i < 0) continue;
    if (is_answered) us[got++] = (float)(end - start) / 1e3f;
    else if (victim > 0 && over < 0 && (over = fail_over(&again)) >= 0) us[got++] = (float)(now_ns() - start) / 1e3f;
    else if (++lost > 3) break; /* each loss has cost a time-out */
  }
  printf("done %ld", lost);
  for (long i = 0; i < got; i++) printf(" %.1f", us[i]);
  printf("\n");
  if (victim > 0) printf("over %.1f %ld %d\n", over, again, (int)result());
}

static void flood(long ms, long outstanding) {
  long under_way = 0, answered = 0;
  int64_t end = now_ns() + (ms > MOST_FLOOD_MS ? MOST_FLOOD_MS : ms) * 1000000LL;
  for (; under_way < outstanding && put() == 0; under_way++)
    ;
  while (under_way > 0 && answer() != 0) {
    answered++;
    under_way--;
    if (now_ns() < end && put() == 0) under_way++;
  }
  printf("flooded %ld\n", answered);
}

static void gap(long ms) {
  int64_t now = now_ns(), before = now, most = 0, over = 0;
  int64_t end = now + (ms > MOST_GAP_MS ? MOST_GAP_MS : ms) * 1000000LL, rest = now + 45000000;
  while (now < end) {
    now = now_ns();
    if (now - before > most) most = now - before;
    if (now - before > 100000) over++;
    before = now;
    if (now > rest) { /* nine tenths of the time: more is throttled */
      usleep(5000);
      before = now_ns();
      rest = before + 45000000;
    }
  }
  printf("gap %.1f %ld\n", (double)most / 1e3, (long)over);
}

int main(int count, char **words) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_TIMERSLACK, 1);
  mlockall(MCL_CURRENT | MCL_FUTURE); /* where the right is missing, without */
  if (count >= 5) {
    host = words[1];
    ports[places++] = words[2];
  }
  if (count < 5 || make(words[3], words[4]) < 0 || dial() < 0) {
    perror("paced HOST PORT KEY OPERATION [fifo PRIORITY] [core N] [next PORT]");
    return 1;
  }
  for (int i = 5; i + 1 < count; i += 2) {
    int value = atoi(words[i + 1]), result = 0;
    if (strcmp(words[i], "next") == 0) {
      if (places < MOST_PLACES) ports[places++] = words[i + 1];
    } else if (strcmp(words[i], "fifo") == 0) {
      struct sched_param priority = {.sched_priority = value};
      result = sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &priority);
    } else {
      cpu_set_t cores;
      CPU_ZERO(&cores);
      CPU_SET((size_t)value, &cores);
      result = sched_setaffinity(0, sizeof cores, &cores);
    }
    if (result < 0) {
      perror(words[i]);
      return 1;
    }
  }
  setvbuf(stdout, NULL, _IOLBF, 1 << 16);
  printf("ready %d\n", (int)getpid());
  for (char line[256]; fgets(line, sizeof line, stdin) != NULL;) {
    long a, b = 0;
    double rate;
    if (sscanf(line, "run %ld %lf %ld", &a, &rate, &b) == 3 && rate > 0) run(a, rate, b, 0);
    else if (sscanf(line, "fault %ld %lf %ld", &a, &rate, &b) == 3 && rate > 0 && b > 1) run(a, rate, 0, (pid_t)b);
    else if (sscanf(line, "flood %ld %ld", &a, &b) == 2) flood(a, b);
    else if (sscanf(line, "gap %ld", &a) == 1) gap(a);
    fflush(stdout);
  }
  return 0;
}
