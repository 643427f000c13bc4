import { setTimeout as sleep } from "node:timers/promises";
import { median } from "../samples.ts";
import { type Called, Client, isPrepared, type SchemeName, SERVED_BY } from "./mead-client.ts";
import type { Replicas } from "./mead-replicas.ts";

/** One fail-over: what its calls took beyond normal ones. */
export interface FailOver {
  /** Milliseconds, from the begin of the call in which it happened. */
  readonly totalMs: number;
  /**
   * Of those, the milliseconds until the client's kernel had told of the end of the connection: what the kernel of the server takes to end a
   * process. 0 where no connection was lost.
   */
  readonly detectedMs: number;
}

/** What a client lived through while its servers failed, or were about to. */
export interface Run {
  /** Each call, microseconds. */
  readonly us: readonly number[];
  readonly failOvers: readonly FailOver[];
  /** Calls that raised. */
  readonly raised: number;
  /** Fail-overs after which the server was the same. */
  readonly missed: number;
  /** Octets beyond those of the calls, of one fail-over. */
  readonly octetsEach: number;
}

/** Calls of the next server that still count to a fail-over: what it leaves to be done delays them. */
const CALLS_AFTER = 2;
/** Calls after which a client that is still at the old server has missed the fail-over. */
const MOST_CALLS = 200;
const WARM_UP = 300;
/** Then another client takes its place: from one connection to the next a call differs by 5 %, without any scheme. */
const BLOCKS_A_CLIENT = 8;
/** Milliseconds for a client to prepare to go elsewhere. */
const PREPARED_MS = 30;

export const isProactive = (name: SchemeName): boolean => SERVED_BY[name] !== "plain";

/**
 * So many calls of a client, and in every `each` of them the end of its server: foreseen, so that it sends its clients to
 * the next replica, or not, so that it dies with the call in its hands.
 * A server that was left stays, as one that gave its memory back; one that died is another process, at other ports.
 */
export async function run(
  name: SchemeName,
  replicas: Replicas,
  calls: number,
  each: number,
): Promise<Run> {
  let current = 0;
  if (SERVED_BY[name] === "message") await replicas.introduce("message");
  await using client = await Client.start(name, replicas, current);
  for (let i = 0; i < WARM_UP; i++) await client.call();
  const us: number[] = [];
  const normal: number[] = [];
  const failOvers: FailOver[] = [];
  const octets: number[] = [];
  const which = SERVED_BY[name];
  let [raised, missed] = [0, 0];
  while (us.length < calls) {
    const old = replicas.at(current);
    const others = [replicas.at(current + 1), replicas.at(current + 2)];
    // Armed well before, so that nothing but calls is going on when it happens.
    if (isProactive(name)) await old.move(each, which, others);
    else await old.die(each);
    const before = client.octets;
    const { by } = await client.call();
    // A client that prepares does so a moment after it came.
    if (isPrepared(name)) await sleep(PREPARED_MS);
    for (let i = 2; i < each; i++) {
      const called = await client.call();
      us.push(called.us);
      normal.push(called.us);
    }
    const octetsOfCall = (client.octets - before) / (each - 1);
    const begun = client.octets;
    const window: Called[] = [];
    let after = 0;
    client.watch();
    while (after <= CALLS_AFTER && window.length < MOST_CALLS) {
      const called = await client.call();
      window.push(called);
      if (called.by !== undefined && called.by !== by) after++;
    }
    const answered = window.filter((called) => called.by !== undefined).length;
    raised += window.length - answered;
    if (after <= CALLS_AFTER) missed++;
    us.push(...window.map((called) => called.us));
    const usual = median(normal.slice(-500)) * answered;
    const detectedMs = client.lostAfterMs;
    failOvers.push({
      totalMs: (window.reduce((sum, called) => sum + called.us, 0) - usual) / 1_000,
      detectedMs,
    });
    octets.push(client.octets - begun - octetsOfCall * answered);
    if (isProactive(name)) await old.know(which, others);
    else await replicas.replace(current % replicas.all.length);
    current++;
  }
  return { us, failOvers, raised, missed, octetsEach: median(octets) };
}

/** Calls without a fault: the times of each block, ascending, by scheme; blocks take turns. */
export async function withoutFaults(
  names: readonly SchemeName[],
  replicas: Replicas,
  blocks: number,
  callsABlock: number,
): Promise<ReadonlyMap<SchemeName, readonly Float64Array[]>> {
  const found = new Map<SchemeName, Float64Array[]>(names.map((name) => [name, []]));
  await replicas.introduce("message");
  for (let block = 0; block < blocks; block += BLOCKS_A_CLIENT)
    await blocksOf(found, replicas, Math.min(BLOCKS_A_CLIENT, blocks - block), callsABlock);
  return found;
}

/** As many more for each scheme, by a client that is new. */
async function blocksOf(
  found: ReadonlyMap<SchemeName, Float64Array[]>,
  replicas: Replicas,
  blocks: number,
  callsABlock: number,
): Promise<void> {
  const clients: (readonly [client: Client, into: Float64Array[]])[] = [];
  try {
    for (const [name, into] of found) clients.push([await Client.start(name, replicas, 0), into]);
    for (const [client] of clients) for (let i = 0; i < WARM_UP; i++) await client.call();
    for (let block = 0; block < blocks; block++) {
      // Another one begins each time: the first of a round has it colder.
      const first = block % clients.length;
      for (const [client, into] of [...clients.slice(first), ...clients.slice(0, first)]) {
        const us = new Float64Array(callsABlock);
        for (let i = 0; i < callsABlock; i++) us[i] = (await client.call()).us;
        into.push(us.sort());
      }
    }
  } finally {
    for (const [client] of clients) await client[Symbol.asyncDispose]();
  }
}
