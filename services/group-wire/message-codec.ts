import { MARSHAL } from "../../orb/index.ts";
import type { Message, Refusal } from "../group/index.ts";
import { Groups } from "./groups.ts";
import type { Streaming } from "./streaming-letter.ts";
import {
  countOf,
  maybe,
  packEntries,
  packProposed,
  packKept,
  packRequest,
  packView,
  unpackBallot,
  unpackEntries,
  unpackProposed,
  unpackKept,
  unpackRequest,
  unpackView,
} from "./values.ts";

/** A message of one member to another, as IDL has it (idl/own/Group.idl). */
export function packMessage(message: Exclude<Message, Streaming>): Groups.Message {
  return { view: message.view, what: packBody(message) };
}

function packBody(message: Exclude<Message, Streaming>): Groups.Body {
  switch (message.kind) {
    case "fetch":
      return { $d: "SAY_FETCH", wanted: message.from };
    case "snapshot": {
      const { op, atMs, kept, octets } = message;
      return {
        $d: "SAY_SNAPSHOT",
        offered: { op, at: atMs, kept: packKept(kept), octets },
      };
    }
    case "pull":
      return { $d: "SAY_PULL", part: message };
    case "chunk":
      return { $d: "SAY_CHUNK", piece: message };
    case "submit":
      return { $d: "SAY_SUBMIT", submitted: packRequest(message.request) };
    case "answer":
      return { $d: "SAY_ANSWER", answered: message };
    case "refused": {
      const { id, why, maybe: isMaybe } = message;
      return { $d: "SAY_REFUSED", untaken: { id, why, is_maybe: isMaybe } };
    }
    case "stand":
      return { $d: "SAY_STAND" };
    case "leave":
      return { $d: "SAY_LEAVE" };
    case "retire":
      return { $d: "SAY_RETIRE" };
    case "ask":
      return { $d: "SAY_ASK" };
    case "wedge":
    case "promise":
    case "propose":
    case "accept":
    case "lack":
    case "outbid":
    case "news":
      return packSuccession(message);
  }
}

type Succession = Extract<
  Message,
  {
    readonly kind: "wedge" | "promise" | "propose" | "accept" | "lack" | "outbid" | "news";
  }
>;

/** What is said about the next view. */
function packSuccession(message: Succession): Groups.Body {
  switch (message.kind) {
    case "wedge": {
      const { current, ballot, from } = message;
      return { $d: "SAY_WEDGE", ending: { current: packView(current), number: ballot, from } };
    }
    case "promise": {
      const { ballot, installed, op, entries, accepted } = message;
      const promise = {
        number: ballot,
        installed,
        op,
        history: maybe(entries).map(packEntries),
        accepted: maybe(accepted).map(packProposed),
      };
      return { $d: "SAY_PROMISE", promise };
    }
    case "propose": {
      const { ballot, next, from, entries } = message;
      const proposed = {
        number: ballot,
        next: packView(next),
        from,
        history: packEntries(entries),
      };
      return { $d: "SAY_PROPOSE", proposed };
    }
    case "accept":
      return { $d: "SAY_ACCEPT", accepted: message.ballot };
    case "lack":
      return { $d: "SAY_LACK", lacking: { number: message.ballot, from: message.from } };
    case "outbid":
      return { $d: "SAY_OUTBID", later: message.ballot };
    case "news":
      return { $d: "SAY_NEWS", decided: packView(message.current) };
  }
}

/** @throws MARSHAL for values that no member sends */
export function unpackMessage(packed: Groups.Message): Message {
  const view = countOf(packed.view, "view of a message");
  const { what } = packed;
  switch (what.$d) {
    case "SAY_FETCH":
      return { kind: "fetch", view, from: countOf(what.wanted, "first operation") };
    case "SAY_SNAPSHOT": {
      const { op, at, kept, octets } = what.offered;
      return {
        kind: "snapshot",
        view,
        op: countOf(op, "operation of a snapshot"),
        atMs: at,
        kept: unpackKept(kept),
        octets: countOf(octets, "octets of a snapshot"),
      };
    }
    case "SAY_PULL": {
      const { op, offset } = what.part;
      return { kind: "pull", view, op: countOf(op, "op"), offset: countOf(offset, "offset") };
    }
    case "SAY_CHUNK": {
      const { op, offset, data } = what.piece;
      return {
        kind: "chunk",
        view,
        op: countOf(op, "op"),
        offset: countOf(offset, "offset"),
        data,
      };
    }
    case "SAY_SUBMIT":
      return { kind: "submit", view, request: unpackRequest(what.submitted) };
    case "SAY_ANSWER":
      return { kind: "answer", view, id: what.answered.id, outcome: what.answered.outcome };
    case "SAY_REFUSED": {
      const { id, why, is_maybe: isMaybe } = what.untaken;
      return { kind: "refused", view, id, why: refusalOf(why), maybe: isMaybe };
    }
    case "SAY_STAND":
      return { kind: "stand", view };
    case "SAY_LEAVE":
      return { kind: "leave", view };
    case "SAY_RETIRE":
      return { kind: "retire", view };
    case "SAY_ASK":
      return { kind: "ask", view };
    case "SAY_WEDGE":
    case "SAY_PROMISE":
    case "SAY_PROPOSE":
    case "SAY_ACCEPT":
    case "SAY_LACK":
    case "SAY_OUTBID":
    case "SAY_NEWS":
      return unpackSuccession(view, what);
  }
}

type PackedSuccession = Extract<
  Groups.Body,
  {
    readonly $d:
      | "SAY_WEDGE"
      | "SAY_PROMISE"
      | "SAY_PROPOSE"
      | "SAY_ACCEPT"
      | "SAY_LACK"
      | "SAY_OUTBID"
      | "SAY_NEWS";
  }
>;

function unpackSuccession(view: number, what: PackedSuccession): Message {
  switch (what.$d) {
    case "SAY_WEDGE": {
      const { current, number, from } = what.ending;
      return {
        kind: "wedge",
        view,
        current: unpackView(current),
        ballot: unpackBallot(number),
        from: countOf(from, "first operation"),
      };
    }
    case "SAY_PROMISE": {
      const { number, installed, op, history, accepted } = what.promise;
      return {
        kind: "promise",
        view,
        ballot: unpackBallot(number),
        installed: countOf(installed, "view installed"),
        op: countOf(op, "last operation"),
        entries: history.map(unpackEntries)[0],
        accepted: accepted.map(unpackProposed)[0],
      };
    }
    case "SAY_PROPOSE": {
      const { number, next, from, history } = what.proposed;
      return {
        kind: "propose",
        view,
        ballot: unpackBallot(number),
        next: unpackView(next),
        from: countOf(from, "first operation"),
        entries: unpackEntries(history),
      };
    }
    case "SAY_ACCEPT":
      return { kind: "accept", view, ballot: unpackBallot(what.accepted) };
    case "SAY_LACK": {
      const { number, from } = what.lacking;
      return { kind: "lack", view, ballot: unpackBallot(number), from: countOf(from, "from") };
    }
    case "SAY_OUTBID":
      return { kind: "outbid", view, ballot: unpackBallot(what.later) };
    case "SAY_NEWS":
      return { kind: "news", view, current: unpackView(what.decided) };
  }
}

const REFUSALS: ReadonlySet<string> = new Set<Refusal>([
  "joining",
  "fenced",
  "no majority",
  "full",
  "expired",
  "retention",
  "forgotten",
  "answered",
  "left",
]);

function refusalOf(why: string): Refusal {
  if (!REFUSALS.has(why)) throw new MARSHAL(`a request refused for "${why}"`);
  return why as Refusal;
}
