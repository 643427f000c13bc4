export { asBuffer, concat, equal, fromHex, hexDump, toHex } from "./bytes.ts";
export { type Clock, systemClock, TestClock, type Timer } from "./clock.ts";
export { Deadline } from "./deadline.ts";
export { Deferred } from "./deferred.ts";
export { type Logger, type LogFields, noLogger } from "./log.ts";
export { type Random, seededRandom, systemRandom } from "./random.ts";
export { Ring } from "./ring.ts";
export { IllegalTransition, unreachable } from "./state.ts";
export { type TaskFailure, TaskScope } from "./tasks.ts";
