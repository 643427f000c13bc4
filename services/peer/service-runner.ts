import type { Clock, Logger, Timer } from "../../orb/base/index.ts";
import type { ServiceTable } from "./options.ts";

/** What one service is: its table, all decided. */
export interface ServiceSpec extends ServiceTable {
  /** URL. */
  readonly module: string;
  /** Whether the configuration has it; else it was started from afar. */
  readonly configured: boolean;
}

/** Where a service stands; what belongs to a state alone lives in it. */
export type ServiceState =
  | { readonly at: "stopped" }
  | { readonly at: "starting" }
  | { readonly at: "running"; readonly reference: string }
  | { readonly at: "stopping" }
  /** `retryInMs`: it is tried again; undefined: it stays so until it is told to start. */
  | { readonly at: "failed"; readonly reason: string; readonly retryInMs: number | undefined };

/** A servant that runs. */
export interface Activation {
  /** Stringified. */
  readonly reference: string;
  /** Makes it known: names, discovery. @throws Error that says what is not */
  announce(): Promise<void>;
  /** Takes that back, as far as it was done. @throws Error that says what is still known */
  withdraw(): Promise<void>;
  /** Ends it: requests under way are answered. */
  deactivate(): Promise<void>;
}

/** What brings servants to life. */
export interface ServiceHost {
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * @param signal aborted: it is not wanted any more
   * @throws what is wrong with the module, its export, the adapter or the lane; the signal's reason
   */
  activate(spec: ServiceSpec, signal: AbortSignal): Promise<Activation>;
  /** Called with each change. */
  changed(runner: ServiceRunner): void;
}

/** The longest pause between two tries. */
const LONGEST_PAUSE_MS = 60_000;

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** A service could not be started or stopped; the message says why. */
export class ServiceFailed extends Error {
  override readonly name: string = "ServiceFailed";
}

/** One service: started, stopped, and tried again where it fails; one change after the other. */
export class ServiceRunner {
  readonly spec: ServiceSpec;
  readonly #host: ServiceHost;
  #state: ServiceState = { at: "stopped" };
  #sinceMs: number;
  #failures = 0;
  #activation: Activation | undefined;
  #retry: Timer | undefined;
  #last: Promise<unknown> = Promise.resolve();
  /** Aborted by the next stop: what was to start before it gives up, for it may wait for others, and long. */
  #wanted: AbortController = new AbortController();

  constructor(spec: ServiceSpec, host: ServiceHost) {
    this.spec = spec;
    this.#host = host;
    this.#sinceMs = host.clock.nowMs();
  }

  get state(): ServiceState {
    return this.#state;
  }

  /** Milliseconds in this state. */
  get inStateMs(): number {
    return this.#host.clock.nowMs() - this.#sinceMs;
  }

  /** Starts that failed in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** Starts it; harmless when it runs. @throws ServiceFailed; it may be tried again nevertheless */
  start(): Promise<void> {
    const { signal } = this.#wanted;
    return this.#inTurn(async () => {
      this.#cancelRetry();
      if (this.#state.at === "running") return;
      this.#failures = 0;
      await this.#start(signal);
    });
  }

  /** Stops it, and tries no more. @throws ServiceFailed when not all of it could be taken back */
  stop(): Promise<void> {
    this.#wanted.abort(new Error("it was told to stop"));
    this.#wanted = new AbortController();
    return this.#inTurn(async () => {
      this.#cancelRetry();
      const activation = this.#activation;
      this.#activation = undefined;
      if (activation === undefined) return this.#to({ at: "stopped" });
      this.#to({ at: "stopping" });
      const faults = await this.#end(activation);
      this.#to({ at: "stopped" });
      if (faults.length > 0) throw new ServiceFailed(`${this.spec.name}: ${faults.join("; ")}`);
    });
  }

  async #start(signal: AbortSignal): Promise<void> {
    const { name } = this.spec;
    this.#to({ at: "starting" });
    let activation: Activation | undefined;
    try {
      activation = await this.#host.activate(this.spec, signal);
      await activation.announce();
      this.#activation = activation;
      this.#failures = 0;
      this.#to({ at: "running", reference: activation.reference });
    } catch (thrown) {
      if (activation !== undefined) await this.#end(activation);
      const reason = textOf(thrown);
      if (signal.aborted) this.#to({ at: "stopped" });
      else {
        this.#failures++;
        this.#to({ at: "failed", reason, retryInMs: this.#plan() });
      }
      throw new ServiceFailed(`${name}: ${reason}`, { cause: thrown });
    }
  }

  /** Takes all of it back. @returns what could not be */
  async #end(activation: Activation): Promise<readonly string[]> {
    const faults: string[] = [];
    // Nobody is sent to an object that is about to go.
    for (const step of [() => activation.withdraw(), () => activation.deactivate()]) {
      try {
        await step();
      } catch (thrown) {
        faults.push(textOf(thrown));
      }
    }
    return faults;
  }

  /** The next try, if there is one. @returns in how many milliseconds */
  #plan(): number | undefined {
    const { restart, restartMs, mostRestarts } = this.spec;
    if (restart === "never" || this.#failures > mostRestarts) return undefined;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, restartMs * 2 ** (this.#failures - 1));
    this.#retry = this.#host.clock.timer(pauseMs, () => {
      this.#retry = undefined;
      // What comes of it is the state's to tell.
      const { signal } = this.#wanted;
      this.#inTurn(() => this.#start(signal)).catch(() => undefined);
    });
    return pauseMs;
  }

  #cancelRetry(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
  }

  #to(state: ServiceState): void {
    const { logger, clock } = this.#host;
    const { name } = this.spec;
    if (state.at === this.#state.at && state.at !== "failed") return;
    this.#state = state;
    this.#sinceMs = clock.nowMs();
    if (state.at === "failed") {
      const { reason, retryInMs } = state;
      const next = retryInMs === undefined ? "not tried again" : `tried again in ${retryInMs} ms`;
      logger.error(`service "${name}" failed: ${reason}; ${next}`);
    } else logger.info(`service "${name}" is ${state.at}`);
    this.#host.changed(this);
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const next = this.#last.then(change);
    this.#last = next.catch(() => undefined);
    return next;
  }
}
