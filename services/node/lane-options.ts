import type { LaneConfig } from "../lanes/index.ts";
import {
  describe,
  integer,
  isTable,
  oneOf,
  type Options,
  saying,
  truth,
  unknownKey,
} from "../settings/index.ts";
import { LISTEN, MESSAGE_OCTETS } from "./orb-options.ts";

const MOST_PRIORITY = 32_767;
const MOST_THREADS = 64;
const MOST_CORE = 1_023;
const MOST_US = 1_000_000_000;
const MOST_SPIN_US = 1_000;
const MOST_MB = 65_536;
/** Timers count milliseconds. */
const MOST_REHEARSALS = 1_000;
const MOST_BUFFERED = 1_000_000;

/** Every key of `[lanes.NAME]`. */
export const LANE_OPTIONS: Options<LaneConfig> = {
  priority: {
    check: integer(0, MOST_PRIORITY),
    unit: "CORBA priority",
    otherwise: "needed",
    means: "tells which lane of a pool made by a program is meant, too",
  },
  threads: {
    check: integer(1, MOST_THREADS),
    unit: "threads",
    standard: 1,
    means: "made at once",
  },
  dynamicThreads: {
    check: integer(0, MOST_THREADS),
    unit: "threads",
    standard: 0,
    means: "made when all are busy",
  },
  scheduling: {
    check: oneOf(["fifo", "rr", "deadline", "other"]),
    standard: "fifo",
    means: "how the kernel schedules the threads",
  },
  reserve: {
    check: saying("{ core = N, awake = true }", (value, fail) => {
      if (!isTable(value))
        return fail(`a table like { core = 1 } is needed, not ${describe(value)}`);
      const core = integer(0, MOST_CORE)(value["core"], (what) => fail(`core: ${what}`));
      const more = Object.keys(value).find((key) => key !== "core" && key !== "awake");
      if (more !== undefined) return fail(unknownKey(more, ["core", "awake"]));
      if (value["awake"] === undefined) return { core };
      return { core, awake: truth(value["awake"], (what) => fail(`awake: ${what}`)) };
    }),
    otherwise: "none",
    means: "the core that the threads run on; awake: it does not sleep meanwhile",
  },
  runtimeUs: {
    check: integer(1, MOST_US),
    unit: "µs",
    otherwise: "needed for deadline",
    means: "processor in every period",
  },
  periodUs: {
    check: integer(1, MOST_US),
    unit: "µs",
    otherwise: "needed for deadline",
    means: "the period",
  },
  deadlineUs: {
    check: integer(1, MOST_US),
    unit: "µs",
    otherwise: "the period",
    means: "for deadline: within this of its start",
  },
  maxConcurrent: {
    check: integer(1, MOST_BUFFERED),
    unit: "upcalls",
    standard: 100,
    means: "that one thread interleaves",
  },
  maxBufferedRequests: {
    check: integer(0, MOST_BUFFERED),
    unit: "requests",
    otherwise: "the pool's",
    means: "kept while no thread is free; more get TRANSIENT",
  },
  maxBufferedOctets: {
    check: integer(0, MESSAGE_OCTETS.most),
    unit: "octets",
    otherwise: "the pool's",
    means: "that those may hold",
  },
  youngGenerationMb: {
    check: integer(1, MOST_MB),
    unit: "MB",
    otherwise: "3 where scheduling is real-time, else Node's",
    means: "of each thread's heap, where new objects live",
  },
  oldGenerationMb: {
    check: integer(1, MOST_MB),
    unit: "MB",
    otherwise: "Node's",
    means: "of each thread's heap, where those live that survived",
  },
  listen: {
    check: saying("`iiop://HOST:PORT`", (value, fail) =>
      typeof value === "string" && value.startsWith("iiop://") && LISTEN.test(value)
        ? value
        : fail(`"iiop://127.0.0.1:2811" is the form, not ${describe(value)}`),
    ),
    otherwise: "a free port of the ORB's first host",
    means: "where the lane listens",
  },
  warmUpCalls: {
    check: integer(0, MOST_BUFFERED),
    unit: "calls",
    standard: 2_000,
    means: "that each thread makes to itself before it is ready",
  },
  rehearsalsPerSecond: {
    check: integer(0, MOST_REHEARSALS),
    unit: "calls/s",
    otherwise: "1000 where scheduling is real-time and a core reserved, else 0",
    means: "that each thread makes to itself while nobody else calls, so that it stays warm",
  },
  spinUs: {
    check: integer(0, MOST_SPIN_US),
    unit: "µs",
    standard: 0,
    means: "how long a thread looks for octets before it sleeps; for a lane with a core of its own",
  },
};
