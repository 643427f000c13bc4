// Replicas that leak memory until they die of it, in processes of their own, and a client that calls them all the while.
import { EventEmitter, once } from "node:events";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import * as Plant from "../../../examples/recovery/gen/Plant.ts";
import { FailOverClient, portable } from "../../../interceptors/index.ts";
import { Deferred } from "../../../orb/base/index.ts";
import { ORB_init } from "../../../orb/index.ts";
import {
  ProcessLauncher,
  type RecoveryEvent,
  RecoveryManager,
} from "../../../services/recovery/index.ts";

const SERVER = fileURLToPath(new URL("../../../examples/recovery/server.js", import.meta.url));
/** On a machine that does other things, too. */
const START_TIMEOUT_MS = 60_000;
/** Calls until a replica dies, and calls it is given between two looks of its predictor. */
const CALLS = 256;
const BURST = 5;
const LEAK = 65_536;

interface Replicas {
  readonly manager: RecoveryManager;
  readonly events: readonly RecoveryEvent[];
  /** Settled when there is an event of which this holds, or was. */
  readonly until: (holds: (event: RecoveryEvent) => boolean) => Promise<void>;
}

async function start(t: ExecutionContext): Promise<Replicas> {
  const events: RecoveryEvent[] = [];
  const told = new EventEmitter();
  const args = ["--leak", String(LEAK), "--limit", String(LEAK * CALLS)];
  const manager = new RecoveryManager({
    launcher: new ProcessLauncher({ module: SERVER, args }),
    degree: 2,
    startTimeoutMs: START_TIMEOUT_MS,
    moveTimeoutMs: START_TIMEOUT_MS,
    onEvent: (event) => {
      events.push(event);
      told.emit("event");
    },
  });
  t.teardown(() => manager.close());
  await manager.start();
  const until: Replicas["until"] = async (holds) => {
    while (!events.some(holds)) await once(told, "event");
  };
  return { manager, events, until };
}

/** @param moved told when calls go elsewhere */
async function meterOf(
  t: ExecutionContext,
  manager: RecoveryManager,
  moved: () => void = () => undefined,
): Promise<Plant.Meter> {
  const logger = { info: moved, warn: () => undefined };
  const failOver = new FailOverClient({ timeoutMs: START_TIMEOUT_MS, logger });
  const orb = await ORB_init([], {
    config: { orb: { listen: [] } },
    connectionWatch: failOver,
    initializers: portable([failOver]),
  });
  t.teardown(() => orb.destroy());
  const [first] = manager.addresses;
  const at = `corbaloc:iiop:1.2@${first?.host}:${first?.port_number}/meter`;
  const meter = Plant.Meter.uncheckedNarrow(await orb.string_to_object(at));
  if (meter === null) throw new TypeError("no replica");
  return meter;
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

test("three leaking servers in a row are replaced before they die: no call raises, none is lost or done twice", async (t) => {
  t.timeout(180_000);
  const { manager, events, until } = await start(t);
  const meter = await meterOf(t, manager);
  const counts = new Map<number, number>();
  const named = (kind: RecoveryEvent["kind"], name: string) => (event: RecoveryEvent) =>
    event.kind === kind && "replica" in event && event.replica === name;
  while (counts.size < 4) {
    for (let i = 0; i < BURST; i++) {
      const { server, number } = await meter.read();
      t.is(number, (counts.get(server) ?? 0) + 1, `server ${server}`);
      counts.set(server, number);
    }
    await pause();
    // Nothing is called for while a replacement starts: how long that takes is not what this is about.
    for (const event of events) {
      if (event.kind !== "level" || event.level !== "first") continue;
      await until((one) => one.kind === "started" && one.instead === event.replica);
    }
  }
  const old = [...counts.keys()].slice(0, 3);
  for (const server of old) {
    await until(named("ended", `process ${server}`));
    const end = events.find(named("ended", `process ${server}`));
    t.deepEqual(end, { kind: "ended", replica: `process ${server}`, why: "exit code 0" });
    t.true((counts.get(server) ?? 0) < CALLS);
  }
  t.false(events.some(({ kind }) => kind === "start failed" || kind === "given up"));
  t.is(manager.replicas.length, 2);
});

test("one that is killed is replaced, and the client's next call is answered by another", async (t) => {
  t.timeout(180_000);
  const { manager, until } = await start(t);
  const moved = new Deferred<void>();
  const meter = await meterOf(t, manager, () => moved.resolve());
  const { server } = await meter.read();
  await meter.read();
  process.kill(server, "SIGKILL");
  await until((event) => event.kind === "ended" && event.why === "SIGKILL");
  await moved.promise;
  const next = await meter.read();
  t.not(next.server, server);
  t.is(next.number, 1);
  await until((event) => event.kind === "started" && event.instead === `process ${server}`);
  t.is(manager.replicas.length, 2);
});
