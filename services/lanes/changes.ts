import type { Deadline } from "../../orb/base/index.ts";
import type { LaneAdapter, LaneManager, ModuleServant } from "../../orb/index.ts";
import type { LaneControl, LaneLink } from "../lane-thread/index.ts";
import { LaneHistory } from "./history.ts";

/** The thread that is changed. */
export interface Changing {
  readonly isServing: boolean;
  /** Settled when it serves: while it is made anew, changes wait. @throws TRANSIENT, at the deadline or where it has ended */
  whenServing(call: string, deadline: Deadline): Promise<void>;
  /** @throws TRANSIENT when it does not run */
  link(): LaneLink<LaneControl>;
}

/** What the thread of a lane is told of adapters, servants and managers; told again to one that is made anew. */
export class ThreadChanges {
  readonly #thread: Changing;
  readonly #history = new LaneHistory();

  constructor(thread: Changing) {
    this.#thread = thread;
  }

  createAdapter(adapter: LaneAdapter, deadline: Deadline): Promise<void> {
    return this.#change("createAdapter", [adapter], deadline, () =>
      this.#history.adapterCreated(adapter),
    );
  }

  destroyAdapter(path: readonly string[], deadline: Deadline): Promise<void> {
    return this.#change("destroyAdapter", [path], deadline, () =>
      this.#history.adapterDestroyed(path),
    );
  }

  activate(
    path: readonly string[],
    objectId: Uint8Array,
    servant: ModuleServant,
    deadline: Deadline,
  ): Promise<string> {
    return this.#change("activate", [path, objectId, servant], deadline, () =>
      this.#history.activated({ path, objectId, servant }),
    );
  }

  deactivate(path: readonly string[], objectId: Uint8Array, deadline: Deadline): Promise<void> {
    return this.#change("deactivate", [path, objectId], deadline, () =>
      this.#history.deactivated(path, objectId),
    );
  }

  assign(
    path: readonly string[],
    objectId: Uint8Array,
    priority: number | undefined,
    deadline: Deadline,
  ): Promise<void> {
    return this.#change("assign", [path, objectId, priority], deadline, () =>
      this.#history.assigned(path, objectId, priority),
    );
  }

  async transform(by: ModuleServant | undefined, deadline: Deadline): Promise<void> {
    this.#history.transform = by;
    await this.#follow("transform", [by], deadline);
  }

  async manage(manager: LaneManager, deadline: Deadline): Promise<void> {
    this.#history.managed(manager);
    await this.#follow("manage", [manager], deadline);
  }

  /** One that is gone runs nothing. */
  async completion(managerId: string, deadline: Deadline): Promise<void> {
    if (!this.#thread.isServing) return;
    await this.#orGone(this.#thread.link().call("completion", [managerId], deadline));
  }

  /** Tells a new thread all that this one was told. */
  async tell(to: ThreadChanges, deadline: Deadline): Promise<void> {
    const history = this.#history;
    await to.transform(history.transform, deadline);
    for (const adapter of history.adapters) await to.createAdapter(adapter, deadline);
    for (const { path, objectId, priority } of history.priorities)
      await to.assign(path, objectId, priority, deadline);
    for (const { path, objectId, servant } of history.servants)
      await to.activate(path, objectId, servant, deadline);
  }

  /** Tells the thread itself, which was made anew, and does not serve yet. */
  async again(link: LaneLink<LaneControl>, deadline: Deadline): Promise<void> {
    const history = this.#history;
    if (history.transform !== undefined)
      await link.call("transform", [history.transform], deadline);
    for (const adapter of history.adapters) await link.call("createAdapter", [adapter], deadline);
    for (const { path, objectId, priority } of history.priorities)
      await link.call("assign", [path, objectId, priority], deadline);
    for (const { path, objectId, servant } of history.servants)
      await link.call("activate", [path, objectId, servant], deadline);
  }

  async #change<K extends keyof LaneControl>(
    call: K,
    args: Parameters<LaneControl[K]>,
    deadline: Deadline,
    done: () => void,
  ): Promise<Awaited<ReturnType<LaneControl[K]>>> {
    await this.#thread.whenServing(call, deadline);
    const result = await this.#thread.link().call(call, args, deadline);
    done();
    return result;
  }

  /** What the history has already: a thread that dies meanwhile is made again with it. */
  async #follow<K extends keyof LaneControl>(
    call: K,
    args: Parameters<LaneControl[K]>,
    deadline: Deadline,
  ): Promise<void> {
    await this.#orGone(this.#change(call, args, deadline, () => undefined));
  }

  async #orGone(told: Promise<unknown>): Promise<void> {
    try {
      await told;
    } catch (error) {
      if (this.#thread.isServing) throw error;
    }
  }
}
