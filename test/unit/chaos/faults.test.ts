import test from "ava";
import { TestClock } from "../../../orb/base/index.ts";
import {
  ChaosError,
  drill,
  faultText,
  harmLink,
  harmProcess,
  InsideFaults,
  type LinkMode,
  type Signal,
} from "../../../services/chaos/index.ts";

class Target {
  readonly sent: Signal[] = [];
  isAlive = true;

  signal(signal: Signal): void {
    if (!this.isAlive) throw new ChaosError("it has ended");
    this.sent.push(signal);
    if (signal === "SIGKILL") this.isAlive = false;
  }
}

/** Lets what waits for promises go on. */
async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

const never: AbortSignal = new AbortController().signal;

test("a process that stands still goes on, whatever ends it", async (t) => {
  const clock = new TestClock();
  const target = new Target();
  const freezing = harmProcess(target, { kind: "freeze", ms: 800 }, clock, never);
  clock.advanceMs(799);
  await turns();
  t.deepEqual(target.sent, ["SIGSTOP"]);
  clock.advanceMs(1);
  await freezing;
  t.deepEqual(target.sent, ["SIGSTOP", "SIGCONT"]);

  const stop = new AbortController();
  const interrupted = harmProcess(target, { kind: "freeze", ms: 800 }, clock, stop.signal);
  stop.abort();
  await interrupted;
  t.deepEqual(target.sent.slice(2), ["SIGSTOP", "SIGCONT"]);
  t.is(clock.pendingCount, 0);
});

test("a slow one stands still for its share of each 20 ms", async (t) => {
  const clock = new TestClock();
  const target = new Target();
  let stillMs = 0;
  const slowing = harmProcess(target, { kind: "slow", percent: 75, ms: 100 }, clock, never);
  for (let ms = 0; ms < 100; ms++) {
    if (target.sent.at(-1) === "SIGSTOP") stillMs++;
    clock.advanceMs(1);
    await turns();
  }
  await slowing;
  t.is(stillMs, 75);
  t.is(target.sent.at(-1), "SIGCONT");
});

test("a link is whole again when its fault is over", async (t) => {
  const clock = new TestClock();
  const cuts: number[] = [];
  const modes: LinkMode[] = [];
  const link = {
    delayMs: 0,
    set mode(mode: LinkMode) {
      modes.push(mode);
    },
    get mode(): LinkMode {
      return modes.at(-1) ?? "pass";
    },
    cut: () => cuts.push(clock.nowMs()),
  };
  for (const kind of ["hold", "refuse"] as const) {
    const harming = harmLink(link, { kind, ms: 50 }, clock, never);
    t.is(link.mode, kind);
    clock.advanceMs(50);
    await harming;
    t.is(link.mode, "pass");
  }
  t.is(cuts.length, 1, "refusing resets what there was");
  const delaying = harmLink(link, { kind: "delay", delayMs: 30, ms: 50 }, clock, never);
  t.is(link.delayMs, 30);
  clock.advanceMs(50);
  await delaying;
  t.is(link.delayMs, 0);
});

test("a drill does what is planned when it is planned; who has ended is passed over", async (t) => {
  const clock = new TestClock();
  const [a, b] = [new Target(), new Target()];
  const lines: string[] = [];
  const running = drill({
    plan: [
      { atMs: 1_000, target: 0, fault: { kind: "freeze", ms: 500 } },
      { atMs: 1_200, target: 1, fault: { kind: "crash" } },
      { atMs: 3_000, target: 1, fault: { kind: "freeze", ms: 100 } },
    ],
    processes: [
      { name: "a", target: a },
      { name: "b", target: b },
    ],
    links: [],
    clock,
    stop: never,
    tell: (line) => void lines.push(line.trim()),
  });
  for (let ms = 0; ms < 4_000; ms += 10) {
    await turns();
    clock.advanceMs(10);
  }
  t.is(await running, 2);
  t.deepEqual(lines, [
    "1.000 s  a: freeze for 500 ms",
    "1.510 s  b: crash",
    "3.000 s  b: freeze for 100 ms: passed over, it has ended",
  ]);
  t.deepEqual([a.sent, b.sent], [["SIGSTOP", "SIGCONT"], ["SIGKILL"]]);
});

test("a leak takes its rate up to its bound, a busy thread its share, and stop gives both back", (t) => {
  const clock = new TestClock();
  let burnt = 0;
  const faults = new InsideFaults({ clock, mostOctets: 10_000, burn: (ms) => void (burnt += ms) });
  t.throws(() => faults.leak(1_000, 10_001), { message: /chaos\.mostOctets .* allows: 10000/ });
  t.throws(() => faults.burn(96, 100), { message: /96 % of its time: 1 to 95 are allowed/ });
  faults.leak(1_000, 2_000);
  clock.advanceMs(950);
  t.is(faults.leakedOctets, 1_000);
  t.is(faults.octetsPerSecond, 1_000);
  clock.advanceMs(5_000);
  t.is(faults.leakedOctets, 2_000);
  t.is(faults.octetsPerSecond, 0);
  faults.burn(50, 10_000);
  t.deepEqual([burnt, faults.busyPercent, faults.busyMs], [10, 50, 10_000]);
  faults.stop();
  t.deepEqual([faults.leakedOctets, faults.busyMs, clock.pendingCount], [0, 0, 0]);
});

test("faults have words", (t) => {
  t.is(faultText({ kind: "slow", percent: 40, ms: 70 }), "slow by 40 % for 70 ms");
  t.is(faultText({ kind: "delay", delayMs: 40, ms: 70 }), "delay of 40 ms for 70 ms");
});
