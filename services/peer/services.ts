import type { Clock, Logger } from "../../orb/base/index.ts";
import type { PartState } from "../health/index.ts";
import type { AllowList } from "./allow-list.ts";
import {
  type Activation,
  type ServiceHost,
  ServiceRunner,
  type ServiceSpec,
} from "./service-runner.ts";

/** There is no service of that name. */
export class UnknownServiceError extends Error {
  override readonly name: string = "UnknownServiceError";
  readonly service: string;
  readonly known: readonly string[];

  constructor(service: string, known: readonly string[]) {
    super(`there is no service "${service}"; there are: ${known.join(", ") || "none"}`);
    this.service = service;
    this.known = known;
  }
}

/** What was asked for contradicts itself or what is there. */
export class DemandError extends Error {
  override readonly name: string = "DemandError";
}

/** The configuration does not allow it; the message names the key that would. */
export class NotAllowedError extends Error {
  override readonly name: string = "NotAllowedError";
}

export interface ServicesOptions {
  readonly specs: readonly ServiceSpec[];
  readonly activate: ServiceHost["activate"];
  /** Of services that the configuration does not have. */
  readonly allowed: AllowList;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly changed: (runner: ServiceRunner) => void;
}

/** Services from afar at a time: each has an object, names and perhaps threads. */
const MOST_DEPLOYED = 1_000;

/** All services of a peer. */
export class Services implements ServiceHost {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly #options: ServicesOptions;
  readonly #runners: Map<string, ServiceRunner> = new Map();
  #isClosing = false;

  constructor(options: ServicesOptions) {
    this.clock = options.clock;
    this.logger = options.logger;
    this.#options = options;
    for (const spec of options.specs) this.#runners.set(spec.name, new ServiceRunner(spec, this));
  }

  activate(spec: ServiceSpec, signal: AbortSignal): Promise<Activation> {
    return this.#options.activate(spec, signal);
  }

  changed(runner: ServiceRunner): void {
    this.#options.changed(runner);
  }

  list(): readonly ServiceRunner[] {
    return [...this.#runners.values()];
  }

  /** @throws UnknownServiceError */
  find(name: string): ServiceRunner {
    const runner = this.#runners.get(name);
    if (runner === undefined) throw new UnknownServiceError(name, [...this.#runners.keys()]);
    return runner;
  }

  /** Starts those that start with the peer. One that fails is tried again; the others do not wait for it. */
  async startAll(): Promise<void> {
    if (this.#isClosing) return;
    const auto = this.list().filter(({ spec }) => spec.start === "auto");
    await Promise.allSettled(auto.map((runner) => runner.start()));
  }

  /** @throws UnknownServiceError, ServiceFailed */
  async start(name: string): Promise<ServiceRunner> {
    const runner = this.find(name);
    this.#checkOpen();
    await runner.start();
    return runner;
  }

  /** @throws UnknownServiceError, ServiceFailed */
  async stop(name: string): Promise<ServiceRunner> {
    const runner = this.find(name);
    try {
      await runner.stop();
    } finally {
      if (!runner.spec.configured) this.#runners.delete(name);
    }
    return runner;
  }

  /** Starts one that the configuration does not have. @throws NotAllowedError, DemandError, ServiceFailed */
  async deploy(spec: ServiceSpec): Promise<ServiceRunner> {
    this.#checkOpen();
    if (!this.#options.allowed.allows(spec.module))
      throw new NotAllowedError(
        `${spec.module} may not be started from afar; control.allow of the peer's configuration names the modules that may`,
      );
    if (this.#runners.has(spec.name))
      throw new DemandError(`there is a service "${spec.name}" already`);
    if (this.list().filter((each) => !each.spec.configured).length >= MOST_DEPLOYED)
      throw new DemandError(`${MOST_DEPLOYED} services were started from afar: stop one first`);
    const runner = new ServiceRunner(spec, this);
    this.#runners.set(spec.name, runner);
    try {
      await runner.start();
    } catch (thrown) {
      this.#runners.delete(spec.name);
      throw thrown;
    }
    return runner;
  }

  /** What makes the replica of a service anew, once it has left its group; by the names of those that there are now. */
  replicas(): Readonly<Record<string, () => Promise<void>>> {
    const replicated = this.list().filter(({ spec }) => spec.replication !== undefined);
    return Object.fromEntries(
      replicated.map((runner) => [
        runner.spec.name,
        async () => {
          await runner.stop();
          await runner.start();
        },
      ]),
    );
  }

  /** Ready when all that start with the peer run. */
  state(): PartState {
    const auto = this.list().filter(({ spec }) => spec.start === "auto");
    const waiting = auto.filter(({ state }) => state.at !== "running");
    const running = this.list().filter(({ state }) => state.at === "running").length;
    const late = waiting.map(({ spec, state }) => `${spec.name} ${state.at}`).join(", ");
    return {
      ready: waiting.length === 0,
      state: `${running} running${late === "" ? "" : `; ${late}`}`,
    };
  }

  /** Stops all of them. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const results = await Promise.allSettled(this.list().map((runner) => runner.stop()));
    for (const each of results)
      if (each.status === "rejected")
        this.logger.warn("a service did not end in order", { error: each.reason as Error });
  }

  #checkOpen(): void {
    if (this.#isClosing) throw new DemandError("the peer is ending");
  }
}
