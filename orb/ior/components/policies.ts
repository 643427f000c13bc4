import { type CdrInput, decapsulate } from "../../cdr/index.ts";
import { policyTypeName } from "../names.ts";
import {
  encapsulated,
  nameOf,
  octetSequence,
  type Plain,
  type PlainReader,
  sequenceOf,
} from "./plain.ts";

const PRIORITY_MODELS = ["CLIENT_PROPAGATED", "SERVER_DECLARED"] as const;

function readPriorityModel(input: CdrInput): Plain {
  const model = nameOf(input, input.ulong(), PRIORITY_MODELS);
  return { model, priority: input.short() };
}

function readBands(input: CdrInput): Plain {
  const bands = sequenceOf(input, 4, () => {
    const low = input.short();
    return { low, high: input.short() };
  });
  return { bands };
}

/** How the values of the policies that references carry are read. */
const VALUES: ReadonlyMap<number, (input: CdrInput) => Plain> = new Map([
  [40, readPriorityModel],
  [45, readBands],
]);

/** TAG_POLICIES: what the server's POA published (CORBA 3.3 Part 2, 22.3; RT 1.2, 4.7.3). */
export const policiesContent: PlainReader = encapsulated((input) =>
  sequenceOf(input, 8, () => {
    const type = input.ulong();
    const data = octetSequence(input);
    const read = VALUES.get(type);
    const value = read === undefined ? data : decapsulate(data, read);
    return { type, name: policyTypeName(type), value };
  }),
);

/** TAO_TAG_ENDPOINTS: every endpoint of the profile with the priority of its lane, -1 for none. */
export const taoEndpointsContent: PlainReader = encapsulated((input) =>
  sequenceOf(input, 10, () => {
    const host = input.string();
    const port = input.ushort();
    return { host, port, priority: input.short() };
  }),
);
