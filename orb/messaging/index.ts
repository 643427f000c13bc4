export {
  type CalledReference,
  clientPolicy,
  type ClientPolicies,
  inconsistentPolicies,
  policyInForce,
  policyOfCall,
} from "./client-policies.ts";
export { rankOf, rankOfRequest } from "./rank.ts";
export { policyComponents, publishedPolicies } from "./published.ts";
export { type ExceptionCodec, ExceptionHolder, holderOf } from "./exception-holder.ts";
export {
  type CallTerms,
  defaultTerms,
  onewayFlags,
  syncScopeNumber,
  termsOf,
  type TermsEnvironment,
} from "./terms.ts";
export { lateRequest } from "./request-end.ts";
