import { FT } from "../../idl/index.ts";
import { CdrInput, CdrOutput } from "../../orb/generated.ts";
import { NamedStates, type StateSource } from "./state-source.ts";

/** A servant that gives its state by itself, and maybe what changed in it: `FT::Checkpointable`, `FT::Updateable`. */
export type StatefulServant = FT.CheckpointableServant & Partial<FT.UpdateableServant>;

const ORDER = { littleEndian: true } as const;

/** State of servants that implement `FT::Checkpointable` (CORBA 3.3 Part 2, FT 23.6), each by a name. */
export class CheckpointableState extends NamedStates {
  /** Asks each servant for the state it begins with. */
  static async of(servants: ReadonlyMap<string, StatefulServant>): Promise<CheckpointableState> {
    const states = [...servants].map(([name, servant]) => [name, new OwnState(servant)] as const);
    for (const [, state] of states) await state.beginning;
    return new CheckpointableState(new Map(states));
  }
}

/** Whether a servant gives its state by itself. */
export function isCheckpointable(servant: object): boolean {
  const { get_state, set_state } = servant as Partial<StatefulServant>;
  return typeof get_state === "function" && typeof set_state === "function";
}

/** State of one servant that gives it by itself (CORBA 3.3 Part 2, FT 23.6); its beginning is what it gives first. */
export class OwnState implements StateSource {
  readonly #servant: StatefulServant;
  /** What the servant gave first. */
  readonly beginning: Uint8Array | Promise<Uint8Array>;

  constructor(servant: StatefulServant) {
    this.#servant = servant;
    this.beginning = servant.get_state();
  }

  capture(): Uint8Array | Promise<Uint8Array> {
    return this.#servant.get_state();
  }

  restore(state: Uint8Array | undefined): void | Promise<void> {
    const wanted = state ?? this.beginning;
    if (!(wanted instanceof Promise)) return this.#servant.set_state(wanted);
    return wanted.then((beginning) => this.#servant.set_state(beginning));
  }

  /** One octet tells an update from a whole state, which is given where no update is to be had. */
  update(): Uint8Array | Promise<Uint8Array> {
    return told(this.#updateOrState());
  }

  apply(update: Uint8Array): void | Promise<void> {
    const input = new CdrInput(update, ORDER);
    const isUpdate = input.boolean();
    const octets = input.octets(input.remaining);
    if (isUpdate && this.#servant.set_update !== undefined) return this.#servant.set_update(octets);
    return this.#servant.set_state(octets);
  }

  #updateOrState(): Changed | Promise<Changed> {
    const servant = this.#servant;
    const whole = (): Changed | Promise<Changed> =>
      mapped(servant.get_state(), (state) => [false, state]);
    if (servant.get_update === undefined || servant.set_update === undefined) return whole();
    const rescue = (error: unknown): Changed | Promise<Changed> => {
      if (error instanceof FT.NoUpdateAvailable) return whole();
      throw error;
    };
    try {
      const update = servant.get_update();
      if (!(update instanceof Promise)) return [true, update];
      return update.then((octets): Changed => [true, octets]).catch(rescue);
    } catch (error) {
      return rescue(error);
    }
  }
}

type Changed = readonly [isUpdate: boolean, octets: Uint8Array];

function told(changed: Changed | Promise<Changed>): Uint8Array | Promise<Uint8Array> {
  return mapped(changed, ([isUpdate, octets]) =>
    new CdrOutput(ORDER).boolean(isUpdate).octets(octets).finish(),
  );
}

function mapped<A, B>(value: A | Promise<A>, then: (value: A) => B): B | Promise<B> {
  return value instanceof Promise ? value.then(then) : then(value);
}
