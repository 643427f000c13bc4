import { setTimeout as wait } from "node:timers/promises";
import { ControlGroupError, groupError } from "./error.ts";
import { codeOf, type GroupFiles, kernelFiles } from "./files.ts";
import { type Controller, findHierarchies, type Hierarchy } from "./mounts.ts";
import {
  fileOf,
  type GroupSettings,
  readFile,
  readSettings,
  type SettingName,
  type SettingTable,
  writeFile,
  writeSettings,
} from "./settings.ts";
import { V1_SETTINGS } from "./v1.ts";
import { V2_SETTINGS } from "./v2.ts";

/** Milliseconds that threads may take to leave a group that is removed. */
const REMOVE_WITHIN_MS = 1_000;
/** Milliseconds between two looks at a group whose threads are on their way out. */
const LOOK_AGAIN_MS = 2;
/** Controllers of version 2 that can be over single threads. */
const THREADED: readonly Controller[] = ["cpu", "cpuacct", "cpuset"];

/** What a group has used of the processors. */
export interface GroupUse {
  /** Microseconds since it was made, all cores together. */
  readonly usedUs: number;
  /** The most that it gets, in cores; undefined: it is not limited. */
  readonly mostShare: number | undefined;
}

/** Version 1 counts nanoseconds, version 2 microseconds in a line of its own. */
function readUse(version: 1 | 2, text: string): number {
  if (version === 1) return Number(text) / 1_000;
  return Number(/^usage_usec (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
}

/** How a group is made. */
export interface GroupPlan {
  /** What is to be controlled; a controller that is not here is left out: ask `ControlGroups.can`. */
  readonly controllers: readonly Controller[];
  /** Whether single threads are placed in it (version 2 tells such groups apart; version 1 does not). */
  readonly holds: "processes" | "threads";
}

/** A group in one of the trees. */
interface Place {
  readonly hierarchy: Hierarchy;
  readonly directory: string;
  readonly controllers: readonly Controller[];
}

function tableOf({ hierarchy }: Place): SettingTable {
  return hierarchy.version === 1 ? V1_SETTINGS : V2_SETTINGS;
}

/** A part of the table: the settings of these controllers. */
function settingsUnder(place: Place): SettingTable {
  const kept = Object.entries(tableOf(place)).filter(([, setting]) =>
    place.controllers.includes(setting.controller),
  );
  return Object.fromEntries(kept) as SettingTable;
}

function parentOf(directory: string): string {
  return directory.slice(0, directory.lastIndexOf("/"));
}

/** One control group: a directory in each tree that has a controller for it. */
export class ControlGroup {
  /** From the place where groups are made, e.g. `orbweaver/runtimes/a`. */
  readonly path: string;
  readonly #files: GroupFiles;
  readonly #places: readonly Place[];

  /** @internal `ControlGroups` makes them. */
  constructor(path: string, files: GroupFiles, places: readonly Place[]) {
    this.path = path;
    this.#files = files;
    this.#places = places;
  }

  /** Where it lies, one directory for each tree. */
  get directories(): readonly string[] {
    return this.#places.map(({ directory }) => directory);
  }

  get controllers(): readonly Controller[] {
    return this.#places.flatMap(({ controllers }) => controllers);
  }

  /** Whether the setting has a control file here. */
  can(setting: SettingName): boolean {
    return this.#places.some((place) => {
      const known = settingsUnder(place)[setting];
      return known !== undefined && fileOf(this.#files, place.directory, known.files) !== undefined;
    });
  }

  /** @throws ControlGroupError what the kernel refuses; ENOTSUP for a setting that is not here */
  set(settings: GroupSettings): void {
    const rest = { ...settings };
    for (const place of this.#places) {
      const table = settingsUnder(place);
      const mine = Object.entries(settings).filter(([name]) => name in table);
      for (const [name] of mine) delete rest[name as SettingName];
      writeSettings(this.#files, place.directory, table, Object.fromEntries(mine) as GroupSettings);
    }
    const [left] = Object.entries(rest).filter(([, value]) => value !== undefined);
    if (left === undefined) return;
    throw new ControlGroupError(
      { code: "ENOTSUP", file: this.path, action: "write", value: JSON.stringify(left[1]) },
      `${left[0]} cannot be set for ${this.path}: no controller of this machine has it`,
    );
  }

  /** What is in force. @throws ControlGroupError */
  read(): GroupSettings {
    const parts = this.#places.map((place) =>
      readSettings(this.#files, place.directory, settingsUnder(place)),
    );
    return Object.assign({}, ...parts) as GroupSettings;
  }

  /** The processor time that was used in it; undefined where the kernel does not count it here. */
  use(): GroupUse | undefined {
    for (const place of this.#places) {
      const { directory, hierarchy } = place;
      const file = `${directory}/${hierarchy.version === 1 ? "cpuacct.usage" : "cpu.stat"}`;
      if (!this.#files.exists(file)) continue;
      const usedUs = readUse(hierarchy.version, readFile(this.#files, file));
      const { cpuMost } = this.read();
      const isLimited = cpuMost !== undefined && cpuMost !== "all";
      return { usedUs, mostShare: isLimited ? cpuMost.runtimeUs / cpuMost.periodUs : undefined };
    }
    return undefined;
  }

  /**
   * Places one thread. Controllers over whole processes (memory, io) do not see it.
   * @throws ControlGroupError ESRCH when there is no such thread
   */
  addThread(threadId: number): void {
    for (const place of this.#places) {
      if (!place.controllers.some((each) => THREADED.includes(each))) continue;
      const name = place.hierarchy.version === 1 ? "tasks" : "cgroup.threads";
      writeFile(this.#files, `${place.directory}/${name}`, `${threadId}`);
    }
  }

  /** Places a process with all its threads. @throws ControlGroupError ESRCH when there is no such process */
  addProcess(processId: number): void {
    for (const { directory } of this.#places)
      writeFile(this.#files, `${directory}/cgroup.procs`, `${processId}`);
  }

  /**
   * The kernel's ids of the threads in it: of those that were placed one by one, where it has a controller
   * for such; memory and disks see all threads of a process.
   * @throws ControlGroupError
   */
  threads(): readonly number[] {
    const isPerThread = (each: Controller): boolean => THREADED.includes(each);
    const single = this.#places.filter(({ controllers }) => controllers.some(isPerThread));
    const places = single.length > 0 ? single : this.#places;
    return [...new Set(places.flatMap((place) => this.#threadsAt(place)))];
  }

  /** The ids of the processes in it. @throws ControlGroupError */
  processes(): readonly number[] {
    const ids = this.#places.flatMap(({ directory }) => {
      const text = readFile(this.#files, `${directory}/cgroup.procs`);
      return text === "" ? [] : text.split("\n").map(Number);
    });
    return [...new Set(ids)];
  }

  #threadsAt({ hierarchy, directory }: Place): readonly number[] {
    const name = hierarchy.version === 1 ? "tasks" : "cgroup.threads";
    const text = readFile(this.#files, `${directory}/${name}`);
    return text === "" ? [] : text.split("\n").map(Number);
  }

  /**
   * Removes it and the groups beneath, after their threads were moved out. A thread that the kernel is still
   * ending keeps its group for a moment.
   * @param to where threads go that still run; the group above it where left out
   * @param withinMs milliseconds for that
   * @throws ControlGroupError EBUSY when threads were in it to the end
   */
  async remove({
    to,
    withinMs = REMOVE_WITHIN_MS,
  }: {
    readonly to?: ControlGroup;
    readonly withinMs?: number;
  } = {}): Promise<void> {
    const end = performance.now() + withinMs;
    for (const place of this.#places) {
      const out = to?.directoryIn(place.hierarchy) ?? parentOf(place.directory);
      while (!this.#removeTree(place, place.directory, out, performance.now() >= end))
        await wait(LOOK_AGAIN_MS);
    }
  }

  /** How many groups there are, with those beneath, in the tree that has the most. */
  count(): number {
    const countAt = (directory: string): number =>
      this.#files.groups(directory).reduce((sum, name) => sum + countAt(`${directory}/${name}`), 1);
    return Math.max(0, ...this.#places.map(({ directory }) => countAt(directory)));
  }

  /** @internal Its directory in one of the trees. */
  directoryIn(hierarchy: Hierarchy): string | undefined {
    return this.#places.find((place) => place.hierarchy === hierarchy)?.directory;
  }

  /** @returns whether the directory is gone; throws instead of false when `isLast` */
  #removeTree(place: Place, directory: string, out: string, isLast: boolean): boolean {
    const files = this.#files;
    try {
      let isEmpty = true;
      for (const name of files.groups(directory))
        isEmpty = this.#removeTree(place, `${directory}/${name}`, out, isLast) && isEmpty;
      if (!isEmpty) return false;
      this.#moveOut(place, directory, out);
      this.#returnBudget(directory);
      files.removeGroup(directory);
      return true;
    } catch (thrown) {
      if (codeOf(thrown) === "ENOENT" && !files.exists(directory)) return true;
      if (codeOf(thrown) === "EBUSY" && !isLast) return false;
      if (thrown instanceof ControlGroupError) throw thrown;
      throw groupError("remove", directory, undefined, thrown);
    }
  }

  /** The kernel keeps a removed group's budget from the groups beside it for a while: what is 0 it cannot keep. */
  #returnBudget(directory: string): void {
    const file = `${directory}/cpu.rt_runtime_us`;
    if (this.#files.exists(file)) writeFile(this.#files, file, "0");
  }

  #moveOut(place: Place, directory: string, out: string): void {
    const isV1 = place.hierarchy.version === 1;
    const isThreaded = !isV1 && this.#isThreaded(directory);
    const name = isV1 ? "tasks" : isThreaded ? "cgroup.threads" : "cgroup.procs";
    const above = isThreaded ? this.#domainOf(directory) : out;
    for (const id of readFile(this.#files, `${directory}/${name}`).split("\n")) {
      if (id === "") continue;
      try {
        this.#moveOne(place, above, name, id);
      } catch (thrown) {
        // Ended meanwhile; or ending, and the kernel moves it no more.
        if (codeOf(thrown) !== "ESRCH" && codeOf(thrown) !== "EINVAL") throw thrown;
      }
    }
  }

  #moveOne({ hierarchy }: Place, above: string, name: string, id: string): void {
    try {
      writeFile(this.#files, `${above}/${name}`, id);
    } catch (thrown) {
      // A group of version 2 that hands memory on holds no processes itself: they return to where we live.
      if (codeOf(thrown) !== "EBUSY" || hierarchy.version === 1) throw thrown;
      const home = hierarchy.own === "/" ? "" : hierarchy.own;
      writeFile(this.#files, `${hierarchy.mountPoint}${home}/cgroup.procs`, id);
    }
  }

  #isThreaded(directory: string): boolean {
    const file = `${directory}/cgroup.type`;
    return this.#files.exists(file) && readFile(this.#files, file) === "threaded";
  }

  /** The threaded domain that a threaded group lies in: its threads may move no farther. */
  #domainOf(directory: string): string {
    let above = parentOf(directory);
    while (this.#isThreaded(above)) above = parentOf(above);
    return above;
  }
}

/** Where new groups are made: beneath the root of each tree, or beneath the group this process is in. */
export type GroupsAt = "root" | "own";

/** The control groups of this machine. */
export class ControlGroups {
  readonly hierarchies: readonly Hierarchy[];
  readonly #files: GroupFiles;
  readonly #at: GroupsAt;

  private constructor(files: GroupFiles, at: GroupsAt, hierarchies: readonly Hierarchy[]) {
    this.#files = files;
    this.#at = at;
    this.hierarchies = hierarchies;
  }

  /**
   * Looks at what is mounted; on a machine without control groups nothing is found.
   * @param at `root`, the default; `own` for a group that was delegated to an ordinary user
   * @throws ControlGroupError when the kernel's lists cannot be read
   */
  static find({
    files = kernelFiles,
    at = "root",
    proc = "/proc/self",
  }: {
    readonly files?: GroupFiles;
    readonly at?: GroupsAt;
    readonly proc?: string;
  } = {}): ControlGroups {
    return new ControlGroups(files, at, findHierarchies(files, proc));
  }

  /** The version that a controller is bound to; undefined: not on this machine. */
  versionOf(controller: Controller): 1 | 2 | undefined {
    return this.hierarchies.find(({ controllers }) => controllers.includes(controller))?.version;
  }

  /** Whether FIFO and RR threads need a budget of their group's: version 1 of a kernel with RT_GROUP_SCHED. */
  get hasRealtimeBudgets(): boolean {
    const cpu = this.#placesOf("", ["cpu"]).find(({ hierarchy }) => hierarchy.version === 1);
    return cpu !== undefined && this.#files.exists(`${cpu.directory}/cpu.rt_runtime_us`);
  }

  /** The group that others are made beneath: never removed. */
  base(controllers: readonly Controller[]): ControlGroup {
    return new ControlGroup("", this.#files, this.#placesOf("", controllers));
  }

  /**
   * Makes a group. The one above it must be there; what is there already is taken over as it is.
   * @param path from the base, e.g. `orbweaver/runtimes/a`
   * @throws ControlGroupError
   */
  make(path: string, { controllers, holds }: GroupPlan): ControlGroup {
    const wanted =
      holds === "threads" ? controllers.filter((each) => THREADED.includes(each)) : controllers;
    const places = this.#placesOf(checked(path), wanted);
    const made: Place[] = [];
    try {
      for (const place of places) {
        if (!this.#files.exists(place.directory)) {
          this.#makeDirectory(place.directory);
          made.push(place);
        }
        if (place.hierarchy.version === 2) this.#prepare(place, holds);
      }
    } catch (thrown) {
      for (const { directory } of made.toReversed()) this.#files.removeGroup(directory);
      throw thrown;
    }
    return new ControlGroup(path, this.#files, places);
  }

  /** A group that is there in at least one tree; undefined otherwise. */
  existing(path: string, controllers: readonly Controller[]): ControlGroup | undefined {
    const places = this.#placesOf(checked(path), controllers).filter(({ directory }) =>
      this.#files.exists(directory),
    );
    return places.length === 0 ? undefined : new ControlGroup(path, this.#files, places);
  }

  #makeDirectory(directory: string): void {
    try {
      this.#files.makeGroup(directory);
    } catch (thrown) {
      throw groupError("make", directory, undefined, thrown);
    }
  }

  /** Version 2: the group above hands the controllers on; a group for threads says so. */
  #prepare({ directory, controllers }: Place, holds: GroupPlan["holds"]): void {
    if (holds === "threads" && readFile(this.#files, `${directory}/cgroup.type`) !== "threaded")
      writeFile(this.#files, `${directory}/cgroup.type`, "threaded");
    const file = `${parentOf(directory)}/cgroup.subtree_control`;
    const on = readFile(this.#files, file).split(/\s+/);
    const missing = controllers.filter((each) => !on.includes(each));
    if (missing.length > 0)
      writeFile(this.#files, file, missing.map((each) => `+${each}`).join(" "));
  }

  #placesOf(path: string, wanted: readonly Controller[]): readonly Place[] {
    return this.hierarchies.flatMap((hierarchy): readonly Place[] => {
      const controllers = hierarchy.controllers.filter((each) => wanted.includes(each));
      if (controllers.length === 0) return [];
      const own = this.#at === "own" && hierarchy.own !== "/" ? hierarchy.own : "";
      const below = path === "" ? "" : `/${path}`;
      return [{ hierarchy, directory: `${hierarchy.mountPoint}${own}${below}`, controllers }];
    });
  }
}

/** A path of names that stay beneath the base. @throws RangeError */
function checked(path: string): string {
  if (path.split("/").every((name) => /^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,63}$/.test(name)))
    return path;
  throw new RangeError(
    `"${path}" is no path of groups: names of letters, digits, "_", ".", ":" and "-", 64 at most, "/" between them`,
  );
}
