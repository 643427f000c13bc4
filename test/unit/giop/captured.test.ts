import test from "ava";
import { type CdrInput, CdrOutput, decapsulate } from "../../../orb/cdr/index.ts";
import {
  codecFor,
  findServiceContext,
  type GiopMessage,
  MAX_MESSAGE_OCTETS,
  type MessageHeader,
  readCodeSetsContext,
  readHeader,
  readMessageHeader,
  SERVICE_ID,
  type ServiceContext,
} from "../../../orb/giop/index.ts";
import { messagesIn, readPeerBody } from "../../support/captured.ts";
import { PEER_OPERATIONS } from "../../support/peer-idl.ts";
import { readConnections, readManifest, type VectorConnection } from "../../support/vectors.ts";

/** What is known of a connection while its messages are read. */
interface Conversation {
  charSet: number | undefined;
  wcharSet: number | undefined;
  /** Operation and arguments by request id. */
  readonly asked: Map<number, { readonly operation: string; readonly values: unknown }>;
}

const ONEWAY: ReadonlySet<string> = new Set(["fire", "stop"]);
/** Operations that some of the captures lack. */
const RARE: ReadonlySet<string> = new Set([
  "wide",
  "widechar",
  "moved",
  "stop",
  "_is_a",
  "seen_priority",
]);

/** How often each thing was met. */
type Tally = Map<string, number>;

function count(tally: Tally, what: string): void {
  tally.set(what, (tally.get(what) ?? 0) + 1);
}

/** @throws RangeError when octets are left that no padding explains */
function requireEnd(input: CdrInput, what: string): void {
  if (input.remaining > 0) throw new RangeError(`${what}: ${input.remaining} octets are left over`);
}

/** Reads a body to its end. */
function readBody(input: CdrInput, header: MessageHeader, operation: string): unknown {
  const values = readPeerBody(input, header, operation);
  requireEnd(input, `${header.type} of ${operation}`);
  return values;
}

function readKnownContexts(contexts: readonly ServiceContext[], tally: Tally): void {
  for (const { id, data } of contexts) {
    count(tally, `context ${id}`);
    if (id !== SERVICE_ID.rtCorbaPriority) continue;
    const priority = decapsulate(data, (input) => input.short());
    if (![5000, 15_000, 25_000].includes(priority)) throw new RangeError(`priority ${priority}`);
  }
}

function useCodeSets(input: CdrInput, talk: Conversation): void {
  if (talk.charSet !== undefined) input.charSet = talk.charSet;
  if (talk.wcharSet !== undefined) input.wcharSet = talk.wcharSet;
}

function readRequestBody(
  input: CdrInput,
  header: MessageHeader & { type: "Request" },
  talk: Conversation,
  tally: Tally,
): void {
  const context = findServiceContext(header.contexts, SERVICE_ID.codeSets);
  if (context !== undefined) Object.assign(talk, readCodeSetsContext(context.data));
  useCodeSets(input, talk);
  const { operation, requestId } = header;
  count(tally, `operation ${operation}`);
  if (PEER_OPERATIONS[operation] === undefined) {
    throw new RangeError(`operation ${operation} is not in Peer.idl`);
  }
  const values = readBody(input, header, operation);
  talk.asked.set(requestId, { operation, values });
}

function readReplyBody(
  input: CdrInput,
  header: MessageHeader & { type: "Reply" },
  talk: Conversation,
  tally: Tally,
): readonly [sent: unknown, received: unknown] | undefined {
  useCodeSets(input, talk);
  const asked = talk.asked.get(header.requestId);
  if (asked === undefined) throw new RangeError(`reply to ${header.requestId}, never asked`);
  talk.asked.delete(header.requestId);
  count(tally, header.status);
  const values = readBody(input, header, asked.operation);
  if (header.status === "SYSTEM_EXCEPTION" && Array.isArray(values)) {
    const [id, , completed] = values as [string, number, number];
    if (!/^IDL:omg\.org\/CORBA\/[A-Z_]+:1\.0$/u.test(id) || completed > 2) {
      throw new RangeError(`system exception ${id}, completed ${completed}`);
    }
  }
  const echoes = PEER_OPERATIONS[asked.operation]?.echoes === true;
  return echoes && header.status === "NO_EXCEPTION" ? [asked.values, values] : undefined;
}

/** How many octets our own header for the same thing takes, its 12 octets included. */
function headerOctets(header: MessageHeader, { minor, littleEndian }: GiopMessage): number {
  const out = new CdrOutput({ littleEndian });
  const codec = codecFor(minor);
  out.octets(new Uint8Array(12));
  switch (header.type) {
    case "Request":
      codec.writeRequestHeader(out, header);
      break;
    case "Reply":
      codec.writeReplyHeader(out, header);
      break;
    case "LocateRequest":
      codec.writeLocateRequestHeader(out, header);
      break;
    case "LocateReply":
      codec.writeLocateReplyHeader(out, header);
      break;
    case "CancelRequest":
      codec.writeCancelRequestHeader(out, header);
      break;
    case "CloseConnection":
    case "MessageError":
    case "Fragment":
  }
  return out.position;
}

/** Reads every message of a connection; the values that went out and came back, in pairs. */
function converse(connection: VectorConnection, tally: Tally): (readonly [unknown, unknown])[] {
  const talk: Conversation = { charSet: undefined, wcharSet: undefined, asked: new Map() };
  const pairs: (readonly [unknown, unknown])[] = [];
  const all = [...messagesIn(connection.fromClient), ...messagesIn(connection.fromServer)];
  for (const message of all) {
    const { input, minor } = message;
    const header = readMessageHeader(message);
    count(tally, header.type);
    count(tally, `GIOP 1.${minor}`);
    const aligned = minor === 2 ? (input.position + 7) & ~7 : input.position;
    const ours = headerOctets(header, message);
    if (input.giopMinor !== minor) throw new RangeError("version");
    if (ours > input.position || (minor === 2 ? (ours + 7) & ~7 : ours) !== aligned) {
      throw new RangeError(`header of ${header.type}: ${input.position} octets, ours ${ours}`);
    }
    switch (header.type) {
      case "Request":
        readKnownContexts(header.contexts, tally);
        readRequestBody(input, header, talk, tally);
        break;
      case "Reply": {
        readKnownContexts(header.contexts, tally);
        const pair = readReplyBody(input, header, talk, tally);
        if (pair !== undefined) pairs.push(pair);
        break;
      }
      case "LocateReply":
      case "LocateRequest":
      case "CancelRequest":
      case "CloseConnection":
      case "MessageError":
      case "Fragment":
        readBody(input, header, "");
    }
  }
  for (const { operation } of talk.asked.values()) {
    if (!ONEWAY.has(operation)) throw new RangeError(`no reply to ${operation}`);
  }
  return pairs;
}

/** Versions and types of the messages as they are on the wire, fragments not joined. */
function* rawKinds(octets: Uint8Array): Generator<string> {
  for (let at = 0; at < octets.length; ) {
    const header = readHeader(octets, at, MAX_MESSAGE_OCTETS);
    yield `1.${header.minor} ${header.type}`;
    at += header.octets;
  }
}

for (const capture of readManifest().captures) {
  test(`every message of ${capture.file} is read to its end`, (t) => {
    const tally: Tally = new Map();
    for (const connection of readConnections(capture)) {
      for (const [sent, received] of converse(connection, tally)) t.deepEqual(received, sent);
    }
    // Each capture has a client that went through the whole of Peer.idl, wide text apart.
    for (const operation of Object.keys(PEER_OPERATIONS)) {
      if (RARE.has(operation)) continue;
      t.true((tally.get(`operation ${operation}`) ?? 0) > 0, operation);
    }
    for (const status of ["NO_EXCEPTION", "USER_EXCEPTION", "SYSTEM_EXCEPTION"]) {
      t.true((tally.get(status) ?? 0) > 0, status);
    }
  });
}

test("the captures hold fragments and locate requests, and every version", (t) => {
  const seen = new Set<string>();
  for (const capture of readManifest().captures) {
    for (const { fromClient, fromServer } of readConnections(capture)) {
      for (const kind of [...rawKinds(fromClient), ...rawKinds(fromServer)]) seen.add(kind);
    }
  }
  t.deepEqual(
    [...seen].toSorted((a, b) => a.localeCompare(b)),
    [
      "1.0 CloseConnection",
      "1.0 LocateReply",
      "1.0 LocateRequest",
      "1.0 Reply",
      "1.0 Request",
      "1.1 CloseConnection",
      "1.1 Fragment",
      "1.1 LocateReply",
      "1.1 LocateRequest",
      "1.1 Reply",
      "1.1 Request",
      "1.2 CloseConnection",
      "1.2 Fragment",
      "1.2 LocateReply",
      "1.2 LocateRequest",
      "1.2 Reply",
      "1.2 Request",
    ],
  );
});
