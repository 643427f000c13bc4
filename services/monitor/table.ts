import type { Clock, Logger } from "../../orb/base/index.ts";
import type { ORB } from "../../orb/index.ts";
import {
  type Check,
  integer,
  listOf,
  type Options,
  saying,
  text,
  truth,
} from "../settings/index.ts";
import * as Monitor from "./gen/Monitor.ts";
import { DEFAULT_LIFE_SOCKET } from "./life.ts";
import { MOST_OBSERVERS, type ResourceMonitor, startMonitor } from "./service.ts";
import { groupUtilization } from "./utilization.ts";

const LEAST_MS = 10;
const LONGEST_MS = 3_600_000;
const PERCENT = 100;

/** `[monitor]`: the resource monitor of the host, run by a peer. */
export interface MonitorTable {
  readonly enabled: boolean;
  readonly managers: readonly string[];
  readonly processor?: string;
  readonly socket: string;
  readonly cgroup?: string;
  readonly sampleMs: number;
  readonly reportMs: number;
  readonly thresholdPercent: number;
}

const reference: Check<string> = text(
  "`IOR:…` or `corbaloc:…`",
  /^(?:IOR:[0-9A-Fa-f]+|corbaloc:\S+)$/,
  "corbaloc::10.0.0.1:2811/ReplicationManager",
);
const references: Check<readonly string[]> = saying(
  `array of: ${reference.allows}; ${MOST_OBSERVERS} at most`,
  (value, fail) => {
    const read = listOf(reference)(value, fail);
    return read.length <= MOST_OBSERVERS
      ? read
      : fail(`${MOST_OBSERVERS} managers at most are told, not ${read.length}`);
  },
);

export const MONITOR_OPTIONS: Options<MonitorTable> = {
  enabled: {
    check: truth,
    standard: false,
    means: "whether this peer is the resource monitor of its host; one is enough",
  },
  managers: {
    check: references,
    standard: [],
    means:
      "who is told: [replication managers](redirection.md), or any `Monitor::Observer`; a group of managers by one reference with all their addresses",
  },
  processor: {
    check: text("text; 200 characters at most", /^[^]{1,200}$/, "host-1"),
    otherwise: "the host's name",
    means: "what reports call it: that with which servers register",
  },
  socket: {
    check: text("path", /^.+$/, DEFAULT_LIFE_SOCKET),
    standard: DEFAULT_LIFE_SOCKET,
    means: "where processes of the host show that they live",
  },
  cgroup: {
    check: text("path", /^.+$/, "orbweaver/lanes"),
    otherwise: "the machine",
    means: "a control group that is watched in its place: its processor time over its quota",
  },
  sampleMs: {
    check: integer(LEAST_MS, LONGEST_MS),
    unit: "ms",
    standard: 250,
    means: "between two looks at the processor",
  },
  reportMs: {
    check: integer(LEAST_MS, LONGEST_MS),
    unit: "ms",
    standard: 1_000,
    means: "between two reports; a process that dies is told of at once",
  },
  thresholdPercent: {
    check: integer(1, PERCENT),
    unit: "%",
    standard: 80,
    means: "a utilization above this is told at once, too",
  },
};

/** Starts the monitor that a table describes. @throws MonitorError */
export async function monitorOf(
  orb: ORB,
  { managers, processor, socket, cgroup, sampleMs, reportMs, thresholdPercent }: MonitorTable,
  clock: Clock,
  logger: Logger,
): Promise<ResourceMonitor> {
  const observers: Monitor.Observer[] = [];
  for (const each of managers) {
    const observer = Monitor.Observer.uncheckedNarrow(await orb.string_to_object(each));
    if (observer !== null) observers.push(observer);
  }
  return await startMonitor({
    orb,
    clock,
    logger,
    observers,
    socket,
    sampleMs,
    reportMs,
    threshold: thresholdPercent / PERCENT,
    ...(processor === undefined ? {} : { processor }),
    ...(cgroup === undefined ? {} : { source: groupUtilization(cgroup) }),
  });
}
