import { KnownTexts } from "../../orb/base/index.ts";
import { MARSHAL } from "../../orb/index.ts";
import type { MemberId, Message } from "../group/index.ts";
import type { Done, Entry, Request, Work } from "../history/index.ts";
import { OctetReader, OctetWriter } from "./octets.ts";
import { countOf, instantOf, numberOfRequest } from "./values.ts";

/** Of the messages that every call to a replicated object takes. */
export type Streaming = Extract<Message, { readonly kind: "append" | "ack" }>;

export function isStreaming(message: Message): message is Streaming {
  return message.kind === "append" || message.kind === "ack";
}

/** The second octet of a letter, where others have their byte order. */
export const STREAMING_FORM = 2;
const APPEND = 0;
const ACK = 1;
/** What an entry has others do, in one octet. */
const UPDATE = 0;
const REQUEST = 1;
const IS_READ = 2;
const HAS_DECISIONS = 4;
const IS_TELLING = 8;
/** The least that an entry, and a request that is done, take. */
const LEAST_ENTRY_OCTETS = 25;
const LEAST_DONE_OCTETS = 17;

/** Who writes to whom, about which group. */
export interface Heading {
  readonly group: string;
  readonly from: MemberId;
  readonly to: MemberId;
}

const OUT = new OctetWriter();
/** Groups and members that a process has to do with at a time. */
const NAMES = new KnownTexts();

/**
 * Operations on their way to a follower, and its acknowledgement, in a form of their own: numbers of 8 octets, texts and
 * octets behind their lengths, nothing aligned (docs/replication.md, "Between processes"). The generated code of IDL
 * makes objects of objects for a letter, and two such letters are a good part of what a call costs.
 * @returns octets that hold until the next one is encoded
 */
export function encodeStreaming(version: number, heading: Heading, message: Streaming): Uint8Array {
  const out = OUT;
  out.reset();
  out.octet(version);
  out.octet(STREAMING_FORM);
  out.text(heading.group);
  out.text(heading.from);
  out.text(heading.to);
  out.octet(message.kind === "append" ? APPEND : ACK);
  out.double(message.view);
  out.double(message.round);
  if (message.kind === "append") writeAppend(out, message);
  else writeAck(out, message);
  return out.finish();
}

/**
 * @param octets its values keep
 * @throws MARSHAL for octets that are no such letter
 */
export function decodeStreaming(octets: Uint8Array): Heading & { readonly message: Streaming } {
  const input = new OctetReader(octets);
  input.skip(2);
  const group = input.text(NAMES);
  const from = input.text(NAMES);
  const to = input.text(NAMES);
  const kind = input.octet();
  const view = countOf(input.double(), "view of a message");
  const round = countOf(input.double(), "round");
  if (kind !== APPEND && kind !== ACK)
    throw new MARSHAL(`a letter about operations of kind ${kind}`);
  const message = kind === APPEND ? readAppend(input, view, round) : readAck(input, view, round);
  return { group, from, to, message };
}

function writeAck(out: OctetWriter, { op, digest }: Extract<Streaming, { kind: "ack" }>): void {
  out.double(op);
  out.octet(digest === undefined ? 0 : 1);
  if (digest === undefined) return;
  out.double(digest.op);
  out.text(digest.of);
}

function readAck(input: OctetReader, view: number, round: number): Streaming {
  const op = countOf(input.double(), "operation held");
  const digest = input.octet() === 0 ? undefined : { op: input.double(), of: input.text() };
  return { kind: "ack", view, op, round, digest };
}

function writeAppend(out: OctetWriter, message: Extract<Streaming, { kind: "append" }>): void {
  const { from, entries, commit, stable } = message;
  out.double(from);
  out.double(commit);
  out.double(stable);
  out.ulong(entries.length);
  for (const entry of entries) writeEntry(out, entry);
}

function readAppend(input: OctetReader, view: number, round: number): Streaming {
  const from = countOf(input.double(), "first operation");
  const commit = countOf(input.double(), "commit");
  const stable = countOf(input.double(), "stable");
  const entries: Entry[] = [];
  const count = input.count(LEAST_ENTRY_OCTETS);
  for (let i = 0; i < count; i++) entries.push(readEntry(input, from + i));
  if (count > 0 && from === 0) throw new MARSHAL("operations from 0 on; allowed: from 1 on");
  return { kind: "append", view, from, entries, commit, stable, round };
}

function writeEntry(out: OctetWriter, { view, atMs, work }: Entry): void {
  out.double(view);
  out.double(atMs);
  if (work.kind === "update") {
    out.octet(UPDATE);
    out.octets(work.update);
    out.ulong(work.done.length);
    for (const { id, expiresMs, answered, outcome } of work.done) {
      out.octet(answered === undefined ? 0 : IS_TELLING);
      out.text(id);
      out.double(expiresMs);
      if (answered !== undefined) out.double(answered);
      out.octets(outcome);
    }
    return;
  }
  const { request, decisions } = work;
  const { id, expiresMs, answered, isRead, body } = request;
  const telling = answered === undefined ? 0 : IS_TELLING;
  const deciding = decisions === undefined ? 0 : HAS_DECISIONS;
  out.octet(REQUEST | (isRead ? IS_READ : 0) | deciding | telling);
  out.text(id);
  out.double(expiresMs);
  if (answered !== undefined) out.double(answered);
  out.octets(body);
  if (decisions !== undefined) out.octets(decisions);
}

function readEntry(input: OctetReader, op: number): Entry {
  const view = countOf(input.double(), "view of an operation");
  const atMs = instantOf(input.double(), "time of an operation");
  const what = input.octet();
  const work = what === UPDATE ? readUpdate(input) : readRequest(input, what);
  return { op, view, atMs, work };
}

function readUpdate(input: OctetReader): Work {
  const update = input.octets();
  const done: Done[] = [];
  const count = input.count(LEAST_DONE_OCTETS);
  for (let i = 0; i < count; i++) {
    const what = input.octet();
    if (what !== 0 && what !== IS_TELLING) throw new MARSHAL(`a request done of kind ${what}`);
    const id = input.text();
    const expiresMs = instantOf(input.double(), "end of a request");
    const answered = readAnswered(input, what);
    done.push({ id, expiresMs, answered, outcome: input.octets() });
  }
  return { kind: "update", update, done };
}

function readRequest(input: OctetReader, what: number): Work {
  if ((what & REQUEST) === 0 || what > (REQUEST | IS_READ | HAS_DECISIONS | IS_TELLING))
    throw new MARSHAL(`an operation of kind ${what}`);
  const id = input.text();
  const expiresMs = instantOf(input.double(), "end of a request");
  const answered = readAnswered(input, what);
  const body = input.octets();
  const request: Request = { id, expiresMs, answered, isRead: (what & IS_READ) !== 0, body };
  const decisions = (what & HAS_DECISIONS) === 0 ? undefined : input.octets();
  return { kind: "request", request, decisions };
}

function readAnswered(input: OctetReader, what: number): number | undefined {
  return (what & IS_TELLING) === 0 ? undefined : numberOfRequest(input.double());
}
