import type { GroupFiles } from "./files.ts";
import { ControlGroupError, groupError } from "./error.ts";
import type { Controller } from "./mounts.ts";

/** `runtimeUs` of processor in every `periodUs`. */
export interface CpuTime {
  readonly runtimeUs: number;
  readonly periodUs: number;
}

/** What a group is given; what is left out stays as it is. */
export interface GroupSettings {
  /** Share of the processor against the groups beside it while all want it, SCHED_OTHER only: 1 to 10000, 100 is the kernel's default. */
  readonly cpuWeight?: number;
  /** The most that SCHED_OTHER threads of the group get, all cores together. */
  readonly cpuMost?: CpuTime | "all";
  /** What FIFO and RR threads of the group get on each core (version 1 with RT_GROUP_SCHED); 0: none may be in it. */
  readonly realtime?: CpuTime;
  readonly cores?: readonly number[];
  readonly memoryNodes?: readonly number[];
  /** `exclusive`: no group beside it has these cores; `isolated`: and the kernel moves no threads between them (version 2). */
  readonly coreUse?: "shared" | "exclusive" | "isolated";
  readonly memoryOctets?: number | "all";
  /** Share of the disks against the groups beside it: 1 to 1000, 100 is the kernel's default. */
  readonly ioWeight?: number;
}

export type SettingName = keyof GroupSettings;

/** One control file behind one setting. */
export interface SettingFile<T> {
  readonly controller: Controller;
  /** The file that tells whether the setting is there; the first one that is. */
  readonly files: readonly string[];
  set(files: GroupFiles, file: string, value: T): void;
  get(files: GroupFiles, file: string): T | undefined;
}

/** The settings of one version; what is not in it the version does not have. */
export type SettingTable = {
  readonly [Name in SettingName]?: SettingFile<Exclude<GroupSettings[Name], undefined>>;
};

/** The order in which settings are written: memory nodes and cores before what needs them. */
const ORDER: readonly SettingName[] = [
  "memoryNodes",
  "cores",
  "coreUse",
  "realtime",
  "cpuWeight",
  "cpuMost",
  "memoryOctets",
  "ioWeight",
];

/** @throws ControlGroupError */
export function readFile(files: GroupFiles, file: string): string {
  try {
    return files.read(file).trim();
  } catch (thrown) {
    throw groupError("read", file, undefined, thrown);
  }
}

/** @throws ControlGroupError */
export function writeFile(files: GroupFiles, file: string, text: string): void {
  try {
    files.write(file, text);
  } catch (thrown) {
    throw groupError("write", file, text, thrown);
  }
}

/** The setting's file in a directory; undefined where the kernel has none. */
export function fileOf(
  files: GroupFiles,
  directory: string,
  names: readonly string[],
): string | undefined {
  return names.map((name) => `${directory}/${name}`).find((file) => files.exists(file));
}

function writeOne<Name extends SettingName>(
  files: GroupFiles,
  directory: string,
  table: SettingTable,
  name: Name,
  value: Exclude<GroupSettings[Name], undefined>,
): void {
  const setting: SettingFile<Exclude<GroupSettings[Name], undefined>> | undefined = table[name];
  const file = setting && fileOf(files, directory, setting.files);
  if (setting === undefined || file === undefined) {
    const wanted = setting?.files.join(" or ") ?? name;
    throw new ControlGroupError(
      { code: "ENOTSUP", file: directory, action: "write", value: JSON.stringify(value) },
      `${name} cannot be set for ${directory}: this kernel has no ${wanted} there`,
    );
  }
  setting.set(files, file, value);
}

/** Writes those of the settings that a directory's controllers have. @throws ControlGroupError */
export function writeSettings(
  files: GroupFiles,
  directory: string,
  table: SettingTable,
  settings: GroupSettings,
): void {
  for (const name of ORDER) {
    const value = settings[name];
    if (value !== undefined) writeOne(files, directory, table, name, value as never);
  }
}

/** What is in force in a directory. @throws ControlGroupError */
export function readSettings(
  files: GroupFiles,
  directory: string,
  table: SettingTable,
): GroupSettings {
  const read = ORDER.flatMap((name) => {
    const setting = table[name];
    const file = setting && fileOf(files, directory, setting.files);
    const value = file === undefined ? undefined : setting?.get(files, file);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(read) as GroupSettings;
}
