import { accessSync, constants, realpathSync } from "node:fs";
import { availableParallelism } from "node:os";
import { type GroupFiles, kernelFiles, loadNative, nativeFault } from "../../native/index.ts";

/** What the checks read of a machine; nothing is written. */
export interface Machine {
  readonly files: GroupFiles;
  /** Whether this user may write there. */
  readonly mayWrite: (path: string) => boolean;
  /** Why there is no native addon; undefined: it is loaded. */
  readonly nativeFault: string | undefined;
  /** The cores that this process may run on. */
  readonly cores: readonly number[];
  /** Path of the node that runs this, links resolved: capabilities are given to the file. */
  readonly node: string;
}

/** The machine that this runs on. */
export function thisMachine(): Machine {
  const addon = loadNative();
  return {
    files: kernelFiles,
    mayWrite: (path) => {
      try {
        accessSync(path, constants.W_OK);
        return true;
      } catch {
        return false;
      }
    },
    nativeFault: nativeFault(),
    cores:
      addon?.scheduler.affinity(addon.scheduler.threadId()) ??
      Array.from({ length: availableParallelism() }, (_, core) => core),
    node: realpathSync(process.execPath),
  };
}

/** The text of a file, without the line's end; undefined where it is not there or must not be read. */
export function textOf({ files }: Machine, path: string): string | undefined {
  try {
    return files.read(path).trimEnd();
  } catch {
    return undefined;
  }
}

/** The number in a file; undefined where it is not there. */
export function numberOf(machine: Machine, path: string): number | undefined {
  const text = textOf(machine, path);
  return text === undefined || !/^-?\d+$/.test(text.trim()) ? undefined : Number(text);
}
