import type { Plain } from "../../orb/index.ts";

type Scalar = string | number | bigint | boolean | Uint8Array;

function isScalar(value: Plain): value is Scalar {
  return typeof value !== "object" || value instanceof Uint8Array;
}

/** Octets as lower-case hexadecimal digits. */
export function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString("hex");
}

/** Octets as text: printable ASCII as it is, everything else as a point. */
export function printable(octets: Uint8Array): string {
  return Buffer.from(octets)
    .toString("latin1")
    .replaceAll(/[^ -~]/g, ".");
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}

/** On one line: `host: h, port: 1`. */
function inline(value: Plain): string {
  if (isScalar(value)) return value instanceof Uint8Array ? hexOf(value) : String(value);
  if (isList(value)) return value.length === 0 ? "none" : value.map(inline).join(", ");
  return Object.entries(value)
    .map(([name, field]) => `${name}: ${inline(field)}`)
    .join(", ");
}

function isShallow(value: Plain): boolean {
  return isScalar(value) || Object.values(value).every(isScalar);
}

/** What a list or a record holds, each with its name or its place, counted from 1. */
function entriesOf(value: Plain): [string, Plain][] {
  if (isList(value)) return value.map((element, at) => [String(at + 1), element]);
  return isScalar(value) ? [] : Object.entries(value);
}

/** Plain data as indented lines, one for each field, or for each element of a list. */
export function plainLines(value: Plain, indent: string): string[] {
  if (isShallow(value)) return [indent + inline(value)];
  return entriesOf(value).flatMap(([name, field]) =>
    isShallow(field)
      ? [`${indent}${name}: ${inline(field)}`]
      : [`${indent}${name}:`, ...plainLines(field, `${indent}  `)],
  );
}

/** JSON for programs: octets as hexadecimal digits, 64-bit numbers as text. */
export function toJson(value: unknown): string {
  const replace = (_name: string, field: unknown): unknown => {
    if (field instanceof Uint8Array) return hexOf(field);
    return typeof field === "bigint" ? field.toString() : field;
  };
  return JSON.stringify(value, replace, 2);
}
