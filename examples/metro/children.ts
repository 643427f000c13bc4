import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Milliseconds a child has to end in order before it is killed. */
const END_MS = 3_000;

/** A process this one started. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  /** The first line it prints that matches; fails when it ends before, or on `signal`. */
  readonly line: (pattern: RegExp, signal: AbortSignal) => Promise<RegExpExecArray>;
  /** Its exit code; 128 and more when a signal ended it, as shells count. */
  readonly ended: Promise<number>;
}

export interface StartOptions {
  /** `true`: its output goes straight to ours. */
  readonly shown?: boolean;
  /** Milliseconds after which it is killed. */
  readonly timeoutMs?: number;
}

async function endOf(process: ChildProcess): Promise<number> {
  const [code, signal] = (await once(process, "exit")) as [number | null, string | null];
  return code ?? (signal === "SIGKILL" ? 137 : 143);
}

/** Hands the lines of a child out, those from before somebody asked included. */
class Lines {
  readonly #past: string[] = [];
  readonly #waiting: Set<(line: string | undefined) => void> = new Set();
  #isOver = false;

  add(line: string): void {
    this.#past.push(line);
    for (const tell of this.#waiting) tell(line);
  }

  end(): void {
    this.#isOver = true;
    for (const tell of this.#waiting) tell(undefined);
  }

  find(pattern: RegExp, signal: AbortSignal): Promise<RegExpExecArray | undefined> {
    for (const line of this.#past) {
      const match = pattern.exec(line);
      if (match !== null) return Promise.resolve(match);
    }
    if (this.#isOver) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#waiting.delete(tell);
        reject(signal.reason as Error);
      };
      const tell = (line: string | undefined): void => {
        const match = line === undefined ? undefined : pattern.exec(line);
        if (match === null) return;
        this.#waiting.delete(tell);
        signal.removeEventListener("abort", stop);
        resolve(match);
      };
      this.#waiting.add(tell);
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    });
  }
}

/**
 * The processes this one started. None of them outlives it: those of Node have a channel to it and
 * end when that closes, however this process ends; what is left at an orderly end is killed.
 */
export class Children implements AsyncDisposable {
  readonly #running: Set<ChildProcess> = new Set();
  readonly #killAll = (): void => {
    for (const process of this.#running) process.kill("SIGKILL");
  };

  constructor() {
    process.once("exit", this.#killAll);
  }

  /** Starts a program of Node: `script` with `args`. */
  startNode(name: string, script: string, args: readonly string[], options?: StartOptions): Child {
    return this.start(name, process.execPath, [script, ...args], { ...options, channel: true });
  }

  start(
    name: string,
    program: string,
    args: readonly string[],
    options: StartOptions & { readonly channel?: boolean } = {},
  ): Child {
    const output = options.shown === true ? "inherit" : "pipe";
    const child = spawn(program, args, {
      stdio: ["ignore", output, "inherit", ...(options.channel === true ? ["ipc" as const] : [])],
      ...(options.timeoutMs === undefined
        ? {}
        : { timeout: options.timeoutMs, killSignal: "SIGKILL" as const }),
    });
    this.#running.add(child);
    const lines = new Lines();
    if (child.stdout !== null)
      createInterface({ input: child.stdout })
        .on("line", (line) => lines.add(line))
        .on("close", () => lines.end());
    const ended = endOf(child).finally(() => this.#running.delete(child));
    return {
      name,
      pid: child.pid ?? 0,
      ended,
      line: async (pattern, signal) => {
        const match = await lines.find(pattern, signal);
        if (match !== undefined) return match;
        throw new TypeError(`${name} ended with exit code ${await ended} before it was ready`);
      },
    };
  }

  /** Ends all of them, in order if they can. */
  async [Symbol.asyncDispose](): Promise<void> {
    const running = [...this.#running];
    for (const child of running) child.kill("SIGTERM");
    const timer = setTimeout(this.#killAll, END_MS);
    await Promise.all(
      running.map(async (child) => {
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      }),
    );
    clearTimeout(timer);
    process.off("exit", this.#killAll);
  }
}
