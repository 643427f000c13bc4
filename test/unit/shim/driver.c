/*
 * Feeds native/shim/giop.c what stands on standard input: pieces of a direction ('o' sent, 'i' received), a length of four
 * octets, little-endian, and so many octets. Prints its state after the last: "quiet lost closed moves replicas probe".
 */
#include "giop.h"
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  struct giop_watch *watch = malloc(sizeof *watch);
  uint8_t head[5], probe[GIOP_PROBE];
  struct giop_fail_over heard = {.replica_count = 0};
  if (watch == NULL) return 1;
  giop_start(watch);
  while (fread(head, 1, sizeof head, stdin) == sizeof head) {
    size_t count = head[1] | head[2] << 8 | head[3] << 16 | (size_t)head[4] << 24;
    /* Of its exact size, so that a look beyond its end is seen. */
    uint8_t *octets = malloc(count);
    if ((octets == NULL && count > 0) || fread(octets, 1, count, stdin) != count) return 1;
    (head[0] == 'o' ? giop_sent : giop_received)(watch, octets, count);
    giop_is_answer(octets, count, 7, &heard);
    free(octets);
  }
  size_t length = giop_probe(watch, 7, probe);
  printf("%s %s %s %s ", giop_is_quiet(watch) ? "quiet" : "busy", watch->is_lost ? "lost" : "followed",
         watch->is_closed ? "closed" : "open", watch->fail_over.moves_now ? "moves" : "stays");
  for (unsigned i = 0; i < watch->fail_over.replica_count; i++)
    printf("%s%s:%u", i == 0 ? "" : ",", watch->fail_over.replicas[i].host, watch->fail_over.replicas[i].port);
  printf(" ");
  for (size_t i = 0; i < length; i++) printf("%02x", probe[i]);
  printf("\n");
  free(watch);
  return 0;
}
