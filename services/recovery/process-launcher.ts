import { type ChildProcess, spawn } from "node:child_process";
import type { ReplicaAddress } from "../../interceptors/index.ts";
import { Deferred } from "../../orb/base/index.ts";
import type { Launcher, ReplicaListener, RunningReplica } from "./launcher.ts";
import { fromReplica, type ToReplica } from "./letters.ts";

export interface ProcessLauncherOptions {
  /** A program of Node that calls `serveRecovery`. */
  readonly module: string;
  readonly args?: readonly string[];
  /** Beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where its standard error goes: to that of this process by default. */
  readonly errors?: "inherit" | "ignore";
}

/** Milliseconds a replica is given to end in good order before it is killed. */
const RETIRE_MS = 10_000;

/** Starts replicas as child processes of this one; when this one ends, they do. */
export class ProcessLauncher implements Launcher {
  readonly #options: ProcessLauncherOptions;

  constructor(options: ProcessLauncherOptions) {
    this.#options = options;
  }

  async start(listener: ReplicaListener, signal: AbortSignal): Promise<RunningReplica> {
    const { module, args = [], env = {}, errors = "inherit" } = this.#options;
    signal.throwIfAborted();
    const child = spawn(process.execPath, [...process.execArgv, module, ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "ignore", errors, "ipc"],
    });
    const replica = new ProcessReplica(child, listener, `${module} ${args.join(" ")}`.trim());
    const abort = (): void => replica.fail(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      await replica.ready;
      return replica;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }
}

class ProcessReplica implements RunningReplica {
  readonly #child: ChildProcess;
  readonly #ready = new Deferred<void>();
  /** Of the latest move. */
  #moved: Deferred<void> | undefined;
  #end: Error | undefined;
  #address: ReplicaAddress = { host: "", port_number: 0 };
  #retirement: NodeJS.Timeout | undefined;

  constructor(child: ChildProcess, listener: ReplicaListener, command: string) {
    this.#child = child;
    child.on("message", (letter) => {
      const told = fromReplica(letter);
      if (told?.tells === "ready") {
        this.#address = told.address;
        this.#ready.resolve();
      } else if (told?.tells === "level") {
        listener.level(told.level);
      } else if (told?.tells === "moved") {
        this.#moved?.resolve();
      }
    });
    const over = (why: string): void => {
      if (this.#end !== undefined) return;
      this.#end = new Error(`${command}: ${why}`);
      clearTimeout(this.#retirement);
      this.#ready.reject(this.#end);
      this.#moved?.reject(this.#end);
      listener.ended(why);
    };
    child.once("error", (error) => over(error.message));
    child.once("exit", (code, signal) => over(signal === null ? `exit code ${code}` : `${signal}`));
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get name(): string {
    return `process ${this.#child.pid ?? 0}`;
  }

  get address(): ReplicaAddress {
    return this.#address;
  }

  /** It takes too long to start. */
  fail(reason: unknown): void {
    this.#ready.reject(reason);
    this.kill();
  }

  know(others: readonly ReplicaAddress[]): void {
    this.#ask({ asks: "know", replicas: others });
  }

  async move(to: readonly ReplicaAddress[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#end !== undefined) throw this.#end;
    const moved = new Deferred<void>();
    this.#moved = moved;
    const abort = (): void => moved.reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      this.#ask({ asks: "move", replicas: to });
      await moved.promise;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  retire(): void {
    this.#ask({ asks: "retire" });
    this.#retirement ??= setTimeout(() => this.kill(), RETIRE_MS);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  // One that is gone hears nothing; that it is gone is told by its end.
  #ask(letter: ToReplica): void {
    if (this.#child.connected) this.#child.send(letter, () => undefined);
  }
}
