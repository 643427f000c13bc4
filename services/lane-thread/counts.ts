/** Words of one thread. */
const WORD = { running: 0, waiting: 1, strayed: 2 } as const;
const WORDS = 3;

/** Shared memory in which the threads of one lane count. */
export function newCounts(threads: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(threads * WORDS * Int32Array.BYTES_PER_ELEMENT));
}

/** One number of one thread, by which it may be changed. */
export function count(
  words: Int32Array,
  thread: number,
  what: keyof typeof WORD,
  by: number,
): number {
  return Atomics.add(words, thread * WORDS + WORD[what], by) + by;
}

/** What a thread counts now. */
export function countOf(words: Int32Array, thread: number, what: keyof typeof WORD): number {
  return Atomics.load(words, thread * WORDS + WORD[what]);
}

/** All threads together. */
export function totalOf(words: Int32Array, what: keyof typeof WORD): number {
  let total = 0;
  for (let at = WORD[what]; at < words.length; at += WORDS) total += Atomics.load(words, at);
  return total;
}

/** A thread that is made anew has nothing in work; what strayed to it before did so all the same. */
export function forgetWork(words: Int32Array, thread: number): void {
  Atomics.store(words, thread * WORDS + WORD.running, 0);
  Atomics.store(words, thread * WORDS + WORD.waiting, 0);
}
