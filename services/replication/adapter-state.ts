import { type Clock, systemClock } from "../../orb/base/index.ts";
import { CdrInput, CdrOutput } from "../../orb/generated.ts";
import { MINOR, TIMEOUT } from "../../orb/index.ts";
import type { StatefulServant } from "./checkpointable-state.ts";
import type { ServantWatch } from "./door.ts";
import { readServantStates, type ServantState, writeServantStates } from "./gen/Replication.ts";
import { isCheckpointable, OwnState } from "./own-state.ts";
import { PlainState } from "./plain-state.ts";
import type { StateSource } from "./state-source.ts";

const ORDER = { littleEndian: true } as const;
/** Milliseconds that a group's state waits for objects that are not yet active here. */
const SERVANTS_MS = 30_000;

/**
 * The state of a POA's active objects, each as it can give it: `FT::Checkpointable`, else its plain data. A state that
 * comes from the group waits until the objects it tells of are active here: no operation is executed before.
 */
export class AdapterState implements StateSource, ServantWatch {
  readonly #objects = new Map<string, StateSource>();
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
    return this.#gather((source) => source.capture(), false);
  }

  /** What changed, of objects that tell; of the others the whole state. */
  update(): Uint8Array | Promise<Uint8Array> {
    return this.#gather((source) => source.update?.() ?? source.capture(), true);
  }

  /** @throws TIMEOUT naming the objects that did not become active */
  restore(state: Uint8Array | undefined): void | Promise<void> {
    if (state === undefined)
      return each([...this.#objects.values()], (source) => source.restore(undefined));
    const states = readServantStates(new CdrInput(state, ORDER));
    const missing = states.filter(({ name }) => !this.#objects.has(name));
    const take = (): void | Promise<void> => {
      const told = new Map(states.map((one) => [one.name, one.state]));
      return each([...this.#objects], ([name, source]) => source.restore(told.get(name)));
    };
    return missing.length === 0 ? take() : this.#complete(missing).then(take);
  }

  apply(update: Uint8Array): void | Promise<void> {
    const states = readServantStates(new CdrInput(update, ORDER));
    return each(states, ({ name, is_update, state }) => {
      const source = this.#objects.get(name);
      if (source === undefined)
        throw new TypeError(`the primary changed ${textOf(name)}, which is not active here`);
      return is_update && source.apply !== undefined ? source.apply(state) : source.restore(state);
    });
  }

  async #complete(wanted: readonly ServantState[]): Promise<void> {
    let isLate = false;
    const late = this.#clock.timer(SERVANTS_MS, () => {
      isLate = true;
      for (const wake of this.#wake) wake();
    });
    late.unref();
    for (;;) {
      const missing = wanted.filter(({ name }) => !this.#objects.has(name));
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

  /** In the order of the names: equal states are equal octets. */
  #gather(
    ask: (source: StateSource) => Uint8Array | Promise<Uint8Array>,
    isUpdate: boolean,
  ): Uint8Array | Promise<Uint8Array> {
    const names = [...this.#objects.keys()].toSorted();
    const asked = names.map((name) => ask(this.#objects.get(name) as StateSource));
    const packed = (states: readonly Uint8Array[]): Uint8Array =>
      pack(
        states.map((state, i) => {
          const name = names[i] ?? "";
          return {
            name,
            is_update: isUpdate && this.#objects.get(name)?.apply !== undefined,
            state,
          };
        }),
      );
    if (!asked.some((one) => one instanceof Promise)) return packed(asked as Uint8Array[]);
    return Promise.all(asked.map((one) => Promise.resolve(one))).then(packed);
  }
}

function each<T>(all: readonly T[], act: (one: T) => void | Promise<void>): void | Promise<void> {
  const pending = all.map(act).filter((one) => one instanceof Promise);
  return pending.length === 0 ? undefined : Promise.all(pending).then(() => undefined);
}

function pack(states: readonly ServantState[]): Uint8Array {
  const out = new CdrOutput(ORDER);
  writeServantStates(out, states);
  return out.finish();
}

/** An object id is any octets, a name text without NUL. */
function nameOf(objectId: Uint8Array): string {
  return Buffer.from(objectId).toString("base64");
}

function textOf(name: string): string {
  return JSON.stringify(Buffer.from(name, "base64").toString());
}
