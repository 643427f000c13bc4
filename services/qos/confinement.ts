import {
  type BorrowedSettings,
  type ControlGroup,
  ControlGroupError,
  type ControlGroups,
  type CoresToClear,
  keepGroupsOff,
  keepInterruptsOff,
  type KeptOff,
} from "../../native/index.ts";
import type { Logger } from "../../orb/index.ts";
import type { QosdConfig } from "./config.ts";
import type { Processes } from "./processes.ts";

/** Looks at the threads there are: each look finds those that were started during the one before. */
const MOST_LOOKS = 10;
/** Names in one line of the log; more are counted. */
const MOST_NAMED = 8;

/** What became of the threads that ran already. */
export interface Confined {
  readonly moved: number;
  /** Threads of the kernel that are bound to a core: they stay, and have work only where somebody makes it. */
  readonly bound: number;
  /** Others that could not be moved. */
  readonly stayed: readonly { readonly id: number; readonly reason: string }[];
}

type Outcome = "moved" | "ended" | "bound" | { readonly reason: string };

/**
 * Moves everything from one group of cores to another, except threads of the kernel that are off the cores anyhow.
 * Threads are moved one by one, since others of their process may have been placed elsewhere; version 2 moves
 * processes.
 */
export function moveAll(
  from: ControlGroup,
  to: ControlGroup,
  {
    version,
    processes,
    off,
  }: {
    readonly version: 1 | 2;
    readonly processes: Processes;
    /** The cores that they are to be off. */
    readonly off: readonly number[];
  },
): Confined {
  const refused = new Map<number, Outcome>();
  let moved = 0;
  for (let look = 0; look < MOST_LOOKS; look++) {
    // A thread outside this one's namespace of ids is shown as 0, which would mean this one.
    const there = (version === 1 ? from.threads() : from.processes()).filter(
      (id) => id > 0 && !refused.has(id),
    );
    if (there.length === 0) break;
    for (const id of there) {
      const outcome = moveOne(to, id, version, processes, off);
      if (outcome === "moved") moved++;
      else refused.set(id, outcome);
    }
  }
  const outcomes = [...refused];
  return {
    moved,
    bound: outcomes.filter(([, outcome]) => outcome === "bound").length,
    stayed: outcomes.flatMap(([id, outcome]) =>
      typeof outcome === "string" ? [] : [{ id, reason: outcome.reason }],
    ),
  };
}

function moveOne(
  to: ControlGroup,
  id: number,
  version: 1 | 2,
  processes: Processes,
  off: readonly number[],
): Outcome {
  const isKernel = processes.isKernel(id);
  if (isKernel && !processes.coresOf(id).some((core) => off.includes(core))) return "bound";
  try {
    if (version === 1) to.addThread(id);
    else to.addProcess(id);
    return "moved";
  } catch (thrown) {
    if (!(thrown instanceof ControlGroupError)) throw thrown;
    if (thrown.code === "ESRCH") return "ended";
    if (isKernel && thrown.code === "EINVAL") return "bound";
    return { reason: thrown.code };
  }
}

function named(all: readonly string[]): string {
  const rest = all.length - MOST_NAMED;
  return [...all.slice(0, MOST_NAMED), ...(rest > 0 ? [`${rest} more`] : [])].join("; ");
}

/**
 * Keeps what else runs on the host off the cores of lanes: interrupts, the kernel's work, groups of others, and
 * whatever is in no group. All settings are borrowed, and all threads return when the groups are removed.
 */
export class Confinement {
  readonly #settings: BorrowedSettings;
  readonly #groups: ControlGroups;
  readonly #own: string;
  readonly #clear: CoresToClear;
  readonly #log: Logger;

  constructor(
    settings: BorrowedSettings,
    groups: ControlGroups,
    { partitions, group }: Pick<QosdConfig, "group" | "partitions">,
    log: Logger,
  ) {
    this.#settings = settings;
    this.#groups = groups;
    this.#own = group;
    const coresOf = (use: string): readonly number[] =>
      partitions.filter((each) => each.use === use).flatMap(({ cores }) => cores);
    const others = coresOf("system");
    // A small machine has cores that are both.
    this.#clear = { others, cores: coresOf("runtimes").filter((core) => !others.includes(core)) };
    this.#log = log;
  }

  /** Interrupts and groups of others. They must be off before a group of version 1 may have cores for itself. */
  settings(): void {
    const { cores } = this.#clear;
    const interrupts = keepInterruptsOff(this.#settings, this.#clear);
    this.#tell("interrupts", interrupts);
    this.#tell("groups of others", keepGroupsOff(this.#settings, this.#groups, this.#own, cores));
  }

  /** @param move moves the threads, off these cores */
  async threads(move: (off: readonly number[]) => Promise<Confined>): Promise<void> {
    const { moved, bound, stayed } = await move(this.#clear.cores);
    this.#log.info("what runs is kept off the cores of lanes", { moved, boundByKernel: bound });
    if (stayed.length === 0) return;
    this.#log.warn("threads stay on the cores of lanes", {
      count: stayed.length,
      threads: named(stayed.map(({ id, reason }) => `${id}: ${reason}`)),
    });
  }

  #tell(what: string, { changed, left }: KeptOff): void {
    this.#log.info(`${what} are kept off the cores of lanes`, { changed });
    if (left.length === 0) return;
    this.#log.warn(`${what} stay on the cores of lanes`, {
      count: left.length,
      which: named(left.map((each) => `${each.what}: ${each.reason}`)),
    });
  }
}
