export { NAMES_CONTROL_KEY, serveNamesControl } from "./control.ts";
export { LmdbVoterStore } from "./lmdb-voter-store.ts";
export { decodeNamesMessage, encodeNamesMessage } from "./message-codec.ts";
export { Names } from "./names.ts";
export {
  type NamesCarrier,
  openNames,
  type OpenNamesOptions,
} from "./open-names.ts";
export { NAMES_SERVICE } from "./places.ts";
export { ReplicatedStore } from "./replicated-store.ts";
