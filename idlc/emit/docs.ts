import type { JSDocStructure, OptionalKind } from "ts-morph";
import type { Attribute, Operation, Type } from "../model/index.ts";

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

/** What the IDL says of an operation: its comment, its declaration, what it raises. */
export function operationDocs(operation: Operation): OptionalKind<JSDocStructure>[] {
  const raises = operation.raises.map((e) => ["@throws", e.scopedName.join("::")].join(" "));
  return docs(operation.doc, inCode(operation.signature), raises.join("\n"));
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
    case "array":
      return [idlType(type.element), "[", String(type.length), "]"].join("");
    case "declared":
      return type.declaration.scopedName.join("::");
  }
}

export function attributeDocs(attribute: Attribute): OptionalKind<JSDocStructure>[] {
  const words = [attribute.isReadonly ? "readonly attribute" : "attribute"];
  return docs(attribute.doc, inCode([...words, idlType(attribute.type), attribute.name].join(" ")));
}
