import { ControlGroupError } from "./error.ts";
import { readFile, type SettingTable, writeFile } from "./settings.ts";
import { CORE_SETTINGS } from "./core-settings.ts";

/** `default 100`, or a bare number as BFQ shows it. */
function lastNumber(text: string): number {
  return Number(text.split("\n")[0]?.split(/\s+/).at(-1));
}

const PARTITIONS = { shared: "member", exclusive: "root", isolated: "isolated" } as const;

/** Settings of version 2, by its control files (Documentation/admin-guide/cgroup-v2 of Linux). It has no budgets for FIFO and RR. */
export const V2_SETTINGS: SettingTable = {
  cpuWeight: {
    controller: "cpu",
    files: ["cpu.weight"],
    set: (files, file, weight) => writeFile(files, file, `${weight}`),
    get: (files, file) => Number(readFile(files, file)),
  },
  cpuMost: {
    controller: "cpu",
    files: ["cpu.max"],
    set: (files, file, most) =>
      writeFile(files, file, most === "all" ? "max" : `${most.runtimeUs} ${most.periodUs}`),
    get: (files, file) => {
      const [runtime = "max", period = "100000"] = readFile(files, file).split(" ");
      if (runtime === "max") return "all";
      return { runtimeUs: Number(runtime), periodUs: Number(period) };
    },
  },
  ...CORE_SETTINGS,
  coreUse: {
    controller: "cpuset",
    files: ["cpuset.cpus.partition"],
    set: (files, file, use) => {
      const wanted = PARTITIONS[use];
      writeFile(files, file, wanted);
      // The write succeeds all the same: whether the partition holds is told by reading it.
      const got = readFile(files, file);
      if (got === wanted) return;
      throw new ControlGroupError(
        { code: "EINVAL", file, action: "write", value: wanted },
        `"${wanted}" to ${file} does not hold, the kernel says: ${got}`,
      );
    },
    get: (files, file) => {
      const got = readFile(files, file);
      if (got === "root") return "exclusive";
      return got === "isolated" ? "isolated" : "shared";
    },
  },
  memoryOctets: {
    controller: "memory",
    files: ["memory.max"],
    set: (files, file, octets) => writeFile(files, file, octets === "all" ? "max" : `${octets}`),
    get: (files, file) => {
      const text = readFile(files, file);
      return text === "max" ? "all" : Number(text);
    },
  },
  ioWeight: {
    controller: "io",
    files: ["io.weight", "io.bfq.weight"],
    set: (files, file, weight) => writeFile(files, file, `default ${weight}`),
    get: (files, file) => lastNumber(readFile(files, file)),
  },
};
