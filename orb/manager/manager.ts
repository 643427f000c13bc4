import type { Rank } from "../base/index.ts";
import {
  BAD_INV_ORDER,
  Completion,
  MINOR,
  OBJ_ADAPTER,
  type SystemException,
  TRANSIENT,
} from "../exception/index.ts";
import { ENTRANCE, type ServerRequest, type Waiting } from "../iiop/index.ts";
import { HeldRequests } from "./held-requests.ts";
import { type ManagerEvent, type ManagerState, step } from "./manager-state.ts";

/** Requests one manager keeps while HOLDING; beyond that they are refused with TRANSIENT. */
export const MAX_HELD_REQUESTS: number = 1_000;

/** Takes what a manager lets through. */
export interface Admitting {
  /** Must lead to one call of the manager's `done`. */
  _admitted(request: ServerRequest, key: Uint8Array): void;
  /** Where the request stands among those that wait; by age where absent. */
  _rank?(request: ServerRequest): Rank | undefined;
}

/** A POA, as its manager sees it. */
export interface ManagedAdapter {
  /** Gives all servants back to the servant activator, where there is one; called when no request runs. */
  _etherealizeAll(): void | Promise<void>;
}

/** Where a manager has POAs beside this thread: the lanes of a pool that have threads of their own. */
export interface ManagerFollower {
  /** The manager is in another state: settled when it is so there, too. */
  changed(state: ManagerState): Promise<void>;
  /** Settled when none of its requests runs there, or it is in another state. */
  completion(): Promise<void>;
}

/** What a manager needs of the ORB that it came to. */
export interface ManagerHome {
  /** Whether what runs now is an upcall of the ORB. */
  isInsideUpcall(): boolean;
  /** The manager is in another state. */
  changed(manager: POAManager): void;
  /** One more request is held, or one less. */
  held(by: 1 | -1): void;
  /** The last of the manager's POAs is gone. */
  abandoned(manager: POAManager): void;
}

/** Decides for a set of POAs whether requests run, wait or are refused (CORBA 3.3 Part 1, 15.3.2). */
export class POAManager {
  readonly #id: string;
  readonly #held: HeldRequests;
  readonly #adapters = new Set<ManagedAdapter>();
  readonly #whenActive = new Set<() => void>();
  readonly #followers = new Set<ManagerFollower>();
  /** What followers were told last. */
  #told: Promise<unknown> = Promise.resolve();
  #home: ManagerHome | undefined;
  #state: ManagerState = "HOLDING";
  #running = 0;
  #changeWaiters: (() => void)[] = [];
  #idleWaiters: (() => void)[] = [];
  /** Internal: through which entrance of the ORB requests must come. */
  readonly _entrance: number;

  /** @param maxHeld requests kept while HOLDING */
  constructor(id: string, maxHeld: number = MAX_HELD_REQUESTS, entrance: number = ENTRANCE.main) {
    this.#id = id;
    this.#held = new HeldRequests(maxHeld, (by) => this.#home?.held(by));
    this._entrance = entrance;
  }

  get_id(): string {
    return this.#id;
  }

  get_state(): ManagerState {
    return this.#state;
  }

  /** Requests now wait in HOLDING. */
  get heldCount(): number {
    return this.#held.length;
  }

  /** Requests that were let through and are not yet answered. */
  get runningCount(): number {
    return this.#running;
  }

  /**
   * Requests run; those held come first. Lanes with threads of their own hear of it in their turn: see `settled`.
   * @throws AdapterInactive
   */
  activate(): void {
    this.#move("activate");
    for (const tell of this.#whenActive) tell();
    // One that runs may change the state again: the rest is then still held, or refused.
    while (this.#state === "ACTIVE") {
      const held = this.#held.shift();
      if (held === undefined) return;
      held.run();
    }
  }

  /**
   * New requests wait. With `waitForCompletion` the promise ends when running ones have, or the state changes.
   * The state changes at once; in lanes with threads of their own when the promise ends.
   * Rejected with AdapterInactive; BAD_INV_ORDER when an upcall would wait for itself; TIMEOUT for a lane that does not
   * answer within the ORB's deadline.
   */
  async hold_requests(waitForCompletion: boolean = false): Promise<void> {
    this.#checkWait(waitForCompletion, "hold_requests");
    this.#move("hold_requests");
    await Promise.all([this.settled(), this.#completion(waitForCompletion)]);
  }

  /** New and held requests get TRANSIENT. Rejected as `hold_requests`. */
  async discard_requests(waitForCompletion: boolean = false): Promise<void> {
    this.#checkWait(waitForCompletion, "discard_requests");
    this.#move("discard_requests");
    this.#refuseHeld();
    await Promise.all([this.settled(), this.#completion(waitForCompletion)]);
  }

  /**
   * Final: requests get OBJ_ADAPTER from now on. With `etherealizeObjects` servant activators get their servants
   * back when the running requests have ended.
   * Rejected with AdapterInactive when it already is; BAD_INV_ORDER as `hold_requests`.
   */
  async deactivate(
    etherealizeObjects: boolean = false,
    waitForCompletion: boolean = false,
  ): Promise<void> {
    this.#checkWait(waitForCompletion, "deactivate");
    this.#move("deactivate");
    this.#refuseHeld();
    const ended = etherealizeObjects ? this.#etherealize() : this.#completion(waitForCompletion);
    await (waitForCompletion ? Promise.all([this.settled(), ended]) : this.settled());
  }

  /**
   * Settled when the lanes with threads of their own are in the manager's state, too; at once where it has no POAs there.
   * Rejected as `hold_requests`.
   */
  async settled(): Promise<void> {
    await this.#told;
  }

  /** Internal: the manager belongs to an ORB from its first POA on. */
  _settle(home: ManagerHome): void {
    this.#home ??= home;
  }

  /** Internal: requests a manager of the same name keeps elsewhere. */
  get _maxHeld(): number {
    return this.#held.capacity;
  }

  /** Internal: somebody who is told of each state. */
  _followedBy(follower: ManagerFollower): void {
    this.#followers.add(follower);
  }

  _unfollowedBy(follower: ManagerFollower): void {
    this.#followers.delete(follower);
  }

  /** Internal: settled when no request runs, or the state changes. */
  _completion(): Promise<void> {
    return this.#completion(true);
  }

  /** Internal: one more POA. */
  _join(adapter: ManagedAdapter): void {
    this.#adapters.add(adapter);
  }

  /** Internal: a POA is being destroyed: what is held for it hears of that. */
  _refuseHeldFor(to: Admitting, exception: SystemException): void {
    for (const { request } of this.#held.takeFor(to)) request.systemException(exception);
  }

  /** Internal: a POA is gone; with the last one goes what is still held. */
  _leave(adapter: ManagedAdapter): void {
    if (!this.#adapters.delete(adapter) || this.#adapters.size > 0) return;
    this.#refuseHeld();
    this.#home?.abandoned(this);
  }

  /** Internal: calls `tell` now when ACTIVE, and at every activation. */
  _onActive(tell: () => void): void {
    this.#whenActive.add(tell);
    if (this.#state === "ACTIVE") tell();
  }

  /** Runs, keeps or refuses one request. */
  admit(request: ServerRequest, key: Uint8Array, to: Admitting): void {
    if (this.#state === "ACTIVE") {
      this.#running++;
      to._admitted(request, key);
    } else {
      this.#keepOrRefuse(request, to, () => this.admit(request, key, to), to._rank?.(request));
    }
  }

  /** The same for a question about an object, which counts for no request. */
  ask(question: Waiting, to: Admitting, go: () => void): void {
    if (this.#state === "ACTIVE") go();
    else this.#keepOrRefuse(question, to, () => this.ask(question, to, go));
  }

  #keepOrRefuse(request: Waiting, to: Admitting, again: () => void, rank?: Rank): void {
    if (this.#state !== "HOLDING") {
      this.#refuse(request);
    } else if (!this.#held.push(request, to, again, rank)) {
      request.systemException(
        new TRANSIENT(
          `POAManager "${this.#id}" is HOLDING and keeps ${this.#held.length} requests already (maxHeldRequests, 256 MiB)`,
          MINOR.requestDiscarded,
          Completion.no,
        ),
      );
    }
  }

  /** One running request was answered. */
  done(): void {
    this.#running--;
    if (this.#running === 0 && this.#idleWaiters.length > 0) {
      this.#idleWaiters = wakeAll(this.#idleWaiters);
    }
  }

  #checkWait(wait: boolean, operation: string): void {
    if (!wait || this.#home?.isInsideUpcall() !== true) return;
    throw new BAD_INV_ORDER(
      `${operation}(wait_for_completion) inside an upcall would wait for the upcall itself`,
      MINOR.wouldDeadlock,
      Completion.no,
    );
  }

  /** @throws AdapterInactive */
  #move(event: ManagerEvent): void {
    const before = this.#state;
    this.#state = step(before, event);
    if (this.#state !== before) this.#home?.changed(this);
    this.#changeWaiters = wakeAll(this.#changeWaiters);
    if (this.#followers.size === 0) return;
    this.#told = this.#there((follower) => follower.changed(this.#state));
    // Who does not ask finds what a lane says to it in the log.
    this.#told.catch(() => undefined);
  }

  #there(ask: (follower: ManagerFollower) => Promise<void>): Promise<unknown> {
    return Promise.all([...this.#followers].map((follower) => ask(follower)));
  }

  async #completion(wait: boolean): Promise<void> {
    if (!wait || (this.#running === 0 && this.#followers.size === 0)) return;
    const changed = new Promise<void>((resolve) => this.#changeWaiters.push(resolve));
    const idle = new Promise<void>((resolve) => {
      if (this.#running === 0) resolve();
      else this.#idleWaiters.push(resolve);
    });
    const idleThere = this.#there((follower) => follower.completion());
    await Promise.race([changed, Promise.all([idle, idleThere])]);
  }

  // No change of state can come between: INACTIVE is final.
  async #etherealize(): Promise<void> {
    await this.#completion(true);
    const given = [...this.#adapters].map(async (adapter) => await adapter._etherealizeAll());
    await Promise.all(given);
  }

  #refuseHeld(): void {
    for (let held = this.#held.shift(); held !== undefined; held = this.#held.shift()) {
      this.#refuse(held.request);
    }
  }

  #refuse(request: Waiting): void {
    request.systemException(
      this.#state === "INACTIVE"
        ? new OBJ_ADAPTER(
            `POAManager "${this.#id}" is INACTIVE`,
            MINOR.unknownAdapterFailed,
            Completion.no,
          )
        : new TRANSIENT(
            `POAManager "${this.#id}" discards requests, or has no POA any more`,
            MINOR.requestDiscarded,
            Completion.no,
          ),
    );
  }
}

function wakeAll(waiters: readonly (() => void)[]): (() => void)[] {
  for (const wake of waiters) wake();
  return [];
}
