import type { Qos } from "./qos.ts";

/** The kernel takes periods of real-time budgets from 1 ms on here; longer ones than 4 s it refuses in places. */
const PERIOD_US = { least: 100, most: 4_000_000 } as const;
/** The least runtime of SCHED_DEADLINE, `DL_SCALE` of the kernel. */
const LEAST_DEADLINE_NS = 1_024n;
const MOST_DEADLINE_NS = 1n << 63n;
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,47}$/;
const MOST_IO_WEIGHT = 1_000;
const MOST_PRIORITY = 99;

/** The first thing that is wrong, in words; undefined: nothing. */
export type Fault = string | undefined;

function nameFault(name: string): Fault {
  if (NAME.test(name)) return undefined;
  return `the name "${name}" is to be letters, digits, "_", "." and "-", 48 at most, not "." first`;
}

function percentFault(percent: number): Fault {
  return percent <= 100 ? undefined : `cpu_percent is ${percent}; allowed: 0 to 100`;
}

function budgetFault({ runtime_us, period_us }: Qos.CpuTime): Fault {
  if (runtime_us === 0 && period_us === 0) return undefined;
  if (period_us < PERIOD_US.least || period_us > PERIOD_US.most)
    return `realtime.period_us is ${period_us}; allowed: ${PERIOD_US.least} to ${PERIOD_US.most}, or 0 beside a runtime_us of 0`;
  if (runtime_us === 0 || runtime_us > period_us)
    return `realtime.runtime_us is ${runtime_us}; allowed: 1 to the period, ${period_us}`;
  return undefined;
}

function deadlineFault({ sched, edf }: Qos.LaneDemand): Fault {
  const { runtime_ns, deadline_ns, period_ns } = edf;
  const given = runtime_ns > 0n || deadline_ns > 0n || period_ns > 0n;
  if (sched !== "SCHED_DEADLINE") return given ? "edf is for SCHED_DEADLINE only" : undefined;
  const isOrdered = runtime_ns <= deadline_ns && deadline_ns <= period_ns;
  if (runtime_ns >= LEAST_DEADLINE_NS && isOrdered && period_ns < MOST_DEADLINE_NS)
    return undefined;
  return `SCHED_DEADLINE takes ${LEAST_DEADLINE_NS} ns ≤ runtime ≤ deadline ≤ period, not ${runtime_ns}, ${deadline_ns}, ${period_ns}`;
}

function priorityFault({ sched, priority, realtime }: Qos.LaneDemand): Fault {
  const isFixed = sched === "SCHED_FIFO" || sched === "SCHED_RR";
  if (!isFixed)
    return priority === 0 && realtime.runtime_us === 0
      ? undefined
      : `priority and realtime are for SCHED_FIFO and SCHED_RR, not for ${sched}`;
  if (priority < 1 || priority > MOST_PRIORITY)
    return `priority is ${priority}; allowed: 1 to ${MOST_PRIORITY}`;
  if (realtime.runtime_us > 0) return undefined;
  return `a lane of ${sched} needs a budget: realtime.runtime_us in realtime.period_us`;
}

function taskFault({ sched, does }: Qos.LaneDemand): Fault {
  const { period_us, execution_us, deadline_us } = does;
  if (period_us === 0 && execution_us === 0 && deadline_us === 0) return undefined;
  if (sched !== "SCHED_FIFO" && sched !== "SCHED_RR")
    return `response times are tested for SCHED_FIFO and SCHED_RR: "does" says nothing for ${sched}`;
  if (execution_us >= 1 && execution_us <= deadline_us && deadline_us <= period_us)
    return undefined;
  return `does is to be 1 ≤ execution_us ≤ deadline_us ≤ period_us, not ${execution_us}, ${deadline_us}, ${period_us}`;
}

/** Whether a demand of a lane makes sense by itself. */
export function laneFault(demand: Qos.LaneDemand): Fault {
  return (
    nameFault(demand.name) ??
    percentFault(demand.cpu_percent) ??
    budgetFault(demand.realtime) ??
    priorityFault(demand) ??
    deadlineFault(demand) ??
    taskFault(demand)
  );
}

/** Whether a demand of a runtime makes sense by itself. */
export function runtimeFault(demand: Qos.RuntimeDemand): Fault {
  const { name, cpu_percent, realtime, io_weight, process_id } = demand;
  if (process_id < 1) return `process_id is ${process_id}; allowed: the caller's process`;
  if (io_weight > MOST_IO_WEIGHT)
    return `io_weight is ${io_weight}; allowed: 0 to ${MOST_IO_WEIGHT}`;
  return nameFault(name) ?? percentFault(cpu_percent) ?? budgetFault(realtime);
}
