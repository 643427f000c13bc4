export { AdapterInactive, ManagerAlreadyExists } from "./exceptions.ts";
export { clientGone } from "./held-requests.ts";
export { WatchedAdapter } from "./watched-adapter.ts";
export { WatchedRequest, watched } from "./watched-request.ts";
export {
  type Admitting,
  type ManagedAdapter,
  type ManagerFollower,
  MAX_HELD_REQUESTS,
  POAManager,
} from "./manager.ts";
export {
  ENDPOINTS_POLICY_TYPE,
  type ManagerHost,
  type ManagerOptions,
  POAManagerFactory,
} from "./manager-factory.ts";
export type { ManagerState } from "./manager-state.ts";
export { PassedOnRequest, type Write } from "./passed-on-request.ts";
export { Serial } from "./serial.ts";
export { takeTurn } from "./take-turn.ts";
