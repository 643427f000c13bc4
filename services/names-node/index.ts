export { LmdbVoterStore } from "./lmdb-voter-store.ts";
export { decodeNamesMessage, encodeNamesMessage } from "./message-codec.ts";
export { ReplicatedStore } from "./replicated-store.ts";
