export { type DetectorSettings, LARGEST_PHI, PhiDetector } from "./detector.ts";
export { isWanted, matches, servicesOf } from "./matching.ts";
export {
  type AttributeValue,
  type CellRecord,
  countOf,
  memberOf,
  type PeerEntry,
  type PeerId,
  type PeerRef,
  type Role,
  sameRecord,
  type Service,
  superpeersOf,
} from "./peer.ts";
export type {
  Answer,
  Discovery,
  FaultTolerance,
  Found,
  KnownCell,
  Membership,
  Overlay,
  OverlayEvent,
  Query,
  Range,
  Standing,
  Wanted,
} from "./port.ts";
export { type StaticMessage, StaticOverlay, type StaticOptions } from "./static.ts";
export { Watchers } from "./watchers.ts";
