import type { ObjectReference, ORB } from "../../orb/index.ts";
import { BAD_PARAM, Completion, MINOR } from "../../orb/index.ts";
import { Flare, type Monitor } from "../monitor/index.ts";
import {
  addAgent,
  observe,
  processFailed,
  processorFailed,
  register,
  removeAgent,
  withdraw,
} from "./changes.ts";
import { placesOf } from "./locator.ts";
import { rank, utilizationOf } from "./ranking.ts";
import { type ManagerState, newManagerState, type ObjectState, versionAt } from "./state.ts";

/** Hears what has changed, behind the operation that changed it. */
export interface ManagerWatch {
  /** Rankings to be told to the agents. */
  changed(rankings: readonly Flare.Ranking[]): void;
  observed(processor: string): void;
}

/** Where the versions of rankings begin: agents pass over those that are not newer than what they have. */
export interface Versions {
  /** 0 where left out. */
  readonly first?: bigint;
  /** Versions are not below the time of the operation that makes them: of replicas, the group's clock. */
  readonly nowMs?: () => number;
}

/** A target, and where it is. */
export interface Placed {
  readonly reference: ObjectReference;
  readonly places: readonly string[];
}

/** References that are kept read. */
const MOST_REFERENCES = 100_000;

/**
 * Flare::ReplicationManager. `state` is all that it knows, plain data; its operations depend on nothing else, so it may
 * stand beneath a replicated POA (`PlainState` sees the one field).
 */
export class ManagerServant extends Flare.ReplicationManagerSkeleton {
  state: ManagerState;
  readonly #orb: Pick<ORB, "object_to_string" | "string_to_object">;
  readonly #watch: ManagerWatch;
  readonly #nowMs: (() => number) | undefined;
  /** References that were read already, by their texts. */
  readonly #references: Map<string, ObjectReference> = new Map();

  /** Where references lead, by their texts. */
  readonly #places: Map<string, readonly string[]> = new Map();

  constructor(
    orb: Pick<ORB, "object_to_string" | "string_to_object">,
    watch: ManagerWatch,
    { first, nowMs }: Versions = {},
  ) {
    super();
    this.#orb = orb;
    this.#watch = watch;
    this.#nowMs = nowMs;
    this.state = newManagerState(first);
  }

  async register_replica(what: Flare.Registration): Promise<void> {
    const reference = this.#textOf(what.replica, "the replica");
    const { object_id: object, process, processor, load } = what;
    const why = register(this.state, { object, process, processor, load, reference });
    if (why !== undefined) throw new Flare.Refused({ reason: why });
    await this.#rank();
  }

  async withdraw_replica(object_id: string, process: string): Promise<void> {
    const forgotten = withdraw(this.state, object_id, process);
    if (forgotten !== undefined) {
      this.#renew();
      const version = ++this.state.version;
      this.#watch.changed([{ object_id: forgotten, version, targets: [], gone: [] }]);
    }
    await this.#rank();
  }

  async register_agent(agent: Flare.ForwardingAgent | null): Promise<Flare.RankList> {
    const why = addAgent(this.state, this.#textOf(agent, "the agent"));
    if (why !== undefined) throw new Flare.Refused({ reason: why });
    return await this.ranks();
  }

  withdraw_agent(agent: Flare.ForwardingAgent | null): void {
    removeAgent(this.state, this.#textOf(agent, "the agent"));
  }

  async process_failed(processor: string, process: string): Promise<void> {
    processFailed(this.state, processor, process);
    await this.#rank();
  }

  async processor_failed(processor: string): Promise<void> {
    processorFailed(this.state, processor);
    await this.#rank();
  }

  async observe(what: Monitor.Report): Promise<void> {
    const { processor, run, number, utilization, gone } = what;
    const processes = what.processes.map(({ name }) => name);
    this.#watch.observed(processor);
    if (observe(this.state, { processor, run, number, utilization, processes, gone }))
      await this.#rank();
  }

  async ranks(): Promise<Flare.RankList> {
    return await Promise.all(
      [...this.state.objects.values()].map((object) => this.#rankingOf(object)),
    );
  }

  /** The targets of the object that has a replica at `place`, in their order; undefined where nobody has. */
  placed(place: string): readonly Placed[] | undefined {
    const object = [...this.state.objects.values()].find(({ replicas }) =>
      replicas.some(({ reference }) => this.#placesOf(reference).includes(place)),
    );
    return object?.ranking.targets.flatMap((process) => {
      const text = object.replicas.find((each) => each.process === process)?.reference ?? "";
      const reference = this.#references.get(text);
      return reference === undefined ? [] : [{ reference, places: this.#placesOf(text) }];
    });
  }

  report(): Flare.Status {
    const { version, agents, processors, objects } = this.state;
    return {
      version,
      agents: agents.length,
      processors: [...processors.values()].map((each) => ({
        processor: each.name,
        utilization: each.utilization,
        registered: utilizationOf(each, this.state),
        alive: each.isAlive,
        processes: each.processes,
      })),
      objects: [...objects.values()].map(statusOf),
    };
  }

  /** Rankings of all objects whose targets have changed by what was just told. */
  async #rank(): Promise<void> {
    this.#renew();
    const changed = rank(this.state);
    if (changed.length === 0) return;
    const objects = changed.flatMap((id) => this.state.objects.get(id) ?? []);
    this.#watch.changed(await Promise.all(objects.map((object) => this.#rankingOf(object))));
  }

  #renew(): void {
    const { state } = this;
    const now = this.#nowMs === undefined ? 0n : versionAt(this.#nowMs());
    if (state.version < now) state.version = now;
  }

  async #rankingOf({ id, replicas, ranking }: ObjectState): Promise<Flare.Ranking> {
    const { version, targets, gone } = ranking;
    const of = async (processes: readonly string[]): Promise<ObjectReference[]> => {
      const texts = processes.flatMap(
        (process) => replicas.find((each) => each.process === process)?.reference ?? [],
      );
      return await Promise.all(texts.map((text) => this.#referenceOf(text)));
    };
    return { object_id: id, version, targets: await of(targets), gone: await of(gone) };
  }

  async #referenceOf(text: string): Promise<ObjectReference> {
    const known = this.#references.get(text);
    if (known !== undefined) return known;
    const reference = await this.#orb.string_to_object(text);
    if (reference === null) throw new TypeError("a replica that was registered is nil");
    this.#remember(text, reference);
    return reference;
  }

  #placesOf(text: string): readonly string[] {
    let places = this.#places.get(text);
    if (places === undefined) {
      places = placesOf(text);
      if (this.#places.size >= MOST_REFERENCES) this.#places.clear();
      this.#places.set(text, places);
    }
    return places;
  }

  #remember(text: string, reference: ObjectReference): void {
    // Replicas that come and go leave theirs behind.
    if (this.#references.size >= MOST_REFERENCES) this.#references.clear();
    this.#references.set(text, reference);
  }

  #textOf(reference: ObjectReference | null, what: string): string {
    if (reference === null) throw new BAD_PARAM(`${what} is nil`, MINOR.none, Completion.no);
    return this.#orb.object_to_string(reference);
  }
}

function statusOf({ id, load, replicas, ranking }: ObjectState): Flare.ObjectStatus {
  const order = [...ranking.targets, ...ranking.gone];
  const sorted = order.flatMap(
    (process) => replicas.find((each) => each.process === process) ?? [],
  );
  return {
    object_id: id,
    load,
    replicas: sorted.map(({ process, processor, health }) => ({
      process,
      processor,
      alive: health === "alive",
    })),
  };
}
