import { Ring } from "../base/index.ts";
import { Completion, MINOR, OBJ_ADAPTER, TRANSIENT } from "../exception/index.ts";
import type { ServerRequest } from "../iiop/index.ts";
import { type ManagerEvent, type ManagerState, step } from "./manager-state.ts";

/** Requests one manager keeps while HOLDING; beyond that they are refused with TRANSIENT. */
export const MAX_HELD_REQUESTS: number = 1_000;

interface Held {
  readonly request: ServerRequest;
  readonly run: (request: ServerRequest) => void;
}

/** Decides for a set of POAs whether requests run, wait or are refused (CORBA 3.3 Part 1, 15.3.2). */
export class POAManager {
  readonly #id: string;
  readonly #held: Ring<Held>;
  #state: ManagerState = "HOLDING";
  #running = 0;
  #idleWaiters: (() => void)[] = [];
  readonly #whenActive = new Set<() => void>();

  constructor(id: string, maxHeld: number = MAX_HELD_REQUESTS) {
    this.#id = id;
    this.#held = new Ring(maxHeld);
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

  /** Requests run; those held come first. @throws AdapterInactive */
  activate(): void {
    this.#move("activate");
    for (const tell of this.#whenActive) tell();
    for (let held = this.#held.shift(); held !== undefined; held = this.#held.shift()) {
      this.admit(held.request, held.run);
    }
  }

  /** New requests wait. With `waitForCompletion` the promise ends when running ones have. @throws AdapterInactive */
  hold_requests(waitForCompletion: boolean = false): Promise<void> {
    this.#move("hold_requests");
    return this.#completion(waitForCompletion);
  }

  /** New and held requests get TRANSIENT. @throws AdapterInactive */
  discard_requests(waitForCompletion: boolean = false): Promise<void> {
    this.#move("discard_requests");
    this.#refuseHeld();
    return this.#completion(waitForCompletion);
  }

  /** Final: requests get OBJ_ADAPTER from now on. @throws AdapterInactive when it already is */
  deactivate(
    _etherealizeObjects: boolean = false,
    waitForCompletion: boolean = false,
  ): Promise<void> {
    this.#move("deactivate");
    this.#refuseHeld();
    return this.#completion(waitForCompletion);
  }

  /** Internal: calls `tell` now when ACTIVE, and at every activation. */
  _onActive(tell: () => void): void {
    this.#whenActive.add(tell);
    if (this.#state === "ACTIVE") tell();
  }

  /** Runs, keeps or refuses one request. `run` must call `done` once when its answer was given. */
  admit(request: ServerRequest, run: (request: ServerRequest) => void): void {
    switch (this.#state) {
      case "ACTIVE":
        this.#running++;
        run(request);
        return;
      case "HOLDING":
        if (!this.#held.push({ request, run })) {
          request.systemException(
            new TRANSIENT(
              `POAManager "${this.#id}" is HOLDING and keeps ${this.#held.capacity} requests already`,
              MINOR.requestDiscarded,
              Completion.no,
            ),
          );
        }
        return;
      case "DISCARDING":
      case "INACTIVE":
        this.#refuse(request);
        return;
    }
  }

  /** One running request was answered. */
  done(): void {
    this.#running--;
    if (this.#running > 0) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const wake of waiters) wake();
  }

  #move(event: ManagerEvent): void {
    this.#state = step(this.#state, event);
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const wake of waiters) wake();
  }

  #completion(wait: boolean): Promise<void> {
    if (!wait || this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  #refuseHeld(): void {
    for (let held = this.#held.shift(); held !== undefined; held = this.#held.shift()) {
      this.#refuse(held.request);
    }
  }

  #refuse(request: ServerRequest): void {
    request.systemException(
      this.#state === "INACTIVE"
        ? new OBJ_ADAPTER(
            `POAManager "${this.#id}" is INACTIVE`,
            MINOR.unknownAdapterFailed,
            Completion.no,
          )
        : new TRANSIENT(
            `POAManager "${this.#id}" discards requests`,
            MINOR.requestDiscarded,
            Completion.no,
          ),
    );
  }
}
