export { P3 } from "./p3.ts";
export { type Beat, BEAT_KINDS, BeatReceiver, isBeat, tellBeat } from "./beats.ts";
export {
  DiscoveryReceiver,
  type DiscoveryMessage,
  isDiscovery,
  tellDiscovery,
} from "./discovery.ts";
export { MembershipReceiver, type MembershipMessage, tellMembership } from "./membership.ts";
