import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeSync,
} from "node:fs";

/**
 * The files that control groups are driven by. They lie in the kernel's memory: a call is a system call
 * and waits for no disk, and a group must not be seen half made, so the calls are synchronous.
 * Every call throws an Error with `code` (ENOENT, EBUSY, …) when the kernel refuses.
 */
export interface GroupFiles {
  read(file: string): string;
  /** Writes to a file that is there: the kernel takes the whole text as one request. */
  write(file: string, text: string): void;
  makeGroup(directory: string): void;
  /** Takes away a group without threads and without groups beneath. */
  removeGroup(directory: string): void;
  exists(path: string): boolean;
  /** Names of the groups beneath. */
  groups(directory: string): readonly string[];
}

/** The kernel's own. */
export const kernelFiles: GroupFiles = {
  read: (file) => readFileSync(file, "utf8"),
  write: (file, text) => {
    // Neither made nor truncated: a control file that is not there is a controller that is not there.
    const descriptor = openSync(file, "r+");
    try {
      writeSync(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
  },
  makeGroup: (directory) => mkdirSync(directory),
  removeGroup: (directory) => rmdirSync(directory),
  exists: (path) => statSync(path, { throwIfNoEntry: false }) !== undefined,
  groups: (directory) =>
    readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .toSorted(),
};

/** `code` of an error of the system; "" where there is none. */
export function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
}
