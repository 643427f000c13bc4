export { type PeerDaemon, PeerDaemons, type PeerDaemonsOptions } from "./daemons.ts";
export { type HeardEvent, PeerProcess, type PeerProcessOptions } from "./peer-process.ts";
export { machineMs, type PeerState, type ProgramOptions } from "./words.ts";
export { PeerTree, type PeerTreeOptions } from "./peer-tree.ts";
