export type { Finding, Level } from "./finding.ts";
export { type Machine, thisMachine } from "./machine.ts";
export { examineRealtime } from "./realtime.ts";
