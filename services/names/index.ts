export {
  type Ballot,
  compareBallots,
  Proposal,
  type ProposalOutcome,
  type Vote,
  vote,
  type VoterReply,
  type VoterRequest,
  type VoterState,
} from "./ballot.ts";
export { firstConfig, isForced, type Voter, type VoterConfig } from "./config.ts";
export {
  applyDelta,
  type AskedChange,
  type ChangeResult,
  compareVersions,
  type ContextState,
  type Delta,
  deltaSince,
  type Entry,
  evaluate,
  RECENT_CHANGES,
  type Room,
  type Version,
} from "./context-state.ts";
export { Copies, type CopiesOptions } from "./copies.ts";
export {
  NamesMachine,
  type NamesInput,
  type NamesOptions,
  type NamesStatus,
} from "./machine.ts";
export { MemoryVoterStore, valueAfter } from "./memory-voter-store.ts";
export {
  isConfig,
  type NamesMessage,
  SUCCESSOR,
  type Value,
  type ValueDelta,
} from "./message.ts";
export { NamesNode, type NamesNodeOptions } from "./node.ts";
export type { NamesEffect, NamesEvent, NamesOutcome } from "./outbox.ts";
export { NAMES_DEFAULTS, type NamesSettings } from "./settings.ts";
export {
  type StoredVoter,
  type VoterHead,
  type VoterStore,
  VoterStoreError,
  type VoterWrite,
} from "./voter-store.ts";
export type { Wish } from "./asking.ts";
