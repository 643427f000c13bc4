export type { ConnectWaiter } from "./connect-attempt.ts";
export { HEARTBEAT_OPERATION } from "./greeting.ts";
export { ConnectionCache } from "./connection-cache.ts";
