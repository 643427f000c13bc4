export { type HeardEvent, PeerProcess, type PeerProcessOptions } from "./peer-process.ts";
export { machineMs, type PeerState, type ProgramOptions } from "./words.ts";
