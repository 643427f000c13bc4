// omniORB clients that know nothing of replicas, whose servers leave before they fail.
import { EventEmitter, once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ExecutionContext } from "ava";
import {
  ProcessLauncher,
  type RecoveryEvent,
  RecoveryManager,
  type RunningReplica,
} from "../../../services/recovery/index.ts";
import { findPeers, type Peers } from "../../support/omniorb.ts";
import { Talk, TestProcess } from "../../support/process.ts";
import { declareCheck } from "../results.ts";

const REPLICA = fileURLToPath(new URL("./replica.js", import.meta.url));
const MARK = 1_000_000;
const TIMES = 100;
const TIMEOUT_MS = 60_000;
const LEAK = 65_536;
/** A client that was not heard for so long has left: much more than this one ever waits. */
const QUIET_MS = 2_000;
/** Calls until a replica dies of its leak. */
const LIFE = 256;

const peers = await findPeers();

function declare(name: string, body: (t: ExecutionContext, peers: Peers) => Promise<void>): void {
  declareCheck(`recovery/${name}`, peers !== undefined, async (t) => {
    t.timeout(300_000);
    if (peers !== undefined) await body(t, peers);
  });
}

async function startCaller(found: Peers, replicas: readonly RunningReplica[]): Promise<Talk> {
  const places = replicas.map(({ address }) => `iiop:1.2@${address.host}:${address.port_number}`);
  const caller = new Talk(new TestProcess(found.caller, [`corbaloc:${places.join(",")}/player`]));
  await caller.hear(/ready\n/);
  return caller;
}

/** @returns by whom each call was executed, and its number there; what it raised where it was not */
async function call(caller: Talk, times: number): Promise<readonly string[]> {
  const before = caller.process.output.length;
  await caller.say(`call ${times}`, /done\n/);
  const lines = caller.process.output.slice(before).trim().split("\n").slice(0, -1);
  return lines.map((line) => {
    const said = /^said (\d+)$/.exec(line)?.[1];
    return said === undefined ? line : `${Math.floor(Number(said) / MARK)} ${Number(said) % MARK}`;
  });
}

/** What a client sees of servers that each execute every call once, and none that was not made. */
class Tally {
  readonly #counts = new Map<string, number>();

  /** @returns what is wrong with these results, in words */
  add(results: readonly string[]): readonly string[] {
    return results.filter((result) => {
      const [server = "", number = ""] = result.split(" ");
      const expected = (this.#counts.get(server) ?? 0) + 1;
      this.#counts.set(server, expected);
      return Number(number) !== expected;
    });
  }

  get servers(): readonly string[] {
    return [...this.#counts.keys()];
  }
}

declare("forwarded_100_times.omniorb_client", async (t, found) => {
  const launcher = new ProcessLauncher({ module: REPLICA });
  const listener = { level: () => undefined, ended: () => undefined };
  const start = (): Promise<RunningReplica> =>
    launcher.start(listener, AbortSignal.timeout(TIMEOUT_MS));
  const [a, b] = [await start(), await start()];
  try {
    await using caller = await startCaller(found, [a]);
    const tally = new Tally();
    t.deepEqual(tally.add(await call(caller, 1)), []);
    let [here, there] = [a, b];
    for (let time = 0; time < TIMES; time++) {
      // Nowhere: its own clients may stay again.
      await there.move([], AbortSignal.timeout(TIMEOUT_MS));
      await here.move([there.address], AbortSignal.timeout(TIMEOUT_MS));
      const results = await call(caller, 3);
      t.deepEqual(tally.add(results), [], `time ${time}`);
      t.is(new Set(results.map((result) => result.split(" ")[0])).size, 1);
      [here, there] = [there, here];
    }
    t.is(tally.servers.length, 2);
    // For good: that the other one is gone now changes nothing.
    there.kill();
    t.deepEqual(tally.add(await call(caller, 3)), []);
  } finally {
    a.kill();
    b.kill();
  }
});

declare("leaking_servers_replaced.omniorb_client", async (t, found) => {
  const events: RecoveryEvent[] = [];
  const told = new EventEmitter();
  const args = [
    "--leak",
    String(LEAK),
    "--limit",
    String(LEAK * LIFE),
    "--quiet",
    String(QUIET_MS),
  ];
  await using manager = new RecoveryManager({
    launcher: new ProcessLauncher({ module: REPLICA, args }),
    degree: 2,
    startTimeoutMs: TIMEOUT_MS,
    moveTimeoutMs: TIMEOUT_MS,
    onEvent: (event) => {
      events.push(event);
      told.emit("event");
    },
  });
  await manager.start();
  await using caller = await startCaller(found, manager.replicas);
  const tally = new Tally();
  while (tally.servers.length < 4) {
    t.deepEqual(tally.add(await call(caller, 5)), []);
    await new Promise((resolve) => setTimeout(resolve, 10));
    // Nothing is called for while a replacement starts: how long that takes is not what this is about.
    const firsts = events.filter((one) => one.kind === "level" && one.level === "first");
    for (const first of firsts) {
      const isReplaced = (one: RecoveryEvent): boolean =>
        one.kind === "started" && "replica" in first && one.instead === first.replica;
      while (!events.some(isReplaced)) await once(told, "event");
    }
  }
  // A server that was left ends when it has been quiet for a while: on a fast machine after the last call.
  while (!events.some(({ kind }) => kind === "ended")) await once(told, "event");
  const ends = events.filter(({ kind }) => kind === "ended");
  t.deepEqual(
    ends.filter((end) => end.kind === "ended" && end.why !== "exit code 0"),
    [],
  );
});
