import type { Message } from "../../../services/group/index.ts";
import { decodeLetter, encodeLetter } from "../../../services/group-wire/index.ts";

/** A message as it is when it came: another one, made of its octets. */
export function carried(message: Message): Message {
  const content = { kind: "message", message } as const;
  const letter = encodeLetter({ group: "carried", from: "sender", to: "receiver", content });
  const { content: came } = decodeLetter(Buffer.from(letter));
  if (came.kind !== "message") throw new TypeError(`a message came as "${came.kind}"`);
  return came.message;
}
