export { isRealTimePolicy } from "./client.ts";
export { DEFAULT_MAX_CONCURRENT, type EntranceHost } from "./inline-lanes.ts";
export { importExport, makeServant, makeTransform } from "./module-servant.ts";
export { RTPOA } from "./rtpoa.ts";
export {
  type LaneState,
  RTORB,
  type RtHost,
  type ThreadpoolState,
} from "./rtorb.ts";
export type { ThreadpoolLane, ThreadpoolOptions } from "./pool-plan.ts";
export { InvalidThreadpool } from "./threadpool.ts";
