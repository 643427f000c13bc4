import type { Deadline } from "../../orb/base/index.ts";
import type { Arrival, DispatchGate, Outcome, ServiceContext, Upcall } from "../../orb/index.ts";
import type { LaneDesk } from "./desk.ts";

/** Tells which lane of the pool a request is for: its place. */
export type ChooseLane = (contexts: readonly ServiceContext[], objectId: Uint8Array) => number;

/** The gate of an adapter in a lane: what this thread serves goes through untouched, the rest to the desk. */
export class LaneGate implements DispatchGate {
  readonly #desk: LaneDesk;
  readonly #path: readonly string[];
  readonly #choose: ChooseLane;
  /** Of the request that `pass` did not take. */
  #lane = 0;

  constructor(desk: LaneDesk, path: readonly string[], choose: ChooseLane) {
    this.#desk = desk;
    this.#path = path;
    this.#choose = choose;
  }

  attach(upcall: Upcall): void {
    this.#desk.adapterMade(this.#path, upcall);
  }

  /** @throws what choosing the lane throws */
  pass(contexts: readonly ServiceContext[], objectId: Uint8Array): (() => void) | undefined {
    this.#lane = this.#choose(contexts, objectId);
    return this.#desk.pass(this.#lane);
  }

  admit(arrival: Arrival, deadline: Deadline): Outcome | Promise<Outcome> {
    return this.#desk.admit(arrival, deadline, this.#lane);
  }
}
