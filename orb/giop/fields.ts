import { KnownTexts } from "../base/index.ts";
import type { CdrInput, CdrOutput } from "../cdr/index.ts";
import { type MARSHAL, MINOR } from "../exception/index.ts";
import { readIor, readTaggedProfile, writeIor, writeTaggedProfile } from "../ior/index.ts";
import {
  ADDRESSING,
  type CancelRequestHeader,
  LOCATE_STATUSES,
  type LocateStatus,
  REPLY_STATUSES,
  type ReplyStatus,
  type Target,
} from "./message.ts";

const names = new KnownTexts();

/** A view of the message. */
export function readObjectKey(input: CdrInput): Uint8Array {
  return input.octets(input.sequenceLength(1));
}

/** GIOP::TargetAddress of 1.2. */
export function writeTarget(out: CdrOutput, target: Target): void {
  switch (target.by) {
    case "key":
      out.ushort(0).octetSequence(target.objectKey);
      return;
    case "profile":
      writeTaggedProfile(out.ushort(1), target.profile);
      return;
    case "reference":
      writeIor(out.ushort(2).ulong(target.selectedProfile), target.ior);
      return;
  }
}

export function readTarget(input: CdrInput): Target {
  const disposition = input.ushort();
  switch (disposition) {
    case 0:
      return { by: "key", objectKey: readObjectKey(input) };
    case 1:
      return { by: "profile", profile: readTaggedProfile(input) };
    case 2: {
      const selectedProfile = input.ulong();
      return { by: "reference", selectedProfile, ior: readIor(input) };
    }
    default:
      throw unknownNumber(input, "addressing disposition", disposition, ADDRESSING);
  }
}

/** The key of a target of 1.0 or 1.1. @throws TypeError for the other two ways, which came with 1.2 */
export function keyOf(target: Target): Uint8Array {
  if (target.by === "key") return target.objectKey;
  throw new TypeError(`GIOP 1.0 and 1.1 name a target by its key, not by ${target.by}`);
}

/** @param count how many of the statuses the version has */
export function readReplyStatus(input: CdrInput, count: number): ReplyStatus {
  const number = input.ulong();
  const status = number < count ? REPLY_STATUSES[number] : undefined;
  if (status === undefined) {
    throw unknownNumber(input, "reply status", number, REPLY_STATUSES.slice(0, count));
  }
  return status;
}

/** @param count how many of the statuses the version has */
export function readLocateStatus(input: CdrInput, count: number): LocateStatus {
  const number = input.ulong();
  const status = number < count ? LOCATE_STATUSES[number] : undefined;
  if (status === undefined) {
    throw unknownNumber(input, "locate status", number, LOCATE_STATUSES.slice(0, count));
  }
  return status;
}

export function writeCancelRequestHeader(out: CdrOutput, header: CancelRequestHeader): void {
  out.ulong(header.requestId);
}

export function readCancelRequestHeader(input: CdrInput): CancelRequestHeader {
  return { requestId: input.ulong() };
}

function unknownNumber(
  input: CdrInput,
  what: string,
  found: number,
  allowed: readonly string[],
): MARSHAL {
  const list = allowed.map((name, number) => `${number} ${name}`).join(", ");
  return input.fault(`${what} ${found} does not exist; allowed are ${list}`, MINOR.unknownOrdinal);
}

/**
 * Reads an operation name: ISO 8859-1 whatever code sets the connection uses.
 * @throws MARSHAL when the name does not end in NUL or passes the end
 */
export function readOperation(input: CdrInput): string {
  const octets = input.octets(input.sequenceLength(1));
  const count = octets.length - 1;
  // Some old ORBs send the empty string without its NUL.
  if (count < 0) return "";
  if (octets[count] !== 0) {
    throw input.fault(
      `the operation name of ${count + 1} octets does not end in NUL`,
      MINOR.stringNotTerminated,
    );
  }
  return names.of(octets, 0, count);
}
