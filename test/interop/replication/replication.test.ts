// Clients that know nothing of replication, and servers of a replicated object that move, die and come back.
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { ExecutionContext } from "ava";
import { loadNative } from "../../../native/index.ts";
import { ORB_init, type ReplicationOptions } from "../../../orb/index.ts";
import { iorFromString } from "../../../orb/ior/index.ts";
import { tcpTransport } from "../../../orb/transport/index.ts";
import { findPeers, type Peers } from "../../support/omniorb.ts";
import { Talk, TestProcess } from "../../support/process.ts";
import { HabitualClient, type Question, TAO } from "../../support/replication/habitual-client.ts";
import { given } from "../checks/check.ts";
import * as Interop from "../gen/Interop.ts";
import { declareCheck } from "../results.ts";
import { Replicas } from "./replicas.ts";

const peers = await findPeers();
/** How often primaries are moved or killed; the whole of it takes minutes. */
const ASKED_TIMES = process.env["ORBWEAVER_TIMES"];
const TIMES = Number(ASKED_TIMES ?? 12);
/** Of each style, while it is called. */
const KILLS = Number(ASKED_TIMES ?? 3);
/** On a busy machine. */
const LONGEST_MS = Math.max(300_000, 20_000 * TIMES);
const SEMI_ACTIVE: ReplicationOptions = { style: "semi-active", replicas: 3 };
/**
 * Those that lose nothing that was acknowledged while a majority lives; and how many calls are so many that the client's
 * output, which it keeps back by 4 KiB, shows that it is in the midst of them: fewer where each waits for disks.
 */
const LOSSLESS: readonly (readonly [style: string, policy: ReplicationOptions, calls: number])[] = [
  ["active", { style: "active", replicas: 3 }, 2_000],
  ["semi_active", SEMI_ACTIVE, 2_000],
  ["warm_passive", { style: "warm-passive", replicas: 3 }, 2_000],
  ["cold_passive", { style: "cold-passive", durable: true, replicas: 3 }, 800],
];
/** Without the addon an idle client of a process that is killed hears FIN, and its next call is lost. */
const hasReset = loadNative() !== undefined;

function declare(name: string, body: (t: ExecutionContext, peers: Peers) => Promise<void>): void {
  declareCheck(`replication/${name}`, peers !== undefined, async (t) => {
    t.timeout(LONGEST_MS);
    if (peers !== undefined) await body(t, peers);
  });
}

async function freePort(host: string): Promise<number> {
  const server = createServer();
  server.listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** At addresses of this machine that no other test uses: who comes back finds its port free. */
async function founded(policy: ReplicationOptions, subnet: number): Promise<Replicas> {
  const hosts = [1, 2, 3].map((i) => `127.0.${subnet}.${i}`);
  const endpoints = await Promise.all(
    hosts.map(async (host) => `iiop://${host}:${await freePort(host)}`),
  );
  const replicas = new Replicas(policy);
  await replicas.found(endpoints);
  return replicas;
}

async function startCaller(found: Peers, ior: string): Promise<Talk> {
  const args = [ior, "-ORBendPoint", "giop:tcp:127.0.0.1:"];
  const caller = new Talk(new TestProcess(found.caller, args));
  await caller.hear(/ready\n/);
  return caller;
}

/** Begins a row of calls. @returns what each of them gave, when the last one has */
function calls(caller: Talk, times: number): Promise<readonly string[]> {
  const before = caller.process.output.length;
  const done = caller.say(`call ${times}`, /done\n/);
  return done.then(() => caller.process.output.slice(before).trim().split("\n").slice(0, -1));
}

const ALL_SAID = (times: number): readonly string[] => Array<string>(times).fill("said 1");

/** What a group answers that is asked for what it was told. */
async function answers({ ior }: Replicas, asked: readonly number[]): Promise<readonly number[]> {
  await using orb = await ORB_init([], { config: { orb: { listen: [] } } });
  const player = given(Interop.Player.uncheckedNarrow(await orb.string_to_object(ior)));
  const answered: number[] = [];
  for (const one of asked) answered.push(await player.bounce(null, one));
  return answered;
}

/** How often the group executed what the last row of calls asked for. */
async function executed(replicas: Replicas): Promise<number> {
  const [count] = await answers(replicas, [-1]);
  return given(count ?? null);
}

const NOTHING_LOST = { lost: 0, doubled: 0 };

/**
 * What the group has of the last row of calls.
 * @param unknown those of them that ended without an answer: executed or not, but not twice
 */
async function heard(
  replicas: Replicas,
  times: number,
  unknown: readonly number[],
): Promise<typeof NOTHING_LOST> {
  const [sum = 0, distinct = 0, ...ofUnknown] = await answers(replicas, [
    -1,
    -2,
    ...unknown.map((i) => -3 - i),
  ]);
  const acknowledged = distinct - ofUnknown.filter((count) => count > 0).length;
  return { lost: times - unknown.length - acknowledged, doubled: sum - distinct };
}

declare("moved.omniorb_client", async (t, found) => {
  await using replicas = await founded(SEMI_ACTIVE, 81);
  await using caller = await startCaller(found, replicas.ior);
  t.deepEqual(await calls(caller, 5), ALL_SAID(5));
  for (let time = 0; time < TIMES; time++) {
    const from = await replicas.primary();
    const to = given(replicas.all.find((one) => one !== from) ?? null);
    // It calls all the while.
    const said = calls(caller, 40);
    await from.say(`move ${to.hostAddress}`, /moved\n/);
    t.deepEqual(await said, ALL_SAID(40), `time ${time}`);
    t.is(await executed(replicas), 40);
  }
});

declare("moved.tao_habits", async (t) => {
  await using replicas = await founded(SEMI_ACTIVE, 82);
  const client = new HabitualClient(tcpTransport, iorFromString(replicas.ior), TAO);
  const bounce = (depth: number): Question<number> => ({
    operation: "bounce",
    write: (out) => void out.string("").ulong(0).long(depth),
    read: (input) => input.long(),
  });
  for (let time = 0; time < TIMES; time++) {
    const from = await replicas.primary();
    const to = given(replicas.all.find((one) => one !== from) ?? null);
    const moved = from.say(`move ${to.hostAddress}`, /moved\n/);
    for (let i = 0; i < 20; i++) t.is(await client.call(bounce(i)), 1, `time ${time}`);
    await moved;
    t.is(await client.call(bounce(-1)), 20);
  }
  client.close();
});

declare("retired.omniorb_client", async (t, found) => {
  await using replicas = await founded(SEMI_ACTIVE, 83);
  await using caller = await startCaller(found, replicas.ior);
  const times = Math.ceil(TIMES / 4);
  for (let time = 0; time < times; time++) {
    const from = await replicas.primary();
    const said = calls(caller, 200);
    await replicas.retire(from);
    t.deepEqual(await said, ALL_SAID(200), `time ${time}`);
    t.is(await executed(replicas), 200);
    await replicas.comeBack(from);
  }
});

declare("killed_idle.omniorb_client", async (t, found) => {
  await using replicas = await founded(SEMI_ACTIVE, 84);
  await using caller = await startCaller(found, replicas.ior);
  for (let time = 0; time < TIMES; time++) {
    t.deepEqual(await calls(caller, 3), ALL_SAID(3), `time ${time}, before`);
    const primary = await replicas.primary();
    await replicas.kill(primary);
    const said = await calls(caller, 3);
    if (hasReset) t.deepEqual(said, ALL_SAID(3), `time ${time}, after`);
    else t.deepEqual(said.slice(1), ALL_SAID(2), `time ${time}, after`);
    await replicas.comeBack(primary);
  }
});

for (const [at, [style, policy, callCount]] of LOSSLESS.entries())
  declare(`killed_calling_${style}.omniorb_client`, async (t, found) => {
    await using replicas = await founded(policy, 85 + at);
    await using caller = await startCaller(found, replicas.ior);
    let unknownCount = 0;
    for (let time = 0; time < KILLS; time++) {
      const primary = await replicas.primary();
      const begun = caller.hear(/said 1\n/);
      const said = calls(caller, callCount);
      await begun;
      await replicas.kill(primary);
      const lines = await said;
      t.is(lines.length, callCount);
      const ended = [...lines.entries()].filter(([, line]) => line !== "said 1");
      t.true(ended.length <= 1, ended.map((one) => one.join(" ")).join("; "));
      for (const [, line] of ended) t.is(line, "ended in COMM_FAILURE COMPLETED_MAYBE");
      unknownCount += ended.length;
      const unknown = ended.map(([i]) => i);
      t.deepEqual(await heard(replicas, callCount, unknown), NOTHING_LOST, `time ${time}`);
      await replicas.comeBack(primary);
    }
    const callsCount = KILLS * callCount;
    t.log(`${KILLS} kills, ${callsCount} calls, ${unknownCount} COMM_FAILURE COMPLETED_MAYBE`);
  });

for (const [at, [style, policy]] of LOSSLESS.entries())
  declare(`killed_calling_${style}.ts_client`, async (t) => {
    await using replicas = await founded(policy, 89 + at);
    await using orb = await ORB_init([], { config: { orb: { listen: [] } } });
    const player = given(Interop.Player.uncheckedNarrow(await orb.string_to_object(replicas.ior)));
    for (let time = 0; time < KILLS; time++) {
      const primary = await replicas.primary();
      t.is(await player.bounce(null, 0), 1);
      const killed = replicas.kill(primary);
      // It is known again by FT_REQUEST: sent twice, executed once, and nobody hears of it.
      for (let i = 1; i < 300; i++)
        t.is(await player.bounce(null, i), 1, `time ${time}, call ${i}`);
      await killed;
      t.deepEqual(await heard(replicas, 300, []), NOTHING_LOST, `time ${time}`);
      await replicas.comeBack(primary);
    }
  });
