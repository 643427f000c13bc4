import type { CdrInput } from "../../cdr/index.ts";
import { encapsulated, type Plain, type PlainReader } from "./plain.ts";

function readGroup(input: CdrInput): Plain {
  const version = `${input.octet()}.${input.octet()}`;
  const domain = input.string();
  const group = input.ulonglong();
  return { version, domain, group, groupVersion: input.ulong() };
}

/** TAG_FT_GROUP, and TAG_GROUP of MIOP: which group, in which version (CORBA 3.3 Part 2, 23.2). */
export const groupContent: PlainReader = encapsulated(readGroup);

/** TAG_FT_PRIMARY and TAG_FT_HEARTBEAT_ENABLED. */
export const booleanContent: PlainReader = encapsulated((input) => input.boolean());
