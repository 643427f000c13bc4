import test from "ava";
import { noLogger, TestClock } from "../../../orb/base/index.ts";
import {
  type Activation,
  ServiceFailed,
  ServiceRunner,
  type ServiceSpec,
} from "../../../services/peer/index.ts";

const SPEC: ServiceSpec = {
  name: "trindade",
  module: "file:///station.js",
  export: "Station",
  args: [],
  names: [],
  publish: true,
  attributes: {},
  start: "auto",
  restart: "on-failure",
  restartMs: 100,
  mostRestarts: 2,
  configured: true,
};

interface World {
  readonly runner: ServiceRunner;
  readonly clock: TestClock;
  /** What was done, in order. */
  readonly log: string[];
  /** Steps that fail. */
  readonly broken: Set<string>;
}

function world(spec: Partial<ServiceSpec> = {}): World {
  const clock = new TestClock();
  const log: string[] = [];
  const broken = new Set<string>();
  const step = (name: string): Promise<void> => {
    log.push(name);
    return broken.has(name) ? Promise.reject(new Error(`${name} is broken`)) : Promise.resolve();
  };
  const activation: Activation = {
    reference: "IOR:00",
    announce: () => step("announce"),
    withdraw: () => step("withdraw"),
    deactivate: () => step("deactivate"),
  };
  const runner = new ServiceRunner(
    { ...SPEC, ...spec },
    {
      clock,
      logger: noLogger,
      activate: async () => {
        await step("activate");
        return activation;
      },
      changed: ({ state }) => void log.push(`is ${state.at}`),
    },
  );
  return { runner, clock, log, broken };
}

/** Lets promises that wait for nothing but each other settle. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test("it is made known after it runs, and unknown before it ends", async (t) => {
  const { runner, log } = world();
  await runner.start();
  await runner.start();
  t.deepEqual(runner.state, { at: "running", reference: "IOR:00" });
  await runner.stop();
  await runner.stop();
  t.deepEqual(log, [
    "is starting",
    "activate",
    "announce",
    "is running",
    "is stopping",
    "withdraw",
    "deactivate",
    "is stopped",
  ]);
});

test("a start that failed is tried again, each time after twice as long, up to the bound", async (t) => {
  const { runner, clock, broken, log } = world();
  broken.add("activate");
  await t.throwsAsync(runner.start(), { instanceOf: ServiceFailed, message: /activate is broken/ });
  t.deepEqual(runner.state, { at: "failed", reason: "activate is broken", retryInMs: 100 });
  clock.advanceMs(99);
  await settled();
  t.is(runner.failures, 1);
  clock.advanceMs(1);
  await settled();
  t.like(runner.state, { at: "failed", retryInMs: 200 });
  clock.advanceMs(200);
  await settled();
  t.like(runner.state, { at: "failed", retryInMs: undefined });
  t.is(runner.failures, 3);
  clock.advanceMs(1_000_000);
  await settled();
  t.is(log.filter((each) => each === "activate").length, 3);
  broken.clear();
  await runner.start();
  t.is(runner.state.at, "running");
  t.is(runner.failures, 0);
});

test("a service that came up but could not be made known is taken back whole", async (t) => {
  const { runner, broken, log, clock } = world();
  broken.add("announce");
  await t.throwsAsync(runner.start());
  t.deepEqual(log, ["is starting", "activate", "announce", "withdraw", "deactivate", "is failed"]);
  broken.clear();
  clock.advanceMs(100);
  await settled();
  t.is(runner.state.at, "running");
});

test("one that is stopped between two tries is not tried again", async (t) => {
  const { runner, clock, broken, log } = world();
  broken.add("activate");
  await t.throwsAsync(runner.start());
  await runner.stop();
  t.is(runner.state.at, "stopped");
  t.is(clock.pendingCount, 0);
  clock.advanceMs(1_000);
  await settled();
  t.is(log.filter((each) => each === "activate").length, 1);
});

test("restart = never: it stays failed", async (t) => {
  const { runner, clock, broken } = world({ restart: "never" });
  broken.add("activate");
  await t.throwsAsync(runner.start());
  t.like(runner.state, { at: "failed", retryInMs: undefined });
  t.is(clock.pendingCount, 0);
});

test("what could not be taken back is told, and it is stopped all the same", async (t) => {
  const { runner, broken, log } = world();
  await runner.start();
  broken.add("withdraw");
  await t.throwsAsync(runner.stop(), { message: "trindade: withdraw is broken" });
  t.deepEqual(log.slice(-3), ["withdraw", "deactivate", "is stopped"]);
});

test("start and stop at the same time come one after the other", async (t) => {
  const { runner, log } = world();
  await Promise.all([runner.start(), runner.stop(), runner.start()]);
  t.is(runner.state.at, "running");
  t.deepEqual(
    log.filter((each) => each.startsWith("is ")),
    ["is starting", "is running", "is stopping", "is stopped", "is starting", "is running"],
  );
});

test("a stop does not wait for a start that waits for others, and neither is it tried again", async (t) => {
  const clock = new TestClock();
  const log: string[] = [];
  const runner = new ServiceRunner(SPEC, {
    clock,
    logger: noLogger,
    activate: (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("nobody came")), { once: true });
      }),
    changed: ({ state }) => void log.push(state.at),
  });
  const started = t.throwsAsync(runner.start(), { message: "trindade: nobody came" });
  await settled();
  await runner.stop();
  await started;
  t.deepEqual(log, ["starting", "stopped"]);
  t.is(runner.failures, 0);
  t.is(clock.pendingCount, 0);
});
