import type { BitmaskNode, BitsetNode, PrimitiveName } from "../ast/index.ts";
import {
  type BitfieldEntity,
  type BitmaskEntity,
  type BitsetEntity,
  type Context,
  declare,
  entityBase,
  evaluateWithin,
  type FlagEntity,
  INTEGERS,
  kindOf,
  lookup,
  newScope,
  parameterOf,
  resolveType,
  type Scope,
  textOf,
  underlyingOf,
} from "../resolve/index.ts";
import { placeOfBase, seenThrough } from "./inheritance.ts";

const MAX_BITS = 64;
/** Bits of a bitmask or an enum without `@bit_bound` (IDL 4.2, 7.4.13.4.3.3 and 8.3.4.1). */
const DEFAULT_BIT_BOUND = 32;

/** What `@bit_bound` says of a declaration; a fault when it is not 1 to `greatest`, which is then taken. */
export function bitBoundOf(
  c: Context,
  what: string,
  { annotations, span }: Pick<BitmaskEntity, "annotations" | "span">,
  greatest: number,
): number {
  const bound = annotations.find(({ name }) => name === "bit_bound");
  if (!bound) return DEFAULT_BIT_BOUND;
  const said = parameterOf(annotations, "bit_bound");
  const bits = Number(said);
  if (said !== undefined && Number.isInteger(bits) && bits >= 1 && bits <= greatest) return bits;
  const shown = said === undefined ? "nothing" : String(bits);
  const message = `@bit_bound of ${what} is from 1 to ${greatest}, not ${shown}`;
  c.diagnostics.error("bad-bits", message, span);
  return greatest;
}

export function declareBitmask(c: Context, scope: Scope, node: BitmaskNode): void {
  const { name } = node;
  const base = entityBase(c, scope, name, node.doc, node.annotations);
  const bitBound = bitBoundOf(c, "a bitmask", base, MAX_BITS);
  const inner = newScope("bitmask", name.text, scope);
  const entity: BitmaskEntity = { kind: "bitmask", scope: inner, bitBound, flags: [], ...base };
  const taken = new Map<number, FlagEntity>();
  let next = 0;
  for (const flag of node.flags) {
    const common = entityBase(c, inner, flag.name, flag.doc, flag.annotations);
    const position = Number(parameterOf(common.annotations, "position") ?? next);
    const one: FlagEntity = { ...common, kind: "flag", position };
    const earlier = taken.get(position);
    if (!Number.isInteger(position) || position < 0 || position >= bitBound) {
      const message = `${one.name} stands at position ${position}, bitmask ${name.text} has positions 0 to ${bitBound - 1}`;
      c.diagnostics.error("bad-bits", message, flag.name.span);
    } else if (earlier) {
      const message = `${one.name} has the position of ${earlier.name}, ${position}`;
      c.diagnostics.error("bad-bits", message, flag.name.span, placeOfBase(earlier));
    }
    taken.set(position, one);
    next = position + 1;
    if (declare(c, inner, flag.name, one)) entity.flags.push(one);
  }
  if (declare(c, scope, name, entity)) scope.members.push(entity);
}

export function declareBitset(c: Context, scope: Scope, node: BitsetNode): void {
  const { name } = node;
  const inner = newScope("bitset", name.text, scope);
  const base = baseOf(c, scope, node);
  const entity: BitsetEntity = {
    kind: "bitset",
    scope: inner,
    base,
    fields: [],
    bits: base?.bits ?? 0,
    ...entityBase(c, scope, name, node.doc, node.annotations),
  };
  for (let up = base; up; up = up.base)
    for (const field of up.fields) inner.names.set(field.name.toLowerCase(), field);
  for (const field of node.fields) {
    const bits = evaluateWithin(c, inner, field.width, "the width of a bitfield", [1, MAX_BITS]);
    if (bits === undefined) continue;
    const type = holderOf(c, inner, field.type, bits);
    for (const one of field.names) {
      const common = entityBase(c, inner, one, field.doc, field.annotations);
      const made: BitfieldEntity = {
        ...common,
        kind: "bitfield",
        position: entity.bits,
        bits,
        type,
      };
      if (declare(c, inner, one, made)) entity.fields.push(made);
      entity.bits += bits;
    }
    if (field.names.length === 0) entity.bits += bits;
  }
  if (entity.bits > MAX_BITS) {
    const message = `bitset ${name.text} has ${entity.bits} bits, ${MAX_BITS} are allowed`;
    c.diagnostics.error("bad-bits", message, name.span);
  }
  if (declare(c, scope, name, entity)) scope.members.push(entity);
}

function baseOf(c: Context, scope: Scope, node: BitsetNode): BitsetEntity | undefined {
  const found = node.base && lookup(c, scope, node.base, false);
  if (!node.base || !found || found.kind === "refused") return undefined;
  const base = seenThrough(found);
  if (base.kind === "bitset") return base;
  const message = `${textOf(node.base)} is ${kindOf(found)}; a bitset inherits from a bitset only`;
  c.diagnostics.error("bad-inheritance", message, node.base.span, placeOfBase(found));
  return undefined;
}

/** Bits of the types a bitfield may be read as. */
const HOLDERS: readonly (readonly [PrimitiveName, number])[] = [
  ["boolean", 1],
  ["octet", 8],
  ["unsigned short", 16],
  ["unsigned long", 32],
  ["unsigned long long", 64],
];

/** The type said, or the smallest unsigned one that holds the bits (IDL 4.2, 7.4.13.4.3.2). */
function holderOf(
  c: Context,
  scope: Scope,
  spec: Parameters<typeof resolveType>[2] | undefined,
  bits: number,
): PrimitiveName {
  const least = HOLDERS.find(([, size]) => size >= bits)?.[0] ?? "unsigned long long";
  if (!spec) return least;
  const type = underlyingOf(resolveType(c, scope, spec));
  if (type.kind === "unknown") return least;
  if (type.kind === "primitive" && type.primitive !== "TypeCode") {
    const { primitive } = type;
    const range = INTEGERS.get(primitive);
    const size = range ? (range.greatest - range.least).toString(2).length : 1;
    if ((range || primitive === "boolean") && size >= bits) return primitive;
  }
  const message = `a bitfield of ${bits} bits is read as an integer type that holds them, or a boolean for one bit`;
  c.diagnostics.error("bad-bits", message, spec.span);
  return least;
}
