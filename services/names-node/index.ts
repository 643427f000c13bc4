export { LmdbVoterStore } from "./lmdb-voter-store.ts";
export { decodeNamesMessage, encodeNamesMessage } from "./message-codec.ts";
export { type NamesCarrier, openNames, type OpenNamesOptions } from "./open-names.ts";
export { ReplicatedStore } from "./replicated-store.ts";
