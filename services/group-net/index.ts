export type { CarrierEars, LetterCarrier } from "./carrier.ts";
export { type GiopCarrierOptions, openGiopCarrier } from "./giop-carrier.ts";
export { type GroupHostOptions, openGroupHost } from "./host.ts";
export { DegreeKeeper, type DegreeKeeperOptions, type Site } from "./degree-keeper.ts";
export { rehearse, type RehearsalOptions } from "./rehearsal.ts";
