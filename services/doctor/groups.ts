import { type Controller, ControlGroups, type Hierarchy } from "../../native/index.ts";
import type { Check, Finding } from "./finding.ts";
import { type Machine, numberOf } from "./machine.ts";

/** Without these two nothing is reserved; the others are for whole peers. */
const NEEDED: readonly Controller[] = ["cpu", "cpuset"];
const ALL: readonly Controller[] = [...NEEDED, "memory", "io"];

/** Which version of control groups each controller is bound to, and whether this user may make groups. */
export const controlGroups: Check = (machine) => {
  const code = "control-groups";
  const groups = groupsOf(machine);
  if (groups === undefined || groups.hierarchies.length === 0)
    return [
      {
        code,
        level: "note",
        what: "no control groups are mounted: nothing can be reserved",
        mend: "sudo mount -t cgroup2 none /sys/fs/cgroup",
      },
    ];
  const found = ALL.flatMap((controller): readonly string[] => {
    const version = groups.versionOf(controller);
    return version === undefined ? [] : [`${controller} (version ${version})`];
  });
  const missing = NEEDED.filter((controller) => groups.versionOf(controller) === undefined);
  const findings: Finding[] = [
    missing.length === 0
      ? { code, level: "well", what: `controllers: ${found.join(", ")}` }
      : {
          code,
          level: "note",
          what: `${missing.join(" and ")} not to be had${found.length === 0 ? "" : ` (there is ${found.join(", ")})`}: lanes run without reservation`,
          mend: "the group above must hand the controllers on: +cpu +cpuset into its cgroup.subtree_control",
        },
  ];
  for (const hierarchy of groups.hierarchies) findings.push(...delegation(machine, hierarchy));
  return findings;
};

/** Whether this user may make groups in a tree that has one of the controllers that are needed. */
function delegation(
  { mayWrite }: Machine,
  { version, mountPoint, own, controllers }: Hierarchy,
): readonly Finding[] {
  const here = NEEDED.filter((controller) => controllers.includes(controller));
  if (here.length === 0) return [];
  const code = "delegation";
  const home = own === "/" ? mountPoint : `${mountPoint}${own}`;
  const place = [mountPoint, home].find(mayWrite);
  const what = here.join(" and ");
  if (place !== undefined)
    return [{ code, level: "well", what: `groups of ${what} may be made in ${place}` }];
  const mend =
    version === 1
      ? `sudo mkdir ${mountPoint}/orbweaver && sudo chown -R $USER ${mountPoint}/orbweaver`
      : "systemd-run --user --scope -p Delegate=yes COMMAND, where Delegate=cpu cpuset stands in user@.service";
  return [
    {
      code,
      level: "note",
      what: `this user may make no groups of ${what} in ${mountPoint}: lanes run without reservation unless the QoS daemon runs as root`,
      mend: `sudo orbweaver qosd; or ${mend}`,
    },
  ];
}

/** Whether real-time threads need a budget of their group's. */
export const realtimeGroups: Check = (machine) => {
  const code = "rt-groups";
  const groups = groupsOf(machine);
  if (groups === undefined || !groups.hasRealtimeBudgets)
    return [
      { code, level: "well", what: "real-time threads need no budget of their control group" },
    ];
  const cpu = groups.hierarchies.find(({ controllers }) => controllers.includes("cpu"));
  const own = cpu?.own ?? "/";
  const directory = `${cpu?.mountPoint}${own === "/" ? "" : own}`;
  const budgetUs = numberOf(machine, `${directory}/cpu.rt_runtime_us`);
  if (budgetUs === 0)
    return [
      {
        code,
        level: "fault",
        what: `the control group of this shell, ${own}, has no real-time budget (RT_GROUP_SCHED): FIFO and RR are refused in it`,
        mend: `echo $$ | sudo tee ${cpu?.mountPoint}/tasks (moves this shell); or a budget, in each group above it first: echo 100000 | sudo tee ${directory}/cpu.rt_runtime_us`,
      },
    ];
  return [
    {
      code,
      level: "note",
      what: `real-time threads need a budget of their control group (RT_GROUP_SCHED); that of ${own} is ${budgetUs ?? "unknown"} µs, new groups have none until they are given one`,
    },
  ];
};

function groupsOf({ files }: Machine): ControlGroups | undefined {
  try {
    return ControlGroups.find({ files });
  } catch {
    return undefined; // the kernel's lists cannot be read
  }
}
