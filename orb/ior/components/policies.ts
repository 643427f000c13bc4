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

const ROUTING_TYPES = ["ROUTE_NONE", "ROUTE_FORWARD", "ROUTE_STORE_AND_FORWARD"] as const;
const ORDERS = ["ORDER_ANY", "ORDER_TEMPORAL", "ORDER_PRIORITY", "ORDER_DEADLINE"] as const;
const PRIORITY_MODELS = ["CLIENT_PROPAGATED", "SERVER_DECLARED"] as const;

function readRange(input: CdrInput): Plain {
  const min = input.short();
  return { min, max: input.short() };
}

function readRouting(input: CdrInput): Plain {
  const min = nameOf(input, input.short(), ROUTING_TYPES);
  return { min, max: nameOf(input, input.short(), ROUTING_TYPES) };
}

function readOrders(input: CdrInput): Plain {
  const mask = input.ushort();
  return ORDERS.filter((_, bit) => (mask & (1 << bit)) !== 0).join(", ");
}

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
  [25, readRange],
  [26, readRange],
  [33, readRouting],
  [35, readOrders],
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
