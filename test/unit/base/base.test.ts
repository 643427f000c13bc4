import test from "ava";
import {
  concat,
  Deadline,
  Deferred,
  equal,
  fromHex,
  hexDump,
  IllegalTransition,
  Ring,
  seededRandom,
  systemClock,
  systemRandom,
  TaskScope,
  TestClock,
  toHex,
  unreachable,
} from "../../../orb/base/index.ts";

test("octets join, compare and become hexadecimal digits and back", (t) => {
  const a = fromHex("00 01\nfF");
  t.deepEqual(a, new Uint8Array([0, 1, 255]));
  t.is(toHex(a), "0001ff");
  t.deepEqual(concat([a, new Uint8Array(0), a]), fromHex("0001ff0001ff"));
  t.true(equal(a, a.slice()));
  t.false(equal(a, fromHex("0001fe")));
  t.false(equal(a, fromHex("0001")));
  t.throws(() => fromHex("abc"), { instanceOf: RangeError });
  t.throws(() => fromHex("zz"), { instanceOf: RangeError });
});

test("a dump shows offset, octets and text, and says what it leaves out", (t) => {
  const lines = hexDump(new Uint8Array(Buffer.from("GIOP\x01\x02 and more than one row")), 20);
  t.deepEqual(lines.split("\n"), [
    "00000000  47 49 4f 50 01 02 20 61 6e 64 20 6d 6f 72 65 20  GIOP.. and more ",
    "00000010  74 68 61 6e                                      than",
    "… 8 more octets",
  ]);
});

test("a scripted clock fires what is due, in order, timers set by timers included", (t) => {
  const clock = new TestClock(1000);
  const seen: string[] = [];
  const note = (what: string) => () => void seen.push(`${what}@${clock.nowMs()}`);
  clock.timer(20, note("b"));
  clock.timer(10, () => {
    note("a")();
    clock.timer(5, note("nested"));
  });
  clock.timer(20, note("c"));
  const never = clock.timer(15, note("cancelled"));
  never.cancel();
  never.unref();
  clock.timer(21, note("late"));
  clock.advanceMs(20);
  t.deepEqual(seen, ["a@1010", "nested@1015", "b@1020", "c@1020"]);
  t.is(clock.pendingCount, 1);
  t.is(clock.nowMs(), 1020);
});

test("the system clock moves on, and its timers fire or are cancelled", async (t) => {
  const start = systemClock.nowMs();
  const fired = new Deferred<string>();
  const cancelled = systemClock.timer(0, () => fired.reject(new Error("was cancelled")));
  cancelled.cancel();
  const far = systemClock.timer(3_000_000_000, () => fired.reject(new Error("is far off")));
  far.unref();
  far.ref();
  systemClock.timer(1, () => fired.resolve("fired"));
  t.is(await fired.promise, "fired");
  far.cancel();
  t.true(systemClock.nowMs() > start);
});

test("a deadline counts down to 0 and the earlier of two wins", (t) => {
  const clock = new TestClock();
  const soon = Deadline.after(clock, 100);
  t.is(soon.remainingMs(clock), 100);
  t.is(soon.earlier(Deadline.never), soon);
  t.is(Deadline.never.earlier(soon), soon);
  clock.advanceMs(150);
  t.is(soon.remainingMs(clock), 0);
  t.true(soon.hasPassed(clock));
  t.false(Deadline.never.hasPassed(clock));
  t.is(Deadline.never.remainingMs(clock), Number.POSITIVE_INFINITY);
});

test("a task scope waits for its tasks after telling them to stop", async (t) => {
  const seen: string[] = [];
  {
    await using tasks = new TaskScope();
    tasks.run("until stopped", async (signal) => {
      await new Promise<void>((done) => signal.addEventListener("abort", () => done()));
      seen.push("stopped");
    });
    tasks.run("ends with the abort", async (signal) => {
      await new Promise<void>((_, no) =>
        signal.addEventListener("abort", () => no(signal.reason as Error)),
      );
    });
    t.is(tasks.size, 2);
    seen.push("left");
  }
  t.deepEqual(seen, ["left", "stopped"]);
});

test("a failed task is told, or thrown when the scope is left", async (t) => {
  const told: string[] = [];
  {
    await using tasks = new TaskScope((task, cause) => void told.push(`${task}: ${String(cause)}`));
    tasks.run("reader", () => Promise.reject(new Error("broken")));
    await tasks.idle();
  }
  t.deepEqual(told, ["reader: Error: broken"]);
  const silent = new TaskScope();
  silent.run("one", () => Promise.reject(new Error("first")));
  silent.run("two", () => Promise.reject(new Error("second")));
  await silent.idle();
  await t.throwsAsync(async () => silent[Symbol.asyncDispose](), { instanceOf: AggregateError });
  t.throws(() => silent.run("late", () => Promise.resolve()), { instanceOf: TypeError });
});

test("a ring keeps order across its seam and refuses when full", (t) => {
  const ring = new Ring<number>(40);
  let next = 0;
  for (let i = 0; i < 12; i++) ring.push(next++);
  for (let i = 0; i < 10; i++) t.is(ring.shift(), i);
  while (ring.push(next)) next++;
  t.is(ring.length, 40);
  t.is(ring.peek(), 10);
  for (let i = 10; i < 50; i++) t.is(ring.shift(), i);
  t.is(ring.shift(), undefined);
  ring.push(1);
  ring.clear();
  t.is(ring.length, 0);
  t.is(ring.peek(), undefined);
  t.throws(() => new Ring(0), { instanceOf: RangeError });
});

test("seeded randomness repeats and stays in range; that of the system does not repeat", (t) => {
  const a = seededRandom(7);
  const b = seededRandom(7);
  t.deepEqual(a.octets(16), b.octets(16));
  t.is(a.uint32(), b.uint32());
  for (let i = 0; i < 1000; i++) {
    const x = a.number();
    if (x < 0 || x >= 1) t.fail(`${x} is out of range`);
  }
  t.not(seededRandom(8).uint32(), b.uint32());
  t.notDeepEqual(systemRandom.octets(16), systemRandom.octets(16));
  t.true(systemRandom.number() < 1);
  t.is(systemRandom.uint32() % 1, 0);
});

test("errors of state machines name machine, state and event", (t) => {
  t.is(
    new IllegalTransition("POAManager", "inactive", "activate").message,
    "POAManager: activate is not possible in state inactive",
  );
  t.throws(() => unreachable("x" as never), { message: "case not handled: x" });
});
