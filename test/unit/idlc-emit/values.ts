import fc from "fast-check";
import { Any } from "../../../orb/any/index.ts";
import { Fixed } from "../../../orb/cdr/index.ts";
import { type Label, tc, type TCKind, type TypeCode } from "../../../orb/typecode/index.ts";

const unit = fc.integer({ min: 1, max: 0xff }).map((c) => String.fromCharCode(c));
const wide = fc.integer({ min: 1, max: 0xd7ff }).map((c) => String.fromCharCode(c));

function lengthsOf(bound: number): { maxLength: number } {
  return { maxLength: bound === 0 ? 4 : Math.min(bound, 4) };
}

function isOctets(type: TypeCode): boolean {
  return type.content_type().unaliased().kind() === "tk_octet";
}

function listOf(
  type: TypeCode,
  size: { minLength?: number; maxLength: number },
  depth: number,
): fc.Arbitrary<unknown> {
  if (isOctets(type)) return fc.uint8Array(size);
  return fc.array(valuesOf(type.content_type(), depth - 1), size);
}

function labelsOf(type: TypeCode): fc.Arbitrary<Label> {
  const kind = type.unaliased().kind();
  if (kind === "tk_longlong" || kind === "tk_ulonglong") return fc.bigInt({ min: 0n, max: 99n });
  if (kind === "tk_enum" || kind === "tk_boolean" || kind === "tk_char") {
    return valuesOf(type, 0) as fc.Arbitrary<Label>;
  }
  return fc.nat(99);
}

function unionOf(type: TypeCode, depth: number): fc.Arbitrary<unknown> {
  const members = type.members();
  const fallback = members[type.default_index()];
  const labelled = members.filter((m) => m !== fallback);
  const taken = new Set(labelled.map((m) => m.label));
  const cases = labelled.map((m) =>
    valuesOf(m.type, depth - 1).map((v) => ({ $d: m.label, [m.name]: v })),
  );
  const rest = labelsOf(type.discriminator_type()).filter((label) => !taken.has(label));
  const others =
    fallback === undefined
      ? rest.map(($d) => ({ $d }))
      : fc
          .tuple(rest, valuesOf(fallback.type, depth - 1))
          .map(([$d, v]) => ({ $d, [fallback.name]: v }));
  return isCovered(type, taken) ? fc.oneof(...cases) : fc.oneof(...cases, others);
}

function isCovered(type: TypeCode, taken: ReadonlySet<unknown>): boolean {
  const discriminator = type.discriminator_type().unaliased();
  if (discriminator.kind() === "tk_boolean") return taken.size === 2;
  return discriminator.kind() === "tk_enum" && taken.size === discriminator.member_count();
}

function recordOf(type: TypeCode, depth: number): fc.Arbitrary<unknown> {
  const entries = type.members().map((m) => [m.name, valuesOf(m.type, depth - 1)] as const);
  return fc.record(Object.fromEntries(entries));
}

const LONGS: fc.Arbitrary<unknown> = fc.integer().map((v) => new Any(tc.long, v));
const TEXTS: fc.Arbitrary<unknown> = fc.string({ unit }).map((v) => new Any(tc.string(), v));

const BY_KIND: Readonly<
  Partial<Record<TCKind, (type: TypeCode, depth: number) => fc.Arbitrary<unknown>>>
> = {
  tk_short: () => fc.integer({ min: -32_768, max: 32_767 }),
  tk_ushort: () => fc.nat(65_535),
  tk_long: () => fc.integer(),
  tk_ulong: () => fc.nat(0xffff_ffff),
  tk_longlong: () => fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  tk_ulonglong: () => fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  tk_float: () => fc.float(),
  tk_double: () => fc.double(),
  tk_boolean: () => fc.boolean(),
  tk_octet: () => fc.nat(255),
  tk_char: () => unit,
  tk_wchar: () => wide,
  tk_string: (type) => fc.string({ unit, ...lengthsOf(type.length()) }),
  tk_wstring: (type) => fc.string({ unit: wide, ...lengthsOf(type.length()) }),
  tk_fixed: (type) => {
    const most = 10n ** BigInt(type.fixed_digits()) - 1n;
    const unscaled = fc.bigInt({ min: -most, max: most });
    return unscaled.map((v) => new Fixed(v, type.fixed_scale()));
  },
  tk_any: () => fc.oneof(LONGS, TEXTS),
  tk_TypeCode: () => fc.constantFrom(tc.long, tc.string(5), tc.sequence(tc.double)),
  tk_objref: () => fc.constant(null),
  tk_enum: (type) => fc.nat(type.member_count() - 1).map((ordinal) => type.member_name(ordinal)),
  tk_alias: (type, depth) => valuesOf(type.content_type(), depth),
  tk_sequence: (type, depth) =>
    depth <= 0 && !isOctets(type) ? fc.constant([]) : listOf(type, lengthsOf(type.length()), depth),
  tk_array: (type, depth) =>
    listOf(type, { minLength: type.length(), maxLength: type.length() }, depth),
  tk_struct: recordOf,
  tk_except: recordOf,
  tk_union: unionOf,
};

/** Values of a type as the mapping has them; sequences are empty once `depth` is used up. */
export function valuesOf(type: TypeCode, depth: number): fc.Arbitrary<unknown> {
  const make = BY_KIND[type.kind()];
  if (make === undefined) throw new RangeError(`no values of ${type.kind()}`);
  return make(type, depth);
}
