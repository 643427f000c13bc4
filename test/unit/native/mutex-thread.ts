/** A thread that uses a mutex as `workerData` says; what `mutex.test.ts` runs. */
import { parentPort, workerData } from "node:worker_threads";
import { loadNative, NativeError, plainMutexes } from "../../../native/index.ts";

/** What a thread is to do with the mutex. */
export interface Task {
  readonly role: "count" | "hold" | "wait" | "leave";
  readonly words: Int32Array;
  readonly isPlain: boolean;
}

/** Words of the shared memory. */
export const MUTEX: number = 0;
export const COUNTER: number = 1;
export const GATE: number = 2;
/** Times that each thread counts. */
export const ROUNDS: number = 20_000;

const tell = (message: string): void => parentPort?.postMessage(message);

function play({ role, words, isPlain }: Task): void {
  const mutexes = isPlain ? plainMutexes(() => undefined, "test") : loadNative()?.mutexes;
  if (mutexes === undefined) throw new Error("no addon");
  switch (role) {
    case "count":
      // Not an atomic addition: two threads inside at once lose some.
      for (let i = 0; i < ROUNDS; i++) {
        mutexes.lock(words, MUTEX);
        words[COUNTER] = (words[COUNTER] ?? 0) + 1;
        mutexes.unlock(words, MUTEX);
      }
      tell("counted");
      break;
    case "hold":
      mutexes.lock(words, MUTEX);
      tell("held");
      Atomics.wait(words, GATE, 0);
      mutexes.unlock(words, MUTEX);
      break;
    case "leave":
      mutexes.lock(words, MUTEX);
      tell("held");
      Atomics.wait(words, GATE, 0);
      break;
    case "wait":
      tell("waiting");
      try {
        mutexes.lock(words, MUTEX);
        mutexes.unlock(words, MUTEX);
        tell("had it");
      } catch (error) {
        if (!(error instanceof NativeError)) throw error;
        tell(`${error.code}: ${error.message}`);
      }
      break;
  }
}

if (parentPort !== null) play(workerData as Task);
