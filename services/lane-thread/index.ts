export {
  isBusy,
  isLogLine,
  isTally,
  type LaneBirth,
  type LaneControl,
  type LaneLogLine,
  type LaneTally,
  type MeasuredMetric,
  type MeasuredSeries,
  type Opened,
  type Opening,
  type Placement,
  type PlacementWish,
  type Refusal,
} from "./control.ts";
export { forgetWork, newCounts, totalOf } from "./counts.ts";
export type { Team } from "./desk.ts";
export { LaneLink } from "./link.ts";
export { LaneMeasures } from "./measures.ts";
export { Peer, type PeerLine, type Seat } from "./peer.ts";
export { type Pauses, Rehearsal } from "./rehearsal.ts";
export { newRingMemory, RingReader, RingWriter } from "./ring.ts";
export { placementWarning, schedulingText } from "./placement.ts";
export { serveLane } from "./serve.ts";
export type { LaneMachine } from "./worker.ts";
