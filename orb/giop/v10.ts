import type { CdrInput, CdrOutput } from "../cdr/index.ts";
import type { GiopCodec } from "./codec.ts";
import {
  keyOf,
  readCancelRequestHeader,
  readLocateStatus,
  readObjectKey,
  readOperation,
  readReplyStatus,
  writeCancelRequestHeader,
} from "./fields.ts";
import { endMessage } from "./header.ts";
import {
  type LocateReplyHeader,
  type LocateRequestHeader,
  type LocateStatus,
  type ReplyHeader,
  type ReplyStatus,
  type RequestHeader,
  RESPONSE,
} from "./message.ts";
import { readServiceContexts, writeServiceContexts } from "./service-context.ts";

const REPLY_STATUS_COUNT = 4;
const LOCATE_STATUS_COUNT = 3;

/** What a caller of 1.0 or 1.1 understands; it knows no lasting forward. */
const REPLY_STATUS_NUMBER: Readonly<Record<ReplyStatus, number>> = {
  NO_EXCEPTION: 0,
  USER_EXCEPTION: 1,
  SYSTEM_EXCEPTION: 2,
  LOCATION_FORWARD: 3,
  LOCATION_FORWARD_PERM: 3,
  NEEDS_ADDRESSING_MODE: -1,
};

const LOCATE_STATUS_NUMBER: Readonly<Record<LocateStatus, number>> = {
  UNKNOWN_OBJECT: 0,
  OBJECT_HERE: 1,
  OBJECT_FORWARD: 2,
  OBJECT_FORWARD_PERM: 2,
  LOC_SYSTEM_EXCEPTION: -1,
  LOC_NEEDS_ADDRESSING_MODE: -1,
};

function numberOf(status: string, number: number): number {
  if (number >= 0) return number;
  throw new TypeError(`${status} came with GIOP 1.2; 1.0 and 1.1 cannot say it`);
}

/** 1.1 gives a name, `reserved`, to the three octets that 1.0 has as padding in front of the key. */
function writeRequestHeader(out: CdrOutput, header: RequestHeader): void {
  writeServiceContexts(out, header.contexts);
  out.ulong(header.requestId).boolean((header.responseFlags & 1) !== 0);
  out.octetSequence(keyOf(header.target)).string(header.operation);
  // The principal, deprecated since CORBA 2.2: empty.
  out.ulong(0);
}

function readRequestHeader(input: CdrInput): RequestHeader {
  const contexts = readServiceContexts(input);
  const requestId = input.ulong();
  const responseFlags = input.boolean() ? RESPONSE.target : RESPONSE.none;
  const objectKey = readObjectKey(input);
  const operation = readOperation(input);
  input.skip(input.sequenceLength(1));
  return { requestId, responseFlags, target: { by: "key", objectKey }, operation, contexts };
}

function writeReplyHeader(out: CdrOutput, header: ReplyHeader): void {
  writeServiceContexts(out, header.contexts);
  out.ulong(header.requestId).ulong(numberOf(header.status, REPLY_STATUS_NUMBER[header.status]));
}

function readReplyHeader(input: CdrInput): ReplyHeader {
  const contexts = readServiceContexts(input);
  const requestId = input.ulong();
  return { requestId, status: readReplyStatus(input, REPLY_STATUS_COUNT), contexts };
}

function writeLocateRequestHeader(out: CdrOutput, header: LocateRequestHeader): void {
  out.ulong(header.requestId).octetSequence(keyOf(header.target));
}

function readLocateRequestHeader(input: CdrInput): LocateRequestHeader {
  const requestId = input.ulong();
  return { requestId, target: { by: "key", objectKey: readObjectKey(input) } };
}

function writeLocateReplyHeader(out: CdrOutput, header: LocateReplyHeader): void {
  out.ulong(header.requestId).ulong(numberOf(header.status, LOCATE_STATUS_NUMBER[header.status]));
}

function readLocateReplyHeader(input: CdrInput): LocateReplyHeader {
  const requestId = input.ulong();
  return { requestId, status: readLocateStatus(input, LOCATE_STATUS_COUNT) };
}

/** GIOP 1.0 (CORBA 3.3 Part 2, 9.4): bodies follow their headers without alignment of their own. */
export const giop10: GiopCodec = {
  minor: 0,
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
  beginBody: (out) => out.position,
  endBody: (out) => endMessage(out),
};
