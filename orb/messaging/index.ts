export {
  type CalledReference,
  clientPolicy,
  type ClientPolicies,
  inconsistentPolicies,
  policyInForce,
  policyOfCall,
  publishedPolicies,
} from "./client-policies.ts";
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
