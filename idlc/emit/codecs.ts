import type { PrimitiveKind, Type } from "../model/index.ts";
import type { OutputFile } from "./file.ts";
import { codecOf, interfaceOf, isOctets, isReference, resolved, smallestOctets } from "./kinds.ts";
import { arrow, call, member } from "./text.ts";

/** Cursor methods of primitives; the others have functions. */
const METHODS: Readonly<Record<Exclude<PrimitiveKind, "any" | "Object" | "TypeCode">, string>> = {
  short: "short",
  long: "long",
  "long long": "longlong",
  "unsigned short": "ushort",
  "unsigned long": "ulong",
  "unsigned long long": "ulonglong",
  float: "float",
  double: "double",
  boolean: "boolean",
  char: "char",
  wchar: "wchar",
  octet: "octet",
};

function boundOf(bound: number): string | undefined {
  return bound === 0 ? undefined : String(bound);
}

/** The runtime's function for `any` and TypeCode. */
function runtimeCodec(file: OutputFile, type: Type, verb: string): string | undefined {
  const at = resolved(type);
  if (at.kind !== "primitive" || (at.primitive !== "any" && at.primitive !== "TypeCode")) {
    return undefined;
  }
  return file.runtime([verb, at.primitive === "any" ? "Any" : "TypeCode"].join(""));
}

/** The function `(out, value)` that writes a type, where there is one. */
function writeFunction(file: OutputFile, type: Type): string | undefined {
  const declaration = codecOf(type);
  if (declaration !== undefined) return file.refer(declaration, "write", "value");
  if (isReference(type)) return file.runtime("writeObject");
  return runtimeCodec(file, type, "write");
}

/** The function `(input)` that reads a type, where there is one. */
function readFunction(file: OutputFile, type: Type): string | undefined {
  const declaration = codecOf(type);
  if (declaration !== undefined) return file.refer(declaration, "read", "value");
  if (isReference(type)) {
    return interfaceOf(type) === undefined ? file.runtime("readObject") : undefined;
  }
  return runtimeCodec(file, type, "read");
}

function writer(file: OutputFile, type: Type): string {
  const named = writeFunction(file, type);
  if (named !== undefined) return named;
  const [out, value] = [file.local("o"), file.local("e")];
  return arrow([out, value], writeExpression(file, type, out, value));
}

function reader(file: OutputFile, type: Type): string {
  const named = readFunction(file, type);
  if (named !== undefined) return named;
  const input = file.local("i");
  return arrow([input], readExpression(file, type, input));
}

/** The expression that writes `value`, an expression too, to the cursor `out`. */
export function writeExpression(file: OutputFile, type: Type, out: string, value: string): string {
  const named = writeFunction(file, type);
  if (named !== undefined) return call(named, out, value);
  return writeInline(file, plain(type), out, value);
}

/** The expression that reads a value from the cursor `input`. */
export function readExpression(file: OutputFile, type: Type, input: string): string {
  const named = readFunction(file, type);
  if (named !== undefined) return call(named, input);
  const reference = interfaceOf(type);
  if (reference !== undefined) {
    return call(file.runtime("readObjectAs"), input, file.refer(reference, "stub", "value"));
  }
  return readInline(file, plain(type), input);
}

/** A type that has neither functions nor a declaration of its own. */
type Plain = Exclude<Type, { kind: "declared" }>;

function plain(type: Type): Plain {
  if (type.kind !== "declared") return type;
  if (type.declaration.kind === "typedef") return plain(type.declaration.type);
  throw new RangeError(`${type.declaration.scopedName.join("::")} has a codec of its own`);
}

function methodOf(primitive: PrimitiveKind): string {
  if (primitive === "any" || primitive === "Object" || primitive === "TypeCode") {
    throw new RangeError(`${primitive} is no method of the cursor`);
  }
  return METHODS[primitive];
}

function writeInline(file: OutputFile, type: Plain, out: string, value: string): string {
  switch (type.kind) {
    case "primitive":
      return call(member(out, methodOf(type.primitive)), value);
    case "string":
    case "wstring":
      return call(member(out, type.kind), value, boundOf(type.bound));
    case "sequence":
      if (isOctets(type)) return call(member(out, "octetSequence"), value, boundOf(type.bound));
      return call(
        file.runtime("writeSequence"),
        out,
        value,
        writer(file, type.element),
        boundOf(type.bound),
      );
    case "array":
      if (isOctets(type)) {
        return call(file.runtime("writeOctetArray"), out, value, String(type.length));
      }
      return call(
        file.runtime("writeArray"),
        out,
        value,
        String(type.length),
        writer(file, type.element),
      );
  }
}

function readInline(file: OutputFile, type: Plain, input: string): string {
  switch (type.kind) {
    case "primitive":
      return call(member(input, methodOf(type.primitive)));
    case "string":
    case "wstring":
      return call(member(input, type.kind), boundOf(type.bound));
    case "sequence":
      if (isOctets(type)) return call(member(input, "octetSequence"), boundOf(type.bound));
      return call(
        file.runtime("readSequence"),
        input,
        String(smallestOctets(type.element)),
        reader(file, type.element),
        boundOf(type.bound),
      );
    case "array":
      if (isOctets(type)) return call(file.runtime("readOctetArray"), input, String(type.length));
      return call(
        file.runtime("readArray"),
        input,
        String(type.length),
        reader(file, type.element),
      );
  }
}
