import test from "ava";
import fc from "fast-check";
import { TestClock, TimerQueue } from "../../../orb/base/index.ts";

test("what waits expires after its delay, in order, and not before", (t) => {
  const clock = new TestClock(7);
  const queue = new TimerQueue(clock, 100);
  const seen: string[] = [];
  const wait = (name: string): { cancel(): void } =>
    queue.add({ expire: () => seen.push(`${name} ${clock.nowMs()}`) }, clock.nowMs());
  wait("a");
  clock.advanceMs(40);
  wait("b");
  wait("c");
  clock.advanceMs(59);
  t.deepEqual(seen, []);
  clock.advanceMs(1);
  t.deepEqual(seen, ["a 107"]);
  clock.advanceMs(500);
  t.deepEqual(seen, ["a 107", "b 147", "c 147"]);
  t.is(clock.pendingCount, 0);
});

test("whatever is cancelled and whenever, the others expire as timers of their own would", (t) => {
  const step = fc.record({
    what: fc.constantFrom("add", "add", "add", "cancel", "advance"),
    n: fc.nat(120),
  });
  const property = fc.property(fc.array(step, { maxLength: 100, size: "max" }), (steps) => {
    const clock = new TestClock();
    const queue = new TimerQueue(clock, 50);
    const queued: string[] = [];
    const single: string[] = [];
    const timers: { cancel(): void }[] = [];
    for (const { what, n } of steps) {
      if (what === "advance") clock.advanceMs(n);
      else if (what === "cancel") timers[n % (timers.length || 1)]?.cancel();
      else {
        const name = timers.length;
        // Every fifth adds another one when it expires.
        const expire = (): void => {
          queued.push(`${name} ${clock.nowMs()}`);
          const again = (): void => void queued.push(`${name} again ${clock.nowMs()}`);
          if (n % 5 === 0) queue.add({ expire: again }, clock.nowMs());
        };
        const fire = (): void => {
          single.push(`${name} ${clock.nowMs()}`);
          const again = (): void => void single.push(`${name} again ${clock.nowMs()}`);
          if (n % 5 === 0) clock.timer(50, again);
        };
        const both = [queue.add({ expire }, clock.nowMs()), clock.timer(50, fire)];
        timers.push({ cancel: () => both.forEach((timer) => timer.cancel()) });
      }
    }
    clock.advanceMs(200);
    t.deepEqual(queued, single);
    t.is(clock.pendingCount, 0);
  });
  fc.assert(property, { numRuns: 300 });
});

test("the process stays alive while something waits, and no longer", (t) => {
  const clock = new TestClock();
  const queue = new TimerQueue(clock, 100);
  const nothing = { expire: () => undefined };
  const first = queue.add(nothing, clock.nowMs());
  t.is(clock.pendingCount, 1);
  const second = queue.add(nothing, clock.nowMs());
  t.is(clock.pendingCount, 1, "one timer for both");
  first.cancel();
  t.is(clock.pendingCount, 1);
  second.cancel();
  second.cancel();
  t.is(clock.pendingCount, 0);
  clock.advanceMs(60);
  const third = queue.add(nothing, clock.nowMs());
  t.is(clock.pendingCount, 1);
  clock.advanceMs(60);
  t.is(clock.pendingCount, 1, "its delay is not over");
  third.cancel();
  t.is(clock.pendingCount, 0);
});

test("a closed queue keeps no timer, but lets expire what waits", (t) => {
  class Counting extends TestClock {
    cancelled = 0;

    override timer(delayMs: number, fire: () => void): ReturnType<TestClock["timer"]> {
      const timer = super.timer(delayMs, fire);
      const cancel = (): void => {
        this.cancelled++;
        timer.cancel();
      };
      return { ...timer, cancel };
    }
  }
  const clock = new Counting();
  const queue = new TimerQueue(clock, 100);
  let expired = 0;
  const waiting = { expire: () => expired++ };
  queue.add(waiting, 0);
  const other = queue.add(waiting, 0);
  queue.close();
  t.is(clock.cancelled, 0);
  clock.advanceMs(100);
  t.is(expired, 2);
  other.cancel();
  queue.add(waiting, 100).cancel();
  t.is(clock.cancelled, 1);
  clock.advanceMs(1_000);
  t.is(expired, 2);
});
