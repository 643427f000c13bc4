import { iiopProfilesOf, iorFromString } from "../../../orb/ior/index.ts";
import { type Block, blockOf, type Row, rowOf, spreadOf } from "../block.ts";
import type { BenchOptions } from "../options.ts";
import { Program } from "../program.ts";
import { tableLine } from "../table.ts";
import { Caller, echoRequest, type Place } from "./caller.ts";

const SERVER = new URL("./server.js", import.meta.url).pathname;
const REQUEST_OCTETS = 64;
/** Connects under way at once: fewer than a listener's backlog. */
const CONNECTING_AT_ONCE = 100;
const SAY_TIMEOUT_MS = 60_000;

/** How many connections of which kind. */
export interface Crowd {
  readonly idle: number;
  readonly active: number;
}

/** What became of them. */
export interface CrowdResult {
  /** Calls of the active ones, without and with the idle ones around. */
  readonly alone: Block;
  readonly among: Block;
  /** Connections the server counted when all were there. */
  readonly accepted: number;
  /** What the first call over one connection more brought, and what came behind it. */
  readonly refusal: readonly string[];
  /** Idle ones that still answered at the end. */
  readonly idleServed: number;
  /** Memory of the server for each idle connection. */
  readonly kibPerIdle: number;
}

async function open(place: Place, count: number, request: Buffer): Promise<Caller[]> {
  const callers: Caller[] = [];
  while (callers.length < count) {
    const more = Math.min(CONNECTING_AT_ONCE, count - callers.length);
    const opened = await Promise.all(Array.from({ length: more }, () => Caller.open(place)));
    for (const outcome of await Promise.all(opened.map((caller) => caller.call(request))))
      if (outcome !== "NO_EXCEPTION") throw new Error(`a connection was not served: ${outcome}`);
    callers.push(...opened);
  }
  return callers;
}

/** Calls over all connections at once, until the time is over. @throws Error when one is not served */
async function work(callers: readonly Caller[], request: Buffer, forMs: number): Promise<Block> {
  const samples: number[] = [];
  const startedMs = performance.now();
  const loop = async (caller: Caller): Promise<void> => {
    for (let now = startedMs; now - startedMs < forMs; ) {
      const outcome = await caller.call(request);
      if (outcome !== "NO_EXCEPTION") throw new Error(`a call was not served: ${outcome}`);
      const after = performance.now();
      samples.push((after - now) * 1_000);
      now = after;
    }
  };
  await Promise.all(callers.map(loop));
  return blockOf(Float64Array.from(samples), (performance.now() - startedMs) * 1_000);
}

async function refusalOf(place: Place, request: Buffer): Promise<readonly string[]> {
  const caller = await Caller.open(place);
  const first = await caller.call(request);
  while (caller.isOpen) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  return [first, ...caller.unasked];
}

/**
 * Fills a server in a process of its own up to its limit, and asks for one connection more.
 * @param forMs how long the active connections call, each time
 */
export async function runCrowd({ idle, active }: Crowd, forMs: number): Promise<CrowdResult> {
  await using server = new Program([process.execPath, SERVER, `${idle + active}`]);
  const ior = await server.hear("ready", SAY_TIMEOUT_MS);
  const [place] = iiopProfilesOf(iorFromString(ior));
  if (place === undefined) throw new TypeError("the server's reference has no address");
  const counts = async (): Promise<readonly number[]> => {
    server.say("counts");
    return (await server.hear("counts", SAY_TIMEOUT_MS)).split(" ").map(Number);
  };
  const request = echoRequest(place, REQUEST_OCTETS);
  const working = await open(place, active, request);
  await work(working, request, forMs);
  const alone = await work(working, request, forMs);
  const [, before = 0] = await counts();
  const resting = await open(place, idle, request);
  const [accepted = 0, after = 0] = await counts();
  const [among, refusal] = await Promise.all([
    work(working, request, forMs),
    refusalOf(place, request),
  ]);
  const last = await Promise.all(resting.map((caller) => caller.call(request)));
  for (const caller of [...working, ...resting]) caller.close();
  return {
    alone,
    among,
    accepted,
    refusal,
    idleServed: last.filter((outcome) => outcome === "NO_EXCEPTION").length,
    kibPerIdle: (after - before) / idle,
  };
}

/** 1,000 connections that call while 10,000 more are open, and one beyond the limit. */
export async function connections(
  options: BenchOptions,
  print: (line: string) => void,
): Promise<Row[]> {
  const isQuick = options.pace.blockMs < 200;
  const crowd = isQuick ? { idle: 1_000, active: 100 } : { idle: 10_000, active: 1_000 };
  const result = await runCrowd(crowd, options.pace.blockMs * 4);
  const { alone, among, accepted, refusal, idleServed, kibPerIdle } = result;
  const baseline = { name: `${crowd.active} active`, blocks: [alone] };
  const rows = [
    rowOf(baseline.name, [alone], "perSecond"),
    rowOf(`${crowd.active} active, ${crowd.idle} idle`, [among], "perSecond", baseline),
  ];
  print(tableLine());
  for (const row of rows) print(tableLine(row.name, row, spreadOf([among], "perSecond")));
  print(
    `${accepted} connections accepted; ${kibPerIdle.toFixed(1)} KiB of the server for an idle one`,
  );
  print(`one more: ${refusal.join(", ")}; ${idleServed} of ${crowd.idle} idle ones still served`);
  if (idleServed !== crowd.idle || refusal[0] !== "TRANSIENT")
    throw new Error("the limit was not kept, or the others noticed");
  return rows;
}
