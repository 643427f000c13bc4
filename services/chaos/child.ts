import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Clock } from "../../orb/base/index.ts";
import type { SignalTarget } from "./faults.ts";
import { pause } from "./pause.ts";
import { ChaosError, type Signal } from "./process.ts";

export interface ChildOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** Milliseconds after which it is started anew when it has ended; undefined: it is not. */
  readonly restartMs: number | undefined;
  readonly clock: Clock;
  readonly tell: (line: string) => void;
}

/** Milliseconds that the program has to end in order. */
const END_MS = 10_000;

/** A program that is started to be harmed, and started anew when it died of it. */
export class ChildTarget implements SignalTarget, AsyncDisposable {
  readonly #options: ChildOptions;
  readonly #ending: AbortController = new AbortController();
  #child: ChildProcess | undefined;
  #running: Promise<void> = Promise.resolve();

  private constructor(options: ChildOptions) {
    this.#options = options;
  }

  /** @throws ChaosError when it cannot be started */
  static async start(options: ChildOptions): Promise<ChildTarget> {
    const target = new ChildTarget(options);
    await target.#start();
    return target;
  }

  get isAlive(): boolean {
    const child = this.#child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  get name(): string {
    return `${this.#options.program} (${this.#child?.pid ?? "ended"})`;
  }

  signal(signal: Signal): void {
    // Its number is its own until this process has been told of its end.
    if (!this.isAlive || this.#child?.kill(signal) !== true)
      throw new ChaosError("the program has ended");
  }

  /** Ends it: in order if it can. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    const child = this.#child;
    if (child !== undefined && this.isAlive) {
      child.kill("SIGCONT");
      child.kill("SIGTERM");
      const timer = this.#options.clock.timer(END_MS, () => void child.kill("SIGKILL"));
      await this.#running;
      timer.cancel();
    }
    await this.#running;
  }

  async #start(): Promise<void> {
    const { program, args, tell } = this.#options;
    const child = spawn(program, [...args], { stdio: "inherit" });
    const ended = once(child, "exit").catch(() => undefined);
    try {
      await once(child, "spawn");
    } catch (cause) {
      throw new ChaosError(`${program} cannot be started: ${(cause as Error).message}`, { cause });
    }
    this.#child = child;
    tell(`${program}: process ${child.pid}`);
    this.#running = ended.then(() => this.#again());
  }

  async #again(): Promise<void> {
    const { clock, restartMs, program, tell } = this.#options;
    const how = this.#child?.signalCode ?? `exit code ${this.#child?.exitCode}`;
    if (!this.#ending.signal.aborted) tell(`${program}: ended, ${how}`);
    if (restartMs === undefined) return;
    if (await pause(clock, restartMs, this.#ending.signal)) return;
    try {
      await this.#start();
    } catch (thrown) {
      tell((thrown as Error).message);
    }
  }
}
