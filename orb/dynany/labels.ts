import { keyOf, type Label, type TypeCode } from "../typecode/index.ts";

/** The values a discriminator can have, as many as it takes to find one that is free. */
function candidates(type: TypeCode, count: number): readonly Label[] {
  const numbers = Array.from({ length: count }, (_, i) => i);
  switch (type.kind() as string) {
    case "tk_boolean":
      return [false, true];
    case "tk_enum":
      return type.enumerators().map((name, i) => keyOf(name, i));
    case "tk_char":
    case "tk_octet": {
      const all = numbers.slice(0, 256);
      return type.kind() === "tk_octet" ? all : all.map((code) => String.fromCharCode(code));
    }
    case "tk_wchar":
      return numbers.slice(0, 65_536).map((code) => String.fromCharCode(code));
    case "tk_longlong":
    case "tk_ulonglong":
      return numbers.map(BigInt);
    case "tk_short":
      return numbers.map((n) => (n < 32_768 ? n : n - 65_536)).slice(0, 65_536);
    case "tk_ushort":
      return numbers.slice(0, 65_536);
    default:
      return numbers;
  }
}

/** A discriminator that no case of a union is labelled with, the default one aside; undefined where every value is. */
export function unusedLabel(union: TypeCode): Label | undefined {
  const members = union.members();
  const used = new Set(members.filter((_, i) => i !== union.default_index()).map((m) => m.label));
  const type = union.discriminator_type().unaliased();
  return candidates(type, used.size + 1).find((label) => !used.has(label));
}
