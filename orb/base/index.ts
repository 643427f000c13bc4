export { asBuffer, concat, equal, fromHex, hexDump, toHex } from "./bytes.ts";
export { type Clock, LONGEST_DELAY_MS, systemClock, TestClock, type Timer } from "./clock.ts";
export { Deadline } from "./deadline.ts";
export { Deferred } from "./deferred.ts";
export { KnownTexts } from "./known-texts.ts";
export { type Logger, type LogFields, noLogger } from "./log.ts";
export {
  type Counter,
  type Gauge,
  type Histogram,
  type Labels,
  type Metrics,
  noMetrics,
} from "./metrics.ts";
export { type Random, seededRandom, systemRandom } from "./random.ts";
export { compareRanks, NO_RANK, type Rank } from "./rank.ts";
export { type Place, RankedQueue } from "./ranked-queue.ts";
export { Ring } from "./ring.ts";
export { IllegalTransition, unreachable } from "./state.ts";
export { type TaskFailure, TaskScope } from "./tasks.ts";
export {
  type ClientRequestTrace,
  type ConnectionTrace,
  isClientTraced,
  isServerTraced,
  type ServerRequestTrace,
  type Settlement,
  TRACE,
  traceCall,
  traceConnection,
  traceServerEnd,
  traceServerRequest,
} from "./trace.ts";
export { type Expiring, TimerQueue } from "./timer-queue.ts";
export { atTurnEnd } from "./turn.ts";
