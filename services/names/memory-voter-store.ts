import type { VoterState } from "./ballot.ts";
import { applyDelta } from "./context-state.ts";
import { isConfig, type Value, type ValueDelta } from "./message.ts";
import {
  type StoredVoter,
  type VoterHead,
  type VoterStore,
  VoterStoreError,
  type VoterWrite,
} from "./voter-store.ts";

/**
 * A store that ends with the process: the peer that opens it again is a new voter, whom a majority of the others has
 * to take in. Also what is in a store on disk, while it is read.
 */
export class MemoryVoterStore implements VoterStore {
  readonly #registers: Map<string, VoterState<Value>> = new Map();
  #head: VoterHead | undefined;

  /** What is in it now. */
  get stored(): StoredVoter | undefined {
    const head = this.#head;
    return head === undefined ? undefined : { head, registers: new Map(this.#registers) };
  }

  load(): Promise<StoredVoter | undefined> {
    return Promise.resolve(this.stored);
  }

  write(writes: readonly VoterWrite[]): Promise<void> {
    for (const write of writes) this.put(write);
    return Promise.resolve();
  }

  /** @throws VoterStoreError when a difference does not fit what is there */
  put(write: VoterWrite): void {
    switch (write.what) {
      case "head":
        this.#head = write.head;
        return;
      case "promise": {
        const vote = this.#registers.get(write.register)?.vote;
        this.#registers.set(write.register, { promised: write.promised, vote });
        return;
      }
      case "vote": {
        const { register, promised, ballot } = write;
        const value = valueAfter(this.#registers.get(register)?.vote?.value, write.value);
        if (value === undefined)
          throw new VoterStoreError(`register "${register}": a change does not fit what is kept`);
        this.#registers.set(register, { promised, vote: { ballot, value } });
        return;
      }
      case "drop":
        this.#registers.delete(write.register);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** @returns `undefined` when the difference is not from `before` */
export function valueAfter(before: Value | undefined, change: ValueDelta): Value | undefined {
  if (change.is === "config") return change.config;
  const state = before === undefined || isConfig(before) ? undefined : before;
  return applyDelta(state, change.delta);
}
