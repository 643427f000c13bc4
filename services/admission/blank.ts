import type { Qos } from "./qos.ts";

const NO_TIME: Qos.CpuTime = { runtime_us: 0, period_us: 0 };

/** A demand of a runtime that asks for nothing but what is given here. */
export function runtimeDemand(
  demand: Partial<Qos.RuntimeDemand> & Pick<Qos.RuntimeDemand, "name">,
): Qos.RuntimeDemand {
  return {
    partition: "",
    process_id: process.pid,
    cpu_percent: 0,
    realtime: NO_TIME,
    own_cores: 0,
    memory_octets: 0n,
    io_weight: 0,
    ...demand,
  };
}

/** A demand of a service lane under SCHED_OTHER that asks for nothing but what is given here. */
export function laneDemand(
  demand: Partial<Qos.LaneDemand> & Pick<Qos.LaneDemand, "name">,
): Qos.LaneDemand {
  return {
    where: "PART_SERVICE",
    sched: "SCHED_OTHER",
    priority: 0,
    cpu_percent: 0,
    realtime: NO_TIME,
    edf: { runtime_ns: 0n, deadline_ns: 0n, period_ns: 0n },
    own_cores: 0,
    does: { period_us: 0, execution_us: 0, deadline_us: 0 },
    ...demand,
  };
}
