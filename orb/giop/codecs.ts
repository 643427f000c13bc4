import type { GiopMinor } from "../cdr/index.ts";
import type { GiopCodec } from "./codec.ts";
import { giop10 } from "./v10.ts";
import { giop11 } from "./v11.ts";
import { giop12 } from "./v12.ts";
import type { GiopMessage, MessageHeader } from "./message.ts";

export function codecFor(minor: GiopMinor): GiopCodec {
  switch (minor) {
    case 0:
      return giop10;
    case 1:
      return giop11;
    case 2:
      return giop12;
  }
}

/**
 * Reads the header of any message; its input stands at the body afterwards.
 * @throws MARSHAL when the octets are no such header
 */
export function readMessageHeader({ type, minor, input }: GiopMessage): MessageHeader {
  const codec = codecFor(minor);
  switch (type) {
    case "Request":
      return { type, ...codec.readRequestHeader(input) };
    case "Reply":
      return { type, ...codec.readReplyHeader(input) };
    case "CancelRequest":
      return { type, ...codec.readCancelRequestHeader(input) };
    case "LocateRequest":
      return { type, ...codec.readLocateRequestHeader(input) };
    case "LocateReply":
      return { type, ...codec.readLocateReplyHeader(input) };
    case "CloseConnection":
    case "MessageError":
      return { type };
  }
}
