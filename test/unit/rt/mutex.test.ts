import { once } from "node:events";
import { Worker } from "node:worker_threads";
import test from "ava";
import { systemClock, TestClock } from "../../../orb/base/index.ts";
import {
  BAD_INV_ORDER,
  IMP_LIMIT,
  OBJECT_NOT_EXIST,
  TIMEOUT,
} from "../../../orb/exception/index.ts";
import {
  type Mutex,
  type MutexHost,
  MutexNotFound,
  mutexesOf,
  MutexTable,
  newMutexMemory,
} from "../../../orb/rt/index.ts";

function host(clock = new TestClock(), priority = (): number => 0): MutexHost {
  return { clock, mutexes: mutexesOf(undefined), deadlineMs: 1_000, priority };
}

test("lock, unlock, try_lock; what this thread holds it cannot wait for", (t) => {
  const mutex = new MutexTable(host()).create();
  mutex.lock();
  t.throws(() => mutex.lock(), { instanceOf: BAD_INV_ORDER, message: /lockAsync/ });
  t.false(mutex.try_lock(0));
  t.false(mutex.try_lock(10_000_000n));
  mutex.unlock();
  t.true(mutex.try_lock(0));
  mutex.unlock();
  t.throws(() => mutex.unlock(), { instanceOf: BAD_INV_ORDER });
});

test("those who wait get it by priority, and by age among equals", async (t) => {
  let priority = 0;
  const mutex = new MutexTable(host(new TestClock(), () => priority)).create();
  mutex.lock();
  const order: string[] = [];
  const wait = async (name: string, of: number): Promise<void> => {
    priority = of;
    await mutex.lockAsync();
    order.push(name);
    mutex.unlock();
  };
  const all = [wait("low", 1), wait("high", 9), wait("middle", 5), wait("high again", 9)];
  mutex.unlock();
  await Promise.all(all);
  t.deepEqual(order, ["high", "high again", "middle", "low"]);
});

test("waiting ends: TIMEOUT of lockAsync, false of tryLockAsync, the signal's reason", async (t) => {
  const clock = new TestClock();
  const mutex = new MutexTable(host(clock)).create();
  mutex.lock();
  const late = t.throwsAsync(mutex.lockAsync({ timeoutMs: 50 }), {
    instanceOf: TIMEOUT,
    message: /50 ms/,
  });
  const tried = mutex.tryLockAsync(200_000);
  const abort = new AbortController();
  const aborted = t.throwsAsync(mutex.lockAsync({ signal: abort.signal }), { message: "enough" });
  clock.advanceMs(21);
  t.false(await tried);
  abort.abort(new Error("enough"));
  await aborted;
  clock.advanceMs(30);
  await late;
  t.false(await mutex.tryLockAsync(0));
  mutex.unlock();
  t.true(await mutex.tryLockAsync(0));
});

test("a destroyed mutex is OBJECT_NOT_EXIST, for those who wait, too", async (t) => {
  const table = new MutexTable(host());
  const mutex = table.create();
  mutex.lock();
  const waiting = t.throwsAsync(mutex.lockAsync(), { instanceOf: OBJECT_NOT_EXIST });
  table.destroy(mutex);
  await waiting;
  t.throws(() => mutex.lock(), { instanceOf: OBJECT_NOT_EXIST });
});

test("named mutexes: created once, found by name, in all threads that share the memory", (t) => {
  const memory = newMutexMemory();
  const [one, two] = [new MutexTable(host(), memory), new MutexTable(host(), memory)];
  t.throws(() => one.openNamed("log"), { instanceOf: MutexNotFound });
  const first = one.createNamed("log");
  t.true(first.created);
  t.deepEqual(one.createNamed("log"), { mutex: first.mutex, created: false });
  const other: Mutex = two.openNamed("log");
  t.false(two.createNamed("log").created);
  first.mutex.lock();
  t.false(other.try_lock(0));
  t.false(other.try_lock(10_000), "1 ms of waiting, in vain");
  first.mutex.unlock();
  t.true(other.try_lock(0));
  t.throws(() => one.createNamed("ü".repeat(29)), { instanceOf: IMP_LIMIT });
  t.throws(() => one.createNamed(""), { instanceOf: IMP_LIMIT });
  for (let i = 1; i < 255; i++) one.createNamed(`m${i}`);
  t.throws(() => one.createNamed("one too many"), { instanceOf: IMP_LIMIT });
});

const RIVAL = `
const { workerData, parentPort } = require("node:worker_threads");
(async () => {
  const { mutexesOf, MutexTable } = await import(workerData.rt);
  const { systemClock } = await import(workerData.base);
  const table = new MutexTable({ clock: systemClock, mutexes: mutexesOf(undefined), deadlineMs: 10000, priority: () => 0 }, workerData.memory);
  const mutex = table.openNamed("counter");
  const counter = new Int32Array(workerData.counter);
  parentPort.postMessage("ready");
  for (let i = 0; i < workerData.times; i++) { mutex.lock(); counter[0] = counter[0] + 1; mutex.unlock(); }
  parentPort.postMessage("done");
})();
`;

test("two threads never hold it together, one blocking and one waiting for promises", async (t) => {
  const memory = newMutexMemory();
  const shared = new SharedArrayBuffer(4);
  const counter = new Int32Array(shared);
  const { mutex } = new MutexTable(host(systemClock as never), memory).createNamed("counter");
  const times = 2_000;
  const rival = new Worker(RIVAL, {
    eval: true,
    workerData: {
      memory,
      counter: shared,
      times,
      rt: new URL("../../../orb/rt/index.js", import.meta.url).href,
      base: new URL("../../../orb/base/index.js", import.meta.url).href,
    },
  });
  await once(rival, "message");
  const done = once(rival, "message");
  for (let i = 0; i < times; i++) {
    await mutex.lockAsync({ timeoutMs: 10_000 });
    counter[0] = (counter[0] ?? 0) + 1;
    mutex.unlock();
  }
  await done;
  await rival.terminate();
  t.is(counter[0], 2 * times);
});
