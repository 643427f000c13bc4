import type { GroupFiles } from "../../../native/index.ts";
import type { Machine } from "../../../services/doctor/index.ts";

/** Files by path, with what stands in them. */
export type Files = Readonly<Record<string, string>>;

function missing(path: string): Error {
  return Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
}

function readOnly(): never {
  throw new Error("a doctor writes nothing");
}

function filesOf(files: Files): GroupFiles {
  return {
    read: (path) => {
      const text = files[path];
      if (text === undefined) throw missing(path);
      return `${text}\n`;
    },
    write: readOnly,
    makeGroup: readOnly,
    removeGroup: readOnly,
    exists: (path) =>
      Object.keys(files).some((each) => each === path || each.startsWith(`${path}/`)),
    groups: () => [],
  };
}

/** Limits of a process as `/proc/self/limits` tells them. */
export function limits(realtime: string, memory: string): string {
  return [
    "Limit                     Soft Limit           Hard Limit           Units     ",
    `Max locked memory         ${memory.padEnd(20)} unlimited            bytes     `,
    `Max realtime priority     ${realtime.padEnd(20)} 0                    `,
  ].join("\n");
}

const CGROUP = "/sys/fs/cgroup";

/** A state that a core without work may be in. */
export function idleState(state: number, name: string, latencyUs: number, disable = 0): Files {
  const directory = `/sys/devices/system/cpu/cpu0/cpuidle/state${state}`;
  return {
    [`${directory}/name`]: name,
    [`${directory}/latency`]: `${latencyUs}`,
    [`${directory}/disable`]: `${disable}`,
  };
}

/** Version 1, and a kernel with RT_GROUP_SCHED. */
export const VERSION_1: Files = {
  "/proc/self/mountinfo": [
    `30 25 0:26 / ${CGROUP}/cpu rw - cgroup cgroup rw,cpu`,
    `31 25 0:27 / ${CGROUP}/cpuset rw - cgroup cgroup rw,cpuset`,
    `32 25 0:28 / ${CGROUP}/memory rw - cgroup cgroup rw,memory`,
  ].join("\n"),
  "/proc/self/cgroup": "2:cpu:/\n3:cpuset:/\n4:memory:/",
  [`${CGROUP}/cpu/cpu.rt_runtime_us`]: "950000",
};

/** Version 2 alone. */
export function version2(controllers: string, own: string): Files {
  return {
    "/proc/self/mountinfo": `30 25 0:26 / ${CGROUP} rw - cgroup2 cgroup2 rw`,
    "/proc/self/cgroup": `0::${own}`,
    [`${CGROUP}/cgroup.controllers`]: controllers,
  };
}

/** Everything as it should be, on four cores, by root. */
export const WELL: Files = {
  "/proc/self/status": "Name:\tnode\nCapEff:\t000001ffffffffff",
  "/proc/self/limits": limits("0", "8388608"),
  "/proc/sys/kernel/sched_rt_runtime_us": "950000",
  "/proc/sys/kernel/sched_rt_period_us": "1000000",
  "/proc/sys/kernel/sched_autogroup_enabled": "0",
  "/proc/self/timerslack_ns": "50000",
  "/proc/version": "Linux version 6.12.0-rt #1 SMP PREEMPT_RT",
  "/sys/kernel/realtime": "1",
  "/sys/devices/system/cpu/online": "0-3",
  "/sys/devices/system/cpu/isolated": "",
  "/sys/devices/system/cpu/smt/active": "0",
  ...Object.fromEntries(
    [0, 1, 2, 3].map((core) => [
      `/sys/devices/system/cpu/cpu${core}/cpufreq/scaling_governor`,
      "performance",
    ]),
  ),
  "/sys/devices/system/cpu/cpuidle/current_driver": "intel_idle",
  ...idleState(0, "POLL", 0),
  ...idleState(1, "C1", 2),
  ...Object.fromEntries(
    [0, 1, 2, 3].map((core) => [
      `/sys/devices/system/cpu/cpu${core}/power/pm_qos_resume_latency_us`,
      "n/a",
    ]),
  ),
  ...version2("cpuset cpu io memory", "/"),
};

/** A machine that exists only here; a file that is undefined is left out of `WELL`. */
export function imagined(
  files: Readonly<Record<string, string | undefined>> = {},
  more: Partial<Omit<Machine, "files">> = {},
): Machine {
  const present = Object.entries({ ...WELL, ...files }).filter(([, text]) => text !== undefined);
  return {
    files: filesOf(Object.fromEntries(present) as Files),
    mayWrite: () => true,
    nativeFault: undefined,
    cores: [0, 1, 2, 3],
    node: "/usr/bin/node",
    ...more,
  };
}
