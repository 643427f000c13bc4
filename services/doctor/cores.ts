import { readCoreList, writeCoreList } from "../../native/index.ts";
import type { Check } from "./finding.ts";
import { type Machine, numberOf, textOf } from "./machine.ts";

const CPU = "/sys/devices/system/cpu";

/** How many cores there are to reserve. */
export const cores: Check = (machine) => {
  const mine = machine.cores;
  const online = listOf(machine, `${CPU}/online`) ?? mine;
  const count = `${mine.length} of ${online.length} ${online.length === 1 ? "core" : "cores"}`;
  if (mine.length < 2)
    return [
      {
        code: "cores",
        level: "note",
        what: `${count} may be used: none can be reserved for lanes, which then share it with everything else`,
        mend: "taskset or the cpuset of the control group gives more, if the machine has them; a DEADLINE lane is the next best",
      },
    ];
  const isolated = listOf(machine, `${CPU}/isolated`) ?? [];
  const tickless = listOf(machine, `${CPU}/nohz_full`) ?? [];
  const kept = [
    isolated.length === 0 ? "" : `; ${writeCoreList(isolated)} set aside at boot (isolcpus)`,
    tickless.length === 0 ? "" : `; ${writeCoreList(tickless)} without ticks (nohz_full)`,
  ].join("");
  return [
    { code: "cores", level: "well", what: `${count} may be used, ${writeCoreList(mine)}${kept}` },
  ];
};

/** Whether two cores are one. */
export const hyperThreads: Check = (machine) => {
  if (numberOf(machine, `${CPU}/smt/active`) !== 1) return [];
  const pairs = [...new Set(machine.cores.map((core) => siblings(machine, core)))];
  return [
    {
      code: "hyper-threads",
      level: "note",
      what: `cores share their arithmetic in twos (${pairs.join(" and ")}): a lane is slowed down by what runs on the sibling of its core`,
      mend: "reserve both siblings, or: echo off | sudo tee /sys/devices/system/cpu/smt/control",
    },
  ];
};

function siblings(machine: Machine, core: number): string {
  return textOf(machine, `${CPU}/cpu${core}/topology/thread_siblings_list`) ?? `${core}`;
}

/** Whether cores run slower when they have little to do. */
export const governor: Check = (machine) => {
  const code = "governor";
  const found = new Map<string, number[]>();
  for (const core of machine.cores) {
    const name = textOf(machine, `${CPU}/cpu${core}/cpufreq/scaling_governor`);
    if (name !== undefined) found.set(name, [...(found.get(name) ?? []), core]);
  }
  if (found.size === 0)
    return [
      { code, level: "well", what: "the clock of the cores is not set here (a virtual machine?)" },
    ];
  const slow = [...found].filter(([name]) => name !== "performance");
  if (slow.length === 0)
    return [{ code, level: "well", what: "the cores always run at full clock (performance)" }];
  const which = slow.map(([name, on]) => `${name} on ${writeCoreList(on)}`).join(", ");
  return [
    {
      code,
      level: "note",
      what: `cores slow down when they have little to do (${which}): the first requests after a pause take longer`,
      mend: `echo performance | sudo tee ${CPU}/cpu*/cpufreq/scaling_governor`,
    },
  ];
};

function listOf(machine: Machine, path: string): readonly number[] | undefined {
  const text = textOf(machine, path);
  // What the kernel was built without it shows as "(null)".
  return text === undefined || !/^[\d,\s-]*$/.test(text) ? undefined : readCoreList(text);
}
