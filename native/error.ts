import { getSystemErrorName } from "node:util";

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
    const code = getSystemErrorName(-errno);
    super(`${what}: ${syscall} says ${code}${missing === undefined ? "" : `; ${missing}`}`);
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
    if (missing !== undefined) this.missing = missing;
  }
}
