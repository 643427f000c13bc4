export { ClientHabits, type ClientOrb, type ForwardForm, forwardForm } from "./client-habits.ts";
export {
  type Arrival,
  type Caller,
  DirectGate,
  type DispatchGate,
  type Encoding,
  type FtRequest,
  type GatedAdapter,
  GATE_POLICY_TYPE,
  gatePolicy,
  isDispatchGate,
  type Outcome,
  type Upcall,
} from "./dispatch-gate.ts";
export type {
  CallPlace,
  ClientEnd,
  ClientFlow,
  ClientHook,
  HookedCall,
} from "./client-request.ts";
export type {
  ConnectionEnd,
  ConnectionWatch,
  NextPlace,
  OpenConnections,
  RedirectOptions,
  WatchedConnection,
} from "./connection-watch.ts";
export type { DirectReceiver, DirectRequest } from "./direct-receiver.ts";
export {
  type CallAddress,
  type CallChoice,
  chainChoices,
  type ChoosingCall,
  type EndpointChoice,
} from "./endpoint-choice.ts";
export type {
  CodecEncoding,
  Hooks,
  Initializers,
  OrbInProgress,
  SlotCurrent,
  ValueCodec,
  ValueCodecFactory,
} from "./initializers.ts";
export type { AdapterState, IorHook, IorShape, ShapedAdapter } from "./ior-shape.ts";
export type { OperationTypes, ParameterMode, ParameterType } from "./operation-types.ts";
export {
  REPLICATION_POLICY_TYPE,
  type ReplicationOptions,
  replicationPolicy,
  type Replicator,
} from "./replicator.ts";
export type {
  HookedAdapter,
  HookedRequest,
  HookedUpcall,
  ServerEnd,
  ServerFlow,
  ServerHook,
} from "./server-request.ts";
export { isSamePlace } from "../transport/index.ts";
