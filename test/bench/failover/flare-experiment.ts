import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { ObjectReference } from "../../../orb/index.ts";
import { sample } from "../../support/sample.ts";
import { blockOf, type Row, rowOf } from "../block.ts";
import { median } from "../samples.ts";
import type { TransportName } from "../transport.ts";
import { type Curve, figure } from "./flare-figure.ts";
import {
  type BenchClient,
  STRATEGIES,
  type Strategy,
  Testbed,
  whyNoBudgets,
} from "./flare-testbed.ts";

const ROOT: string = fileURLToPath(new URL("../../../../", import.meta.url));
/** What each of the five processors has of this machine, in cores. */
const CORES = 0.3;
const PROCESSORS = ["TANGO", "ALPHA", "BETA", "LAMBADA", "CHARLIE"] as const;

/** Table 1: clients, their objects, how often they call, and what of a processor that takes. */
interface Task {
  readonly client: string;
  readonly object: string;
  readonly perSecond: number;
  readonly load: number;
  /** Where the object is: the one in use, then its replicas. */
  readonly at: readonly string[];
  /** Begins later than the others. */
  readonly isDynamic: boolean;
}

const TASKS: readonly Task[] = [
  task("CL-1", "A", 10, 0.4, ["TANGO", "ALPHA", "LAMBADA"]),
  task("CL-2", "B", 5, 0.3, ["TANGO", "BETA", "CHARLIE"]),
  task("CL-3", "C", 2, 0.2, ["ALPHA"]),
  task("CL-4", "D", 1, 0.1, ["BETA"]),
  task("CL-5", "DY-1", 5, 0.5, ["LAMBADA"], true),
  task("CL-6", "DY-2", 10, 0.5, ["CHARLIE"], true),
];
/** Where the static strategy goes: the third, then the second. */
const STATIC_ORDER = [0, 2, 1] as const;
/** Nice values by the rate: the nearest to rate-monotonic priorities that a budget of CFS allows. */
const NICE: Readonly<Record<number, number>> = { 10: -20, 5: -10, 2: 0, 1: 10 };
/** What the paper says of response times and utilization after the fault. */
const PAPER: Readonly<Record<Strategy, string>> = {
  static: "CL-2 +40 %, CL-5 +90 %, CL-1 and CL-6 as before; LAMBADA 50 → 90 %, CHARLIE 50 → 80 %",
  reactive: "the same targets as the proactive one",
  proactive:
    "CL-2 -40 %, CL-3 +35 %, CL-4 +50 %, CL-1, CL-5 and CL-6 as before; no processor as busy as 90 %",
};

function task(
  client: string,
  object: string,
  perSecond: number,
  load: number,
  at: readonly string[],
  isDynamic = false,
): Task {
  return { client, object, perSecond, load, at, isDynamic };
}

/** Milliseconds of an experiment: the paper's 300 s, the dynamic clients from 50 s and the fault at 150 s, scaled. */
interface Times {
  readonly dynamicMs: number;
  readonly faultMs: number;
  readonly endMs: number;
}

const TIMES: Times = { dynamicMs: 5_000, faultMs: 15_000, endMs: 30_000 };
const QUICK_TIMES: Times = { dynamicMs: 2_000, faultMs: 5_000, endMs: 9_000 };
const LOOK_MS = 500;

/** A value and when it was, in milliseconds since the beginning. */
type Point = readonly [atMs: number, value: number];

interface Run {
  readonly strategy: Strategy;
  /** Response times in milliseconds, by client. */
  readonly responses: ReadonlyMap<string, readonly Point[]>;
  /** Shares, by processor. */
  readonly utilizations: ReadonlyMap<string, readonly Point[]>;
  readonly errors: readonly string[];
}

/** Section 3.2 of the paper: what load-aware targets are worth when a processor's servers fail. */
export async function experiment(
  transport: TransportName,
  isQuick: boolean,
  print: (line: string) => void,
): Promise<Row[]> {
  const why = await whyNoBudgets();
  if (why !== undefined) {
    print(`\ntable 1 is left out, for processors cannot be emulated: ${why}`);
    return [];
  }
  const times = isQuick ? QUICK_TIMES : TIMES;
  print(
    `\ntable 1 on five emulated processors: control groups of ${CORES} cores each, in periods of 10 ms. Duties are scaled to that, ` +
      `so that shares are the paper's; 300 s are ${times.endMs / 1_000}, priorities are nice values.`,
  );
  const runs: Run[] = [];
  for (const strategy of STRATEGIES) {
    const run = await perform(transport, strategy, times);
    runs.push(run);
    tell(run, times, print);
  }
  await mkdir(`${ROOT}build`, { recursive: true });
  await writeFile(`${ROOT}build/failover-flare.svg`, figure(runs.map(panelOf), times));
  print("build/failover-flare.svg is the paper's figure 3");
  return runs.flatMap(({ strategy, responses }) =>
    [...responses].map(([client, points]) => {
      const after = points.filter(([atMs]) => atMs > times.faultMs).map(([, ms]) => ms * 1_000);
      const block = blockOf(Float64Array.from(after), times.endMs * 1_000);
      return rowOf(`flare table 1, ${strategy}, ${client} after the fault`, [block], "p50");
    }),
  );
}

async function perform(transport: TransportName, strategy: Strategy, times: Times): Promise<Run> {
  await using bed = await Testbed.open(transport);
  for (const name of PROCESSORS) await bed.processor(name, CORES);
  const iors = new Map<string, string[]>();
  const servers: AsyncDisposable[] = [];
  try {
    for (const { name, tasks, nice } of processes()) {
      const [processor = ""] = name.split("/");
      const objects = tasks.map(({ object: id, load, perSecond }) => ({
        id,
        load,
        burnMs: (load / perSecond) * 1_000 * CORES,
      }));
      const server = await bed.server({ process: name, processor, objects }, { nice });
      servers.push(server);
      for (const [id, ior] of Object.entries(server.iors))
        iors.set(id, [...(iors.get(id) ?? []), ior]);
    }
    await using client = await bed.client(strategy);
    return await drive(bed, client, strategy, iors, times);
  } finally {
    for (const server of servers) await server[Symbol.asyncDispose]();
  }
}

/** A process for each replica, in the order in which they are registered; the objects of TANGO share one, which fails. */
function processes(): readonly { name: string; tasks: readonly Task[]; nice: number }[] {
  const first = TASKS.filter(({ at }) => at[0] === "TANGO");
  const others = [0, 1, 2].flatMap((n) =>
    TASKS.filter(({ at }) => at[n] !== undefined && at[n] !== "TANGO").map((each) => ({
      name: `${each.at[n]}/${each.object}-${n + 1}`,
      tasks: [each],
      nice: NICE[each.perSecond] ?? 0,
    })),
  );
  return [{ name: "TANGO/AB", tasks: first, nice: 0 }, ...others];
}

async function drive(
  bed: Testbed,
  client: BenchClient,
  strategy: Strategy,
  iors: ReadonlyMap<string, readonly string[]>,
  times: Times,
): Promise<Run> {
  const references = new Map<string, ObjectReference>();
  for (const { object } of TASKS) {
    const texts = iors.get(object) ?? [];
    const places = await Promise.all(texts.map((text) => client.to(text)));
    const [first] = places;
    if (first === undefined) throw new TypeError(`no replica of ${object}`);
    references.set(object, first);
    const order = STATIC_ORDER.flatMap((n) => places[n] ?? []);
    if (strategy === "static") client.table.set(object, { targets: order });
  }
  const responses = new Map<string, Point[]>(TASKS.map((each) => [each.client, []]));
  const utilizations = new Map<string, Point[]>();
  const errors: string[] = [];
  const begun = performance.now();
  const sinceMs = (): number => performance.now() - begun;
  for (const { name, look } of bed.processors.values()) {
    utilizations.set(name, []);
    look();
  }
  const looking = setInterval(() => {
    for (const { name, look } of bed.processors.values())
      utilizations.get(name)?.push([sinceMs(), look() ?? 0]);
  }, LOOK_MS);
  const loop = async ({ client: name, object, perSecond, isDynamic }: Task): Promise<void> => {
    const periodMs = 1_000 / perSecond;
    let hasFailed = false;
    for (let dueMs = isDynamic ? times.dynamicMs : 0; dueMs < times.endMs; dueMs += periodMs) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - sinceMs())));
      const reference = references.get(object);
      if (reference === undefined) return;
      const isFault: boolean = name === "CL-1" && !hasFailed && dueMs >= times.faultMs;
      hasFailed ||= isFault;
      const sentMs = sinceMs();
      try {
        await sample.echo(reference, isFault ? "crash TANGO/AB" : "x");
        responses.get(name)?.push([sentMs, sinceMs() - sentMs]);
      } catch (error) {
        errors.push(`${name}: ${String(error)}`);
      }
    }
  };
  await Promise.all(TASKS.map(loop));
  clearInterval(looking);
  return { strategy, responses, utilizations, errors };
}

/** The median between two moments; a while after the first, for things to settle. */
function between(points: readonly Point[], fromMs: number, toMs: number): number {
  const settledMs = fromMs + (toMs - fromMs) / 4;
  const values = points.filter(([at]) => at >= settledMs && at < toMs).map(([, value]) => value);
  return values.length === 0 ? Number.NaN : median(values);
}

function tell(
  { strategy, responses, utilizations, errors }: Run,
  times: Times,
  print: (line: string) => void,
): void {
  print(`\n${strategy}: response times in ms, and utilizations, before the fault and after it`);
  const { dynamicMs, faultMs, endMs } = times;
  for (const [name, points] of responses) {
    const [before, after] = [between(points, dynamicMs, faultMs), between(points, faultMs, endMs)];
    const change = Math.round((after / before - 1) * 100);
    print(
      `  ${name}  ${before.toFixed(0).padStart(5)} → ${after.toFixed(0).padStart(5)}  (${change >= 0 ? "+" : ""}${change} %)`,
    );
  }
  const percent = (share: number): string => `${Math.round(share * 100)}`;
  const all = [...utilizations].map(
    ([name, points]) =>
      `${name} ${percent(between(points, dynamicMs, faultMs))} → ${percent(between(points, faultMs, endMs))} %`,
  );
  print(`  ${all.join(", ")}`);
  print(`  the paper: ${PAPER[strategy]}`);
  print(errors.length === 0 ? "  no call failed" : `  calls that failed: ${errors.join("; ")}`);
}

function panelOf({ strategy, responses, utilizations }: Run): {
  readonly title: string;
  readonly responses: readonly Curve[];
  readonly utilizations: readonly Curve[];
} {
  const curves = (all: ReadonlyMap<string, readonly Point[]>): readonly Curve[] =>
    [...all].map(([name, points]) => ({ name, points }));
  return { title: strategy, responses: curves(responses), utilizations: curves(utilizations) };
}
