import { CdrInput, CdrOutput } from "../../orb/generated.ts";
import { keptInLog } from "./encoding.ts";
import { readServantStates, type ServantState, writeServantStates } from "./gen/Replication.ts";

/** What a group asks of its servants when a replica is to have their state; never while an operation is executed. */
export interface StateSource {
  /** The state of all servants; equal octets for equal states, where the states of replicas are compared. */
  capture(): Uint8Array | Promise<Uint8Array>;
  /** @param state undefined: that of the beginning */
  restore(state: Uint8Array | undefined): void | Promise<void>;
  /** Warm passive: what changed since the last update; without it the whole state travels. */
  update?(): Uint8Array | Promise<Uint8Array>;
  /** Takes over what `update` of another replica gave. */
  apply?(update: Uint8Array): void | Promise<void>;
}

const ORDER = { littleEndian: true } as const;
/** Written into again and again. */
const SCRATCH = new CdrOutput(ORDER);

/** Several states as one, each by its name. */
export class NamedStates implements StateSource {
  readonly #sources: ReadonlyMap<string, StateSource>;
  readonly #textOf: (name: string) => string;

  /**
   * @param sources looked at whenever something is asked: they may come and go
   * @param textOf a name as people read it
   */
  constructor(
    sources: ReadonlyMap<string, StateSource>,
    textOf: (name: string) => string = (name) => name,
  ) {
    this.#sources = sources;
    this.#textOf = textOf;
  }

  capture(): Uint8Array | Promise<Uint8Array> {
    return this.#gather((source) => source.capture(), false);
  }

  /** What changed, of those that tell; of the others the whole state. */
  update(): Uint8Array | Promise<Uint8Array> {
    return this.#gather((source) => source.update?.() ?? source.capture(), true);
  }

  /** Those that the state does not tell of have that of their beginning. @throws TypeError for one that is not there */
  restore(state: Uint8Array | undefined): void | Promise<void> {
    const states = state === undefined ? [] : statesIn(state);
    for (const { name } of states) this.#find(name);
    const told = new Map(states.map((one) => [one.name, one.state]));
    return each([...this.#sources], ([name, source]) => source.restore(told.get(name)));
  }

  /** @throws TypeError for one that is not there */
  apply(update: Uint8Array): void | Promise<void> {
    return each(statesIn(update), ({ name, is_update, state }) => {
      const source = this.#find(name);
      return is_update && source.apply !== undefined ? source.apply(state) : source.restore(state);
    });
  }

  #find(name: string): StateSource {
    const source = this.#sources.get(name);
    if (source !== undefined) return source;
    throw new TypeError(`there is a state of ${this.#textOf(name)}, and no such servant`);
  }

  /** In the order of the names: equal states are equal octets. */
  #gather(
    ask: (source: StateSource) => Uint8Array | Promise<Uint8Array>,
    isUpdate: boolean,
  ): Uint8Array | Promise<Uint8Array> {
    const sources = [...this.#sources];
    if (sources.length > 1) sources.sort(([a], [b]) => (a < b ? -1 : 1));
    const asked = sources.map(([, source]) => ask(source));
    const packed = (states: readonly Uint8Array[]): Uint8Array =>
      pack(
        sources.map(([name, source], i) => ({
          name,
          is_update: isUpdate && source.apply !== undefined,
          state: states[i] ?? new Uint8Array(),
        })),
      );
    if (!asked.some((one) => one instanceof Promise)) return packed(asked as Uint8Array[]);
    return Promise.all(asked.map((one) => Promise.resolve(one))).then(packed);
  }
}

/** @throws MARSHAL for octets that are no states */
export function statesIn(octets: Uint8Array): readonly ServantState[] {
  return readServantStates(new CdrInput(octets, ORDER));
}

function each<T>(all: readonly T[], act: (one: T) => void | Promise<void>): void | Promise<void> {
  const pending = all.map(act).filter((one) => one instanceof Promise);
  return pending.length === 0 ? undefined : Promise.all(pending).then(() => undefined);
}

function pack(states: readonly ServantState[]): Uint8Array {
  const out = SCRATCH;
  out.reset();
  writeServantStates(out, states);
  return keptInLog(out);
}
