import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import type { Pace } from "./rounds.ts";
import { type TransportName, transportName } from "./transport.ts";

/** Where processes run: pinned to one core, or left to the system. */
export interface Place {
  readonly place: string;
  readonly core?: number;
}

export interface BenchOptions {
  readonly bench: string;
  readonly json: string | undefined;
  readonly pace: Pace;
  readonly places: readonly Place[];
  /** Also what takes ten minutes: the fuzzing of the IDL compiler. */
  readonly isLong: boolean;
  readonly isQuick: boolean;
  /** Of the soak. */
  readonly minutes: number | undefined;
  /** Of the overlay: on virtual time, and how many peers. */
  readonly isSimulated: boolean;
  readonly peers: number | undefined;
  /** Of the lanes and of Stheno's part of the fail-overs: how often everything is measured. */
  readonly runs: number;
  /** Of Stheno's part: only with so many replicas beside the primary, and only at these loads, percent. */
  readonly replicas: readonly number[] | undefined;
  readonly loads: readonly number[] | undefined;
  /** Whose logs must have an update before the reply. */
  readonly ack: "all" | "quorum";
  /** Of MEAD's and FLARe's part; undefined: the reactor where the addon is there. */
  readonly transport: TransportName | undefined;
  /** Of the fuzzing: how many. */
  readonly messages: number | undefined;
  /** Where the randomness of fuzzing and soak begins. */
  readonly seed: number | undefined;
  /** Part of the names of the loads to run. */
  readonly only: string;
}

/** The paper's. */
const MOST_REPLICAS = 4;
const MOST_LOAD = 95;

export const USAGE: string = `usage: npm run bench -- NAME [--json FILE] [--seconds S] [--blocks N] [--quick]
                             [--place one-core|unpinned] [--only TEXT] [--long]
                             [--minutes N] [--runs N] [--messages N] [--seed N]
                             [--sim] [--peers N] [--replicas N,N…] [--load P,P…]
                             [--ack all|quorum] [--transport net|reactor]

  --json FILE    write the result as JSON too
  --seconds S    length of one block (default 0.5); blocks of the contenders take turns
  --blocks N     blocks of each contender (default 7)
  --quick        3 blocks of 0.15 s: shows that it works, measures little
  --place P      pinned to one core (both processes) or left to the system (default: both)
  --long         idlc: also ten minutes of wrong and absurd IDL, which must not crash it or keep it busy
  --minutes N    soak: how long (default 1, with --quick 9 s); sla (default 5, with --quick 30 s)
  --runs N       lanes, failover's stheno: everything so often (default 1); with --quick at few loads
  --replicas N…  failover's stheno: only with so many, 0 to 4 (default: each; with --quick 4)
  --load P…      failover's stheno: only at these percentages, 0 to 95 (default: each 5; with --quick 0 and 95)
  --ack WHOSE    failover's stheno: replies when all replicas have the update, or a majority (default)
  --transport T  failover's mead and flare: node:net or the native reactor (default, where the addon is built)
  --messages N   fuzz: how many (default 100,000, with --quick 5,000); reactor-leak: requests (1,000,000, 50,000)
  --seed N       fuzz: the same messages again; soak: the same order of checks; overlay: the same run
  --sim          overlay: on virtual time, in this process
  --peers N      overlay: how many (default 18 processes; simulated 5,000, with --quick 200)
  --only TEXT    only the loads (overlay: parts: rest, resolve, faults) whose name contains TEXT`;

/** @throws TypeError that says what is allowed */
export function parseOptions(args: readonly string[]): BenchOptions | "help" {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h" },
      json: { type: "string" },
      seconds: { type: "string" },
      blocks: { type: "string" },
      quick: { type: "boolean" },
      place: { type: "string" },
      long: { type: "boolean" },
      only: { type: "string" },
      minutes: { type: "string" },
      runs: { type: "string" },
      sim: { type: "boolean" },
      peers: { type: "string" },
      replicas: { type: "string" },
      load: { type: "string" },
      ack: { type: "string" },
      transport: { type: "string" },
      messages: { type: "string" },
      seed: { type: "string" },
    },
  });
  const [bench, ...others] = positionals;
  if (values.help === true || bench === undefined) return "help";
  if (others.length > 0) throw new TypeError(`one bench at a time, not also "${others.join(" ")}"`);
  const quick = values.quick === true;
  const seconds = positive("--seconds", values.seconds ?? (quick ? "0.15" : "0.5"));
  return {
    bench,
    json: values.json,
    pace: {
      blocks: Math.ceil(positive("--blocks", values.blocks ?? (quick ? "3" : "7"))),
      blockMs: seconds * 1_000,
      warmUpMs: quick ? 300 : 1_000,
      warmUpCalls: quick ? 2_000 : 5_000,
    },
    places: placesOf(values.place),
    isLong: values.long === true,
    isQuick: quick,
    minutes: optional("--minutes", values.minutes),
    isSimulated: values.sim === true,
    peers: optional("--peers", values.peers),
    runs: Math.ceil(positive("--runs", values.runs ?? "1")),
    replicas: numbers("--replicas", values.replicas, MOST_REPLICAS),
    ack: ackOf(values.ack),
    loads: numbers("--load", values.load, MOST_LOAD),
    transport: values.transport === undefined ? undefined : transportName(values.transport),
    messages: optional("--messages", values.messages),
    seed: optional("--seed", values.seed),
    only: values.only ?? "",
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new TypeError(`${name} takes a number above 0, not "${text}"`);
  return value;
}

function optional(name: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : positive(name, text);
}

function ackOf(chosen = "quorum"): "all" | "quorum" {
  if (chosen === "all" || chosen === "quorum") return chosen;
  throw new TypeError(`--ack takes all or quorum, not "${chosen}"`);
}

function numbers(
  name: string,
  text: string | undefined,
  most: number,
): readonly number[] | undefined {
  if (text === undefined) return undefined;
  const parts = text.split(",");
  if (parts.some((part) => !/^\d+$/.test(part) || Number(part) > most))
    throw new TypeError(
      `${name} takes whole numbers from 0 to ${most} with commas between, not "${text}"`,
    );
  return [...new Set(parts.map(Number))];
}

function placesOf(chosen: string | undefined): readonly Place[] {
  // The last core: the first one serves most interrupts.
  const pinned: Place = { place: "one core", core: availableParallelism() - 1 };
  const free: Place = { place: "unpinned" };
  if (chosen === "one-core") return [pinned];
  if (chosen === "unpinned") return [free];
  if (chosen !== undefined)
    throw new TypeError(`--place takes one-core or unpinned, not "${chosen}"`);
  return canPin() ? [pinned, free] : [free];
}

function canPin(): boolean {
  try {
    execFileSync("taskset", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
