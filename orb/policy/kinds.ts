import { readValue, writeValue } from "../any/index.ts";
import { messagingPolicy } from "./create.ts";
import { FT_POA_KINDS } from "./ft.ts";
import type { PolicyKind } from "./kind.ts";
import { MESSAGING_KINDS, type MessagingKind } from "./messaging.ts";
import { RT_KINDS } from "./rt.ts";

function ofCalls(kind: MessagingKind): PolicyKind {
  const { type, key, valueType, common } = kind;
  return {
    type,
    name: key,
    isOfCalls: true,
    isOfPoas: common !== undefined,
    inIor: common !== undefined,
    create: (value) => messagingPolicy(kind, value),
    wire: {
      write: (out, value) => writeValue(out, valueType, value),
      read: (input) => readValue(input, valueType),
    },
    ...(common === undefined ? {} : { common }),
  };
}

/** All policies that have a value of their own; those of POAs alone, which are names, are not among them. */
export const POLICY_KINDS: readonly PolicyKind[] = [
  ...MESSAGING_KINDS.map(ofCalls),
  ...FT_POA_KINDS,
  ...RT_KINDS,
];

/** By policy type. */
export const POLICY_KIND_BY_TYPE: ReadonlyMap<number, PolicyKind> = new Map(
  POLICY_KINDS.map((kind) => [kind.type, kind]),
);
