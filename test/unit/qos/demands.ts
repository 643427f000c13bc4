import type { Holdings, Host } from "../../../services/admission/index.ts";
import { type Qos, shareOf } from "../../../services/admission/index.ts";

/** The paper's machine: four cores, one for the system. */
export const HOST: Host = {
  partitions: [
    {
      name: "system",
      cores: [0],
      use: "system",
      realtime: { runtime_us: 0, period_us: 0 },
      memoryOctets: undefined,
    },
    {
      name: "runtimes",
      cores: [1, 2, 3],
      use: "runtimes",
      realtime: { runtime_us: 900_000, period_us: 1_000_000 },
      memoryOctets: 8_000_000_000,
    },
  ],
  deadlineShare: shareOf(9, 10),
  canLimitMemory: true,
  canWeighDisks: true,
};

export const EMPTY: Holdings = { host: HOST, runtimes: new Map() };

/** A demand with what differs from "nothing". */
export function runtime(name: string, demand: Partial<Qos.RuntimeDemand> = {}): Qos.RuntimeDemand {
  return {
    name,
    partition: "",
    process_id: 4_711,
    cpu_percent: 0,
    realtime: { runtime_us: 0, period_us: 0 },
    own_cores: 0,
    memory_octets: 0n,
    io_weight: 0,
    ...demand,
  };
}

export function lane(name: string, demand: Partial<Qos.LaneDemand> = {}): Qos.LaneDemand {
  return {
    name,
    where: "PART_SERVICE",
    sched: "SCHED_OTHER",
    priority: 0,
    cpu_percent: 0,
    realtime: { runtime_us: 0, period_us: 0 },
    edf: { runtime_ns: 0n, deadline_ns: 0n, period_ns: 0n },
    own_cores: 0,
    does: { period_us: 0, execution_us: 0, deadline_us: 0 },
    ...demand,
  };
}

export function fifo(
  name: string,
  priority: number,
  realtime: Qos.CpuTime,
  more: Partial<Qos.LaneDemand> = {},
): Qos.LaneDemand {
  return lane(name, { sched: "SCHED_FIFO", priority, realtime, ...more });
}
