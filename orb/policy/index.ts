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
export type { Policy } from "./policy.ts";
