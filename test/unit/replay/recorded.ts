import {
  bodyOf,
  type Conversation,
  conversationOf,
  isCallback,
  type Spoken,
} from "./conversation.ts";
import { type ManifestCapture, readConnections } from "../../support/vectors.ts";

/** What a recorded server says of itself. */
export interface Recorded {
  readonly isTao: boolean;
  readonly conversations: readonly Conversation[];
  readonly callbacks: readonly Conversation[];
}

export function recordedIn(capture: ManifestCapture): Recorded {
  const all = readConnections(capture).map(conversationOf);
  return {
    isTao: capture.server.startsWith("TAO"),
    conversations: all.filter((c) => !isCallback(c) && c.exchanges.length > 0),
    callbacks: all.filter(isCallback),
  };
}

/** All results of one operation, in the order of the replay. */
export function answersOf(recorded: Recorded, operation: string): unknown[] {
  return recorded.conversations.flatMap(({ exchanges, codeSets }) =>
    exchanges
      .filter((e) => e.operation === operation && e.answered !== undefined)
      .map((e) => bodyOf(e.answered as Spoken, operation, codeSets)[0]),
  );
}

export function keyOf({ header }: Spoken): Buffer | undefined {
  if (header.type !== "Request" && header.type !== "LocateRequest") return undefined;
  if (header.target.by !== "key") throw new RangeError("all requests of the captures go by key");
  return Buffer.from(header.target.objectKey);
}

/** The request with the address of the client's own object replaced: same host, the port of the scripted listener. */
export function redirected(frame: Buffer, from: number, to: number): Buffer {
  const copy = Buffer.from(frame);
  const host = Buffer.concat([Buffer.from([10, 0, 0, 0]), Buffer.from("127.0.0.1\0")]);
  let count = 0;
  for (let at = copy.indexOf(host); at >= 0; at = copy.indexOf(host, at + 1)) {
    const port = at + host.length;
    if (copy.readUInt16LE(port) !== from) continue;
    copy.writeUInt16LE(to, port);
    count++;
  }
  if (count === 0) throw new RangeError("the listener's address was not found");
  return copy;
}
