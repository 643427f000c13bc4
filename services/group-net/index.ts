export { parseAddress } from "./address.ts";
export { addressOf, type CarrierEars, type LetterCarrier } from "./carrier.ts";
export { FrameFault, FrameReader, FrameWriter } from "./frames.ts";
export { type TcpCarrierOptions, openTcpCarrier } from "./tcp-carrier.ts";
export { type GroupHostOptions, openGroupHost } from "./host.ts";
export { DegreeKeeper, type DegreeKeeperOptions, type Site } from "./degree-keeper.ts";
export { rehearse, type RehearsalOptions } from "./rehearsal.ts";
export { Surplus, type SurplusOptions } from "./surplus.ts";
