import { CdrOutput } from "../cdr/index.ts";
import {
  completionFromOrdinal,
  Completion,
  type SystemException,
  systemExceptionById,
} from "../exception/index.ts";
import {
  beginMessage,
  codecFor,
  endMessage,
  type GiopMessage,
  RESPONSE,
  type Target,
} from "../giop/index.ts";
import { iorToString, readIor } from "../ior/index.ts";
import type { ProbeAnswer, ProbeQuestion } from "./answer.ts";

const REQUEST_ID = 2;

/**
 * A ClientHello of TLS 1.2 that offers four widespread suites and no extension (RFC 5246, 7.4.1.2). It is
 * answered with a ServerHello or an alert, which is all that is wanted of it.
 */
const TLS_HELLO = Buffer.from(
  `1603010033 0100002f 0303 ${"00".repeat(32)} 00 0008c02fc030009c002f 0100`.replaceAll(" ", ""),
  "hex",
);

/** The octets of the question. */
export function writeQuestion({ minor, objectKey, ask }: ProbeQuestion): Uint8Array {
  if (ask.by === "tlsHello") return TLS_HELLO;
  const out = new CdrOutput({ giopMinor: minor });
  const codec = codecFor(minor);
  const target: Target = { by: "key", objectKey };
  if (ask.by === "locate") {
    beginMessage(out, "LocateRequest", minor);
    codec.writeLocateRequestHeader(out, { requestId: REQUEST_ID, target });
    return endMessage(out);
  }
  beginMessage(out, "Request", minor);
  codec.writeRequestHeader(out, {
    requestId: REQUEST_ID,
    responseFlags: RESPONSE.target,
    target,
    operation: ask.by,
    contexts: [],
  });
  const headerEnd = codec.beginBody(out);
  if (ask.by === "_is_a") out.string(ask.repositoryId);
  return codec.endBody(out, headerEnd);
}

function readException(input: GiopMessage["input"]): SystemException {
  const id = input.string();
  const minor = input.ulong();
  const completed = completionFromOrdinal(input.ulong()) ?? Completion.maybe;
  const name = id.split("/").at(-1)?.split(":")[0] ?? id;
  const text = `${name}, minor 0x${minor.toString(16).padStart(8, "0")}, ${completed}`;
  return systemExceptionById(id, text, minor, completed);
}

function readLocated({ minor, input }: GiopMessage): ProbeAnswer {
  const { status } = codecFor(minor).readLocateReplyHeader(input);
  switch (status) {
    case "UNKNOWN_OBJECT":
      return { kind: "located", isHere: false };
    // It wants to be asked in another form, and so knows of the object.
    case "LOC_NEEDS_ADDRESSING_MODE":
    case "OBJECT_HERE":
      return { kind: "located", isHere: true };
    case "OBJECT_FORWARD":
    case "OBJECT_FORWARD_PERM":
      return { kind: "forwarded", to: iorToString(readIor(input)) };
    case "LOC_SYSTEM_EXCEPTION":
      return { kind: "raised", exception: readException(input) };
  }
}

function readReplied({ minor, input }: GiopMessage, by: ProbeQuestion["ask"]["by"]): ProbeAnswer {
  const { status } = codecFor(minor).readReplyHeader(input);
  switch (status) {
    case "NO_EXCEPTION":
      return { kind: "returned", value: input.boolean() };
    // Somebody is there who answers for the object.
    case "USER_EXCEPTION":
    case "NEEDS_ADDRESSING_MODE":
      return { kind: "returned", value: by === "_is_a" };
    case "SYSTEM_EXCEPTION":
      return { kind: "raised", exception: readException(input) };
    case "LOCATION_FORWARD":
    case "LOCATION_FORWARD_PERM":
      return { kind: "forwarded", to: iorToString(readIor(input)) };
  }
}

/** What a message says to the question; undefined for one that is no answer. @throws MARSHAL */
export function readAnswer(
  message: GiopMessage,
  by: ProbeQuestion["ask"]["by"],
): ProbeAnswer | undefined {
  switch (message.type) {
    case "LocateReply":
      return readLocated(message);
    case "Reply":
      return readReplied(message, by);
    case "MessageError":
      return { kind: "messageError" };
    case "CloseConnection":
      return { kind: "closeConnection" };
    case "Request":
    case "CancelRequest":
    case "LocateRequest":
      return undefined;
  }
}
