import { Any, AnyValue } from "../../../orb/any/index.ts";
import { TypeCode, typeText } from "../../../orb/typecode/index.ts";

/** Values in objects that compare by content, and the TypeCodes met on the way, which have an equality of their own. */
export interface PlainValues {
  readonly values: unknown;
  readonly types: readonly TypeCode[];
}

/** TypeCodes become text; sharing and cycles stay. */
export function plainValues(values: unknown): PlainValues {
  const seen = new Map<object, unknown>();
  const types: TypeCode[] = [];
  const text = (type: TypeCode): string => {
    types.push(type);
    return typeText(type);
  };
  const members = (from: object, into: Record<string, unknown>): void => {
    for (const [name, member] of Object.entries(from)) {
      into[name] = plain(member);
    }
  };
  const plain = (value: unknown): unknown => {
    if (value instanceof TypeCode) return text(value);
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
    const known = seen.get(value);
    if (known !== undefined) return known;
    if (Array.isArray(value)) {
      const copy: unknown[] = [];
      seen.set(value, copy);
      for (const item of value) copy.push(plain(item));
      return copy;
    }
    const kind = value instanceof Any ? "any" : value instanceof AnyValue ? "value" : "struct";
    const copy: Record<string, unknown> = { $kind: kind };
    seen.set(value, copy);
    members(value, copy);
    return copy;
  };
  return { values: plain(values), types };
}

/** @returns where the two differ in their types, or undefined */
export function differentType(a: PlainValues, b: PlainValues): string | undefined {
  for (const [i, type] of a.types.entries()) {
    const other = b.types[i];
    if (other === undefined || !type.equal(other)) return `TypeCode ${i}: ${typeText(type)}`;
  }
  return undefined;
}
