import { constants } from "node:os";
import { getSystemErrorName } from "node:util";

/** Names that neither libuv nor Node has, by Linux's numbers. */
const MORE_NAMES: Readonly<Record<number, string>> = { 130: "EOWNERDEAD" };

function nameOf(errno: number): string {
  const byNode = Object.entries(constants.errno).find(([, value]) => value === errno)?.[0];
  // libuv's first: of two names with one number it has the usual one.
  const name = getSystemErrorName(-errno);
  return name.startsWith("E") ? name : (byNode ?? MORE_NAMES[errno] ?? `errno ${errno}`);
}

/** A system call that was refused. */
export class NativeError extends Error {
  override readonly name: string = "NativeError";
  /** `EPERM`, `EINVAL`, … */
  readonly code: string;
  /** The system's number of it, positive. */
  readonly errno: number;
  readonly syscall: string;
  /** What right is missing and the command that grants it, where it is for want of a right. */
  declare readonly missing?: string;

  constructor(syscall: string, errno: number, what: string, missing?: string) {
    const code = nameOf(errno);
    super(`${what}: ${syscall} says ${code}${missing === undefined ? "" : `; ${missing}`}`);
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
    if (missing !== undefined) this.missing = missing;
  }
}
