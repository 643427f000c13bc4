import { systemClock, noLogger } from "../../orb/base/index.ts";
import {
  type Clock,
  type DispatchGate,
  type Logger,
  type ObjectReference,
  type ORB,
  type ReplicationOptions,
  string_to_ObjectId,
  type Timer,
} from "../../orb/index.ts";
import { Flare } from "../monitor/index.ts";
import { replicated } from "../replication/index.ts";
import type { FailoverLocator } from "./locator.ts";
import { Pushes } from "./pushes.ts";
import { ManagerServant } from "./servant.ts";
import { versionAt } from "./state.ts";

/** The object key of `corbaloc::HOST:PORT/ReplicationManager`, and the id of the initial reference. */
export const MANAGER_KEY = "ReplicationManager";
/** Milliseconds without a report after which a processor is taken for failed. */
const SILENT_MS = 5_000;
const OWN_CALL_MS = 5_000;
/** Operations that change nothing. */
const READS: readonly string[] = ["ranks", "report"];

export interface ManagerOptions {
  readonly orb: ORB;
  /** Of the same ORB; without it there is no reactive strategy. */
  readonly locator?: FailoverLocator;
  /** Milliseconds without a report of its monitor after which a processor counts as failed; 5,000 by default. */
  readonly silentMs?: number;
  /** The manager is one of several that know the same, by the replicator of its ORB; all the same at all of them. */
  readonly replication?: ReplicationOptions;
  /** Of a replica of the manager, in place of `replication`: through which its operations are ordered. */
  readonly gate?: DispatchGate;
  /** Of a replica of the manager: whether it is the one that tells agents. Always, where left out. */
  readonly isSpeaking?: () => boolean;
  /** The same at all replicas of the manager, and newer than that of an earlier run; by the time where left out. */
  readonly firstVersion?: bigint;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** A replication manager at work. */
export interface ReplicationManager extends AsyncDisposable {
  readonly root: Flare.ReplicationManager;
  /** What there is to be replicated: its plain fields are the state. */
  readonly servant: ManagerServant;
  /** A replica that is the one from now on: tells agents all there is, for its predecessor may have kept it to itself. */
  speak(): Promise<void>;
  /** Tells no more agents, and takes its object away. */
  close(): Promise<void>;
}

/** Starts the middleware replication manager in an ORB. */
export async function startManager(options: ManagerOptions): Promise<ReplicationManager> {
  const { orb, gate, replication } = options;
  const parent = await orb.rootPOA.create_POA(MANAGER_KEY, null, []);
  const poa = await parent.createPoa("manager", {
    lifespan: "PERSISTENT",
    idAssignment: "USER_ID",
    ...(gate === undefined ? {} : { gate }),
    ...(replication === undefined ? {} : { replication: { ...replication, reads: READS } }),
  });
  const manager = new Manager(options, () => parent.destroy(true, true));
  const id = string_to_ObjectId(MANAGER_KEY);
  poa.activate_object_with_id(id, manager.servant);
  manager.root = Flare.ReplicationManager.uncheckedNarrow(poa.id_to_reference(id));
  orb.bindPlainKey(MANAGER_KEY, manager.root);
  parent.the_POAManager.activate();
  manager.begin();
  return manager;
}

class Manager implements ReplicationManager {
  root!: Flare.ReplicationManager;
  readonly servant: ManagerServant;
  readonly #options: ManagerOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #silentMs: number;
  readonly #pushes: Pushes;
  readonly #agents: Map<string, Flare.ForwardingAgent> = new Map();
  /** When each processor was heard of. */
  readonly #heardMs: Map<string, number> = new Map();
  readonly #withdraw: () => Promise<void>;
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(options: ManagerOptions, withdraw: () => Promise<void>) {
    const { orb, clock = systemClock, logger = noLogger, silentMs = SILENT_MS } = options;
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
    this.#silentMs = silentMs;
    this.#withdraw = withdraw;
    this.#pushes = new Pushes({
      push: (agent, changed, timeoutMs) => this.#push(agent, changed, timeoutMs),
      lost: (agent) => void this.#lost(agent),
      clock,
      logger,
    });
    const { firstVersion, replication } = options;
    // Replicas begin with one state, and none of them began at the same instant.
    const versions =
      replication === undefined
        ? { first: firstVersion ?? versionAt(clock.wallMs()) }
        : { nowMs: () => replicated.nowMs() };
    this.servant = new ManagerServant(
      orb,
      {
        changed: (rankings) => {
          if (options.isSpeaking?.() ?? true) this.#tell(rankings);
        },
        observed: (processor) => void this.#heardMs.set(processor, clock.nowMs()),
      },
      versions,
    );
  }

  begin(): void {
    this.#options.locator?.attach((failed) => this.#locate(failed));
    this.#look();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#options.locator?.attach(undefined);
    this.#pushes.close();
    this.#options.orb._withdraw(MANAGER_KEY);
    await this.#withdraw();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async speak(): Promise<void> {
    const { processors } = this.servant.state;
    // Silence counts from now on: this replica may have heard of none.
    for (const { name, isAlive } of processors.values())
      if (isAlive && !this.#heardMs.has(name)) this.#heardMs.set(name, this.#clock.nowMs());
    this.#tell(await this.servant.ranks());
  }

  #tell(rankings: readonly Flare.Ranking[]): void {
    const { agents } = this.servant.state;
    for (const known of this.#agents.keys())
      if (!agents.includes(known)) this.#agents.delete(known);
    this.#pushes.tell(agents, rankings);
  }

  async #push(text: string, changed: Flare.RankList, timeoutMs: number): Promise<void> {
    let agent = this.#agents.get(text);
    if (agent === undefined) {
      const reference = await this.#options.orb.string_to_object(text);
      if (reference === null) return;
      agent = Flare.ForwardingAgent.uncheckedNarrow(reference);
      this.#agents.set(text, agent);
    }
    await agent.update(changed, { timeoutMs });
  }

  /** By the manager's own operation: its replicas forget the agent, too. */
  async #lost(text: string): Promise<void> {
    const agent = this.#agents.get(text);
    this.#agents.delete(text);
    if (agent === undefined) return;
    await this.#own("an agent is not forgotten", () =>
      this.root.withdraw_agent(agent, { timeoutMs: OWN_CALL_MS }),
    );
  }

  async #own(fault: string, call: () => Promise<void>): Promise<void> {
    try {
      await call();
    } catch (error) {
      if (!this.#isClosed) this.#logger.warn(fault, { error });
    }
  }

  /** Processors whose monitors have fallen silent. */
  #look(): void {
    this.#timer = this.#clock.timer(this.#silentMs / 4, () => {
      this.#look();
      const before = this.#clock.nowMs() - this.#silentMs;
      for (const [processor, heardMs] of this.#heardMs)
        if (heardMs < before) void this.#silent(processor);
    });
    this.#timer.unref();
  }

  async #silent(processor: string): Promise<void> {
    this.#heardMs.delete(processor);
    if (!(this.#options.isSpeaking?.() ?? true)) return;
    this.#logger.warn("the monitor of a processor is silent: its replicas are no targets", {
      processor,
    });
    await this.#own("a processor is not taken for failed", () =>
      this.root.processor_failed(processor, { timeoutMs: OWN_CALL_MS }),
    );
  }

  /** The best place of the object that was at those. */
  #locate(failed: readonly string[]): ObjectReference | undefined {
    for (const place of failed.toReversed()) {
      const best = this.servant
        .placed(place)
        ?.find(({ places }) => !places.some((at) => failed.includes(at)));
      if (best !== undefined) return best.reference;
    }
    return undefined;
  }
}
