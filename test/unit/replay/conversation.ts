import {
  findServiceContext,
  type MessageHeader,
  readCodeSetsContext,
  readMessageHeader,
  SERVICE_ID,
} from "../../../orb/giop/index.ts";
import { messagesIn, readPeerBody } from "../../support/captured.ts";
import { framesOf } from "../../support/frames.ts";
import type { VectorConnection } from "../../support/vectors.ts";

/** Character sets that a client chose for its connection. */
export interface CodeSets {
  charSet?: number;
  wcharSet?: number;
}

/** A message as it was on the wire, and what its header says. */
export interface Spoken {
  readonly frame: Buffer;
  readonly header: MessageHeader;
  readonly minor: number;
  /** Where the body begins, its padding left out; meaningless for a message in several fragments. */
  readonly bodyAt: number;
}

export function spoken(frame: Buffer): Spoken {
  const [message] = messagesIn(frame);
  if (message === undefined) throw new RangeError("no message");
  const header = readMessageHeader(message);
  return { frame, header, minor: message.minor, bodyAt: message.input.position };
}

/** Reads the body of a message. @param operation of the request, or of the one that is answered */
export function bodyOf(
  said: Spoken,
  operation: string,
  codeSets: CodeSets,
  frame: Buffer = said.frame,
): readonly unknown[] {
  const [message] = messagesIn(frame);
  if (message === undefined) throw new RangeError("no message");
  const header = readMessageHeader(message);
  Object.assign(message.input, codeSets);
  const values = readPeerBody(message.input, header, operation);
  if (message.input.remaining > 0)
    throw new RangeError(`${message.input.remaining} octets are left over`);
  return values;
}

/** A request and what was answered; no answer to a oneway. */
export interface Exchange {
  readonly asked: Spoken;
  readonly operation: string;
  readonly answered: Spoken | undefined;
}

/** One recorded connection: what the client sent, in its order, each with the answer it got. */
export interface Conversation {
  readonly server: string;
  readonly codeSets: CodeSets;
  readonly exchanges: readonly Exchange[];
}

function idOf(header: MessageHeader): number | undefined {
  return "requestId" in header ? header.requestId : undefined;
}

export function conversationOf(connection: VectorConnection): Conversation {
  const answers = new Map(
    framesOf(connection.fromServer)
      .map(spoken)
      .map((said) => [idOf(said.header), said]),
  );
  const codeSets: CodeSets = {};
  const exchanges = framesOf(connection.fromClient).map((frame): Exchange => {
    const asked = spoken(frame);
    const { header } = asked;
    if (header.type === "Request") {
      const context = findServiceContext(header.contexts, SERVICE_ID.codeSets);
      if (context !== undefined) Object.assign(codeSets, readCodeSetsContext(context.data));
    }
    const id = idOf(header);
    const operation = header.type === "Request" ? header.operation : "";
    return { asked, operation, answered: id === undefined ? undefined : answers.get(id) };
  });
  return { server: connection.server, codeSets, exchanges };
}

/** Whether this is a connection back to the client's own object, for `relay`. */
export function isCallback(conversation: Conversation): boolean {
  return conversation.exchanges.some(({ operation }) => operation === "heard");
}
