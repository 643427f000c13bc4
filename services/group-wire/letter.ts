import { CdrInput, CdrOutput } from "../../orb/generated.ts";
import { MARSHAL } from "../../orb/index.ts";
import type { MemberId, Message, View } from "../group/index.ts";
import { Groups } from "./groups.ts";
import { packMessage, unpackMessage } from "./message-codec.ts";
import {
  decodeStreaming,
  encodeStreaming,
  isStreaming,
  STREAMING_FORM,
} from "./streaming-letter.ts";
import { countOf, maybe, packView, unpackView } from "./values.ts";

/** What a member tells of itself, by itself: of two the one with the higher version is newer. */
export interface Card {
  readonly id: MemberId;
  readonly site: string;
  readonly version: number;
  readonly profiles: readonly { readonly tag: number; readonly data: Uint8Array }[];
}

/** What a letter says. */
export type Content =
  | { readonly kind: "message"; readonly message: Message }
  /** `isQuestion`: the receiver's is asked for. */
  | { readonly kind: "card"; readonly card: Card; readonly isQuestion: boolean }
  /** Who is in the group at your host? */
  | { readonly kind: "who" }
  | {
      readonly kind: "here";
      /** Nobody; on its way in, and never was in a view; in a view, or was. */
      readonly how: "not" | "outside" | "inside";
      readonly id: MemberId | undefined;
      readonly view: View | undefined;
      /** Who would vote as a witness here. */
      readonly witness: MemberId | undefined;
    }
  /** Whom the letter was for is not here any more. */
  | { readonly kind: "absent" };

/** What one host of groups sends to another: about a group, between two members or, without them, between hosts. */
export interface Letter {
  readonly group: string;
  readonly from: MemberId;
  readonly to: MemberId;
  readonly content: Content;
}

/** Names of groups and sites are text of any language. */
const UTF_8 = 0x0501_0001;
const HEAD_OCTETS = 2;

/** Written into again and again. */
const SCRATCH = new CdrOutput({ charSet: UTF_8 });

/**
 * The version of the protocol, the byte order, and a value of `Groups::Letter` (idl/own/Group.idl); operations and their
 * acknowledgements have a form of their own.
 * @returns octets that hold until the next letter is encoded
 */
export function encodeLetter(letter: Letter): Uint8Array {
  const { content } = letter;
  if (content.kind !== "message") return written(letter, packContent(content));
  const { message } = content;
  if (isStreaming(message)) return encodeStreaming(Groups.GROUP_VERSION, letter, message);
  return written(letter, { $d: "LETTER_MESSAGE", said: packMessage(message) });
}

function written({ group, from, to }: Letter, inside: Groups.Content): Uint8Array {
  const out = SCRATCH;
  out.reset();
  out.octet(Groups.GROUP_VERSION);
  out.octet(out.littleEndian ? 1 : 0);
  Groups.writeLetter(out, { group_name: group, sender: from, receiver: to, inside });
  return out.finish();
}

/**
 * @param octets its values may keep
 * @throws MARSHAL, DATA_CONVERSION for octets of another version, or that are no letter
 */
export function decodeLetter(octets: Uint8Array): Letter {
  const [version, order] = octets;
  if (version !== Groups.GROUP_VERSION || order === undefined)
    throw new MARSHAL(
      `a message of groups of version ${version}; understood: ${Groups.GROUP_VERSION}`,
    );
  if (order === STREAMING_FORM) {
    const { group, from, to, message } = decodeStreaming(octets);
    return { group, from, to, content: { kind: "message", message } };
  }
  if (order > STREAMING_FORM) throw new MARSHAL(`a message of groups in the form ${order}`);
  const littleEndian = order === 1;
  const input = new CdrInput(octets, { charSet: UTF_8, littleEndian, position: HEAD_OCTETS });
  const { group_name: group, sender: from, receiver: to, inside } = Groups.readLetter(input);
  return { group, from, to, content: unpackContent(inside) };
}

const PRESENCES = {
  not: "PRESENT_NOT",
  outside: "PRESENT_OUTSIDE",
  inside: "PRESENT_INSIDE",
} as const;
const PRESENCE_OF = {
  PRESENT_NOT: "not",
  PRESENT_OUTSIDE: "outside",
  PRESENT_INSIDE: "inside",
} as const;

function packContent(content: Exclude<Content, { kind: "message" }>): Groups.Content {
  switch (content.kind) {
    case "card": {
      const { id, site, version, profiles } = content.card;
      const shown = { id, site, version, reached: profiles };
      return { $d: "LETTER_CARD", told: { shown, is_question: content.isQuestion } };
    }
    case "who":
      return { $d: "LETTER_WHO" };
    case "here": {
      const { how, id, view, witness } = content;
      const answer = {
        how: PRESENCES[how],
        id: maybe(id),
        latest: maybe(view).map(packView),
        witness: maybe(witness),
      };
      return { $d: "LETTER_HERE", answer };
    }
    case "absent":
      return { $d: "LETTER_ABSENT" };
  }
}

function unpackContent(packed: Groups.Content): Content {
  switch (packed.$d) {
    case "LETTER_MESSAGE":
      return { kind: "message", message: unpackMessage(packed.said) };
    case "LETTER_CARD": {
      const { shown, is_question: isQuestion } = packed.told;
      const { id, site, version, reached } = shown;
      const card = { id, site, version: countOf(version, "version"), profiles: reached };
      return { kind: "card", card, isQuestion };
    }
    case "LETTER_WHO":
      return { kind: "who" };
    case "LETTER_HERE": {
      const { how, id, latest, witness } = packed.answer;
      return {
        kind: "here",
        how: PRESENCE_OF[how],
        id: id[0],
        view: latest.map(unpackView)[0],
        witness: witness[0],
      };
    }
    case "LETTER_ABSENT":
      return { kind: "absent" };
  }
}
