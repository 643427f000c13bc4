export type { ConnectWaiter } from "./connect-attempt.ts";
export { ConnectionCache } from "./connection-cache.ts";
