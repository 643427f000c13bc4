// What TAO 2.2 reads: an indirection may mean a struct, a union or a value type around it, known by its id; nothing
// else that is repeated may be one. Its unions know no typedef, octet or wchar as discriminator.
import test from "ava";
import fc from "fast-check";
import type { Any } from "../../../orb/any/index.ts";
import { CdrInput, CdrOutput } from "../../../orb/cdr/index.ts";
import { readMessageHeader } from "../../../orb/giop/index.ts";
import { readTypeCode, tc, type TypeCode, writeTypeCode } from "../../../orb/typecode/index.ts";
import { messagesIn, readPeerBody } from "../../support/captured.ts";
import { readConnections, readManifest } from "../../support/vectors.ts";
import { anyType } from "./arbitrary.ts";

const ENUM = 17;
const INDIRECTION = 0xffff_ffff;
/** tk_struct, tk_union, tk_value, tk_event. */
/** Kinds of Peer.idl that have an id. */
const COMPLEX: readonly number[] = [14, 15, 16, 17, 21, 22, 29];
const RECURSIVE: readonly number[] = [15, 16, 29, 36];

/** Every indirection of a TypeCode, as kinds of what it means, found as TAO's reader finds them. */
function targetsOf(octets: Uint8Array): { readonly kinds: number[]; readonly open: boolean[] } {
  const kinds: number[] = [];
  const open: boolean[] = [];
  const enclosing = new Set<number>();
  const input = new CdrInput(octets);
  const members = (inner: CdrInput, count: number, each: () => void): void => {
    for (let i = 0; i < count; i++) {
      inner.string();
      read(inner);
      each();
    }
  };
  const label: Readonly<Record<number, (inner: CdrInput) => unknown>> = {
    2: (inner) => inner.short(),
    4: (inner) => inner.ushort(),
    8: (inner) => inner.boolean(),
    9: (inner) => inner.char(),
    10: (inner) => inner.octet(),
    23: (inner) => inner.longlong(),
    24: (inner) => inner.ulonglong(),
    26: (inner) => inner.wchar(),
  };
  const parameters = (inner: CdrInput, kind: number): void => {
    if (kind === 19 || kind === 20) {
      read(inner);
      inner.ulong();
      return;
    }
    inner.string();
    inner.string();
    if (kind === 15 || kind === 22) members(inner, inner.ulong(), () => undefined);
    else if (kind === 21 || kind === 30) read(inner);
    else if (kind === 17) for (let n = inner.ulong(); n > 0; n--) inner.string();
    else if (kind === 29 || kind === 36) {
      inner.short();
      read(inner);
      members(inner, inner.ulong(), () => inner.short());
    } else if (kind === 16) {
      const discriminator = read(inner);
      inner.long();
      const readLabel = label[discriminator] ?? ((of: CdrInput) => of.ulong());
      for (let n = inner.ulong(); n > 0; n--) {
        readLabel(inner);
        members(inner, 1, () => undefined);
      }
    }
  };
  /** @returns the kind without aliases */
  const read = (from: CdrInput): number => {
    const kind = from.ulong();
    const position = from.absolutePosition - 4;
    if (kind === INDIRECTION) {
      const target = from.long() + from.absolutePosition - 4;
      kinds.push(new DataView(octets.buffer, octets.byteOffset).getUint32(target, true));
      open.push(enclosing.has(target));
      return kind;
    }
    if (kind === 18 || kind === 27) from.ulong();
    else if (kind === 28) from.ulong();
    else if (kind > 13 && (kind < 23 || kind > 28)) {
      enclosing.add(position);
      let inside = kind;
      from.encapsulation((inner) => {
        if (kind === 21) {
          inner.string();
          inner.string();
          inside = read(inner);
        } else parameters(inner, kind);
      });
      enclosing.delete(position);
      return inside;
    }
    return kind;
  };
  read(input);
  return { kinds, open };
}

function encode(type: TypeCode): Uint8Array {
  const out = new CdrOutput();
  writeTypeCode(out, type);
  return out.finish();
}

test("only recursion becomes an indirection: to a struct, union or value around it", (t) => {
  const shared = tc.struct("IDL:M/P:1.0", "P", () => [["x", tc.long]]);
  const Recursive: TypeCode = tc.struct("IDL:M/R:1.0", "R", () => [
    ["a", shared],
    ["b", shared],
    [
      "list",
      tc.alias(
        "IDL:M/Rs:1.0",
        "Rs",
        tc.sequence(() => Recursive),
      ),
    ],
    ["choice", Choice],
    ["value", Value],
    ["again", Value],
  ]);
  const Choice: TypeCode = tc.union("IDL:M/U:1.0", "U", tc.boolean, -1, () => [
    [true, "more", tc.sequence(() => Choice)],
    [false, "outer", tc.sequence(Recursive)],
  ]);
  const Value: TypeCode = tc.value("IDL:M/V:1.0", "V", 0, null, () => [
    ["next", () => Value, 1],
    ["at", shared, 1],
  ]);
  const { kinds, open } = targetsOf(encode(Recursive));
  t.deepEqual(kinds, [15, 16, 15, 29, 29]);
  t.true(open.every(Boolean));
  t.true(readTypeCode(new CdrInput(encode(Recursive))).equal(Recursive));
  fc.assert(
    fc.property(anyType, (type) => {
      const found = targetsOf(encode(type));
      t.deepEqual(found.kinds, []);
      const list: TypeCode = tc.struct("IDL:M/L:1.0", "L", () => [
        ["item", tc.array(tc.sequence(type), 1)],
        ["rest", tc.sequence(() => list)],
      ]);
      if (type.kind() === "tk_null" || type.kind() === "tk_void") return;
      const around = targetsOf(encode(list));
      t.deepEqual(around.kinds, [15]);
      t.true(around.kinds.every((kind) => RECURSIVE.includes(kind)));
      t.deepEqual(around.open, [true]);
    }),
    { numRuns: 100 },
  );
});

/** TypeCodes that name a type of Peer.idl, the outermost ones. */
function typeCodesIn(octets: Buffer): { readonly type: TypeCode; readonly octets: Uint8Array }[] {
  const found: { type: TypeCode; octets: Uint8Array }[] = [];
  let from = 0;
  for (let id = octets.indexOf("IDL:Anchor/"); id >= 0; id = octets.indexOf("IDL:Anchor/", from)) {
    from = id + 1;
    // In front of the id: kind, length of the encapsulation, its byte order and padding, length of the id.
    const at = id - 16;
    if (at < 0 || octets[at + 8] !== 1 || !COMPLEX.includes(octets.readUInt32LE(at))) continue;
    const input = new CdrInput(octets.subarray(at));
    const type = readTypeCode(input);
    from = octets.length - input.remaining;
    found.push({ type, octets: octets.subarray(at, from) });
  }
  return found;
}

/** What TAO writes of its own: where it answers omniORB it sends back what that wrote. */
function sentByTao(): { readonly type: TypeCode; readonly octets: Uint8Array }[] {
  const captures = readManifest().captures.filter(({ file }) => !file.startsWith("omniclient"));
  return captures.flatMap((capture) =>
    readConnections(capture).flatMap(({ fromClient, fromServer }) => [
      ...(capture.client.startsWith("TAO") ? typeCodesIn(fromClient) : []),
      ...(capture.server.startsWith("TAO") ? typeCodesIn(fromServer) : []),
    ]),
  );
}

test("the TypeCodes that TAO sends are read, and written again with as many octets and the same indirections", (t) => {
  let count = 0;
  for (const { type, octets } of sentByTao()) {
    const ours = encode(type);
    t.is(ours.length, octets.length, type.name());
    t.deepEqual(targetsOf(ours), targetsOf(octets), type.name());
    count++;
  }
  t.true(count > 10, `${count} TypeCodes`);
});

test("TAO answers MARSHAL to an indirection that means an enum said before, as omniORB writes it", (t) => {
  const capture = readManifest().captures.find(({ file }) => file.startsWith("omniclient-tao"));
  if (capture === undefined) throw new RangeError("the capture is missing");
  const refused: string[] = [];
  for (const { fromClient, fromServer } of readConnections(capture)) {
    const asked = new Map<number, Any>();
    for (const message of messagesIn(fromClient)) {
      const header = readMessageHeader(message);
      if (header.type !== "Request" || header.operation !== "box") continue;
      asked.set(header.requestId, readPeerBody(message.input, header, "box")[0] as Any);
    }
    for (const message of messagesIn(fromServer)) {
      const header = readMessageHeader(message);
      if (header.type !== "Reply" || header.status !== "SYSTEM_EXCEPTION") continue;
      const type = asked.get(header.requestId)?.type;
      if (type?.kind() !== "tk_struct") continue;
      const [id] = readPeerBody(message.input, header, "box");
      refused.push(`${type.id()} ${String(id)}`);
    }
    for (const { type, octets } of typeCodesIn(fromClient)) {
      if (type.name() === "Item") t.deepEqual(targetsOf(octets).kinds, [ENUM]);
    }
  }
  t.deepEqual(refused, ["IDL:Anchor/Item:1.0 IDL:omg.org/CORBA/MARSHAL:1.0"]);
  const [item] = sentByTao().filter(({ type }) => type.name() === "Item");
  t.deepEqual(targetsOf(encode(item?.type ?? tc.null)).kinds, []);
});
