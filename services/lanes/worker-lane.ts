import type { Deadline } from "../../orb/base/index.ts";
import type { Lane, LaneAdapter, LaneEndpoint, LaneSpec, ModuleServant } from "../../orb/index.ts";
import type { Placement } from "../lane/index.ts";
import type { LaneThread } from "./thread.ts";

/** A lane whose threads are threads: one isolate each, one endpoint for all. */
export class WorkerLane implements Lane {
  readonly spec: LaneSpec;
  readonly endpoint: LaneEndpoint;
  readonly #threads: readonly LaneThread[];
  readonly #placements: ReadonlyMap<number, Placement>;

  /** @param threads that serve, the first of which listens */
  constructor(
    spec: LaneSpec,
    endpoint: LaneEndpoint,
    threads: readonly LaneThread[],
    placements: ReadonlyMap<number, Placement>,
  ) {
    this.spec = spec;
    this.endpoint = endpoint;
    this.#threads = threads;
    this.#placements = placements;
  }

  /** Where each thread runs, as the system said when it was placed. */
  get placements(): readonly Placement[] {
    return [...this.#placements].toSorted(([a], [b]) => a - b).map(([, placement]) => placement);
  }

  async createAdapter(adapter: LaneAdapter, deadline: Deadline): Promise<void> {
    await this.#all(
      (thread) => thread.createAdapter(adapter, deadline),
      (thread) => thread.destroyAdapter(adapter.path, deadline),
    );
  }

  async destroyAdapter(path: readonly string[], deadline: Deadline): Promise<void> {
    await this.#all((thread) => thread.destroyAdapter(path, deadline));
  }

  async activate(
    path: readonly string[],
    objectId: Uint8Array,
    servant: ModuleServant,
    deadline: Deadline,
  ): Promise<string> {
    const [repositoryId = ""] = await this.#all(
      (thread) => thread.activate(path, objectId, servant, deadline),
      (thread) => thread.deactivate(path, objectId, deadline),
    );
    return repositoryId;
  }

  async deactivate(
    path: readonly string[],
    objectId: Uint8Array,
    deadline: Deadline,
  ): Promise<void> {
    await this.#all((thread) => thread.deactivate(path, objectId, deadline));
  }

  async close(deadline: Deadline): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close(deadline)));
  }

  /** In every thread, or in none: what was done is undone when one fails. */
  async #all<T>(
    act: (thread: LaneThread) => Promise<T>,
    undo?: (thread: LaneThread) => Promise<void>,
  ): Promise<readonly T[]> {
    const done = await Promise.allSettled(this.#threads.map(act));
    const failed = done.find((each) => each.status === "rejected");
    if (failed === undefined)
      return done.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    const begun = this.#threads.filter((_, index) => done[index]?.status === "fulfilled");
    if (undo !== undefined) await Promise.allSettled(begun.map(undo));
    throw failed.reason;
  }
}
