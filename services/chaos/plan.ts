import { seededRandom } from "../../orb/base/index.ts";
import { type Fault, type FaultKind, LINK_FAULTS, PROCESS_FAULTS } from "./faults.ts";

/** What is to happen, of which everything else follows. */
export interface PlanOptions {
  /** The same seed gives the same plan for the same other options. */
  readonly seed: number;
  /** Milliseconds until the last fault begins, and between two in the mean. */
  readonly forMs: number;
  readonly everyMs: number;
  /** Kinds that may happen. */
  readonly faults: readonly FaultKind[];
  /** How many processes and links there are to be harmed. */
  readonly processes: number;
  readonly links: number;
}

/** One fault to come. */
export interface Planned {
  /** Milliseconds since the beginning. */
  readonly atMs: number;
  /** Which of the processes, or of the links; from 0 on. */
  readonly target: number;
  readonly fault: Fault;
}

const SHORTEST_MS = 50;
const LONGEST_MS = 3_000;
const LEAST_PERCENT = 20;
const MOST_PERCENT = 95;
const LONGEST_DELAY_MS = 500;

/** @throws RangeError where nothing could happen, or without an end */
export function planOf({
  seed,
  forMs,
  everyMs,
  faults,
  processes,
  links,
}: PlanOptions): readonly Planned[] {
  if (!(everyMs >= 1)) throw new RangeError(`every ${everyMs} ms: 1 at least is needed`);
  const possible = faults.filter((kind) =>
    PROCESS_FAULTS.includes(kind) ? processes > 0 : LINK_FAULTS.includes(kind) && links > 0,
  );
  if (possible.length === 0)
    throw new RangeError(`none of ${faults.join(", ")} can be done to what is given`);
  const random = seededRandom(seed);
  const between = (least: number, most: number): number =>
    Math.round(least + random.number() * (most - least));
  const longestMs = Math.max(SHORTEST_MS, Math.min(LONGEST_MS, everyMs));
  const planned: Planned[] = [];
  for (let atMs = between(0, everyMs); atMs <= forMs; ) {
    const kind = possible[between(0, possible.length - 1)] as FaultKind;
    const count = PROCESS_FAULTS.includes(kind) ? processes : links;
    const target = between(0, count - 1);
    const ms = between(SHORTEST_MS, longestMs);
    planned.push({ atMs, target, fault: faultOf(kind, ms, between) });
    atMs += Math.max(1, between(everyMs / 2, everyMs * 1.5));
  }
  return planned;
}

function faultOf(
  kind: FaultKind,
  ms: number,
  between: (least: number, most: number) => number,
): Fault {
  switch (kind) {
    case "crash":
    case "cut":
      return { kind };
    case "slow":
      return { kind, ms, percent: between(LEAST_PERCENT, MOST_PERCENT) };
    case "delay":
      return { kind, ms, delayMs: between(1, LONGEST_DELAY_MS) };
    case "freeze":
    case "hold":
    case "refuse":
      return { kind, ms };
  }
}
