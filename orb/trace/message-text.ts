import { asBuffer, toHex } from "../base/index.ts";
import { SystemException } from "../exception/index.ts";
import { type GiopMessage, readMessageHeader, type Target } from "../giop/index.ts";

const SHOWN_KEY_OCTETS = 48;

/** A key as text where it is text, else as hexadecimal digits. */
function keyText(key: Uint8Array): string {
  const shown = key.subarray(0, SHOWN_KEY_OCTETS);
  const text = asBuffer(shown).toString("latin1");
  const more = key.length > shown.length ? "…" : "";
  return /^[!-~]+$/.test(text) ? `"${text}${more}"` : toHex(shown) + more;
}

function targetText(target: Target): string {
  switch (target.by) {
    case "key":
      return keyText(target.objectKey);
    case "profile":
      return `profile of tag ${target.profile.tag}`;
    case "reference":
      return `reference of type ${target.ior.typeId}`;
  }
}

function contextsText(contexts: readonly { readonly id: number }[]): string {
  return contexts.length === 0 ? "" : `, contexts ${contexts.map(({ id }) => id).join(" ")}`;
}

/** What stands in the body of a reply that is no result. */
function exceptionText(message: GiopMessage, status: string): string {
  if (status !== "SYSTEM_EXCEPTION" && status !== "USER_EXCEPTION") return "";
  const id = message.input.string();
  if (status === "USER_EXCEPTION") return ` ${id}`;
  const minor = message.input.ulong();
  return ` ${id} minor 0x${minor.toString(16).padStart(8, "0")}`;
}

function headerText(message: GiopMessage): string {
  const header = readMessageHeader(message);
  switch (header.type) {
    case "Request": {
      const { requestId, operation, target, responseFlags, contexts } = header;
      const oneway = (responseFlags & 1) === 0 ? ", no reply wanted" : "";
      return `Request ${requestId}: ${operation} on ${targetText(target)}${oneway}${contextsText(contexts)}`;
    }
    case "Reply": {
      const { requestId, status, contexts } = header;
      return `Reply ${requestId}: ${status}${exceptionText(message, status)}${contextsText(contexts)}`;
    }
    case "LocateRequest":
      return `LocateRequest ${header.requestId}: ${targetText(header.target)}`;
    case "LocateReply":
      return `LocateReply ${header.requestId}: ${header.status}`;
    case "CancelRequest":
      return `CancelRequest ${header.requestId}`;
    case "CloseConnection":
    case "MessageError":
      return header.type;
    case "Fragment":
      return `Fragment of ${header.requestId}`;
  }
}

/** A message as one line for people: what it is, then its version, byte order and octets after the header. */
export function messageText(message: GiopMessage): string {
  const { minor, littleEndian, type, input } = message;
  const octets = input.remaining;
  let text: string;
  try {
    text = headerText(message);
  } catch (error) {
    if (!(error instanceof SystemException)) throw error;
    text = `${type} with a header that cannot be read: ${error.message}`;
  }
  const body = type === "Request" || type === "Reply" ? `, body ${input.remaining}` : "";
  return `${text} (GIOP 1.${minor}, ${littleEndian ? "little" : "big"}-endian, ${octets} octets${body})`;
}
