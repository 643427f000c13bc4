import type { JSDocStructure, OptionalKind } from "ts-morph";
import type {
  Annotation,
  Attribute,
  ConstantValue,
  ExceptionDcl,
  Factory,
  FixedValue,
  Operation,
  Type,
} from "../model/index.ts";

/** Text that cannot end the comment it stands in. */
function harmless(text: string): string {
  return text.replaceAll("*/", "*\\/");
}

/** A doc comment of paragraphs, those that are undefined or empty left out; none at all gives none. */
export function docs(
  ...paragraphs: readonly (string | undefined)[]
): OptionalKind<JSDocStructure>[] {
  const given = paragraphs
    .map((text) => text?.trim() ?? "")
    .filter((text) => text !== "")
    .map(harmless);
  if (given.length === 0) return [];
  const text = given.join("\n\n");
  return [{ description: text.includes("\n") ? ["\n", text].join("") : text }];
}

/** A `fixed` value in decimal. */
export function fixedText({ unscaled, scale }: FixedValue): string {
  const sign = unscaled < 0n ? "-" : "";
  const digits = String(unscaled < 0n ? -unscaled : unscaled);
  if (scale <= 0) return [sign, digits, "0".repeat(unscaled === 0n ? 0 : -scale)].join("");
  const padded = digits.padStart(scale + 1, "0");
  return [sign, padded.slice(0, -scale), ".", padded.slice(-scale)].join("");
}

function textOf(value: ConstantValue | undefined): string {
  if (typeof value === "object") return fixedText(value);
  return typeof value === "string" ? value : String(value ?? "");
}

/** What annotations of one parameter say to a reader. */
const SENTENCES: ReadonlyMap<string, (value: string) => string> = new Map([
  ["unit", (value: string) => ["Unit: ", value, "."].join("")],
  ["default", (value: string) => ["Default: ", inCode(value), "."].join("")],
  ["min", (value: string) => ["At least ", value, "."].join("")],
  ["max", (value: string) => ["At most ", value, "."].join("")],
  ["bit_bound", (value: string) => ["Of ", value, " bits."].join("")],
  ["optional", () => "Optional in the IDL; CORBA always sends it."],
]);

/** What an annotation says to a reader; undefined for those that say it elsewhere, or to no reader. */
function sentence({ name, parameters }: Annotation): string | undefined {
  if (name === "range") {
    return ["From ", textOf(parameters["min"]), " to ", textOf(parameters["max"]), "."].join("");
  }
  if (name === "verbatim") return textOf(parameters["text"]);
  return SENTENCES.get(name)?.(textOf(parameters["value"]));
}

/** The doc comment of a declaration or a member: its comment, what its annotations say, and more paragraphs. */
export function about(
  item: { readonly doc: string | undefined; readonly annotations: readonly Annotation[] },
  ...more: readonly (string | undefined)[]
): OptionalKind<JSDocStructure>[] {
  const said = item.annotations.map(sentence).filter((text) => text !== undefined);
  return docs(item.doc, said.join("\n"), ...more);
}

function throwsText(raises: readonly ExceptionDcl[], when = ""): string {
  return raises.map((e) => ["@throws ", e.scopedName.join("::"), when].join("")).join("\n");
}

/** What the IDL says of an operation: its comment, its declaration, what it raises. */
export function operationDocs(operation: Operation): OptionalKind<JSDocStructure>[] {
  return about(operation, inCode(operation.signature), throwsText(operation.raises));
}

export function factoryDocs(factory: Factory): OptionalKind<JSDocStructure>[] {
  return about(factory, throwsText(factory.raises));
}

/** IDL text in backquotes. */
function inCode(idl: string): string {
  return ["`", idl, "`"].join("");
}

/** A type as IDL text, its names with all scopes. */
function idlType(type: Type): string {
  switch (type.kind) {
    case "primitive":
      return type.primitive === "TypeCode" ? "CORBA::TypeCode" : type.primitive;
    case "string":
    case "wstring":
      return type.bound === 0 ? type.kind : [type.kind, "<", String(type.bound), ">"].join("");
    case "sequence": {
      const bound = type.bound === 0 ? "" : [", ", String(type.bound)].join("");
      return ["sequence<", idlType(type.element), bound, ">"].join("");
    }
    case "fixed":
      return ["fixed<", String(type.digits), ", ", String(type.scale), ">"].join("");
    case "map": {
      const bound = type.bound === 0 ? "" : [", ", String(type.bound)].join("");
      return ["map<", idlType(type.key), ", ", idlType(type.value), bound, ">"].join("");
    }
    case "array":
      return [idlType(type.element), "[", String(type.length), "]"].join("");
    case "declared":
      return type.declaration.scopedName.join("::");
  }
}

/** @param raises what this way of using it raises */
export function attributeDocs(
  attribute: Attribute,
  raises: readonly ExceptionDcl[],
): OptionalKind<JSDocStructure>[] {
  const words = [attribute.isReadonly ? "readonly attribute" : "attribute"];
  const declared = inCode([...words, idlType(attribute.type), attribute.name].join(" "));
  return about(attribute, declared, throwsText(raises));
}
