import { StructureKind } from "ts-morph";
import type { BitField, BitmaskDcl, BitsetDcl } from "../model/index.ts";
import {
  arrow,
  call,
  fieldsOf,
  holderOf,
  isWide,
  literal,
  member,
  objectLiteral,
  type OutputFile,
} from "../plan/index.ts";
import { readExpression, writeExpression } from "./codecs.ts";
import { codecPair, constant, recordOf, typeCodeConstant } from "./data.ts";
import { about, docs } from "./docs.ts";
import { typeCodeExpression } from "./typecodes.ts";
import type { Statement } from "./writer.ts";

/** A flag's value. */
function flag(position: number, wide: boolean): string {
  return literal(wide ? 1n << BigInt(position) : 2 ** position);
}

/** A bit mask: a record of its flags, and numbers as values. */
export function bitmaskStatements(file: OutputFile, item: BitmaskDcl): Statement[] {
  const self = file.refer(item, "self", "value");
  const wide = isWide(item);
  const flags = item.flags.map((f) => ({ ...f, text: flag(f.position, wide) }));
  const holder = { kind: "primitive" as const, primitive: holderOf(item.bitBound) };
  return [
    constant(self, undefined, recordOf(flags), { comment: about(item) }),
    {
      kind: StructureKind.TypeAlias,
      isExported: true,
      name: self,
      type: wide ? "bigint" : "number",
    },
    typeCodeConstant(file, item, "alias", arrow([], typeCodeExpression(file, holder))),
  ];
}

function isBigint(field: BitField): boolean {
  return field.type === "long long" || field.type === "unsigned long long";
}

function isSigned(field: BitField): boolean {
  return ["short", "long", "long long", "int8"].includes(field.type);
}

function fieldType(field: BitField): string {
  if (field.type === "boolean") return "boolean";
  return isBigint(field) ? "bigint" : "number";
}

/** The bits of a field as a number at its place. */
function packed(field: BitField, v: string, wide: boolean): string {
  const value = member(v, field.name);
  const [shift, mask] = [String(field.position), 2n ** BigInt(field.bits) - 1n];
  if (wide) {
    const big = isBigint(field) ? value : call("BigInt", value);
    return ["((", big, " & ", literal(mask), ") << ", shift, "n)"].join("");
  }
  const number = field.type === "boolean" || isBigint(field) ? call("Number", value) : value;
  return ["((", number, " & ", literal(Number(mask)), ") << ", shift, ")"].join("");
}

function unpacked(field: BitField, bits: string, wide: boolean): string {
  const [shift, width] = [field.position, field.bits];
  const mask = 2n ** BigInt(width) - 1n;
  if (wide) {
    const raw = ["(", bits, " >> ", String(shift), "n) & ", literal(mask)].join("");
    if (field.type === "boolean") return ["(", raw, ") !== 0n"].join("");
    const value = isSigned(field) ? call("BigInt.asIntN", String(width), raw) : raw;
    return isBigint(field) ? value : call("Number", value);
  }
  const raw = ["(", bits, " >>> ", String(shift), ") & ", literal(Number(mask))].join("");
  if (field.type === "boolean") return ["(", raw, ") !== 0"].join("");
  const value = isSigned(field)
    ? ["(", bits, " << ", String(32 - shift - width), ") >> ", String(32 - width)].join("")
    : ["(", raw, ") >>> 0"].join("");
  return isBigint(field) ? call("BigInt", value) : value;
}

/** A bit set: an object of its fields, packed into one integer; bits of a value beyond its field's are cut off. */
export function bitsetStatements(file: OutputFile, item: BitsetDcl): Statement[] {
  const fields = fieldsOf(item);
  const wide = isWide(item);
  const holder = { kind: "primitive" as const, primitive: holderOf(item.bits) };
  const [out, v, input, bits] = [
    file.local("out"),
    file.local("v"),
    file.local("input"),
    file.local("bits"),
  ];
  const zero = wide ? "0n" : "0";
  const sum = fields.length === 0 ? zero : fields.map((f) => packed(f, v, wide)).join(" | ");
  const whole = wide ? sum : ["(", sum, ") >>> 0"].join("");
  const read = readExpression(file, holder, input);
  const entries = fields.map((f) => [f.name, unpacked(f, bits, wide)] as const);
  return [
    {
      kind: StructureKind.Interface,
      isExported: true,
      name: file.refer(item, "self", "type"),
      docs: about(item),
      properties: fields.map((f) => ({
        name: f.name,
        isReadonly: true,
        type: fieldType(f),
        docs: docs(f.doc),
      })),
    },
    typeCodeConstant(file, item, "alias", arrow([], typeCodeExpression(file, holder))),
    ...codecPair(
      file,
      item,
      [writeExpression(file, holder, out, whole), ";"].join(""),
      ["const ", bits, " = ", read, ";\nreturn ", objectLiteral(entries), ";"].join(""),
    ),
  ];
}
