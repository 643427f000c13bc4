import { Any } from "../any/index.ts";
import { Fixed, LongDouble } from "../cdr/index.ts";
import { InvalidValue } from "../exception/index.ts";
import { ObjectReference } from "../object/index.ts";
import { keyOf, tc, TypeCode, typeName } from "../typecode/index.ts";
import { ValueBase } from "../value/index.ts";

/** A type without components: how its values begin, which ones there are, and when two are the same. */
interface Leaf {
  initial(type: TypeCode): unknown;
  /** The value in the form that is kept; undefined for what is none of the type. */
  accept(value: unknown, type: TypeCode): unknown;
  same?(a: unknown, b: unknown): boolean;
}

function integer(least: number, most: number): Leaf {
  return {
    initial: () => 0,
    accept: (v) => (Number.isInteger(v) && Number(v) >= least && Number(v) <= most ? v : undefined),
  };
}

function integer64(least: bigint, most: bigint): Leaf {
  return {
    initial: () => 0n,
    accept: (v) => {
      const big = Number.isSafeInteger(v) ? BigInt(v as number) : v;
      return typeof big === "bigint" && big >= least && big <= most ? big : undefined;
    },
  };
}

function text(isWide: boolean): Leaf {
  return {
    initial: () => "",
    accept: (v, type) => {
      if (typeof v !== "string" || (!isWide && v.includes("\0"))) return undefined;
      return type.length() === 0 || v.length <= type.length() ? v : undefined;
    },
  };
}

const CHARACTER: Leaf = {
  initial: () => "\0",
  accept: (v) => (typeof v === "string" && v.length === 1 ? v : undefined),
};

const NOTHING: Leaf = { initial: () => undefined, accept: () => undefined };

function isReference(v: unknown): boolean {
  return v === null || v instanceof ObjectReference;
}

function sameReference(a: unknown, b: unknown): boolean {
  if (a instanceof ObjectReference && b instanceof ObjectReference) return a._is_equivalent(b);
  return a === b;
}

const REFERENCE: Leaf = {
  initial: () => null,
  accept: (v) => (isReference(v) ? v : undefined),
  same: sameReference,
};

const LEAVES: Readonly<Record<string, Leaf>> = {
  tk_null: NOTHING,
  tk_void: NOTHING,
  tk_short: integer(-32_768, 32_767),
  tk_ushort: integer(0, 65_535),
  tk_long: integer(-2_147_483_648, 2_147_483_647),
  tk_ulong: integer(0, 4_294_967_295),
  tk_octet: integer(0, 255),
  tk_longlong: integer64(-(2n ** 63n), 2n ** 63n - 1n),
  tk_ulonglong: integer64(0n, 2n ** 64n - 1n),
  tk_float: {
    initial: () => 0,
    accept: (v) => (typeof v === "number" ? Math.fround(v) : undefined),
  },
  tk_double: { initial: () => 0, accept: (v) => (typeof v === "number" ? v : undefined) },
  tk_longdouble: {
    initial: () => LongDouble.fromNumber(0),
    accept: (v) => {
      if (v instanceof LongDouble) return v;
      return typeof v === "number" ? LongDouble.fromNumber(v) : undefined;
    },
    same: (a, b) =>
      Buffer.compare((a as LongDouble).octets, (b as LongDouble).octets) === 0 ||
      (a as LongDouble).toNumber() === (b as LongDouble).toNumber(),
  },
  tk_boolean: { initial: () => false, accept: (v) => (typeof v === "boolean" ? v : undefined) },
  tk_char: CHARACTER,
  tk_wchar: CHARACTER,
  tk_string: text(false),
  tk_wstring: text(true),
  tk_any: {
    initial: () => new Any(tc.null, undefined),
    accept: (v) => (v instanceof Any ? v : undefined),
  },
  tk_TypeCode: {
    initial: () => tc.null,
    accept: (v) => (v instanceof TypeCode ? v : undefined),
    same: (a, b) => (a as TypeCode).equal(b as TypeCode),
  },
  tk_objref: REFERENCE,
  tk_component: REFERENCE,
  tk_home: REFERENCE,
  tk_local_interface: {
    initial: () => null,
    accept: (v) => (typeof v === "object" ? v : undefined),
  },
  tk_abstract_interface: {
    initial: () => null,
    accept: (v) => (isReference(v) || v instanceof ValueBase ? v : undefined),
    same: sameReference,
  },
  tk_fixed: {
    initial: (type) => new Fixed(0n, type.fixed_scale()),
    accept: (v, type) => {
      const fitting = v instanceof Fixed ? v.rescaled(type.fixed_scale()) : undefined;
      const digits = fitting?.unscaled.toString().replace("-", "").length ?? 0;
      return digits <= type.fixed_digits() ? fitting : undefined;
    },
    same: (a, b) => (a as Fixed).equals(b as Fixed),
  },
  tk_enum: {
    initial: (type) => keyOf(type.member_name(0), 0),
    accept: (v, type) => (typeof v === "string" && type.ordinalOf(v) >= 0 ? v : undefined),
  },
};

/** Whether values of the type have no components, be they basic, enum or fixed. */
export function isLeaf(type: TypeCode): boolean {
  return type.kind() in LEAVES;
}

function leafOf(type: TypeCode): Leaf {
  return LEAVES[type.kind()] ?? NOTHING;
}

/** @param type without aliases, as everywhere here */
export function initialLeaf(type: TypeCode): unknown {
  return leafOf(type).initial(type);
}

/** Longer ones are cut in messages. */
const LONGEST_SHOWN = 60;

/** A value as a message shows it. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, LONGEST_SHOWN));
  if (typeof value === "number" || typeof value === "bigint") return `${value} (${typeof value})`;
  return value === null ? "null" : typeof value;
}

/** The value in the form that is kept: 64-bit integers as bigint. @throws InvalidValue for no value of the type */
export function acceptLeaf(type: TypeCode, value: unknown): unknown {
  const leaf = leafOf(type);
  const accepted = leaf.accept(value, type);
  if (accepted !== undefined || leaf === NOTHING) return accepted;
  throw new InvalidValue(`${shown(value)} is no ${typeName(type)}`);
}

/** NaN is the same as itself: a copy is equal to what it was made of. */
export function sameLeaf(type: TypeCode, a: unknown, b: unknown): boolean {
  return a === b || Object.is(a, b) || (leafOf(type).same?.(a, b) ?? false);
}
