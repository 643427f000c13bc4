export { failover } from "./failover.ts";
