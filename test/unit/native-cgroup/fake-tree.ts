import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GroupFiles, kernelFiles } from "../../../native/index.ts";

/** An error as `node:fs` throws it. */
function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Files that every group has, with what the kernel shows in a new one. */
const OF_EVERY_GROUP: Readonly<Record<string, string>> = {
  "cgroup.controllers": "",
  "cgroup.procs": "",
  "cgroup.subtree_control": "",
  "cgroup.threads": "",
  "cgroup.type": "domain\n",
};
/** Files that come with a controller, once the group above hands it on. */
const OF_CONTROLLER: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cpu: { "cpu.max": "max 100000\n", "cpu.weight": "100\n" },
  cpuset: { "cpuset.cpus": "\n", "cpuset.cpus.partition": "member\n", "cpuset.mems": "\n" },
  memory: { "memory.max": "max\n" },
  io: { "io.weight": "default 100\n" },
};
const THREADED = new Set(["cpu", "cpuset"]);

function parentOf(directory: string): string {
  return directory.slice(0, directory.lastIndexOf("/"));
}

/**
 * A tree of version 2 in a directory of its own: files are files, and what the kernel does when they are
 * written is done as its documentation has it (cgroup-v2, "Threads", "Controlling Controllers").
 */
export class FakeTree implements GroupFiles {
  readonly mountPoint: string;
  /** Where `mountinfo` and `cgroup` lie, as in `/proc/self`. */
  readonly proc: string;
  readonly #root: string;
  /** Processes by id: their threads. */
  readonly #processes: Readonly<Record<string, readonly string[]>>;

  constructor(
    controllers: string,
    processes: Readonly<Record<string, readonly string[]>> = {},
    own: string = "/",
  ) {
    this.#root = mkdtempSync(join(tmpdir(), "orbweaver-v2-"));
    this.#processes = processes;
    this.mountPoint = `${this.#root}/cgroup`;
    this.proc = `${this.#root}/proc`;
    mkdirSync(this.proc);
    mkdirSync(this.mountPoint);
    const line = `30 24 0:26 / ${this.mountPoint} rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n`;
    writeFileSync(`${this.proc}/mountinfo`, `24 1 8:1 / / rw - ext4 /dev/sda1 rw\n${line}`);
    writeFileSync(`${this.proc}/cgroup`, `0::${own}\n`);
    for (const [name, text] of Object.entries(OF_EVERY_GROUP))
      if (name !== "cgroup.type") writeFileSync(`${this.mountPoint}/${name}`, text);
    writeFileSync(`${this.mountPoint}/cgroup.controllers`, `${controllers}\n`);
    const ids = (list: readonly string[]): string => list.map((id) => `${id}\n`).join("");
    writeFileSync(`${this.mountPoint}/cgroup.procs`, ids(Object.keys(processes)));
    writeFileSync(`${this.mountPoint}/cgroup.threads`, ids(Object.values(processes).flat()));
  }

  dispose(): void {
    rmSync(this.#root, { recursive: true });
  }

  read(file: string): string {
    // The kernel does not show the processes of a threaded group.
    if (file.endsWith("/cgroup.procs") && this.#typeOf(parentOf(file)) === "threaded")
      throw failure("EOPNOTSUPP");
    if (file.endsWith("/cpuset.cpus.effective")) return this.#effectiveCores(parentOf(file));
    return kernelFiles.read(file);
  }

  /** Those written, or those of the group above: the machine has two. */
  #effectiveCores(directory: string): string {
    if (directory === this.mountPoint) return "0-1\n";
    const own = kernelFiles.read(`${directory}/cpuset.cpus`);
    return own.trim() === "" ? this.#effectiveCores(parentOf(directory)) : own;
  }

  exists(path: string): boolean {
    return kernelFiles.exists(path);
  }

  groups(directory: string): readonly string[] {
    return kernelFiles.groups(directory);
  }

  makeGroup(directory: string): void {
    mkdirSync(directory);
    const handedOn = this.#words(parentOf(directory), "cgroup.subtree_control");
    for (const [name, text] of Object.entries(OF_EVERY_GROUP))
      writeFileSync(`${directory}/${name}`, text);
    const above = this.#typeOf(parentOf(directory));
    if (above === "threaded" || above === "domain threaded")
      writeFileSync(`${directory}/cgroup.type`, "domain invalid\n");
    for (const controller of handedOn) this.#giveFiles(directory, controller);
    writeFileSync(`${directory}/cgroup.controllers`, `${handedOn.join(" ")}\n`);
  }

  removeGroup(directory: string): void {
    const isBusy = this.#words(directory, "cgroup.threads").length > 0;
    if (isBusy || this.groups(directory).length > 0) throw failure("EBUSY");
    rmSync(directory, { recursive: true });
  }

  write(file: string, text: string): void {
    if (!this.exists(file)) throw failure("ENOENT");
    const directory = parentOf(file);
    const name = file.slice(directory.length + 1);
    if (name === "cgroup.subtree_control") this.#handOn(directory, text.split(" "));
    else if (name === "cgroup.type") this.#makeThreaded(directory, text);
    else if (name === "cgroup.procs") this.#moveProcess(directory, text);
    else if (name === "cgroup.threads") this.#moveThread(directory, text);
    else if (name === "cpuset.cpus.partition") this.#partition(directory, text);
    else kernelFiles.write(file, this.#normal(file, text));
  }

  /** What the kernel shows of what was written: `20000` of `max 100000` is `20000 100000`. */
  #normal(file: string, text: string): string {
    const kept = file.endsWith("/cpu.max") && text === "max" ? "max 100000" : text.trim();
    // The kernel replaces; a shorter text than before must not leave the rest of it.
    writeFileSync(file, "");
    return `${kept}\n`;
  }

  #words(directory: string, name: string): readonly string[] {
    const text = kernelFiles.read(`${directory}/${name}`).trim();
    return text === "" ? [] : text.split(/\s+/);
  }

  #typeOf(directory: string): string {
    const file = `${directory}/cgroup.type`;
    return this.exists(file) ? kernelFiles.read(file).trim() : "domain";
  }

  #giveFiles(directory: string, controller: string): void {
    for (const [name, text] of Object.entries(OF_CONTROLLER[controller] ?? {}))
      if (!this.exists(`${directory}/${name}`)) writeFileSync(`${directory}/${name}`, text);
  }

  #handOn(directory: string, words: readonly string[]): void {
    const here = this.#words(directory, "cgroup.controllers");
    const on = new Set(this.#words(directory, "cgroup.subtree_control"));
    const isRoot = directory === this.mountPoint;
    const holds = this.#words(directory, "cgroup.threads").length > 0;
    for (const word of words) {
      const controller = word.slice(1);
      if (!here.includes(controller)) throw failure("ENOENT");
      if (holds && !isRoot && !THREADED.has(controller)) throw failure("EBUSY");
      on.add(controller);
    }
    writeFileSync(`${directory}/cgroup.subtree_control`, `${[...on].join(" ")}\n`);
    for (const name of this.groups(directory)) {
      const below = `${directory}/${name}`;
      for (const controller of on) this.#giveFiles(below, controller);
      writeFileSync(`${below}/cgroup.controllers`, `${[...on].join(" ")}\n`);
    }
  }

  #makeThreaded(directory: string, text: string): void {
    if (text !== "threaded") throw failure("EINVAL");
    const above = parentOf(directory);
    const on = this.#words(above, "cgroup.subtree_control");
    const isRoot = above === this.mountPoint;
    if (!isRoot && on.some((each) => !THREADED.has(each))) throw failure("EOPNOTSUPP");
    if (this.#typeOf(above) === "domain invalid") throw failure("EOPNOTSUPP");
    writeFileSync(`${directory}/cgroup.type`, "threaded\n");
    if (!isRoot && this.#typeOf(above) === "domain")
      writeFileSync(`${above}/cgroup.type`, "domain threaded\n");
  }

  /** The group whose process a threaded group's threads belong to. */
  #domainOf(directory: string): string {
    let at = directory;
    while (this.#typeOf(at) === "threaded") at = parentOf(at);
    return at;
  }

  #placeOf(threadId: string, at: string = this.mountPoint): string | undefined {
    if (this.#words(at, "cgroup.threads").includes(threadId)) return at;
    for (const name of this.groups(at)) {
      const found = this.#placeOf(threadId, `${at}/${name}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #edit(directory: string, name: string, edit: (ids: Set<string>) => void): void {
    const ids = new Set(this.#words(directory, name));
    edit(ids);
    writeFileSync(`${directory}/${name}`, [...ids].map((id) => `${id}\n`).join(""));
  }

  #moveProcess(directory: string, pid: string): void {
    const threads = this.#processes[pid];
    if (threads === undefined) throw failure("ESRCH");
    if (this.#typeOf(directory) === "threaded") throw failure("EOPNOTSUPP");
    const on = this.#words(directory, "cgroup.subtree_control");
    const isThreadRoot = this.#typeOf(directory) === "domain threaded";
    if (directory !== this.mountPoint && on.length > 0 && !isThreadRoot) throw failure("EBUSY");
    for (const thread of threads) this.#put(thread, directory);
    const everywhere = (at: string): void => {
      this.#edit(at, "cgroup.procs", (ids) => ids.delete(pid));
      for (const name of this.groups(at)) everywhere(`${at}/${name}`);
    };
    everywhere(this.mountPoint);
    this.#edit(directory, "cgroup.procs", (ids) => ids.add(pid));
  }

  #moveThread(directory: string, thread: string): void {
    const from = this.#placeOf(thread);
    if (from === undefined) throw failure("ESRCH");
    if (this.#domainOf(from) !== this.#domainOf(directory)) throw failure("EOPNOTSUPP");
    this.#put(thread, directory);
  }

  #put(thread: string, directory: string): void {
    const from = this.#placeOf(thread);
    if (from !== undefined) this.#edit(from, "cgroup.threads", (ids) => ids.delete(thread));
    this.#edit(directory, "cgroup.threads", (ids) => ids.add(thread));
  }

  /** A partition needs cores, and a parent that is one: else it is shown as invalid. */
  #partition(directory: string, text: string): void {
    const file = `${directory}/cpuset.cpus.partition`;
    const above = `${parentOf(directory)}/cpuset.cpus.partition`;
    const isUnder = !this.exists(above) || /^(root|isolated)$/.test(kernelFiles.read(above).trim());
    const hasCores = kernelFiles.read(`${directory}/cpuset.cpus`).trim() !== "";
    let shown = text;
    if (text !== "member" && !isUnder) shown = `${text} invalid (Parent is not a partition root)`;
    else if (text !== "member" && !hasCores)
      shown = `${text} invalid (Cpu list in cpuset.cpus not exclusive)`;
    writeFileSync(file, `${shown}\n`);
  }
}
