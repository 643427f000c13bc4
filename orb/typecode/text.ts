import type { Member, TypeCode } from "./typecode.ts";

const PLAIN: Readonly<Record<string, string>> = {
  tk_null: "null",
  tk_void: "void",
  tk_short: "short",
  tk_long: "long",
  tk_ushort: "unsigned short",
  tk_ulong: "unsigned long",
  tk_float: "float",
  tk_double: "double",
  tk_boolean: "boolean",
  tk_char: "char",
  tk_octet: "octet",
  tk_any: "any",
  tk_TypeCode: "TypeCode",
  tk_Principal: "Principal",
  tk_longlong: "long long",
  tk_ulonglong: "unsigned long long",
  tk_longdouble: "long double",
  tk_wchar: "wchar",
};

const SCOPED_NAME = /^IDL:(?:[^:]*[#.][^:/]*\/)?([^:]+):\d+\.\d+$/u;

function bound(length: number): string {
  return length === 0 ? "" : `<${length}>`;
}

/** The scoped name an id of the form `IDL:prefix/M/Item:1.0` gives, else the simple name, else the id. */
function nameFrom(id: string, name: string): string {
  const scoped = SCOPED_NAME.exec(id)?.[1]?.replaceAll("/", "::");
  return scoped ?? (name === "" ? id : name);
}

/** The type as IDL refers to it: `sequence<Anchor::Item, 5>`, `string<10>`, `unsigned long`. */
export function typeName(type: TypeCode): string {
  const kind = type.kind();
  switch (kind as string) {
    case "tk_string":
      return `string${bound(type.length())}`;
    case "tk_wstring":
      return `wstring${bound(type.length())}`;
    case "tk_fixed":
      return `fixed<${type.fixed_digits()}, ${type.fixed_scale()}>`;
    case "tk_sequence": {
      const element = typeName(type.content_type());
      return type.length() === 0
        ? `sequence<${element}>`
        : `sequence<${element}, ${type.length()}>`;
    }
    case "tk_array":
      return `${typeName(type.content_type())}[${type.length()}]`;
    default:
      return PLAIN[kind] ?? (nameFrom(type.id(), type.name()) || kind);
  }
}

function declarations(members: readonly Member[]): string {
  return members.map((m) => `  ${typeName(m.type)} ${m.name};\n`).join("");
}

function cases(type: TypeCode): string {
  const fallback = type.default_index();
  const lines = type.members().map((m, i) => {
    const label = i === fallback ? "default" : `case ${String(m.label)}`;
    return `  ${label}: ${typeName(m.type)} ${m.name};\n`;
  });
  return lines.join("");
}

/** The type as IDL declares it, one level deep; types without a declaration as {@link typeName}. */
export function typeText(type: TypeCode): string {
  const name = typeName(type);
  switch (type.kind() as string) {
    case "tk_struct":
      return `struct ${name} {\n${declarations(type.members())}};`;
    case "tk_except":
      return `exception ${name} {\n${declarations(type.members())}};`;
    case "tk_union":
      return `union ${name} switch (${typeName(type.discriminator_type())}) {\n${cases(type)}};`;
    case "tk_enum":
      return `enum ${name} { ${type.enumerators().join(", ")} };`;
    case "tk_alias":
      return `typedef ${typeName(type.content_type())} ${name};`;
    case "tk_objref":
      return `interface ${name};`;
    case "tk_abstract_interface":
      return `abstract interface ${name};`;
    case "tk_local_interface":
      return `local interface ${name};`;
    case "tk_value_box":
      return `valuetype ${name} ${typeName(type.content_type())};`;
    case "tk_value":
      return `valuetype ${name} {\n${declarations(type.members())}};`;
    case "tk_event":
      return `eventtype ${name} {\n${declarations(type.members())}};`;
    default:
      return name;
  }
}
