import type { ContextChange, Refusal } from "../bindings/index.ts";
import type { PeerRef } from "../overlay/index.ts";
import type { Ballot } from "./ballot.ts";
import type { VoterConfig } from "./config.ts";
import type { ContextState, Delta, Version } from "./context-state.ts";

/** The register that holds the next configuration of an epoch; no context has this id. */
export const SUCCESSOR: string = "";

/** What a register holds. */
export type Value = ContextState | VoterConfig;

export function isConfig(value: Value): value is VoterConfig {
  return "voters" in value;
}

/** A value on its way; a context may be sent as what leads another state to it. */
export type ValueDelta =
  | { readonly is: "context"; readonly delta: Delta }
  | { readonly is: "config"; readonly config: VoterConfig };

/** What is asked of a voter: a change, or `undefined` for what is decided now. */
export interface Asking {
  readonly id: string;
  readonly contextId: string;
  readonly change: ContextChange | undefined;
  readonly since: number;
  readonly isAgain: boolean;
  /** What the asker has of the context; it is told the rest. */
  readonly have: Version | undefined;
  /** After so many milliseconds nobody waits any more. */
  readonly leftMs: number;
}

export type ToldResult = "done" | "refused" | "stale" | "full";

/** A voter's answer; `news` leads the asker's copy to the state that was decided. */
export interface Told {
  readonly id: string;
  readonly contextId: string;
  readonly result: ToldResult;
  readonly refusal: Refusal | undefined;
  /** The same will be said by every other voter; of "stale": it was never done by this one. */
  readonly isFinal: boolean;
  readonly count: number;
  readonly news: Delta | undefined;
}

/** A register as its voter has it, without the value. */
export interface RegisterHead {
  readonly register: string;
  readonly ballot: Ballot;
  readonly version: Version;
}

/** A context as a copy has it. */
export interface CopyHead {
  readonly contextId: string;
  readonly version: Version;
}

/** Everything that peers say to each other about names. */
export type NamesMessage =
  /** To a voter, from whoever wants something. */
  | ({ readonly kind: "ask" } & Asking)
  | ({ readonly kind: "told" } & Told)
  /** It was heard and waits for its turn, and others before it get theirs. */
  | { readonly kind: "waiting"; readonly id: string }
  /** The answer to anything of an older epoch, and to questions for one who has no vote. */
  | { readonly kind: "config"; readonly config: VoterConfig }
  /** Between voters. `have`: the proposer knows the value of that ballot. */
  | {
      readonly kind: "prepare";
      readonly register: string;
      readonly ballot: Ballot;
      readonly have: Ballot | undefined;
    }
  /** `value` is absent when the vote's ballot is the one that the proposer has. */
  | {
      readonly kind: "promised";
      readonly register: string;
      readonly ballot: Ballot;
      readonly voted: Ballot | undefined;
      readonly value: ValueDelta | undefined;
    }
  /** The difference is from what was voted for by `base`. */
  | {
      readonly kind: "accept";
      readonly register: string;
      readonly ballot: Ballot;
      readonly base: Ballot | undefined;
      readonly value: ValueDelta;
    }
  | { readonly kind: "accepted"; readonly register: string; readonly ballot: Ballot }
  | {
      readonly kind: "outbid";
      readonly register: string;
      readonly ballot: Ballot;
      readonly round: number;
    }
  /** The difference cannot be taken: the whole value is needed. */
  | { readonly kind: "behind"; readonly register: string; readonly ballot: Ballot }
  /** What have you voted for? Changes nothing. */
  | {
      readonly kind: "peek";
      readonly register: string;
      readonly epoch: number;
      readonly turn: number;
      readonly have: Ballot | undefined;
    }
  | {
      readonly kind: "peeked";
      readonly register: string;
      readonly turn: number;
      readonly voted: Ballot | undefined;
      readonly value: ValueDelta | undefined;
    }
  /** Who are you, and which configuration do you know? */
  | { readonly kind: "who" }
  | {
      readonly kind: "present";
      readonly store: string;
      /** Of the configuration that it votes in, or would. */
      readonly epoch: number;
      readonly isVoting: boolean;
      readonly config: VoterConfig;
    }
  /** There is a later configuration: vote no more, and tell what you voted for. */
  | { readonly kind: "seal"; readonly config: VoterConfig }
  /** `isWhole`: of one that votes in `epoch` already; nobody else has to be asked. */
  | {
      readonly kind: "sealed";
      readonly epoch: number;
      readonly isWhole: boolean;
      readonly registers: readonly RegisterHead[];
    }
  | { readonly kind: "fetch"; readonly epoch: number; readonly registers: readonly string[] }
  | {
      readonly kind: "fetched";
      readonly epoch: number;
      readonly register: string;
      readonly ballot: Ballot;
      readonly value: ValueDelta;
    }
  /** Between linked peers: a context was changed. */
  | { readonly kind: "news"; readonly contextId: string; readonly delta: Delta }
  /** Do we have the same? `ageMs`: how long ago a voter was heard of, over all links. */
  | {
      readonly kind: "digest";
      readonly epoch: number;
      readonly ageMs: number;
      readonly count: number;
      readonly sum: number;
    }
  /** Not the same: these are the sums of my parts. */
  | { readonly kind: "parts"; readonly sums: readonly number[] }
  /** What I have in the parts that differ. */
  | {
      readonly kind: "inventory";
      readonly parts: readonly number[];
      readonly contexts: readonly CopyHead[];
    }
  | { readonly kind: "want"; readonly contexts: readonly Wanted[] };

export interface Wanted {
  readonly contextId: string;
  readonly have: Version | undefined;
}

/** A message with whom it is for. */
export interface Letter {
  readonly to: PeerRef;
  readonly message: NamesMessage;
}
