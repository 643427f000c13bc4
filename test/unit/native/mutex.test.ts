import { once } from "node:events";
import { constants } from "node:os";
import { Worker } from "node:worker_threads";
import test from "ava";
import { createMutexes, loadNative, nativeFault, plainMutexes } from "../../../native/index.ts";
import type { NativeMutexes } from "../../../native/index.ts";
import type { PriorityMutexes } from "../../../orb/rt/index.ts";
import { COUNTER, GATE, MUTEX, ROUNDS } from "./mutex-thread.ts";
import type { Task } from "./mutex-thread.ts";

function native(): NativeMutexes {
  const addon = loadNative();
  if (addon === undefined) throw new Error(nativeFault());
  return addon.mutexes satisfies PriorityMutexes;
}

const KINDS = {
  "priority-inheriting": native,
  plain: (): NativeMutexes => plainMutexes(() => undefined, "test"),
} as const;
const sharedWords = (): Int32Array => new Int32Array(new SharedArrayBuffer(16));

/** A thread at work on the words; it has said its first word when the promise is kept. */
async function thread(
  task: Task,
): Promise<{ worker: Worker; first: string; ended: Promise<unknown> }> {
  const worker = new Worker(new URL("mutex-thread.js", import.meta.url), { workerData: task });
  const ended = once(worker, "exit");
  const [first] = (await once(worker, "message")) as [string];
  return { worker, first, ended };
}

function open(words: Int32Array): void {
  Atomics.store(words, GATE, 1);
  Atomics.notify(words, GATE);
}

for (const [kind, mutexesOf] of Object.entries(KINDS)) {
  const isPlain = kind === "plain";

  test(`${kind}: a free mutex is 0, and is had by one thread at a time`, (t) => {
    const mutexes = mutexesOf();
    t.is(mutexes.inherits, !isPlain);
    const words = sharedWords();
    mutexes.lock(words, 3);
    t.not(words[3], 0);
    t.false(mutexes.tryLock(words, 3, 0));
    t.throws(() => mutexes.lock(words, 3), { code: "EDEADLK" });
    t.throws(() => mutexes.tryLock(words, 3, 50), { code: "EDEADLK" });
    mutexes.unlock(words, 3);
    t.is(words[3], 0);
    t.like(
      t.throws(() => mutexes.unlock(words, 3)),
      {
        code: "EPERM",
        message: "mutex at word 3 is not held by this thread: futex says EPERM",
      },
    );
    t.true(mutexes.tryLock(words, 3, 0));
    mutexes.unlock(words, 3);
  });

  test(`${kind}: threads that count under it lose nothing`, async (t) => {
    const words = sharedWords();
    const task: Task = { role: "count", words, isPlain };
    const threads = await Promise.all([thread(task), thread(task), thread(task)]);
    t.deepEqual(
      threads.map(({ first }) => first),
      ["counted", "counted", "counted"],
    );
    t.is(words[COUNTER], 3 * ROUNDS);
    t.is(words[MUTEX], 0);
  });

  test(`${kind}: a wait ends in time, or with the mutex`, async (t) => {
    const mutexes = mutexesOf();
    const words = sharedWords();
    const holder = await thread({ role: "hold", words, isPlain });
    t.false(mutexes.tryLock(words, MUTEX, 0));
    const begun = performance.now();
    t.false(mutexes.tryLock(words, MUTEX, 60));
    t.true(performance.now() - begun >= 59);
    // Longer than the turn in which a waiting thread looks up.
    t.false(mutexes.tryLock(words, MUTEX, 1_050));
    t.true(performance.now() - begun >= 1_109);
    t.throws(() => mutexes.unlock(words, MUTEX), { code: "EPERM" });
    open(words);
    t.true(mutexes.tryLock(words, MUTEX, 30_000));
    mutexes.unlock(words, MUTEX);
    await holder.ended;
    t.is(words[MUTEX], 0);
  });

  test(`${kind}: a thread that waits can be terminated`, async (t) => {
    const words = sharedWords();
    const mutexes = mutexesOf();
    mutexes.lock(words, MUTEX);
    const { worker } = await thread({ role: "wait", words, isPlain });
    t.is(typeof (await worker.terminate()), "number");
    mutexes.unlock(words, MUTEX);
  });
}

test("an owner that ended is told once, and the mutex is free again", async (t) => {
  const words = sharedWords();
  const owner = await thread({ role: "leave", words, isPlain: false });
  open(words);
  await owner.ended;
  t.not(words[MUTEX], 0);
  t.like(
    t.throws(() => native().lock(words, MUTEX)),
    {
      code: "EOWNERDEAD",
      errno: 130,
      message:
        "mutex at word 0: the thread that held it has ended; it is free again, what it guards may be half changed: futex says EOWNERDEAD",
    },
  );
  t.is(words[MUTEX], 0);
  t.true(native().tryLock(words, MUTEX, 0));
  native().unlock(words, MUTEX);
});

test("an attempt at once sees that the owner ended, too", async (t) => {
  const words = sharedWords();
  const owner = await thread({ role: "leave", words, isPlain: false });
  open(words);
  await owner.ended;
  t.throws(() => native().tryLock(words, MUTEX, 0), { code: "EOWNERDEAD" });
  t.is(words[MUTEX], 0);
});

test("one of the threads that wait for an owner that ends is told", async (t) => {
  const words = sharedWords();
  const owner = await thread({ role: "leave", words, isPlain: false });
  const waiters = await Promise.all(
    [1, 2].map(() => thread({ role: "wait", words, isPlain: false })),
  );
  // Once both wait in the kernel the word says so; that one does is enough.
  const heard = waiters.map(({ worker }) => once(worker, "message") as Promise<[string]>);
  while (Atomics.load(words, MUTEX) >= 0) Atomics.wait(words, GATE, 0, 1);
  open(words);
  await owner.ended;
  const said = (await Promise.all(heard)).map(([text]) => text.slice(0, 10));
  t.deepEqual(said.toSorted(), ["EOWNERDEAD", "had it"]);
  t.is(words[MUTEX], 0);
});

test("while an owner that ended is still in the word the kernel says EINVAL: it is tried again, for as long as allowed", (t) => {
  const words = sharedWords();
  const { EINVAL } = constants.errno;
  let tries = 0;
  const scripted = (settlesAfter: number): NativeMutexes =>
    createMutexes(
      {
        lock: () => (++tries > settlesAfter ? 0 : -EINVAL),
        tryLock: () => -EINVAL,
        unlock: () => 0,
      },
      7,
    );
  words[MUTEX] = 8;
  scripted(3).lock(words, MUTEX);
  t.is(tries, 4);
  t.throws(() => scripted(Infinity).tryLock(words, MUTEX, 5), { code: "EINVAL" });
  t.false(scripted(Infinity).tryLock(words, MUTEX, 0));
});

test("a word outside of the array, or of another array, is refused", (t) => {
  const words = sharedWords();
  t.throws(() => native().lock(words, 4), { instanceOf: RangeError });
  t.throws(() => native().tryLock(words, -1, 10), { instanceOf: RangeError });
  const wrong = new Uint8Array(16) as unknown as Int32Array;
  wrong[0] = 1;
  t.throws(() => native().lock(wrong, 0), { instanceOf: TypeError });
});

test("without inheritance it is said, with the reason", (t) => {
  const said: string[] = [];
  plainMutexes((line) => said.push(line), "the native addon is for Linux only, this is darwin");
  t.deepEqual(said, [
    "mutexes do not lend priorities: the native addon is for Linux only, this is darwin",
  ]);
});
