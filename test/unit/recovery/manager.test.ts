// The recovery manager above replicas that are scripted.
import test, { type ExecutionContext } from "ava";
import type { ReplicaAddress } from "../../../interceptors/index.ts";
import { Deferred, TestClock } from "../../../orb/base/index.ts";
import {
  type Launcher,
  RecoveryManager,
  type RecoveryOptions,
  type ReplicaListener,
  type RunningReplica,
} from "../../../services/recovery/index.ts";

class Scripted implements RunningReplica {
  readonly name: string;
  readonly address: ReplicaAddress;
  readonly listener: ReplicaListener;
  readonly moved = new Deferred<void>();
  knows: readonly number[] = [];
  sentTo: readonly number[] = [];
  isRetired = false;
  isKilled = false;

  constructor(number: number, listener: ReplicaListener) {
    this.name = `r${number}`;
    this.address = { host: "192.0.2.1", port_number: number };
    this.listener = listener;
  }

  know(others: readonly ReplicaAddress[]): void {
    this.knows = others.map((other) => other.port_number);
  }

  async move(to: readonly ReplicaAddress[], signal: AbortSignal): Promise<void> {
    this.sentTo = to.map((other) => other.port_number);
    signal.addEventListener("abort", () => this.moved.reject(signal.reason), { once: true });
    await this.moved.promise;
  }

  retire(): void {
    this.isRetired = true;
    this.listener.ended("retired");
  }

  kill(): void {
    this.isKilled = true;
  }
}

interface Scene {
  readonly manager: RecoveryManager;
  readonly started: Scripted[];
  readonly events: string[];
  readonly clock: TestClock;
  /** Whether the next replicas start: undefined for one that never answers. */
  readonly will: { start: "start" | "fail" | "hang" };
}

async function scene(t: ExecutionContext, options: Partial<RecoveryOptions> = {}): Promise<Scene> {
  const started: Scripted[] = [];
  const events: string[] = [];
  const clock = new TestClock(0);
  const will: Scene["will"] = { start: "start" };
  const launcher: Launcher = {
    start: async (listener, signal) => {
      if (will.start === "fail") throw new TypeError("no such program");
      if (will.start === "hang") {
        await new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        });
      }
      const replica = new Scripted(started.length + 1, listener);
      started.push(replica);
      return replica;
    },
  };
  const manager = new RecoveryManager({
    launcher,
    degree: 3,
    clock,
    onEvent: (event) =>
      void events.push("replica" in event ? `${event.replica} ${event.kind}` : event.kind),
    ...options,
  });
  t.teardown(() => manager.close());
  await manager.start();
  events.length = 0;
  return { manager, started, events, clock, will };
}

async function turns(count = 10): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

test("all replicas know each other, and a leaking one is replaced before it fails", async (t) => {
  const { manager, started, events } = await scene(t);
  const [a, b, c] = started as [Scripted, Scripted, Scripted];
  t.deepEqual(
    [a.knows, b.knows, c.knows],
    [
      [2, 3],
      [1, 3],
      [1, 2],
    ],
  );
  a.listener.level("first");
  await turns();
  const [, , , d] = started;
  t.deepEqual(d?.knows, [1, 2, 3]);
  t.deepEqual(b.knows, [1, 3, 4]);
  a.listener.level("second");
  await turns();
  // The youngest first, itself not among them, and nobody sends clients to it any more.
  t.deepEqual(a.sentTo, [4, 3, 2]);
  t.deepEqual(b.knows, [3, 4]);
  t.false(a.isRetired);
  a.moved.resolve();
  await turns();
  t.true(a.isRetired);
  t.deepEqual(events, ["r1 level", "r4 started", "r1 level", "r1 moving", "r1 moved", "r1 ended"]);
  t.deepEqual(
    manager.replicas.map(({ name }) => name),
    ["r2", "r3", "r4"],
  );
});

test("one that dies is replaced; that it was about to be leads to no second one", async (t) => {
  const { manager, started } = await scene(t);
  const [a, b] = started as [Scripted, Scripted];
  a.listener.ended("SIGKILL");
  b.listener.level("first");
  b.listener.ended("SIGKILL");
  await turns();
  t.deepEqual(
    manager.replicas.map(({ name }) => name),
    ["r3", "r4", "r5"],
  );
});

test("clients that do not leave are given their time, and no more", async (t) => {
  const { started, clock } = await scene(t, { moveTimeoutMs: 500 });
  const [a] = started as [Scripted];
  a.listener.level("second");
  await turns();
  t.deepEqual(a.sentTo, [4, 3, 2]);
  clock.advanceMs(501);
  await turns();
  t.true(a.isRetired);
});

test("a start that fails or hangs is tried again after a pause, so often as it may fail", async (t) => {
  const { manager, started, events, clock, will } = await scene(t, {
    mostFailures: 2,
    pauseMs: 100,
    startTimeoutMs: 1_000,
  });
  const [a] = started as [Scripted];
  will.start = "hang";
  a.listener.level("first");
  await turns();
  clock.advanceMs(1_001);
  await turns();
  will.start = "fail";
  clock.advanceMs(101);
  await turns();
  t.deepEqual(events, ["r1 level", "start failed", "start failed", "r1 given up"]);
  t.is(manager.replicas.length, 3);
  clock.advanceMs(10_000);
  await turns();
  t.is(started.length, 3);
});

test("what is started while it is closed is killed, and what runs is stopped", async (t) => {
  const { manager, started, will } = await scene(t);
  const [a, b, c] = started as [Scripted, Scripted, Scripted];
  will.start = "hang";
  a.listener.level("first");
  await turns();
  await manager.close();
  t.true(a.isRetired && b.isRetired && c.isRetired);
  t.is(started.length, 3);
});

test("replicas that cannot be started end the start, and the degree is one that a message can name", async (t) => {
  const launcher: Launcher = { start: () => Promise.reject(new TypeError("no such program")) };
  const manager = new RecoveryManager({ launcher, degree: 1 });
  await t.throwsAsync(manager.start(), { message: "no such program" });
  for (const degree of [0, 9, 1.5]) {
    t.throws(() => new RecoveryManager({ launcher, degree }), { instanceOf: RangeError });
  }
});
