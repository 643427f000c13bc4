import { CdrInput, CdrOutput } from "../../orb/generated.ts";
import { FT } from "../../idl/index.ts";
import { readServantStates, type ServantState, writeServantStates } from "./gen/Replication.ts";
import type { StateSource } from "./state-source.ts";

/** A servant that gives its state by itself, and maybe what changed in it: `FT::Checkpointable`, `FT::Updateable`. */
export type StatefulServant = FT.CheckpointableServant & Partial<FT.UpdateableServant>;

const ORDER = { littleEndian: true } as const;

/** State of servants that implement `FT::Checkpointable` (CORBA 3.3 Part 2, FT 23.6), each by a name. */
export class CheckpointableState implements StateSource {
  readonly #servants: ReadonlyMap<string, StatefulServant>;
  readonly #beginning: Uint8Array;

  private constructor(servants: ReadonlyMap<string, StatefulServant>, beginning: Uint8Array) {
    this.#servants = servants;
    this.#beginning = beginning;
  }

  /** Asks each servant for the state it begins with. */
  static async of(servants: ReadonlyMap<string, StatefulServant>): Promise<CheckpointableState> {
    return new CheckpointableState(servants, await stateOf(servants));
  }

  capture(): Promise<Uint8Array> {
    return stateOf(this.#servants);
  }

  restore(state: Uint8Array | undefined): Promise<void> {
    return this.apply(state ?? this.#beginning);
  }

  /** What changed, of servants that tell; of the others, and where none is to be had, the whole state. */
  async update(): Promise<Uint8Array> {
    const states: ServantState[] = [];
    for (const [name, servant] of this.#servants) {
      const update = await updateOf(servant);
      const state = update ?? (await servant.get_state());
      states.push({ name, is_update: update !== undefined, state });
    }
    return packed(states);
  }

  async apply(update: Uint8Array): Promise<void> {
    for (const { name, is_update, state } of readServantStates(new CdrInput(update, ORDER))) {
      const servant = this.#servants.get(name);
      if (servant === undefined)
        throw new TypeError(`there is a state of ${name}, and no such servant`);
      if (is_update && servant.set_update !== undefined) await servant.set_update(state);
      else await servant.set_state(state);
    }
  }
}

async function updateOf(servant: StatefulServant): Promise<Uint8Array | undefined> {
  if (servant.get_update === undefined) return undefined;
  try {
    return await servant.get_update();
  } catch (error) {
    if (error instanceof FT.NoUpdateAvailable) return undefined;
    throw error;
  }
}

async function stateOf(servants: ReadonlyMap<string, StatefulServant>): Promise<Uint8Array> {
  const states: ServantState[] = [];
  for (const [name, servant] of servants)
    states.push({ name, is_update: false, state: await servant.get_state() });
  return packed(states);
}

function packed(states: readonly ServantState[]): Uint8Array {
  const out = new CdrOutput(ORDER);
  writeServantStates(out, states);
  return out.finish();
}
