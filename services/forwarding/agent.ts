import type { TargetTable } from "../../interceptors/index.ts";
import { noLogger, systemClock } from "../../orb/base/index.ts";
import {
  type Clock,
  type Logger,
  type ObjectReference,
  type ORB,
  type Timer,
} from "../../orb/index.ts";
import { Flare } from "../monitor/index.ts";

const ADAPTER = "ForwardingAgent";
const MANAGER = "ReplicationManager";
/** Milliseconds between two registrations: the manager may have forgotten the agent, or be another one. */
const RENEW_MS = 5_000;
const CALL_TIMEOUT_MS = 5_000;

export interface ForwardingAgentOptions {
  /** Whose calls are redirected: it is called back by the manager, so it listens somewhere. */
  readonly orb: ORB;
  /** Where the redirecting interceptor looks: `new Redirection({ targets })`. */
  readonly targets: TargetTable;
  /** Initial reference `ReplicationManager` of the ORB where left out. */
  readonly manager?: ObjectReference;
  /**
   * Objects for which a connection to the next target is kept open, so that a call that is redirected need not wait for
   * it; none by default.
   */
  readonly ready?: readonly string[];
  /** Milliseconds; 5,000 by default. */
  readonly renewMs?: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** Flare::ForwardingAgent: takes what the manager pushes, so that the interceptor has it at hand. */
class AgentServant extends Flare.ForwardingAgentSkeleton {
  readonly #take: (changed: Flare.RankList) => void;

  constructor(take: (changed: Flare.RankList) => void) {
    super();
    this.#take = take;
  }

  update(changed: Flare.RankList): void {
    this.#take(changed);
  }
}

const present = (references: Flare.References): readonly ObjectReference[] =>
  references.filter((each) => each !== null);

/**
 * The forwarding agent of a client process: knows beforehand where each object goes on when its server fails, told by
 * the replication manager. When the manager is away the last that it said holds.
 */
export class ForwardingAgent implements AsyncDisposable {
  readonly #options: ForwardingAgentOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** By object: the latest ranking. */
  readonly #versions: Map<string, bigint> = new Map();
  /** Those to which a connection is kept open. */
  readonly #next: Map<string, ObjectReference> = new Map();
  #manager: Flare.ReplicationManager | undefined;
  #self: Flare.ForwardingAgent | undefined;
  #withdraw: (() => Promise<void>) | undefined;
  #timer: Timer | undefined;
  #isClosed = false;
  #isAway = false;

  private constructor(options: ForwardingAgentOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? noLogger;
  }

  /**
   * Begins with what the manager knows now. One that is not there is asked again every `renewMs`, and calls are not
   * redirected until then.
   */
  static async open(options: ForwardingAgentOptions): Promise<ForwardingAgent> {
    const agent = new ForwardingAgent(options);
    await agent.#open();
    return agent;
  }

  /** Whether the manager answered when it was asked last. */
  get isFed(): boolean {
    return this.#versions.size > 0 && !this.#isAway;
  }

  /** Hears no more, and tells the manager so; what the interceptor has it keeps. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer?.cancel();
    if (this.#self !== undefined)
      await this.#manager
        ?.withdraw_agent(this.#self, { timeoutMs: CALL_TIMEOUT_MS })
        .catch(() => undefined);
    await this.#withdraw?.();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(): Promise<void> {
    const { orb, manager = await orb.resolve_initial_references(MANAGER) } = this.#options;
    this.#manager = Flare.ReplicationManager.uncheckedNarrow(manager);
    const adapter = await orb.rootPOA.create_POA(ADAPTER, null, []);
    this.#withdraw = () => adapter.destroy(true, true);
    const servant = new AgentServant((changed) => this.#take(changed));
    this.#self = Flare.ForwardingAgent.uncheckedNarrow(await adapter.activate(servant));
    adapter.the_POAManager.activate();
    await this.#register();
  }

  async #register(): Promise<void> {
    const begun = new Map(this.#versions);
    try {
      const ranks = await this.#manager?.register_agent(this.#self ?? null, {
        timeoutMs: CALL_TIMEOUT_MS,
      });
      this.#replace(ranks ?? [], begun);
      for (const [object, next] of this.#next) this.#connect(object, next);
      if (this.#isAway) this.#logger.info("the replication manager is there again");
      this.#isAway = false;
    } catch (error) {
      if (!this.#isAway && !this.#isClosed)
        this.#logger.warn("the replication manager is away: targets stay as they are", { error });
      this.#isAway = true;
    } finally {
      this.#renewLater();
    }
  }

  #renewLater(): void {
    if (this.#isClosed) return;
    this.#timer = this.#clock.timer(this.#options.renewMs ?? RENEW_MS, () => void this.#register());
    this.#timer.unref();
  }

  /** @param begun what was known when they were asked for: objects that came meanwhile are newer */
  #replace(ranks: Flare.RankList, begun: ReadonlyMap<string, bigint>): void {
    const told = new Set(ranks.map(({ object_id }) => object_id));
    for (const [object, version] of this.#versions)
      if (!told.has(object) && begun.get(object) === version) this.#forget(object);
    this.#take(ranks);
  }

  #take(changed: Flare.RankList): void {
    for (const { object_id: object, version, targets, gone } of changed) {
      if (version <= (this.#versions.get(object) ?? -1n)) continue;
      if (targets.length + gone.length === 0) {
        this.#forget(object);
        continue;
      }
      this.#versions.set(object, version);
      const places = { targets: present(targets), gone: present(gone) };
      this.#options.targets.set(object, places);
      if (this.#options.ready?.includes(object) === true) this.#connect(object, places.targets[1]);
    }
  }

  /** A connection that is closed for being idle is opened again with the next registration. */
  #connect(object: string, next: ObjectReference | undefined): void {
    if (next === undefined) this.#next.delete(object);
    else this.#next.set(object, next);
    next?._validate_connection({ timeoutMs: CALL_TIMEOUT_MS }).catch((error: unknown) => {
      this.#logger.debug("the next target is not reached", { object, error });
    });
  }

  #forget(object: string): void {
    this.#versions.delete(object);
    this.#next.delete(object);
    this.#options.targets.delete(object);
  }
}
