import { readValue } from "../../orb/any/index.ts";
import type { CdrContext, CdrInput } from "../../orb/cdr/index.ts";
import {
  Assembler,
  type GiopMessage,
  type LocateStatus,
  type MessageHeader,
  type ReplyStatus,
} from "../../orb/giop/index.ts";
import { iiopProfilesOf, readIor } from "../../orb/ior/index.ts";
import { PEER_OPERATIONS } from "./peer-idl.ts";

/** A reference without the padding of its profiles, which differs each time TAO writes one. */
export interface SeenReference {
  readonly typeId: string;
  /** Address, version and key of each IIOP profile. */
  readonly profiles: readonly string[];
}

/** Reads references down to their components; writes none. */
export const seenReferences: CdrContext = {
  writeObject: () => {
    throw new TypeError("references are only read");
  },
  readObject: (input): SeenReference => {
    const ior = readIor(input);
    const profiles = iiopProfilesOf(ior).map(
      ({ host, port, minor, objectKey, components }) =>
        `${host}:${port} 1.${minor} ${Buffer.from(objectKey).toString("hex")} ${components.length}`,
    );
    return { typeId: ior.typeId, profiles };
  },
};

/** Every message of one direction of a connection, which must end with a whole one. */
export function messagesIn(octets: Uint8Array): GiopMessage[] {
  const messages: GiopMessage[] = [];
  const assembler = new Assembler({ cdr: { context: seenReferences } });
  assembler.consume(octets, (message) => messages.push(message));
  if (assembler.pending) throw new RangeError(`${assembler.pendingOctets} octets are left over`);
  return messages;
}

/**
 * Reads what comes behind the header of a message of Peer.idl.
 * @param operation of the request, or of the one that is answered
 */
export function readPeerBody(
  input: CdrInput,
  header: MessageHeader,
  operation: string,
): readonly unknown[] {
  switch (header.type) {
    case "Request":
      return (PEER_OPERATIONS[operation]?.request ?? []).map((type) => readValue(input, type));
    case "Reply":
      return readReplyBody(input, header.status, operation);
    case "LocateReply":
      return readLocateReplyBody(input, header.status);
    case "LocateRequest":
    case "CancelRequest":
    case "CloseConnection":
    case "MessageError":
    case "Fragment":
      return [];
  }
}

function readReplyBody(input: CdrInput, status: ReplyStatus, operation: string): unknown[] {
  const known = PEER_OPERATIONS[operation];
  switch (status) {
    case "NO_EXCEPTION":
      return (known?.reply ?? []).map((type) => readValue(input, type));
    case "USER_EXCEPTION":
      return (known?.raises ?? []).map((type) => readValue(input, type));
    case "SYSTEM_EXCEPTION":
      return [input.string(), input.ulong(), input.ulong()];
    case "LOCATION_FORWARD":
    case "LOCATION_FORWARD_PERM":
      return [seenReferences.readObject(input)];
    case "NEEDS_ADDRESSING_MODE":
      return [input.short()];
  }
}

function readLocateReplyBody(input: CdrInput, status: LocateStatus): unknown[] {
  switch (status) {
    case "UNKNOWN_OBJECT":
    case "OBJECT_HERE":
      return [];
    case "OBJECT_FORWARD":
    case "OBJECT_FORWARD_PERM":
      return [seenReferences.readObject(input)];
    case "LOC_SYSTEM_EXCEPTION":
      return [input.string(), input.ulong(), input.ulong()];
    case "LOC_NEEDS_ADDRESSING_MODE":
      return [input.short()];
  }
}
