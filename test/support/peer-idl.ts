import { tc, type TypeCode } from "../../orb/typecode/index.ts";

/** What an operation of Peer.idl carries; parameters in the order of the wire. */
export interface PeerOperation {
  /** `in` and `inout`. */
  readonly request: readonly TypeCode[];
  /** The result, then `inout` and `out`. */
  readonly reply: readonly TypeCode[];
  readonly raises?: readonly TypeCode[];
  /** The servant gives back what it got, so reply and request hold equal values. */
  readonly echoes?: true;
}

const string = tc.string();
const colour = tc.enum("IDL:Anchor/Colour:1.0", "Colour", ["RED", "GREEN", "BLUE"]);
const octetSeq = tc.alias("IDL:Anchor/OctetSeq:1.0", "OctetSeq", tc.sequence(tc.octet));
const doubleSeq = tc.alias("IDL:Anchor/DoubleSeq:1.0", "DoubleSeq", tc.sequence(tc.double));

const shape = tc.union("IDL:Anchor/Shape:1.0", "Shape", colour, 2, () => [
  ["RED", "radius", tc.long],
  ["GREEN", "label", string],
  ["RED", "area", tc.double],
]);

const item = tc.struct("IDL:Anchor/Item:1.0", "Item", () => [
  ["name", string],
  ["payload", tc.any],
  ["tint", colour],
  ["form", shape],
  ["stamp", tc.longlong],
  ["live", tc.boolean],
]);
const itemSeq = tc.alias("IDL:Anchor/ItemSeq:1.0", "ItemSeq", tc.sequence(item));

const refused = tc.exception("IDL:Anchor/Refused:1.0", "Refused", () => [
  ["code", tc.long],
  ["why", string],
]);

const peer = tc.objref("IDL:Anchor/Peer:1.0", "Peer");
const listener = tc.objref("IDL:Anchor/Listener:1.0", "Listener");

const node: TypeCode = tc.value("IDL:Anchor/Node:1.0", "Node", 0, null, () => [
  ["weight", tc.long, 1],
  ["tag", string, 1],
  ["left", node, 1],
  ["right", node, 1],
]);

const scalars = [
  tc.octet,
  tc.short,
  tc.ushort,
  tc.long,
  tc.ulong,
  tc.longlong,
  tc.ulonglong,
  tc.float,
  tc.double,
  tc.char,
  tc.boolean,
];

function echo(type: TypeCode): PeerOperation {
  return { request: [type], reply: [type], echoes: true };
}

/** Every operation in the captures. */
export const PEER_OPERATIONS: Readonly<Record<string, PeerOperation>> = {
  _is_a: { request: [string], reply: [tc.boolean] },
  _non_existent: { request: [], reply: [tc.boolean] },
  _get_who: { request: [], reply: [string] },
  _get_level: { request: [], reply: [tc.long] },
  _set_level: { request: [tc.long], reply: [] },
  ping: { request: [tc.longlong], reply: [tc.longlong] },
  echo: echo(string),
  wide: echo(tc.wstring()),
  widechar: echo(tc.wchar),
  octets: echo(octetSeq),
  doubles: echo(doubleSeq),
  scalars: { request: scalars, reply: scalars },
  record: echo(item),
  records: echo(itemSeq),
  box: echo(tc.any),
  mixed: { request: [tc.short, string], reply: [tc.long, string, octetSeq] },
  refuse: { request: [tc.long, string], reply: [], raises: [refused] },
  breakdown: { request: [tc.ulong], reply: [] },
  fire: { request: [tc.long], reply: [] },
  fired: { request: [], reply: [tc.long] },
  same: echo(peer),
  plain: echo(tc.Object),
  relay: { request: [listener, tc.long], reply: [tc.long] },
  ghost: { request: [], reply: [peer] },
  moved: { request: [], reply: [peer] },
  graph: echo(node),
  seen_priority: { request: [], reply: [tc.short] },
  stop: { request: [], reply: [] },
  heard: { request: [string, tc.long], reply: [tc.long] },
};
