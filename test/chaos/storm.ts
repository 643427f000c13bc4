import type { ReplicationOptions } from "../../orb/index.ts";
import { ORB_init } from "../../orb/index.ts";
import { Bank } from "../support/bank/index.ts";
import { randomFrom } from "./dice.ts";
import { type Call, faultsOf } from "./history.ts";
import { type Fault, Replicas } from "./replicas.ts";
import { startWriters, type Writer } from "./writers.ts";

export interface StormOptions {
  readonly seed: number;
  /** How long faults are made. */
  readonly forMs: number;
  readonly policy: ReplicationOptions;
  readonly say?: (line: string) => void;
}

/** What came of it. */
export interface Aftermath {
  readonly calls: readonly Call[];
  readonly faults: readonly Fault[];
  /** How many calls of each writer ended how. */
  readonly ends: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The longest that a writer waited for an acknowledged call, milliseconds. */
  readonly longestMs: Readonly<Record<string, number>>;
  /** What is wrong with the books; empty: nothing. */
  readonly wrong: readonly string[];
}

const SITES: readonly string[] = ["a", "b", "c"];
const FAULTS: readonly Fault["what"][] = ["kill", "freeze", "cut"];
const READ_MS = 20_000;
/** Lines that one call gives. */
const PAGE = 1_000;
const DIGEST_EVERY = 50;

/**
 * Writers add and transfer while replicas are killed, frozen and cut off by the lot that `seed` draws, one at a time and
 * each until the group is whole again; then the books are compared with what the writers were told.
 */
export async function storm(options: StormOptions): Promise<Aftermath> {
  const { seed, policy, say = () => undefined } = options;
  await using replicas = await Replicas.start(SITES, { policy, digestEvery: digests(policy) });
  const writers = await startWriters(replicas, seed);
  try {
    const faults = await hurt(replicas, options, say);
    const calls = (await Promise.all(writers.map((writer) => writer.end()))).flat();
    await replicas.whole();
    const wrong = [...faultsOf(calls, await booksOf(replicas)), ...divergences(replicas)];
    return { calls, faults, ends: endsOf(calls), longestMs: longestOf(calls), wrong };
  } finally {
    await Promise.all(writers.map((writer: Writer) => writer[Symbol.asyncDispose]()));
  }
}

/** Only where all execute there is something to compare. */
function digests({ style = "semi-active" }: ReplicationOptions): number {
  return style === "active" || style === "semi-active" ? DIGEST_EVERY : 0;
}

async function hurt(
  replicas: Replicas,
  { seed, forMs }: StormOptions,
  say: (line: string) => void,
): Promise<readonly Fault[]> {
  const dice = randomFrom(seed);
  const faults: Fault[] = [];
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs) {
    await wait(100 + dice(600));
    // The primary as often as all others together.
    const other = SITES[dice(SITES.length)] ?? "a";
    const site = dice(2) === 0 ? (replicas.primary?.site ?? other) : other;
    const what = FAULTS[dice(FAULTS.length)] ?? "kill";
    const hurtMs = 50 + dice(what === "kill" ? 500 : 2_500);
    say(`${what} ${site} for ${hurtMs} ms`);
    faults.push({ site, what });
    const startMs = performance.now();
    await replicas.hurt({ site, what }, hurtMs);
    await replicas.whole();
    say(`  whole ${Math.round(performance.now() - startMs - hurtMs)} ms later`);
  }
  return faults;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** All that stands in the books. */
async function booksOf(replicas: Replicas): Promise<readonly string[]> {
  const orb = await ORB_init([], { config: { orb: { listen: [], deadlineMs: READ_MS } } });
  try {
    const books = Bank.Books.uncheckedNarrow(
      await orb.string_to_object(replicas.primary?.reference ?? ""),
    );
    const lines: string[] = [];
    for (;;) {
      const page = (await books?.lines(lines.length + 1)) ?? [];
      lines.push(...page);
      if (page.length < PAGE) return lines;
    }
  } finally {
    await orb.destroy();
  }
}

function divergences(replicas: Replicas): readonly string[] {
  return replicas.all.flatMap(({ site, divergence }) =>
    divergence === undefined ? [] : [`${site} saw another state: ${divergence}`],
  );
}

function endsOf(calls: readonly Call[]): Aftermath["ends"] {
  const ends: Record<string, Record<string, number>> = {};
  for (const { writer, end } of calls) {
    const how = "why" in end ? `${end.how} ${end.why}` : end.how;
    const own = (ends[writer] ??= {});
    own[how] = (own[how] ?? 0) + 1;
  }
  return ends;
}

function longestOf(calls: readonly Call[]): Aftermath["longestMs"] {
  const longest: Record<string, number> = {};
  for (const { writer, end, beganMs, endedMs } of calls)
    if (!("why" in end))
      longest[writer] = Math.round(Math.max(longest[writer] ?? 0, endedMs - beganMs));
  return longest;
}
