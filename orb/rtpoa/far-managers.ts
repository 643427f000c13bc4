import { type Clock, Deadline, type Logger } from "../base/index.ts";
import type { ManagerFollower, ManagerState, POAManager } from "../manager/index.ts";
import type { Lane, LaneManager } from "../rt/index.ts";

/** What following needs of the ORB. */
export interface FarHost {
  readonly clock: Clock;
  /** Milliseconds a lane may take to answer. */
  readonly deadlineMs: number;
  readonly log: Logger;
}

/** What lanes are told of a manager. */
export function laneManagerOf(manager: POAManager): LaneManager {
  return { id: manager.get_id(), state: manager.get_state(), maxHeld: manager._maxHeld };
}

/** The lanes in which one manager has POAs. */
class Follower implements ManagerFollower {
  /** With the number of its POAs there. */
  readonly lanes: Map<Lane, number> = new Map();
  readonly #manager: POAManager;
  readonly #host: FarHost;
  /** The last change, which `completion` comes behind. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(manager: POAManager, host: FarHost) {
    this.#manager = manager;
    this.#host = host;
  }

  changed(state: ManagerState): Promise<void> {
    const told = this.#tell(state);
    this.#last = told.catch(() => undefined);
    return told;
  }

  async #tell(state: ManagerState): Promise<void> {
    const manager = { ...laneManagerOf(this.#manager), state };
    try {
      await this.#each((lane, deadline) => lane.manage(manager, deadline));
    } catch (error) {
      const what = `a lane does not know that POAManager "${manager.id}" is ${state}`;
      this.#host.log.warn(what, { error });
      throw error;
    }
  }

  async completion(): Promise<void> {
    await this.#last;
    const id = this.#manager.get_id();
    await this.#each((lane, deadline) => lane.completion(id, deadline));
  }

  async #each(ask: (lane: Lane, deadline: Deadline) => Promise<void>): Promise<void> {
    const { clock, deadlineMs } = this.#host;
    const deadline = Deadline.after(clock, deadlineMs);
    await Promise.all([...this.lanes.keys()].map((lane) => ask(lane, deadline)));
  }
}

/** Has the lanes with threads of their own follow the managers of their POAs. */
export class FarManagers {
  readonly #host: FarHost;
  readonly #followers = new Map<POAManager, Follower>();

  constructor(host: FarHost) {
    this.#host = host;
  }

  /** A POA of the manager is being made in lanes. */
  joined(manager: POAManager, lanes: readonly Lane[]): void {
    let follower = this.#followers.get(manager);
    if (follower === undefined) {
      follower = new Follower(manager, this.#host);
      this.#followers.set(manager, follower);
      manager._followedBy(follower);
    }
    for (const lane of lanes) follower.lanes.set(lane, (follower.lanes.get(lane) ?? 0) + 1);
  }

  /** The POA is gone from them. */
  left(manager: POAManager, lanes: readonly Lane[]): void {
    const follower = this.#followers.get(manager);
    if (follower === undefined) return;
    for (const lane of lanes) {
      const count = follower.lanes.get(lane) ?? 0;
      if (count > 1) follower.lanes.set(lane, count - 1);
      else follower.lanes.delete(lane);
    }
    if (follower.lanes.size > 0) return;
    manager._unfollowedBy(follower);
    this.#followers.delete(manager);
  }
}
