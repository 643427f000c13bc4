export { Bidirectional, type BidirectionalMode } from "./bidirectional.ts";
export { listenPointsContext, readListenPoints } from "./listen-points.ts";
