import type {
  LaneAdapter,
  LaneEndpoint,
  LaneManager,
  ModuleExport,
  ModuleServant,
  OrbConfig,
  Scheduling,
} from "../../orb/index.ts";

import type { Team } from "./desk.ts";
import type { PeerLine, Seat } from "./peer.ts";

/** What a lane's thread is told when it is made: its `workerData`. */
export interface LaneBirth {
  /** Of the lane, as people know it. */
  readonly lane: string;
  /** Position of the thread in its lane, from 0. */
  readonly thread: number;
  /** The octets in transient keys that all ORBs of the process share. */
  readonly instance: Uint8Array;
  /** Limits, deadlines and initial references, as the main thread's ORB has them. */
  readonly orb: OrbConfig;
  /** `-ORB…` arguments of the program. */
  readonly arguments: readonly string[];
  /** Export ORBInitializers, or functions that return one. */
  readonly initializers: readonly ModuleExport[];
  /** Named mutexes of the process. */
  readonly mutexMemory: SharedArrayBuffer | undefined;
  /** Microseconds to look for octets before sleeping, where the machine can. */
  readonly spinUs: number;
  /** Whether the main thread takes what is measured here. */
  readonly isMeasured: boolean;
}

/** Where a thread is to run, and how. */
export interface PlacementWish {
  /** For `ps` and `top`. */
  readonly threadName: string;
  readonly scheduling: Scheduling;
  /** Empty: any. */
  readonly cores: readonly number[];
  readonly timerSlackNs: number;
}

/** A wish that was not granted. */
export interface Refusal {
  /** `SCHED_FIFO 37`, `core 1`. */
  readonly what: string;
  /** What is missing, and how it is got: for people. */
  readonly why: string;
}

/** Where a thread runs, as the system says it. */
export interface Placement {
  /** The kernel's; undefined where it cannot be asked. */
  readonly threadId: number | undefined;
  readonly scheduling: Scheduling | undefined;
  /** Empty: unknown. */
  readonly cores: readonly number[];
  readonly refused: readonly Refusal[];
}

/** How a thread opens its endpoint. */
export interface Opening {
  /** Empty for a thread that is given its requests by others. */
  readonly listen: readonly string[];
  readonly publish: readonly string[];
  /** Whether several threads listen there, and the system spreads connections over them. */
  readonly sharesPort: boolean;
  /** Calls to itself before it is ready: a cold thread's first ones take milliseconds. */
  readonly warmUpCalls: number;
  /** And afterwards while nobody else calls: so often a second. */
  readonly rehearsalsPerSecond: number;
}

/** Where an opened thread is reached. */
export interface Opened {
  /** Listened on; undefined where nothing is. */
  readonly listening: LaneEndpoint | undefined;
  /** What references name. */
  readonly published: LaneEndpoint | undefined;
}

/** What the main thread asks of a lane's thread. */
export interface LaneControl {
  /** Takes its name, and tells the kernel's number of the thread. */
  name(threadName: string): number | undefined;
  place(wish: PlacementWish): Placement;
  /** To which pool it belongs; before `open`. */
  join(team: Team): void;
  open(opening: Opening): Promise<Opened>;
  /** Another thread of the pool is there: requests may be handed to it, and come from it. */
  link(line: PeerLine): void;
  /** It is gone. */
  unlink(seat: Seat): void;
  createAdapter(adapter: LaneAdapter): Promise<void>;
  destroyAdapter(path: readonly string[]): Promise<void>;
  /** @returns the repository id of its most derived interface */
  activate(path: readonly string[], objectId: Uint8Array, servant: ModuleServant): Promise<string>;
  deactivate(path: readonly string[], objectId: Uint8Array): void;
  /** An object has a priority of its own; undefined: it has none any more. */
  assign(path: readonly string[], objectId: Uint8Array, priority: number | undefined): void;
  /** A manager that adapters here have is in another state; one that none has means nothing. */
  manage(manager: LaneManager): Promise<void>;
  /** Answers when no request of the manager runs here, or it is in another state. */
  completion(managerId: string): Promise<void>;
  /** Tells now what was measured; the answer comes behind that. */
  measure(): void;
  /** What changes priorities from now on. */
  transform(by: ModuleServant | undefined): Promise<void>;
  /** Answers what it has read, within `timeoutMs`, and ends. */
  close(timeoutMs: number): Promise<void>;
}

/** What one metric of a thread measured since it told the last time, for one set of labels. */
export interface MeasuredSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** By how much a counter grew, or a gauge changed; of a histogram: the sum. */
  readonly value: number;
  /** Of a histogram, by range; what is above all bounds last. */
  readonly counts: readonly number[];
}

/** A metric of the port `Metrics`, with what changed. */
export interface MeasuredMetric {
  readonly kind: "counter" | "gauge" | "histogram";
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** Of a histogram. */
  readonly bounds: readonly number[];
  readonly series: readonly MeasuredSeries[];
}

/** What a thread measured since it told the last time. */
export interface LaneTally {
  readonly measured: readonly MeasuredMetric[];
}

/** Says that all threads of the lane are busy. */
export interface LaneBusy {
  readonly allBusy: true;
}

export function isBusy(message: unknown): message is LaneBusy {
  return typeof message === "object" && message !== null && "allBusy" in message;
}

export function isTally(message: unknown): message is LaneTally {
  return typeof message === "object" && message !== null && "measured" in message;
}

/** A log line of a lane's thread. */
export interface LaneLogLine {
  readonly log: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function isLogLine(message: unknown): message is LaneLogLine {
  return typeof message === "object" && message !== null && "log" in message;
}
