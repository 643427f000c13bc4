import { CdrInput, CdrOutput } from "../../orb/generated.ts";
import { MARSHAL } from "../../orb/index.ts";
import type { ContextChange } from "../bindings/index.ts";
import type { NamesMessage } from "../names/index.ts";
import { Names } from "./names.ts";
import {
  maybe,
  packBinding,
  packConfig,
  packDelta,
  packRefusal,
  packValue,
  unpackBinding,
  unpackConfig,
  unpackDelta,
  unpackRefusal,
  unpackValue,
} from "./values.ts";

/** Names are text of any language. */
export const UTF_8: number = 0x0501_0001;

/**
 * A message of the names as octets: the version of the protocol, the byte order, and a value of `Names::Message`
 * (idl/own/Names.idl).
 */
export function encodeNamesMessage(message: NamesMessage): Uint8Array {
  const out = new CdrOutput({ charSet: UTF_8 });
  out.octet(Names.NAMES_VERSION);
  out.octet(out.littleEndian ? 1 : 0);
  Names.writeMessage(out, pack(message));
  return out.finish();
}

/** @throws MARSHAL, DATA_CONVERSION for octets of another version, or that are no message */
export function decodeNamesMessage(octets: Uint8Array): NamesMessage {
  const [version, order] = octets;
  if (version !== Names.NAMES_VERSION || order === undefined)
    throw new MARSHAL(
      `a message of names of version ${version}; understood: ${Names.NAMES_VERSION}`,
    );
  const littleEndian = (order & 1) === 1;
  return unpack(
    Names.readMessage(new CdrInput(octets, { charSet: UTF_8, littleEndian, position: 2 })),
  );
}

function packChange(change: ContextChange | undefined): Names.Change {
  switch (change?.kind) {
    case undefined:
      return { $d: "QUESTION" };
    case "create":
      return { $d: "CHANGE_CREATE" };
    case "destroy":
      return { $d: "CHANGE_DESTROY" };
    case "bind":
      return { $d: "CHANGE_BIND", to_bind: packBinding(change) };
    case "rebind":
      return { $d: "CHANGE_REBIND", to_rebind: packBinding(change) };
    case "unbind":
      return { $d: "CHANGE_UNBIND", to_unbind: change.component };
  }
}

function unpackChange(packed: Names.Change): ContextChange | undefined {
  switch (packed.$d) {
    case "QUESTION":
      return undefined;
    case "CHANGE_CREATE":
      return { kind: "create" };
    case "CHANGE_DESTROY":
      return { kind: "destroy" };
    case "CHANGE_BIND":
      return { kind: "bind", ...unpackBinding(packed.to_bind) };
    case "CHANGE_REBIND":
      return { kind: "rebind", ...unpackBinding(packed.to_rebind) };
    case "CHANGE_UNBIND":
      return { kind: "unbind", component: packed.to_unbind };
  }
}

const RESULTS = {
  done: "RESULT_DONE",
  refused: "RESULT_REFUSED",
  stale: "RESULT_STALE",
  full: "RESULT_FULL",
} as const;
const RESULT_OF = {
  RESULT_DONE: "done",
  RESULT_REFUSED: "refused",
  RESULT_STALE: "stale",
  RESULT_FULL: "full",
} as const;

/** Milliseconds as they fit into 32 bits. */
function ms(value: number): number {
  return Math.min(0xffff_ffff, Math.max(0, Math.round(value)));
}

function pack(message: NamesMessage): Names.Message {
  switch (message.kind) {
    case "ask": {
      const { id, contextId, change, since, isAgain, have, leftMs } = message;
      return {
        $d: "KIND_ASK",
        asked: {
          id,
          context_id: contextId,
          wanted: packChange(change),
          since,
          is_again: isAgain,
          have: maybe(have),
          left_ms: ms(leftMs),
        },
      };
    }
    case "told": {
      const { id, contextId, result, refusal, isFinal, count, news } = message;
      return {
        $d: "KIND_TOLD",
        answer: {
          id,
          context_id: contextId,
          outcome: RESULTS[result],
          refused: packRefusal(refusal),
          is_final: isFinal,
          count,
          news: maybe(news).map(packDelta),
        },
      };
    }
    case "waiting":
      return { $d: "KIND_WAITING", waiting: message.id };
    case "config":
      return { $d: "KIND_CONFIG", known: packConfig(message.config) };
    case "who":
      return { $d: "KIND_WHO" };
    case "present": {
      const { store, epoch, isVoting, config } = message;
      const here = { store, epoch, is_voting: isVoting, known: packConfig(config) };
      return { $d: "KIND_PRESENT", here };
    }
    case "seal":
      return { $d: "KIND_SEAL", next: packConfig(message.config) };
    case "sealed": {
      const registers = message.registers.map(({ register, ballot, version }) => ({
        register_id: register,
        number: ballot,
        state: version,
      }));
      const { epoch, isWhole } = message;
      return { $d: "KIND_SEALED", votes: { epoch, is_whole: isWhole, registers } };
    }
    case "fetch":
      return { $d: "KIND_FETCH", missing: message };
    case "fetched": {
      const { epoch, register, ballot, value } = message;
      const got = { epoch, register_id: register, number: ballot, vote: packValue(value) };
      return { $d: "KIND_FETCHED", got };
    }
    case "news": {
      const { contextId, delta } = message;
      return { $d: "KIND_NEWS", fresh: { context_id: contextId, change: packDelta(delta) } };
    }
    case "digest": {
      const { epoch, ageMs, count, sum } = message;
      return { $d: "KIND_DIGEST", sums: { epoch, age_ms: ms(ageMs), count, sum } };
    }
    case "parts":
      return { $d: "KIND_PARTS", part_sums: message.sums };
    case "inventory": {
      const contexts = message.contexts.map(({ contextId, version }) => ({
        context_id: contextId,
        state: version,
      }));
      return { $d: "KIND_INVENTORY", listed: { parts: message.parts, contexts } };
    }
    case "want": {
      const wanted = message.contexts.map(({ contextId, have }) => ({
        context_id: contextId,
        have: maybe(have),
      }));
      return { $d: "KIND_WANT", wanted };
    }
    case "prepare":
    case "promised":
    case "accept":
    case "accepted":
    case "behind":
    case "outbid":
    case "peek":
    case "peeked":
      return packVoting(message);
  }
}

type Voting = Extract<
  NamesMessage,
  {
    readonly kind:
      | "prepare"
      | "promised"
      | "accept"
      | "accepted"
      | "outbid"
      | "behind"
      | "peek"
      | "peeked";
  }
>;

function packVoting(message: Voting): Names.Message {
  const { register } = message;
  switch (message.kind) {
    case "prepare": {
      const { ballot, have } = message;
      const prepared = { register_id: register, number: ballot, have: maybe(have) };
      return { $d: "KIND_PREPARE", prepared };
    }
    case "promised": {
      const { ballot, voted, value } = message;
      const vote = maybe(value).map(packValue);
      const promise = { register_id: register, number: ballot, voted: maybe(voted), vote };
      return { $d: "KIND_PROMISED", promise };
    }
    case "accept": {
      const { ballot, base, value } = message;
      const vote = packValue(value);
      const proposal = { register_id: register, number: ballot, base: maybe(base), vote };
      return { $d: "KIND_ACCEPT", proposal };
    }
    case "accepted":
      return { $d: "KIND_ACCEPTED", accepted: { register_id: register, number: message.ballot } };
    case "behind":
      return { $d: "KIND_BEHIND", behind: { register_id: register, number: message.ballot } };
    case "outbid": {
      const { ballot, round } = message;
      return { $d: "KIND_OUTBID", lost: { register_id: register, number: ballot, round } };
    }
    case "peek": {
      const { epoch, turn, have } = message;
      return { $d: "KIND_PEEK", look: { register_id: register, epoch, turn, have: maybe(have) } };
    }
    case "peeked": {
      const { turn, voted, value } = message;
      const vote = maybe(value).map(packValue);
      return {
        $d: "KIND_PEEKED",
        seen: { register_id: register, turn, voted: maybe(voted), vote },
      };
    }
  }
}

function unpack(packed: Names.Message): NamesMessage {
  switch (packed.$d) {
    case "KIND_ASK": {
      const { id, context_id: contextId, wanted, since, is_again: isAgain, have } = packed.asked;
      const leftMs = packed.asked.left_ms;
      const change = unpackChange(wanted);
      return { kind: "ask", id, contextId, change, since, isAgain, have: have[0], leftMs };
    }
    case "KIND_TOLD": {
      const {
        id,
        context_id: contextId,
        outcome,
        refused,
        is_final: isFinal,
        count,
      } = packed.answer;
      const [news] = packed.answer.news;
      return {
        kind: "told",
        id,
        contextId,
        result: RESULT_OF[outcome],
        refusal: unpackRefusal(refused),
        isFinal,
        count,
        news: news === undefined ? undefined : unpackDelta(news),
      };
    }
    case "KIND_WAITING":
      return { kind: "waiting", id: packed.waiting };
    case "KIND_CONFIG":
      return { kind: "config", config: unpackConfig(packed.known) };
    case "KIND_WHO":
      return { kind: "who" };
    case "KIND_PRESENT": {
      const { store, epoch, is_voting: isVoting, known } = packed.here;
      return { kind: "present", store, epoch, isVoting, config: unpackConfig(known) };
    }
    case "KIND_SEAL":
      return { kind: "seal", config: unpackConfig(packed.next) };
    case "KIND_SEALED": {
      const registers = packed.votes.registers.map(({ register_id, number, state }) => ({
        register: register_id,
        ballot: number,
        version: state,
      }));
      const { epoch, is_whole: isWhole } = packed.votes;
      return { kind: "sealed", epoch, isWhole, registers };
    }
    case "KIND_FETCH":
      return { kind: "fetch", ...packed.missing };
    case "KIND_FETCHED": {
      const { epoch, register_id: register, number: ballot, vote } = packed.got;
      return { kind: "fetched", epoch, register, ballot, value: unpackValue(vote) };
    }
    case "KIND_NEWS": {
      const { context_id: contextId, change } = packed.fresh;
      return { kind: "news", contextId, delta: unpackDelta(change) };
    }
    case "KIND_DIGEST": {
      const { epoch, age_ms: ageMs, count, sum } = packed.sums;
      return { kind: "digest", epoch, ageMs, count, sum };
    }
    case "KIND_PARTS":
      return { kind: "parts", sums: packed.part_sums };
    case "KIND_INVENTORY": {
      const contexts = packed.listed.contexts.map(({ context_id: contextId, state }) => ({
        contextId,
        version: state,
      }));
      return { kind: "inventory", parts: packed.listed.parts, contexts };
    }
    case "KIND_WANT": {
      const contexts = packed.wanted.map(({ context_id: contextId, have }) => ({
        contextId,
        have: have[0],
      }));
      return { kind: "want", contexts };
    }
    case "KIND_PREPARE":
    case "KIND_PROMISED":
    case "KIND_ACCEPT":
    case "KIND_ACCEPTED":
    case "KIND_BEHIND":
    case "KIND_OUTBID":
    case "KIND_PEEK":
    case "KIND_PEEKED":
      return unpackVoting(packed);
  }
}

type PackedVoting = Extract<
  Names.Message,
  {
    readonly $d:
      | "KIND_PREPARE"
      | "KIND_PROMISED"
      | "KIND_ACCEPT"
      | "KIND_ACCEPTED"
      | "KIND_BEHIND"
      | "KIND_OUTBID"
      | "KIND_PEEK"
      | "KIND_PEEKED";
  }
>;

function unpackVoting(packed: PackedVoting): NamesMessage {
  switch (packed.$d) {
    case "KIND_PREPARE": {
      const { register_id: register, number: ballot, have } = packed.prepared;
      return { kind: "prepare", register, ballot, have: have[0] };
    }
    case "KIND_PROMISED": {
      const { register_id: register, number: ballot, voted, vote } = packed.promise;
      const [value] = vote.map(unpackValue);
      return { kind: "promised", register, ballot, voted: voted[0], value };
    }
    case "KIND_ACCEPT": {
      const { register_id: register, number: ballot, base, vote } = packed.proposal;
      return { kind: "accept", register, ballot, base: base[0], value: unpackValue(vote) };
    }
    case "KIND_ACCEPTED": {
      const { register_id: register, number: ballot } = packed.accepted;
      return { kind: "accepted", register, ballot };
    }
    case "KIND_BEHIND": {
      const { register_id: register, number: ballot } = packed.behind;
      return { kind: "behind", register, ballot };
    }
    case "KIND_OUTBID": {
      const { register_id: register, number: ballot, round } = packed.lost;
      return { kind: "outbid", register, ballot, round };
    }
    case "KIND_PEEK": {
      const { register_id: register, epoch, turn, have } = packed.look;
      return { kind: "peek", register, epoch, turn, have: have[0] };
    }
    case "KIND_PEEKED": {
      const { register_id: register, turn, voted, vote } = packed.seen;
      const [value] = vote.map(unpackValue);
      return { kind: "peeked", register, turn, voted: voted[0], value };
    }
  }
}
