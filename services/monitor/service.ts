import { chmod, mkdir } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { noLogger, systemClock } from "../../orb/base/index.ts";
import {
  type Clock,
  type Listener,
  type Logger,
  newTcpTransport,
  type ORB,
  string_to_ObjectId,
  type Timer,
  type Transport,
} from "../../orb/index.ts";
import * as Monitor from "./gen/Monitor.ts";
import { DEFAULT_LIFE_SOCKET } from "./life.ts";
import { Outbox } from "./outbox.ts";
import { Processes } from "./processes.ts";
import { type MonitorEvent, PLAN_BEGINNING, type PlanState, stepPlan } from "./report-plan.ts";
import { machineUtilization, MonitorError, type UtilizationSource } from "./utilization.ts";

/** The object key of `corbaloc::HOST:PORT/Monitor`. */
export const MONITOR_KEY = "Monitor";
/** Of one monitor. */
export const MOST_OBSERVERS = 16;
const OWNER_ONLY = 0o600;
/** Differences beneath this are of no interest to anyone. */
const RESOLUTION = 100;

export interface MonitorOptions {
  readonly orb: ORB;
  /** What reports call the processor; the host's name by default. */
  readonly processor?: string;
  /** Where processes show that they live. */
  readonly socket?: string;
  /** `/proc/stat` where left out; `groupUtilization` for a control group. */
  readonly source?: UtilizationSource;
  /** Observers from the start, such as replication managers: never forgotten. */
  readonly observers?: readonly Monitor.Observer[];
  /** Milliseconds between two looks at the processor; 250 by default. */
  readonly sampleMs?: number;
  /** Milliseconds between two reports; 1,000 by default. */
  readonly reportMs?: number;
  /** A utilization beyond which it is told at once, 0 to 1; 0.8 by default. */
  readonly threshold?: number;
  readonly transport?: Transport;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** A resource monitor at work. */
export interface ResourceMonitor extends AsyncDisposable {
  readonly root: Monitor.Host;
  readonly socket: string;
  /** What it would report now. */
  latest(): Monitor.Report;
  /** Listens to no process any more, and takes its object away. */
  close(): Promise<void>;
}

/** Starts the resource monitor of a host, or of a control group. @throws MonitorError */
export async function startMonitor(options: MonitorOptions): Promise<ResourceMonitor> {
  const { orb, socket = DEFAULT_LIFE_SOCKET } = options;
  const monitor = new Monitoring({ ...options, socket });
  const listener = await listen(options.transport, socket, monitor.processes);
  try {
    const adapter = await orb.rootPOA.create_POA(MONITOR_KEY, null, []);
    const poa = await adapter.createPoa("host", {
      lifespan: "PERSISTENT",
      idAssignment: "USER_ID",
    });
    const id = string_to_ObjectId(MONITOR_KEY);
    poa.activate_object_with_id(id, new HostServant(monitor));
    monitor.root = Monitor.Host.uncheckedNarrow(poa.id_to_reference(id));
    orb.bindPlainKey(MONITOR_KEY, monitor.root);
    adapter.the_POAManager.activate();
    monitor.begin(async () => {
      await listener.close();
      orb._withdraw(MONITOR_KEY);
      await adapter.destroy(true, true);
    });
    return monitor;
  } catch (thrown) {
    await listener.close();
    throw thrown;
  }
}

async function listen(
  transport: Transport = newTcpTransport({ keepAliveMs: 0 }),
  socket: string,
  processes: Processes,
): Promise<Listener> {
  try {
    await mkdir(dirname(socket), { recursive: true });
    const listener = await transport.listen({ host: "", port: 0, path: socket }, (channel) =>
      processes.accept(channel),
    );
    // Who may say that a process lives may say which.
    await chmod(socket, OWNER_ONLY);
    return listener;
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new MonitorError(`the monitor cannot listen at ${socket}: ${code}`, { cause });
  }
}

class HostServant extends Monitor.HostSkeleton {
  readonly #monitor: Monitoring;

  constructor(monitor: Monitoring) {
    super();
    this.#monitor = monitor;
  }

  latest(): Monitor.Report {
    return this.#monitor.latest();
  }

  subscribe(who: Monitor.Observer | null): void {
    if (who !== null) this.#monitor.subscribe(who);
  }

  unsubscribe(who: Monitor.Observer | null): void {
    if (who !== null) this.#monitor.unsubscribe(who);
  }
}

class Monitoring implements ResourceMonitor {
  root!: Monitor.Host;
  readonly socket: string;
  readonly processes: Processes;
  readonly #options: MonitorOptions;
  readonly #clock: Clock;
  readonly #source: UtilizationSource;
  readonly #outboxes: Map<Monitor.Observer, Outbox> = new Map();
  readonly #run: bigint;
  #plan: PlanState = PLAN_BEGINNING;
  #utilization = 0;
  #number = 0n;
  #why: Monitor.Cause = "CAUSE_PERIOD";
  #timer: Timer | undefined;
  #withdraw: (() => Promise<void>) | undefined;
  #isClosed = false;

  constructor(options: MonitorOptions & { readonly socket: string }) {
    this.#options = options;
    this.socket = options.socket;
    this.#clock = options.clock ?? systemClock;
    this.#source = options.source ?? machineUtilization();
    this.#run = BigInt(Math.floor(this.#clock.wallMs()));
    this.processes = new Processes(
      {
        changed: () => this.#happened({ kind: "change" }),
        died: (name) => {
          this.#logger.warn("a process has died", { process: name });
          this.#happened({ kind: "fault" });
        },
      },
      this.#clock,
    );
    for (const observer of options.observers ?? []) this.#add(observer, true);
  }

  get #logger(): Logger {
    return this.#options.logger ?? noLogger;
  }

  begin(withdraw: () => Promise<void>): void {
    this.#withdraw = withdraw;
    this.#sample();
  }

  latest(): Monitor.Report {
    return {
      processor: this.#options.processor ?? hostname(),
      run: this.#run,
      number: this.#number,
      why: this.#why,
      utilization: this.#utilization,
      processes: this.processes.alive,
      gone: this.processes.gone,
    };
  }

  /** @throws Monitor.TooMany */
  subscribe(who: Monitor.Observer): void {
    const known = this.#known(who);
    if (known === undefined && this.#outboxes.size >= MOST_OBSERVERS)
      throw new Monitor.TooMany({ most: MOST_OBSERVERS });
    this.#number++;
    (known === undefined ? this.#add(who, false) : known[1]).tell(this.latest());
  }

  unsubscribe(who: Monitor.Observer): void {
    const known = this.#known(who);
    if (known === undefined) return;
    known[1].close();
    this.#outboxes.delete(known[0]);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer?.cancel();
    for (const outbox of this.#outboxes.values()) outbox.close();
    this.#outboxes.clear();
    this.processes.close();
    await this.#withdraw?.();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #known(who: Monitor.Observer): readonly [Monitor.Observer, Outbox] | undefined {
    return [...this.#outboxes].find(([each]) => each._is_equivalent(who));
  }

  #add(observer: Monitor.Observer, isKept: boolean): Outbox {
    const lost = (): void => void this.#outboxes.delete(observer);
    const outbox = new Outbox(observer, this.#clock, this.#logger, isKept ? undefined : lost);
    this.#outboxes.set(observer, outbox);
    return outbox;
  }

  #sample(): void {
    const { sampleMs = 250 } = this.#options;
    this.#timer = this.#clock.timer(sampleMs, () => {
      this.#sample();
      const utilization = this.#source();
      if (utilization === undefined) return;
      this.#utilization = Math.round(utilization * RESOLUTION) / RESOLUTION;
      this.#happened({ kind: "sample", utilization: this.#utilization });
    });
    this.#timer.unref();
  }

  #happened(event: MonitorEvent): void {
    if (this.#isClosed) return;
    const { reportMs = 1_000, threshold = 0.8 } = this.#options;
    const { state, due } = stepPlan(this.#plan, event, this.#clock.nowMs(), {
      reportMs,
      threshold,
    });
    this.#plan = state;
    if (due === undefined) return;
    this.#why = due;
    this.#number++;
    const report = this.latest();
    for (const outbox of this.#outboxes.values()) outbox.tell(report);
  }
}
