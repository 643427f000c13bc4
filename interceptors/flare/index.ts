export { AskedTargets, FAILED_PLACES } from "./asked-targets.ts";
export {
  type FailedPlace,
  type FailoverTargets,
  type LostCall,
  Redirection,
  type RedirectionOptions,
} from "./redirection.ts";
export { type Places, TargetTable } from "./target-table.ts";
