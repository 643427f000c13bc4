export { packArrival, packOutcome, unpackArrival, unpackOutcome } from "./encoding.ts";
export {
  type Carrier,
  type Divergence,
  GroupReplica,
  type GroupReplicaOptions,
  type GroupStore,
} from "./group-replica.ts";
export { PlainState, type StateSource } from "./plain-state.ts";
export { replicated } from "./supplied.ts";
