import type { Ballot, VoterState } from "./ballot.ts";
import type { VoterConfig } from "./config.ts";
import type { Value, ValueDelta } from "./message.ts";

/** What a peer keeps besides the registers. */
export interface VoterHead {
  /** Of this store, random: made when it was first opened. */
  readonly store: string;
  /** The configuration that it votes in; `undefined` until it was told one. */
  readonly active: VoterConfig | undefined;
  /** It votes no more in `active`: there is a later one. */
  readonly isSealed: boolean;
  /** The latest configuration it knows. */
  readonly known: VoterConfig;
}

/** Everything that a store holds. */
export interface StoredVoter {
  readonly head: VoterHead;
  readonly registers: ReadonlyMap<string, VoterState<Value>>;
}

/** One thing to be kept. */
export type VoterWrite =
  | { readonly what: "head"; readonly head: VoterHead }
  | { readonly what: "promise"; readonly register: string; readonly promised: Ballot }
  | {
      readonly what: "vote";
      readonly register: string;
      readonly promised: Ballot;
      readonly ballot: Ballot;
      /** From what the register holds in this store, or all of it. */
      readonly value: ValueDelta;
    }
  | { readonly what: "drop"; readonly register: string };

/**
 * What a voter must not forget. A store that lost something must not open again as if it were new: it opens empty,
 * with another id, or not at all.
 */
export interface VoterStore {
  /**
   * @returns what is in it; `undefined` when it is new
   * @throws VoterStoreError when it cannot be read or makes no sense
   */
  load(): Promise<StoredVoter | undefined>;
  /** Ends when all of it is on disk: all or nothing, in the order of the calls. */
  write(writes: readonly VoterWrite[]): Promise<void>;
  close(): Promise<void>;
}

/** A store that cannot be used; the message says which and why. */
export class VoterStoreError extends Error {
  override readonly name: string = "VoterStoreError";
}
