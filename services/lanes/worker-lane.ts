import type { Deadline } from "../../orb/base/index.ts";
import type {
  Lane,
  LaneAdapter,
  LaneCounts,
  LaneEndpoint,
  LaneManager,
  LaneSpec,
  ModuleServant,
} from "../../orb/index.ts";
import { type Opening, type Placement, totalOf } from "../lane-thread/index.ts";
import type { LaneThread } from "./thread.ts";

/** What a lane needs to make its threads. */
export interface LaneParts {
  readonly spec: LaneSpec;
  readonly opening: Opening;
  /** What its threads count together. */
  readonly counts: Int32Array;
  /** By thread. */
  readonly placements: ReadonlyMap<number, Placement>;
  newThread(thread: number): LaneThread;
  readonly closed: () => void;
}

/** A lane whose threads are threads: one isolate each, one endpoint for all. */
export class WorkerLane implements Lane {
  readonly spec: LaneSpec;
  readonly #parts: LaneParts;
  readonly #threads: LaneThread[];
  /** Changes of the lane, one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #isClosing = false;

  /** Its static threads, which do nothing yet; one at the least. */
  constructor(parts: LaneParts) {
    this.spec = parts.spec;
    this.#parts = parts;
    const count = Math.max(1, parts.spec.staticThreads);
    this.#threads = Array.from({ length: count }, (_, thread) => parts.newThread(thread));
  }

  /** Where clients reach it. */
  get endpoint(): LaneEndpoint {
    return this.#threads[0]?.endpoint ?? { host: "", port: 0 };
  }

  get threads(): readonly LaneThread[] {
    return this.#threads;
  }

  get counts(): LaneCounts {
    const { counts } = this.#parts;
    return { running: totalOf(counts, "running"), waiting: totalOf(counts, "waiting") };
  }

  get strayCount(): number {
    return totalOf(this.#parts.counts, "strayed");
  }

  /** Where each thread runs, as the system said when it was placed. */
  get placements(): readonly Placement[] {
    const byThread = [...this.#parts.placements].toSorted(([a], [b]) => a - b);
    return byThread.map(([, placement]) => placement);
  }

  /** Makes the threads. @throws NO_RESOURCES */
  async start(deadline: Deadline): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.start(deadline)));
  }

  /** Has them serve, the first one behind the endpoint. @throws what opening the endpoint threw */
  async open(deadline: Deadline): Promise<void> {
    // One after the other: each is warm before the next one takes the processor.
    for (const thread of this.#threads) await thread.open(this.#openingOf(thread), deadline);
  }

  /** One thread more, when its bound allows it. @returns whether there is one more */
  grow(deadline: Deadline): Promise<boolean> {
    return this.#inTurn(async () => {
      const { spec } = this;
      const most = Math.max(1, spec.staticThreads) + spec.dynamicThreads;
      const [first] = this.#threads;
      if (this.#isClosing || first === undefined || this.#threads.length >= most) return false;
      const thread = this.#parts.newThread(this.#threads.length);
      try {
        await thread.start(deadline);
        await thread.open(this.#openingOf(thread), deadline);
        await first.changes.tell(thread.changes, deadline);
      } catch (error) {
        await thread.close(deadline);
        throw error;
      }
      this.#threads.push(thread);
      return true;
    });
  }

  async createAdapter(adapter: LaneAdapter, deadline: Deadline): Promise<void> {
    await this.#all(
      (thread) => thread.changes.createAdapter(adapter, deadline),
      (thread) => thread.changes.destroyAdapter(adapter.path, deadline),
    );
  }

  async destroyAdapter(path: readonly string[], deadline: Deadline): Promise<void> {
    await this.#all((thread) => thread.changes.destroyAdapter(path, deadline));
  }

  async activate(
    path: readonly string[],
    objectId: Uint8Array,
    servant: ModuleServant,
    deadline: Deadline,
  ): Promise<string> {
    const [repositoryId = ""] = await this.#all(
      (thread) => thread.changes.activate(path, objectId, servant, deadline),
      (thread) => thread.changes.deactivate(path, objectId, deadline),
    );
    return repositoryId;
  }

  async deactivate(
    path: readonly string[],
    objectId: Uint8Array,
    deadline: Deadline,
  ): Promise<void> {
    await this.#all((thread) => thread.changes.deactivate(path, objectId, deadline));
  }

  async assign(
    path: readonly string[],
    objectId: Uint8Array,
    priority: number | undefined,
    deadline: Deadline,
  ): Promise<void> {
    await this.#all((thread) => thread.changes.assign(path, objectId, priority, deadline));
  }

  async transform(by: ModuleServant | undefined, deadline: Deadline): Promise<void> {
    await this.#all((thread) => thread.changes.transform(by, deadline));
  }

  async manage(manager: LaneManager, deadline: Deadline): Promise<void> {
    await this.#all((thread) => thread.changes.manage(manager, deadline));
  }

  /** Not in turn: what comes behind it may be what ends it. */
  async completion(managerId: string, deadline: Deadline): Promise<void> {
    await Promise.all(
      this.#threads.map((thread) => thread.changes.completion(managerId, deadline)),
    );
  }

  async close(deadline: Deadline): Promise<void> {
    this.#isClosing = true;
    // The first one listens: the others answer what it handed to them, and end behind it.
    const [first, ...others] = this.#threads;
    await first?.close(deadline);
    await Promise.all(others.map((thread) => thread.close(deadline)));
    this.#parts.closed();
  }

  /** Only the first listens, unless all can; references that the others make name its endpoint. */
  #openingOf(thread: LaneThread): Opening {
    const { opening } = this.#parts;
    if (thread === this.#threads[0]) return opening;
    const { host, port } = this.endpoint;
    const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    return { ...opening, listen: opening.sharesPort ? this.#sharedPort() : [], publish: [address] };
  }

  #sharedPort(): readonly string[] {
    const port = this.#threads[0]?.listening?.port ?? 0;
    return this.#parts.opening.listen.map((at) => at.replace(/:\d+$/, `:${port}`));
  }

  /** In every thread, or in none: what was done is undone when one fails. */
  #all<T>(
    act: (thread: LaneThread) => Promise<T>,
    undo?: (thread: LaneThread) => Promise<void>,
  ): Promise<readonly T[]> {
    return this.#inTurn(async () => {
      const done = await Promise.allSettled(this.#threads.map(act));
      const failed = done.find((each) => each.status === "rejected");
      if (failed === undefined)
        return done.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
      const begun = this.#threads.filter((_, index) => done[index]?.status === "fulfilled");
      if (undo !== undefined) await Promise.allSettled(begun.map(undo));
      throw failed.reason;
    });
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const next = this.#last.then(change);
    this.#last = next.catch(() => undefined);
    return next;
  }
}
