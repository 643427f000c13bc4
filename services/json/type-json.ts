import { type TCKind, tc, type TypeCode } from "../../orb/index.ts";
import { isRecord, type Json, kindOf, type Path } from "./shape.ts";

/** Types that a name says all of, in the words of IDL. */
const NAMED: readonly (readonly [name: string, type: TypeCode])[] = [
  ["null", tc.null],
  ["void", tc.void],
  ["short", tc.short],
  ["long", tc.long],
  ["long long", tc.longlong],
  ["unsigned short", tc.ushort],
  ["unsigned long", tc.ulong],
  ["unsigned long long", tc.ulonglong],
  ["float", tc.float],
  ["double", tc.double],
  ["long double", tc.longdouble],
  ["boolean", tc.boolean],
  ["char", tc.char],
  ["wchar", tc.wchar],
  ["octet", tc.octet],
  ["any", tc.any],
  ["TypeCode", tc.TypeCode],
  ["Object", tc.Object],
  ["string", tc.string()],
  ["wstring", tc.wstring()],
];
const BY_NAME: ReadonlyMap<string, TypeCode> = new Map(NAMED);
const BY_KIND: ReadonlyMap<TCKind, string> = new Map(
  NAMED.map(([name, type]) => [type.kind(), name]),
);

/** A type as JSON: its name, its repository id, or `{"sequence": …, "bound": …}` and the like. */
export function typeToJson(type: TypeCode): Json {
  const kind = type.kind();
  switch (kind as string) {
    case "tk_string":
    case "tk_wstring": {
      const name = kind === "tk_string" ? "string" : "wstring";
      return type.length() === 0 ? name : { [name]: type.length() };
    }
    case "tk_sequence":
      return { sequence: typeToJson(type.content_type()), bound: type.length() };
    case "tk_array":
      return { array: typeToJson(type.content_type()), length: type.length() };
    case "tk_fixed":
      return { fixed: [type.fixed_digits(), type.fixed_scale()] };
    case "tk_objref":
      return type.id() === tc.Object.id() ? "Object" : type.id();
    default:
      return type.hasId() ? type.id() : (BY_KIND.get(kind) ?? kind);
  }
}

function numberIn(json: Json | undefined, fallback: number, path: Path): number {
  if (json === undefined) return fallback;
  if (typeof json === "number" && Number.isInteger(json) && json >= 0) return json;
  throw path.wrong(`a whole number from 0 on is needed, not ${kindOf(json)}`);
}

/**
 * The type that JSON as of {@link typeToJson} names.
 * @param find the types that are known by scoped name (`M::T`) or repository id
 * @throws JsonError
 */
export function typeFromJson(
  json: Json,
  find: (name: string) => TypeCode | undefined,
  path: Path,
): TypeCode {
  if (typeof json === "string") {
    const found = BY_NAME.get(json) ?? find(json);
    if (found !== undefined) return found;
    throw path.wrong(
      `no type ${JSON.stringify(json)} is known; types of IDL are M::T or IDL:M/T:1.0`,
    );
  }
  if (isRecord(json)) {
    const { sequence, array, fixed, string, wstring, bound, length } = json;
    if (sequence !== undefined) {
      const element = typeFromJson(sequence, find, path.member("sequence"));
      return tc.sequence(element, numberIn(bound, 0, path.member("bound")));
    }
    if (array !== undefined) {
      const element = typeFromJson(array, find, path.member("array"));
      return tc.array(element, numberIn(length, 0, path.member("length")));
    }
    if (Array.isArray(fixed)) {
      const [digits, scale] = (fixed as readonly Json[]).map((part) => numberIn(part, 0, path));
      return tc.fixed(digits ?? 0, scale ?? 0);
    }
    if (string !== undefined) return tc.string(numberIn(string, 0, path.member("string")));
    if (wstring !== undefined) return tc.wstring(numberIn(wstring, 0, path.member("wstring")));
  }
  throw path.wrong(
    `${kindOf(json)} is no type; allowed: a name, {"sequence": TYPE, "bound": N}, {"array": TYPE, "length": N}, {"string": N}, {"wstring": N}, {"fixed": [DIGITS, SCALE]}`,
  );
}
