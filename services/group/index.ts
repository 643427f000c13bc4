export type { Executed } from "./executing.ts";
export {
  GroupMember,
  MEMBER_TIMES,
  type MemberEvent,
  type MemberTimes,
} from "./member.ts";
export type { Message, Proposed, Refusal } from "./message.ts";
export {
  newReplicaState,
  Replica,
  type ReplicaEvent,
  type ReplicaOptions,
  stepState,
  type Stored,
} from "./replica.ts";
export {
  type Acknowledgement,
  executesFirst,
  GROUP_DEFAULTS,
  type GroupSettings,
  type Style,
  STYLES,
} from "./settings.ts";
export type { Checkpoint, Effect, Standing, State, StoreChange, Task } from "./state.ts";
export {
  acceptorsOf,
  type Ballot,
  foundingView,
  isSameView,
  majority,
  type MemberId,
  type View,
} from "./view.ts";
export { Witness, type WitnessState } from "./witness.ts";
