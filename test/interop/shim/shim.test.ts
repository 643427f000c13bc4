// omniORB clients that know nothing of replicas, with the shim beneath them.
import { fileURLToPath } from "node:url";
import type { ExecutionContext } from "ava";
import { shimPath } from "../../../native/index.ts";
import { findPeers, type Peers } from "../../support/omniorb.ts";
import { Talk, TestProcess } from "../../support/process.ts";
import { declareCheck } from "../results.ts";

const REPLICA = fileURLToPath(new URL("./replica.js", import.meta.url));
const MARK = 1_000_000;
const TIMES = 100;

const peers = await findPeers();
const shim = shimPath();

interface Replica extends Talk {
  port: string;
}

async function startReplica(name: number, port = "0"): Promise<Replica> {
  const replica = new Talk(
    new TestProcess(process.execPath, [REPLICA, String(name), port]),
  ) as Replica;
  [, replica.port = ""] = await replica.hear(/ready (\d+)\n/);
  return replica;
}

async function startCaller(found: Peers, path: string, { port }: Replica): Promise<Talk> {
  const caller = new Talk(
    new TestProcess(found.caller, [`corbaloc::127.0.0.1:${port}/player`], {
      env: { LD_PRELOAD: path, MEAD_LOG: "1" },
    }),
  );
  await caller.hear(/ready\n/);
  return caller;
}

/** @returns what each of so many calls gave */
async function call(caller: Talk, times: number): Promise<readonly string[]> {
  const before = caller.process.output.length;
  await caller.say(`call ${times}`, /done\n/);
  return caller.process.output.slice(before).trim().split("\n").slice(0, -1);
}

const tell = async (replica: Replica, moves: boolean, ...to: readonly Replica[]): Promise<void> => {
  await replica.say(`tell ${moves} ${to.map(({ port }) => port).join(" ")}`, /telling .*\n/);
};

const by = (said: readonly string[]): readonly number[] =>
  said.map((line) => Math.floor(Number(line.replace("said ", "")) / MARK));

function declare(
  name: string,
  body: (t: ExecutionContext, peers: Peers, path: string) => Promise<void>,
): void {
  declareCheck(`shim/${name}`, peers !== undefined && shim !== undefined, async (t) => {
    if (peers !== undefined && shim !== undefined) await body(t, peers, shim);
  });
}

declare("migrated_100_times.omniorb_client", async (t, found, path) => {
  await using a = await startReplica(1);
  await using b = await startReplica(2);
  await using caller = await startCaller(found, path, a);
  let [here, there] = [a, b];
  let name = 1;
  for (let time = 0; time < TIMES; time++) {
    await tell(there, false, here);
    await tell(here, true, there);
    // The first is answered here and brings the message; nothing more comes here.
    t.deepEqual(by(await call(caller, 3)), [name, 3 - name, 3 - name], `time ${time}`);
    [here, there] = [there, here];
    name = 3 - name;
  }
  const [, byA] = await a.say("count", /counted (\d+)\n/);
  const [, byB] = await b.say("count", /counted (\d+)\n/);
  t.is(Number(byA) + Number(byB), 3 * TIMES);
});

declare("killed_between_requests.omniorb_client", async (t, found, path) => {
  await using survivor = await startReplica(2);
  await using first = await startReplica(1);
  await using caller = await startCaller(found, path, first);
  await tell(first, false, survivor);
  t.deepEqual(by(await call(caller, 2)), [1, 1]);
  first.process.kill("SIGKILL");
  await first.process.ended();
  t.deepEqual(by(await call(caller, 2)), [2, 2]);
  t.regex(caller.process.errors, /the server is gone/);
});

declare("the_next_replica_is_tried.omniorb_client", async (t, found, path) => {
  await using survivor = await startReplica(3);
  await using first = await startReplica(1);
  await using gone = await startReplica(2);
  await using caller = await startCaller(found, path, first);
  await tell(first, false, gone, survivor);
  t.deepEqual(by(await call(caller, 1)), [1]);
  for (const one of [gone, first]) {
    one.process.kill("SIGKILL");
    await one.process.ended();
  }
  t.deepEqual(by(await call(caller, 1)), [3]);
});

declare("nobody_left.omniorb_client", async (t, found, path) => {
  await using first = await startReplica(1);
  await using caller = await startCaller(found, path, first);
  await tell(first, false, first);
  t.deepEqual(by(await call(caller, 1)), [1]);
  first.process.kill("SIGKILL");
  await first.process.ended();
  const [raised = ""] = await call(caller, 1);
  t.regex(raised, /^ended in (COMM_FAILURE COMPLETED_MAYBE|TRANSIENT COMPLETED_NO)$/);
});
