export { Assembler, type AssemblerOptions, MAX_MESSAGE_OCTETS } from "./assembler.ts";
export type { GiopCodec } from "./codec.ts";
export { codecFor, readMessageHeader } from "./codecs.ts";
export { GiopFault, type GiopFaultKind } from "./fault.ts";
export {
  beginMessage,
  endMessage,
  type GiopHeader,
  HEADER_OCTETS,
  readHeader,
} from "./header.ts";
export {
  ADDRESSING,
  type CancelRequestHeader,
  type GiopMessage,
  LOCATE_STATUSES,
  type LocateReplyHeader,
  type LocateRequestHeader,
  type LocateStatus,
  MESSAGE_TYPES,
  type MessageHeader,
  type MessageType,
  REPLY_STATUSES,
  type ReplyHeader,
  type ReplyStatus,
  type RequestHeader,
  RESPONSE,
  type Target,
} from "./message.ts";
export {
  codeSetsContext,
  findServiceContext,
  MAX_SERVICE_CONTEXTS,
  readCodeSetsContext,
  readServiceContexts,
  SERVICE_ID,
  type ServiceContext,
  writeServiceContexts,
} from "./service-context.ts";
export { Giop11Output, MIN_FRAGMENT_OCTETS, splitMessage } from "./split.ts";
export { HIGHEST_MINOR, isGiopMinor, minorFor } from "./version.ts";
