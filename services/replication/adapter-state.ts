import { type Clock, systemClock } from "../../orb/base/index.ts";
import { MINOR, TIMEOUT } from "../../orb/index.ts";
import { isCheckpointable, OwnState, type StatefulServant } from "./checkpointable-state.ts";
import type { ServantWatch } from "./door.ts";
import type { ServantState } from "./gen/Replication.ts";
import { PlainState } from "./plain-state.ts";
import { NamedStates, type StateSource, statesIn } from "./state-source.ts";

/** Milliseconds that a group's state waits for objects that are not yet active here. */
const SERVANTS_MS = 30_000;

/**
 * The state of a POA's active objects, each as it can give it: `FT::Checkpointable`, else its plain data. A state that
 * comes from the group waits until the objects it tells of are active here: no operation is executed before.
 */
export class AdapterState implements StateSource, ServantWatch {
  readonly #objects = new Map<string, StateSource>();
  readonly #states = new NamedStates(this.#objects, textOf);
  readonly #clock: Clock;
  #wake: (() => void)[] = [];

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** @throws TypeError for a servant that holds what is no plain data, and gives no state by itself */
  activated(objectId: Uint8Array, servant: object): void {
    const name = nameOf(objectId);
    this.#objects.set(
      name,
      isCheckpointable(servant)
        ? new OwnState(servant as StatefulServant)
        : new PlainState(new Map([["state", servant]])),
    );
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }

  deactivated(objectId: Uint8Array): void {
    this.#objects.delete(nameOf(objectId));
  }

  capture(): Uint8Array | Promise<Uint8Array> {
    return this.#states.capture();
  }

  update(): Uint8Array | Promise<Uint8Array> {
    return this.#states.update();
  }

  /** @throws TIMEOUT naming the objects that did not become active */
  restore(state: Uint8Array | undefined): void | Promise<void> {
    const missing = state === undefined ? [] : this.#missing(statesIn(state));
    if (missing.length === 0) return this.#states.restore(state);
    return this.#complete(missing).then(() => this.#states.restore(state));
  }

  apply(update: Uint8Array): void | Promise<void> {
    return this.#states.apply(update);
  }

  #missing(wanted: readonly ServantState[]): readonly ServantState[] {
    return wanted.filter(({ name }) => !this.#objects.has(name));
  }

  async #complete(wanted: readonly ServantState[]): Promise<void> {
    let isLate = false;
    const late = this.#clock.timer(SERVANTS_MS, () => {
      isLate = true;
      for (const wake of this.#wake) wake();
    });
    late.unref();
    for (;;) {
      const missing = this.#missing(wanted);
      if (missing.length === 0) break;
      if (isLate) {
        const names = missing.map(({ name }) => textOf(name)).join(", ");
        const text = `the group has objects that were not activated here within ${SERVANTS_MS} ms: ${names}`;
        throw new TIMEOUT(text, MINOR.gateExpired, "COMPLETED_NO");
      }
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
    late.cancel();
  }
}

/** An object id is any octets, a name text without NUL. */
function nameOf(objectId: Uint8Array): string {
  return Buffer.from(objectId).toString("base64");
}

function textOf(name: string): string {
  return JSON.stringify(Buffer.from(name, "base64").toString());
}
