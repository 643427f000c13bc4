import { MARSHAL } from "../../orb/index.ts";
import { type Ballot, type Proposed, type Style, STYLES, type View } from "../group/index.ts";
import type { Done, Entry, Kept, Request, Work } from "../history/index.ts";
import { Groups } from "./groups.ts";

/** None or one, as IDL has it. */
export function maybe<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

/** @throws MARSHAL for anything but a whole number from 0 on */
export function countOf(value: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new MARSHAL(`${what} is ${value}; allowed: whole numbers from 0 on`);
  return value;
}

/** @throws MARSHAL for no number */
export function instantOf(value: number, what: string): number {
  if (Number.isNaN(value)) throw new MARSHAL(`${what} is no instant`);
  return value;
}

export function unpackBallot({ round, proposer }: Groups.Ballot): Ballot {
  return { round: countOf(round, "round of a ballot"), proposer };
}

/** Field by field: what is spread has a shape of its own each time, which slows down all that reads it. */
export function packView({
  number,
  by,
  primary,
  members,
  start,
  witness,
  style,
}: View): Groups.View {
  return { number, by, primary, members, start, witness: maybe(witness), style: style ?? "" };
}

function styleOf(text: string): Style {
  if (STYLES.includes(text as Style)) return text as Style;
  throw new MARSHAL(`the style of a view is "${text}"; allowed: ${STYLES.join(", ")}`);
}

/** @throws MARSHAL for a view that cannot be */
export function unpackView(packed: Groups.View): View {
  const view: View = {
    number: countOf(packed.number, "number of a view"),
    by: unpackBallot(packed.by),
    primary: packed.primary,
    members: packed.members,
    start: countOf(packed.start, "start of a view"),
    witness: packed.witness[0],
    ...(packed.style === "" ? {} : { style: styleOf(packed.style) }),
  };
  if (view.number === 0 || !view.members.includes(view.primary))
    throw new MARSHAL(`view ${view.number} has a primary that is no member: ${view.primary}`);
  const named = [...view.members, ...packed.witness];
  if (new Set(named).size !== named.length)
    throw new MARSHAL(`view ${view.number} names somebody twice: ${named.join(", ")}`);
  return view;
}

export function packRequest({ id, expiresMs, answered, isRead, body }: Request): Groups.Request {
  return { id, expires: expiresMs, answered: maybe(answered), is_read: isRead, body };
}

export function unpackRequest({ id, expires, answered, is_read, body }: Groups.Request): Request {
  return {
    id,
    expiresMs: instantOf(expires, "end of a request"),
    answered: answered.map(numberOfRequest)[0],
    isRead: is_read,
    body,
  };
}

/** @throws MARSHAL for anything but a whole number */
export function numberOfRequest(value: number): number {
  if (!Number.isSafeInteger(value)) throw new MARSHAL(`the number of a request is ${value}`);
  return value;
}

function packDone({ id, expiresMs, answered, outcome }: Done): Groups.Done {
  return { id, expires: expiresMs, answered: maybe(answered), outcome };
}

function unpackDone({ id, expires, answered, outcome }: Groups.Done): Done {
  return {
    id,
    expiresMs: instantOf(expires, "end of a request"),
    answered: answered.map(numberOfRequest)[0],
    outcome,
  };
}

function packWork(work: Work): Groups.Work {
  if (work.kind === "request") {
    const { request, decisions } = work;
    return {
      $d: "WORK_REQUEST",
      to_execute: { asked: packRequest(request), decisions: maybe(decisions) },
    };
  }
  return {
    $d: "WORK_UPDATE",
    to_take: { change: work.update, done: work.done.map(packDone) },
  };
}

function unpackWork(packed: Groups.Work): Work {
  if (packed.$d === "WORK_REQUEST") {
    const { asked, decisions } = packed.to_execute;
    return { kind: "request", request: unpackRequest(asked), decisions: decisions[0] };
  }
  const { change, done } = packed.to_take;
  return { kind: "update", update: change, done: done.map(unpackDone) };
}

export function packEntry({ op, view, atMs, work }: Entry): Groups.Entry {
  return { op, view, at: atMs, what: packWork(work) };
}

export function unpackEntry({ op, view, at, what }: Groups.Entry): Entry {
  return {
    op: countOf(op, "number of an operation"),
    view: countOf(view, "view of an operation"),
    atMs: instantOf(at, "time of an operation"),
    work: unpackWork(what),
  };
}

export function packEntries(entries: readonly Entry[]): readonly Groups.Entry[] {
  return entries.map(packEntry);
}

/** @throws MARSHAL for operations that do not follow one another */
export function unpackEntries(packed: readonly Groups.Entry[]): readonly Entry[] {
  const entries = packed.map(unpackEntry);
  for (const [at, { op }] of entries.entries())
    if (op !== (entries[0]?.op ?? 0) + at || op === 0)
      throw new MARSHAL(`operation ${op} is not the one after ${entries[at - 1]?.op ?? 0}`);
  return entries;
}

export function packProposed({ ballot, next, entries }: Proposed): Groups.Proposed {
  return { number: ballot, next: packView(next), history: maybe(entries).map(packEntries) };
}

export function unpackProposed({ number, next, history }: Groups.Proposed): Proposed {
  return {
    ballot: unpackBallot(number),
    next: unpackView(next),
    entries: history.map(unpackEntries)[0],
  };
}

export function packKept({ replies, callers }: Kept): Groups.KeptRequests {
  return {
    replies: replies.map(({ id, op, expiresMs, outcome }) => ({
      id,
      op,
      expires: expiresMs,
      outcome: maybe(outcome),
    })),
    callers,
  };
}

/** @throws MARSHAL for what no member keeps */
export function unpackKept({ replies, callers }: Groups.KeptRequests): Kept {
  return {
    replies: replies.map(({ id, op, expires, outcome }) => ({
      id,
      op: countOf(op, "operation of a reply"),
      expiresMs: instantOf(expires, "end of a request"),
      outcome: outcome[0],
    })),
    callers: callers.map(({ name, answered }) => ({ name, answered: numberOfRequest(answered) })),
  };
}
