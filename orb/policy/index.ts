export type {
  CallPolicies,
  Heartbeat,
  Ordering,
  Range,
  RebindMode,
  RoutingType,
  SyncScope,
} from "./call-policies.ts";
export {
  type CallLevel,
  effectivePolicy,
  effectiveSettings,
  overrideOf,
  type SharedLevels,
} from "./effective.ts";
export { InvalidPolicies, POLICY_ERROR, PolicyError } from "./exceptions.ts";
export { type CustomPolicies, PolicyFactories } from "./factories.ts";
export { HEARTBEAT_ENABLED_POLICY } from "./ft.ts";
export type { PolicyKind } from "./kind.ts";
export { POLICY_KIND_BY_TYPE } from "./kinds.ts";
export { PolicyCurrent, PolicyManager } from "./managers.ts";
export { MESSAGING_KIND_BY_TYPE, MESSAGING_POLICY, type MessagingKind } from "./messaging.ts";
export { Overrides, policiesByName, type SetOverrideType } from "./overrides.ts";
export {
  DEFAULT_POA_POLICIES,
  type IdAssignment,
  type IdUniqueness,
  type ImplicitActivation,
  type Lifespan,
  POA_POLICY_TYPES,
  type PoaPolicies,
  type RequestProcessing,
  ROOT_POA_POLICIES,
  type ServantRetention,
  type ThreadModel,
} from "./poa.ts";
export { CreatedPolicy, type Policy } from "./policy.ts";
export {
  type LanePlace,
  type LaneValue,
  type PriorityBand,
  type PriorityModel,
  type PriorityModelValue,
  RT_POLICY,
  rtPoliciesOf,
  type RtPoaOptions,
} from "./rt.ts";
export {
  DEFAULT_TCP_PROPERTIES,
  IIOP_PROTOCOL,
  type Protocol,
  type TcpProtocolProperties,
} from "./rt-protocols.ts";
export { timeFromMs, timeToMs, type UtcT, utcFromWallMs, utcToWallMs } from "./time.ts";
export { readPolicies, writePolicies } from "./wire.ts";
