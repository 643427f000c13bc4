import type { CdrInput, GiopMinor } from "../cdr/index.ts";
import type { Ior, TaggedProfile } from "../ior/index.ts";
import type { ServiceContext } from "./service-context.ts";

/** The eight messages; the number on the wire is the index (CORBA 3.3 Part 2, 9.4.1). */
export const MESSAGE_TYPES = [
  "Request",
  "Reply",
  "CancelRequest",
  "LocateRequest",
  "LocateReply",
  "CloseConnection",
  "MessageError",
  "Fragment",
] as const;

export type MessageType = (typeof MESSAGE_TYPES)[number];

/** A whole message as the assembler hands it out: fragments are joined, so none is of type Fragment. */
export interface GiopMessage {
  readonly type: Exclude<MessageType, "Fragment">;
  readonly minor: GiopMinor;
  readonly littleEndian: boolean;
  /** Stands after the 12 octets of the header; alignment counts from the first of them. */
  readonly input: CdrInput;
}

/** How a request names its target. GIOP 1.0 and 1.1 know the key alone. */
export type Target =
  | { readonly by: "key"; readonly objectKey: Uint8Array }
  | { readonly by: "profile"; readonly profile: TaggedProfile }
  | { readonly by: "reference"; readonly selectedProfile: number; readonly ior: Ior };

/** GIOP::AddressingDisposition: the number on the wire is the index. */
export const ADDRESSING = ["key", "profile", "reference"] as const;

/**
 * Octet `response_flags` of GIOP 1.2. The lowest bit asks for a reply: `server` before the servant
 * runs, `target` after. 1.0 and 1.1 carry that bit only.
 */
export const RESPONSE = { none: 0, server: 1, target: 3 } as const;

export interface RequestHeader {
  /** Unsigned 32 bits. */
  readonly requestId: number;
  /** One of {@link RESPONSE}; other bits are as received and mean nothing. */
  readonly responseFlags: number;
  readonly target: Target;
  /** ISO 8859-1, never converted. */
  readonly operation: string;
  readonly contexts: readonly ServiceContext[];
}

/** GIOP::ReplyStatusType: the number on the wire is the index. The last two exist from 1.2 on. */
export const REPLY_STATUSES = [
  "NO_EXCEPTION",
  "USER_EXCEPTION",
  "SYSTEM_EXCEPTION",
  "LOCATION_FORWARD",
  "LOCATION_FORWARD_PERM",
  "NEEDS_ADDRESSING_MODE",
] as const;

export type ReplyStatus = (typeof REPLY_STATUSES)[number];

export interface ReplyHeader {
  readonly requestId: number;
  readonly status: ReplyStatus;
  readonly contexts: readonly ServiceContext[];
}

export interface LocateRequestHeader {
  readonly requestId: number;
  readonly target: Target;
}

/** GIOP::LocateStatusType: the number on the wire is the index. The last three exist from 1.2 on. */
export const LOCATE_STATUSES = [
  "UNKNOWN_OBJECT",
  "OBJECT_HERE",
  "OBJECT_FORWARD",
  "OBJECT_FORWARD_PERM",
  "LOC_SYSTEM_EXCEPTION",
  "LOC_NEEDS_ADDRESSING_MODE",
] as const;

export type LocateStatus = (typeof LOCATE_STATUSES)[number];

export interface LocateReplyHeader {
  readonly requestId: number;
  readonly status: LocateStatus;
}

export interface CancelRequestHeader {
  readonly requestId: number;
}

/** In front of each later piece of a 1.2 message; in 1.1 a fragment has no header of its own. */
export interface FragmentHeader {
  readonly requestId: number;
}

/** What a message says before its body, by type. */
export type MessageHeader =
  | ({ readonly type: "Request" } & RequestHeader)
  | ({ readonly type: "Reply" } & ReplyHeader)
  | ({ readonly type: "CancelRequest" } & CancelRequestHeader)
  | ({ readonly type: "LocateRequest" } & LocateRequestHeader)
  | ({ readonly type: "LocateReply" } & LocateReplyHeader)
  | { readonly type: "CloseConnection" }
  | { readonly type: "MessageError" }
  | ({ readonly type: "Fragment" } & FragmentHeader);
