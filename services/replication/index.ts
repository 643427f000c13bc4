export {
  AdmittedRequest,
  arrivalOf,
  packArrival,
  packOutcome,
  unpackArrival,
  unpackOutcome,
} from "./encoding.ts";
export {
  type Carrier,
  type Divergence,
  GroupReplica,
  type GroupReplicaOptions,
} from "./group-replica.ts";
export { CheckpointableState, type StatefulServant } from "./checkpointable-state.ts";
export type {
  Entry,
  Group,
  GroupHost,
  GroupNews,
  GroupView,
  JoinOptions,
  MemberCard,
  MemberProfile,
  MemberStore,
  Recovered,
  WitnessStore,
  WitnessVote,
} from "./port.ts";
export { DegreeBound, type DegreeBoundOptions, type DegreeFault } from "./degree-bound.ts";
export { AdapterState } from "./adapter-state.ts";
export { Door, type DoorOptions, type ServantWatch } from "./door.ts";
export { changeStyle, movePrimary, retire } from "./moving.ts";
export {
  checkPolicy,
  type GroupReplicator,
  lossWindow,
  replicator,
  type ReplicatorOptions,
} from "./replicator.ts";
export { PlainState } from "./plain-state.ts";
export { exceptionFor } from "./refusals.ts";
export type { GroupStore } from "./outbox.ts";
export type { StateSource } from "./state-source.ts";
export { replicated, supplying } from "./supplied.ts";
