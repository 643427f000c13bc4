import type { CdrInput, CdrOutput } from "../cdr/index.ts";
import type { GiopCodec } from "./codec.ts";
import {
  readCancelRequestHeader,
  readLocateStatus,
  readOperation,
  readReplyStatus,
  readTarget,
  writeCancelRequestHeader,
  writeTarget,
} from "./fields.ts";
import { endMessage, patchHeader } from "./header.ts";
import {
  LOCATE_STATUSES,
  type LocateReplyHeader,
  type LocateRequestHeader,
  type LocateStatus,
  REPLY_STATUSES,
  type ReplyHeader,
  type ReplyStatus,
  type RequestHeader,
} from "./message.ts";
import { readServiceContexts, writeServiceContexts } from "./service-context.ts";

const BODY_ALIGNMENT = 8;

const REPLY_STATUS_NUMBER: Readonly<Record<ReplyStatus, number>> = {
  NO_EXCEPTION: 0,
  USER_EXCEPTION: 1,
  SYSTEM_EXCEPTION: 2,
  LOCATION_FORWARD: 3,
  LOCATION_FORWARD_PERM: 4,
  NEEDS_ADDRESSING_MODE: 5,
};

const LOCATE_STATUS_NUMBER: Readonly<Record<LocateStatus, number>> = {
  UNKNOWN_OBJECT: 0,
  OBJECT_HERE: 1,
  OBJECT_FORWARD: 2,
  OBJECT_FORWARD_PERM: 3,
  LOC_SYSTEM_EXCEPTION: 4,
  LOC_NEEDS_ADDRESSING_MODE: 5,
};

function writeRequestHeader(out: CdrOutput, header: RequestHeader): void {
  out.ulong(header.requestId);
  // The flags octet and three reserved octets of zero, in one go.
  out.ulong(out.littleEndian ? header.responseFlags : (header.responseFlags << 24) >>> 0);
  writeTarget(out, header.target);
  out.string(header.operation);
  writeServiceContexts(out, header.contexts);
}

function readRequestHeader(input: CdrInput): RequestHeader {
  const requestId = input.ulong();
  const responseFlags = input.octet();
  input.skip(3);
  const target = readTarget(input);
  const operation = readOperation(input);
  const contexts = readServiceContexts(input);
  enterBody(input);
  return { requestId, responseFlags, target, operation, contexts };
}

function writeReplyHeader(out: CdrOutput, header: ReplyHeader): void {
  out.ulong(header.requestId).ulong(REPLY_STATUS_NUMBER[header.status]);
  writeServiceContexts(out, header.contexts);
}

function readReplyHeader(input: CdrInput): ReplyHeader {
  const requestId = input.ulong();
  const status = readReplyStatus(input, REPLY_STATUSES.length);
  const contexts = readServiceContexts(input);
  enterBody(input);
  return { requestId, status, contexts };
}

function writeLocateRequestHeader(out: CdrOutput, header: LocateRequestHeader): void {
  writeTarget(out.ulong(header.requestId), header.target);
}

function readLocateRequestHeader(input: CdrInput): LocateRequestHeader {
  const requestId = input.ulong();
  return { requestId, target: readTarget(input) };
}

function writeLocateReplyHeader(out: CdrOutput, header: LocateReplyHeader): void {
  out.ulong(header.requestId).ulong(LOCATE_STATUS_NUMBER[header.status]);
}

function readLocateReplyHeader(input: CdrInput): LocateReplyHeader {
  const requestId = input.ulong();
  return { requestId, status: readLocateStatus(input, LOCATE_STATUSES.length) };
}

/** Without a body the padding may be there, as omniORB sends it, in part or not at all. */
function enterBody(input: CdrInput): void {
  const padding = -input.position & (BODY_ALIGNMENT - 1);
  input.skip(Math.min(padding, input.remaining));
}

function beginBody(out: CdrOutput): number {
  const headerEnd = out.position;
  out.align(BODY_ALIGNMENT);
  return headerEnd;
}

function endBody(out: CdrOutput, headerEnd: number): Uint8Array {
  const bodyStart = headerEnd + (-headerEnd & (BODY_ALIGNMENT - 1));
  if (out.position !== bodyStart) return endMessage(out);
  const octets = out.finish().subarray(0, headerEnd);
  patchHeader(octets, headerEnd, false);
  return octets;
}

/** GIOP 1.2 (CORBA 3.3 Part 2, 9.4): bodies of Request and Reply are aligned to 8 octets. */
export const giop12: GiopCodec = {
  minor: 2,
  writeRequestHeader,
  readRequestHeader,
  writeReplyHeader,
  readReplyHeader,
  writeLocateRequestHeader,
  readLocateRequestHeader,
  writeLocateReplyHeader,
  readLocateReplyHeader,
  writeCancelRequestHeader,
  readCancelRequestHeader,
  beginBody,
  endBody,
};
