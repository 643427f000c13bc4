import { MARSHAL } from "../../orb/index.ts";
import { type Ballot, type Proposed, type Style, STYLES, type View } from "../group/index.ts";
import type { Entry, Reply, Request, Work } from "../history/index.ts";
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

export function packView(view: View): Groups.View {
  return { ...view, witness: maybe(view.witness), style: view.style ?? "" };
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

export function packRequest({ id, expiresMs, isRead, body }: Request): Groups.Request {
  return { id, expires: expiresMs, is_read: isRead, body };
}

export function unpackRequest({ id, expires, is_read: isRead, body }: Groups.Request): Request {
  return { id, expiresMs: instantOf(expires, "end of a request"), isRead, body };
}

function packWork(work: Work): Groups.Work {
  if (work.kind === "request") {
    const { request, decisions } = work;
    return {
      $d: "WORK_REQUEST",
      to_execute: { asked: packRequest(request), decisions: maybe(decisions) },
    };
  }
  const done = work.done.map(({ id, expiresMs, outcome }) => ({ id, expires: expiresMs, outcome }));
  return { $d: "WORK_UPDATE", to_take: { change: work.update, done } };
}

function unpackWork(packed: Groups.Work): Work {
  if (packed.$d === "WORK_REQUEST") {
    const { asked, decisions } = packed.to_execute;
    return { kind: "request", request: unpackRequest(asked), decisions: decisions[0] };
  }
  const { change, done } = packed.to_take;
  return {
    kind: "update",
    update: change,
    done: done.map(({ id, expires, outcome }) => ({
      id,
      expiresMs: instantOf(expires, "end of a request"),
      outcome,
    })),
  };
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

export function packReply({ id, op, expiresMs, outcome }: Reply): Groups.Reply {
  return { id, op, expires: expiresMs, outcome: maybe(outcome) };
}

export function unpackReply({ id, op, expires, outcome }: Groups.Reply): Reply {
  return {
    id,
    op: countOf(op, "operation of a reply"),
    expiresMs: instantOf(expires, "end of a request"),
    outcome: outcome[0],
  };
}
