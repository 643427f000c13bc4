export type { Finding, FindingCode } from "./finding.ts";
export type { AddressProbe } from "./probe-address.ts";
export { type ProbeOptions, probeReference, type ReferenceProbe } from "./probe-reference.ts";
export { type Network, systemNetwork } from "./network.ts";
