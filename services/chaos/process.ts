import { readFileSync } from "node:fs";

/** A fault that is not done, and why. */
export class ChaosError extends Error {
  override readonly name: string = "ChaosError";
}

/** What the system says of processes, and does to them. */
export interface ProcessTable {
  /** Text of `/proc/PID/FILE`; undefined where there is none. */
  read(pid: number, file: "stat" | "status" | "cmdline"): string | undefined;
  /** @throws the system's error */
  kill(pid: number, signal: Signal): void;
  readonly self: number;
}

/** 0 asks whether it may be sent one. */
export type Signal = "SIGKILL" | "SIGSTOP" | "SIGCONT" | 0;

export const systemProcesses: ProcessTable = {
  read: (pid, file) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, "utf8");
    } catch {
      return undefined;
    }
  },
  kill: (pid, signal) => void process.kill(pid, signal),
  self: process.pid,
};

interface Stat {
  readonly state: string;
  readonly parent: number;
  /** Clock ticks since the machine's start at which it was started. */
  readonly started: string;
}

/** Places behind the name in /proc/PID/stat (proc(5)): state is the third field of all, the parent the fourth, the start the 22nd. */
const STATE = 0;
const PARENT = 1;
const STARTED = 19;
const ENDED: ReadonlySet<string> = new Set(["Z", "X", "x"]);
const INIT = 1;
/** Parents of parents: a chain that does not end is none. */
const MOST_ANCESTORS = 1_000;
const FORM = /^([1-9]\d{0,9})(?:@(\d+))?$/;

function statOf(table: ProcessTable, pid: number): Stat | undefined {
  const text = table.read(pid, "stat");
  // A program may have any name, with spaces and brackets.
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, parent, started] = [fields?.[STATE], fields?.[PARENT], fields?.[STARTED]];
  if (state === undefined || parent === undefined || started === undefined) return undefined;
  return ENDED.has(state) ? undefined : { state, parent: Number(parent), started };
}

/**
 * One process, whoever started it. Known by its number and the instant of its start: the system gives numbers anew, and
 * another process is not to be harmed.
 */
export class Victim {
  readonly pid: number;
  readonly started: string;
  readonly #table: ProcessTable;

  private constructor(pid: number, started: string, table: ProcessTable) {
    this.pid = pid;
    this.started = started;
    this.#table = table;
  }

  /**
   * @param text `PID`, or `PID@START` as `toString` gives it
   * @throws ChaosError for one that is not there, may not be harmed by this user, or must not be by anybody
   */
  static find(text: string, table: ProcessTable = systemProcesses): Victim {
    const [, digits = "", wanted] = FORM.exec(text) ?? [];
    if (digits === "")
      throw new ChaosError(`"${text}" is no process: PID or PID@START is needed, as 4711`);
    const pid = Number(digits);
    if (pid === INIT) throw new ChaosError("process 1 is the system's first: it is let alone");
    if (ancestorsOf(table).includes(pid))
      throw new ChaosError(`process ${pid} is this command, or one that started it`);
    const stat = statOf(table, pid);
    if (stat === undefined) throw new ChaosError(`there is no process ${pid}`);
    if (wanted !== undefined && wanted !== stat.started)
      throw new ChaosError(
        `process ${pid} is another one: it was started at ${stat.started}, not at ${wanted}`,
      );
    refuseOthers(table, pid);
    return new Victim(pid, stat.started, table);
  }

  /** Whether it runs, or stands. */
  get isAlive(): boolean {
    return statOf(this.#table, this.pid)?.started === this.started;
  }

  /** @throws ChaosError where it has ended, or the system refuses */
  signal(signal: Signal): void {
    if (!this.isAlive) throw new ChaosError(`process ${this.pid} has ended`);
    send(this.#table, this.pid, signal);
  }

  toString(): string {
    return `${this.pid}@${this.started}`;
  }
}

function ancestorsOf(table: ProcessTable): readonly number[] {
  const found = [table.self];
  for (let pid = statOf(table, table.self)?.parent; pid !== undefined && pid > INIT; ) {
    found.push(pid);
    pid = found.length > MOST_ANCESTORS ? undefined : statOf(table, pid)?.parent;
  }
  return found;
}

function refuseOthers(table: ProcessTable, pid: number): void {
  const group = /^Tgid:\s*(\d+)$/m.exec(table.read(pid, "status") ?? "")?.[1];
  if (group !== undefined && Number(group) !== pid)
    throw new ChaosError(`${pid} is a thread of process ${group}: a signal would be for all of it`);
  if (table.read(pid, "cmdline") === "")
    throw new ChaosError(`process ${pid} is a thread of the kernel`);
  send(table, pid, 0);
}

function send(table: ProcessTable, pid: number, signal: Signal): void {
  try {
    table.kill(pid, signal);
  } catch (cause) {
    const code = (cause as { code?: string }).code;
    const why =
      code === "EPERM" ? "it is another user's (EPERM)" : `the system refuses (${String(code)})`;
    throw new ChaosError(`process ${pid} cannot be sent a signal: ${why}`, { cause });
  }
}
