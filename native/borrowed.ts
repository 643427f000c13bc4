import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { codeOf, type GroupFiles, kernelFiles } from "./cgroup/index.ts";

/** What of the kernel's files is needed to change a setting and to change it back. */
export type SettingFiles = Pick<GroupFiles, "exists" | "groups" | "read" | "write">;

/** Tells one start of the machine from the next, after which no setting is as it was. */
const BOOT_ID = "/proc/sys/kernel/random/boot_id";

/** A setting that another text stands in for now. */
interface Borrowed {
  /** What stood there. */
  readonly before: string;
  /** What stands there since: another text is somebody else's, and is left. */
  readonly put: string;
}

/** The state file. */
interface Kept {
  readonly boot: string;
  readonly settings: Readonly<Record<string, Borrowed>>;
}

function isKept(value: unknown): value is Kept {
  return typeof value === "object" && value !== null && "boot" in value && "settings" in value;
}

/**
 * Settings of the whole machine that this process changes and gives back. What stood there is written to a state
 * file before anything is changed: who was killed is cleaned up after by the next who opens the same file.
 */
export class BorrowedSettings {
  readonly #file: string;
  readonly #files: SettingFiles;
  readonly #borrowed: Map<string, Borrowed> = new Map();

  private constructor(file: string, files: SettingFiles) {
    this.#file = file;
    this.#files = files;
  }

  /**
   * Gives back first what an earlier process left changed.
   * @param file the state file; its folder is made with the first change. One process at a time may have it
   * @returns also how many settings were given back
   */
  static open(
    file: string,
    files: SettingFiles = kernelFiles,
  ): { readonly settings: BorrowedSettings; readonly restored: number } {
    const settings = new BorrowedSettings(file, files);
    return { settings, restored: settings.#restore() };
  }

  /** The files that are changed now. */
  get paths(): readonly string[] {
    return [...this.#borrowed.keys()];
  }

  get files(): SettingFiles {
    return this.#files;
  }

  /** What stands there, without the line's end. */
  read(path: string): string {
    return this.#files.read(path).trim();
  }

  /**
   * Puts a text where another stood. What stands there already is somebody else's: it is left, and not given back.
   * @throws Error with `code` what the system refused, of the setting or of the state file; nothing is changed then
   */
  put(path: string, text: string): void {
    const now = this.read(path);
    const known = this.#borrowed.get(path);
    if (now === text && (known === undefined || known.put === text)) return;
    this.#remember(path, { before: known?.before ?? now, put: text });
    try {
      this.#write(path, text);
    } catch (thrown) {
      this.#remember(path, known);
      throw thrown;
    }
    // The kernel writes some lists its own way.
    const put = this.read(path);
    if (put !== text) this.#remember(path, { before: known?.before ?? now, put });
  }

  /** Puts back what stood there, unless somebody else has changed it since; nothing for what was never put. */
  giveBack(path: string): void {
    const known = this.#borrowed.get(path);
    if (known === undefined) return;
    this.#putBack(path, known);
    this.#remember(path, undefined);
  }

  /** Gives everything back. @returns the files that could not be written, whose settings stay in the state file */
  close(): readonly string[] {
    const left: string[] = [];
    for (const path of this.paths.toReversed()) {
      try {
        this.giveBack(path);
      } catch {
        left.push(path);
      }
    }
    return left;
  }

  /** What is not there any more, a core or a device that was taken out, needs nothing. */
  #putBack(path: string, { before, put }: Borrowed): void {
    if (this.#files.exists(path) && this.read(path) === put) this.#write(path, before);
  }

  /** With the line's end: an empty text alone writes nothing. */
  #write(path: string, text: string): void {
    this.#files.write(path, `${text}\n`);
  }

  #restore(): number {
    let kept: unknown;
    try {
      kept = JSON.parse(readFileSync(this.#file, "utf8"));
    } catch (thrown) {
      // None, or one that was written to half when the machine went down.
      if (codeOf(thrown) === "ENOENT" || thrown instanceof SyntaxError) return 0;
      throw thrown;
    }
    if (!isKept(kept) || kept.boot !== this.#boot()) return 0;
    for (const [path, borrowed] of Object.entries(kept.settings))
      this.#borrowed.set(path, borrowed);
    const { size } = this.#borrowed;
    return size - this.close().length;
  }

  #boot(): string {
    return this.#files.exists(BOOT_ID) ? this.read(BOOT_ID) : "";
  }

  /** Writes the state file anew, as a whole: a reader never sees half of it. */
  #remember(path: string, borrowed: Borrowed | undefined): void {
    const before = this.#borrowed.get(path);
    if (borrowed === undefined) this.#borrowed.delete(path);
    else this.#borrowed.set(path, borrowed);
    try {
      this.#save();
    } catch (thrown) {
      if (before === undefined) this.#borrowed.delete(path);
      else this.#borrowed.set(path, before);
      throw thrown;
    }
  }

  #save(): void {
    if (this.#borrowed.size === 0) {
      rmSync(this.#file, { force: true });
      return;
    }
    const kept: Kept = { boot: this.#boot(), settings: Object.fromEntries(this.#borrowed) };
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(`${this.#file}.new`, JSON.stringify(kept), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}

/** Where state files of processes are. */
const RUN = "/run/orbweaver";
/** A state file of a process without a name of its own. */
const OF_PROCESS = /^process-(\d+)-.*\.settings\.json$/;

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/**
 * Settings for this process, which may be one of many: gives back first what such processes left that have been
 * killed. What cannot be read or given back, another user's, stays as it is.
 */
export function processSettings(
  folder: string = RUN,
  files: SettingFiles = kernelFiles,
): BorrowedSettings {
  for (const name of filesIn(folder)) {
    const id = OF_PROCESS.exec(name)?.[1];
    if (id === undefined || files.exists(`/proc/${id}`)) continue;
    try {
      BorrowedSettings.open(join(folder, name), files);
    } catch {
      // Another user's.
    }
  }
  const own = `process-${process.pid}-${randomUUID()}.settings.json`;
  return BorrowedSettings.open(join(folder, own), files).settings;
}
