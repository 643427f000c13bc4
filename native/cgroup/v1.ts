import type { GroupFiles } from "./files.ts";
import { ControlGroupError } from "./error.ts";
import { readFile, type SettingTable, writeFile } from "./settings.ts";
import { CORE_SETTINGS } from "./core-settings.ts";

/** Octets that `memory.limit_in_bytes` shows for "no limit": all pages that a signed 64-bit number can count. */
const NO_MEMORY_LIMIT = 2 ** 62;
/** `cpu.shares` of 1024 is the default, as a weight of 100 is version 2's. */
const SHARES_PER_WEIGHT = 1_024 / 100;
const LEAST_SHARES = 2;
const MOST_SHARES = 262_144;

/** The file beside `file` in the same group. */
function beside(file: string, name: string): string {
  return `${file.slice(0, file.lastIndexOf("/"))}/${name}`;
}

/**
 * Runtime and period are two files, and the kernel checks after each. The share falls with the period made
 * longer and rises with the runtime: the order that never asks for more than either end.
 */
function writeRealtime(files: GroupFiles, file: string, runtimeUs: number, periodUs: number): void {
  const periodFile = beside(file, "cpu.rt_period_us");
  const before = readFile(files, periodFile);
  const steps = [
    { file: periodFile, before, value: `${periodUs}` },
    { file, before: readFile(files, file), value: `${runtimeUs}` },
  ] as const;
  const [first, second] = periodUs < Number(before) ? [steps[1], steps[0]] : steps;
  writeFile(files, first.file, first.value);
  try {
    writeFile(files, second.file, second.value);
  } catch (thrown) {
    // Half a change is none.
    writeFile(files, first.file, first.before);
    throw thrown;
  }
}

/** Settings of version 1, by its control files (Documentation/admin-guide/cgroup-v1 of Linux). */
export const V1_SETTINGS: SettingTable = {
  cpuWeight: {
    controller: "cpu",
    files: ["cpu.shares"],
    set: (files, file, weight) => {
      const shares = Math.round(weight * SHARES_PER_WEIGHT);
      const text = `${Math.min(Math.max(shares, LEAST_SHARES), MOST_SHARES)}`;
      writeFile(files, file, text);
    },
    get: (files, file) => Math.round(Number(readFile(files, file)) / SHARES_PER_WEIGHT),
  },
  cpuMost: {
    controller: "cpu",
    files: ["cpu.cfs_quota_us"],
    set: (files, file, most) => {
      // Without a quota the kernel takes any period.
      writeFile(files, file, "-1");
      if (most === "all") return;
      writeFile(files, beside(file, "cpu.cfs_period_us"), `${most.periodUs}`);
      writeFile(files, file, `${most.runtimeUs}`);
    },
    get: (files, file) => {
      const runtimeUs = Number(readFile(files, file));
      const periodUs = Number(readFile(files, beside(file, "cpu.cfs_period_us")));
      return runtimeUs < 0 ? "all" : { runtimeUs, periodUs };
    },
  },
  realtime: {
    controller: "cpu",
    files: ["cpu.rt_runtime_us"],
    set: (files, file, { runtimeUs, periodUs }) => writeRealtime(files, file, runtimeUs, periodUs),
    get: (files, file) => ({
      runtimeUs: Number(readFile(files, file)),
      periodUs: Number(readFile(files, beside(file, "cpu.rt_period_us"))),
    }),
  },
  ...CORE_SETTINGS,
  coreUse: {
    controller: "cpuset",
    files: ["cpuset.cpu_exclusive"],
    set: (files, file, use) => {
      if (use === "isolated")
        throw new ControlGroupError(
          { code: "ENOTSUP", file, action: "write", value: use },
          `${file}: version 1 has no isolated partitions; "exclusive" is what it has`,
        );
      writeFile(files, file, use === "exclusive" ? "1" : "0");
    },
    get: (files, file) => (readFile(files, file) === "1" ? "exclusive" : "shared"),
  },
  memoryOctets: {
    controller: "memory",
    files: ["memory.limit_in_bytes"],
    set: (files, file, octets) => writeFile(files, file, octets === "all" ? "-1" : `${octets}`),
    get: (files, file) => {
      const octets = Number(readFile(files, file));
      return octets >= NO_MEMORY_LIMIT ? "all" : octets;
    },
  },
  ioWeight: {
    controller: "io",
    files: ["blkio.bfq.weight", "blkio.weight"],
    set: (files, file, weight) => writeFile(files, file, `${weight}`),
    get: (files, file) => Number(readFile(files, file).split(/\s+/).at(-1)),
  },
};
