import type { Check } from "./finding.ts";
import { numberOf, textOf } from "./machine.ts";

const NS_PER_US = 1_000;
/** What the kernel gives an ordinary thread. */
const DEFAULT_SLACK_NS = 50_000;

/** Whether the kernel stops real-time threads that take too much. */
export const throttling: Check = (machine) => {
  const code = "rt-throttling";
  const runtimeUs = numberOf(machine, "/proc/sys/kernel/sched_rt_runtime_us");
  const periodUs = numberOf(machine, "/proc/sys/kernel/sched_rt_period_us") ?? 1_000_000;
  if (runtimeUs === undefined)
    return [{ code, level: "note", what: "not to be seen: kernel.sched_rt_runtime_us is missing" }];
  if (runtimeUs === 0)
    return [
      {
        code,
        level: "fault",
        what: "real-time threads get no time at all (kernel.sched_rt_runtime_us is 0)",
        mend: "sudo sysctl -w kernel.sched_rt_runtime_us=950000",
      },
    ];
  if (runtimeUs < 0 || runtimeUs >= periodUs)
    return [
      {
        code,
        level: "note",
        what: "real-time threads are never stopped: one that runs away takes its core for good",
        mend: "sudo sysctl -w kernel.sched_rt_runtime_us=950000",
      },
    ];
  const share = ((runtimeUs / periodUs) * 100).toFixed(0);
  return [
    {
      code,
      level: "well",
      what: `FIFO and RR threads of a core are stopped, the highest too, when together they take more than ${share} % of ${periodUs / 1_000} ms: keep lanes and loads below that, or use DEADLINE lanes, which do not count`,
    },
  ];
};

/** Whether the kernel lets itself be interrupted. */
export const preemption: Check = (machine) => {
  const code = "preemption";
  if (numberOf(machine, "/sys/kernel/realtime") === 1)
    return [{ code, level: "well", what: "a PREEMPT_RT kernel" }];
  const version = textOf(machine, "/proc/version") ?? "";
  const kind = /PREEMPT_DYNAMIC/.test(version)
    ? "a PREEMPT_DYNAMIC kernel; preempt=full on its command line preempts most"
    : /PREEMPT/.test(version)
      ? "a PREEMPT kernel"
      : "a kernel without preemption";
  return [
    {
      code,
      level: "note",
      what: `${kind}; other programs' long system calls can delay a lane by milliseconds, on a PREEMPT_RT kernel they cannot`,
    },
  ];
};

/** Whether nice counts between sessions. */
export const autogroup: Check = (machine) => {
  const isOn = numberOf(machine, "/proc/sys/kernel/sched_autogroup_enabled") === 1;
  if (!isOn) return [];
  return [
    {
      code: "autogroup",
      level: "note",
      what: "nice values count only among programs of one login session (kernel.sched_autogroup_enabled is 1)",
      mend: "sudo sysctl -w kernel.sched_autogroup_enabled=0",
    },
  ];
};

/** How late timers of ordinary threads may be. */
export const timerSlack: Check = (machine) => {
  const slackNs = numberOf(machine, "/proc/self/timerslack_ns");
  if (slackNs === undefined) return [];
  const slack = `timers of ordinary threads may be ${slackNs / NS_PER_US} µs late`;
  return [
    {
      code: "timer-slack",
      level: slackNs > DEFAULT_SLACK_NS ? "note" : "well",
      what: `${slack}; those of real-time threads are not`,
      ...(slackNs > DEFAULT_SLACK_NS && {
        mend: "scheduler.setTimerSlackNs(1) in the thread; the service manager has set it higher than usual",
      }),
    },
  ];
};
