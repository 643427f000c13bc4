import type { InterfaceDcl, Type, ValueDcl } from "../model/index.ts";
import {
  arrow,
  call,
  type CursorPrimitive,
  type Form,
  formOf,
  isOctets,
  member,
  type OutputFile,
  quoted,
  smallestOctets,
} from "../plan/index.ts";

/** Cursor methods of primitives. */
const METHODS: Readonly<Record<CursorPrimitive, string>> = {
  short: "short",
  long: "long",
  "long long": "longlong",
  "unsigned short": "ushort",
  "unsigned long": "ulong",
  "unsigned long long": "ulonglong",
  float: "float",
  double: "double",
  "long double": "longdouble",
  boolean: "boolean",
  char: "char",
  wchar: "wchar",
  octet: "octet",
  int8: "int8",
};

function boundOf(bound: number): string | undefined {
  return bound === 0 ? undefined : String(bound);
}

/** The runtime's function for `any` and TypeCode. */
function runtimeCodec(file: OutputFile, form: Form, verb: string): string | undefined {
  if (form.kind !== "primitive") return undefined;
  const { primitive } = form;
  if (primitive !== "any" && primitive !== "TypeCode") return undefined;
  return file.runtime([verb, primitive === "any" ? "Any" : "TypeCode"].join(""));
}

/** The function `(out, value)` that writes a type, where there is one. */
function writeFunction(file: OutputFile, form: Form): string | undefined {
  if (form.kind === "coded") return file.refer(form.declaration, "write", "value");
  if (form.kind === "reference") return file.runtime("writeObject");
  if (form.kind === "abstract") return file.runtime("writeAbstract");
  return runtimeCodec(file, form, "write");
}

/** The function `(input)` that reads a type, where there is one. */
function readFunction(file: OutputFile, form: Form): string | undefined {
  if (form.kind === "coded") return file.refer(form.declaration, "read", "value");
  if (form.kind === "reference" && form.declaration === undefined)
    return file.runtime("readObject");
  return runtimeCodec(file, form, "read");
}

function writer(file: OutputFile, type: Type): string {
  const named = writeFunction(file, formOf(type));
  if (named !== undefined) return named;
  const [out, value] = [file.local("o"), file.local("e")];
  return arrow([out, value], writeExpression(file, type, out, value));
}

function reader(file: OutputFile, type: Type): string {
  const named = readFunction(file, formOf(type));
  if (named !== undefined) return named;
  const input = file.local("i");
  return arrow([input], readExpression(file, type, input));
}

/** The expression that writes `value`, an expression too, to the cursor `out`. */
export function writeExpression(file: OutputFile, type: Type, out: string, value: string): string {
  const form = formOf(type);
  const named = writeFunction(file, form);
  if (named !== undefined) return call(named, out, value);
  return writeInline(file, form as Inline, out, value);
}

/** The expression that reads a value from the cursor `input`. */
export function readExpression(file: OutputFile, type: Type, input: string): string {
  const form = formOf(type);
  const named = readFunction(file, form);
  if (named !== undefined) return call(named, input);
  return readInline(file, form as Inline, input);
}

/** Forms that have no function of their own; references have one for writing only. */
type Inline = Exclude<Form, { kind: "coded" }>;

/** The descriptor of a value type; `undefined` for ValueBase. */
function descriptorOf(file: OutputFile, declaration: ValueDcl | undefined): string {
  return declaration === undefined ? "undefined" : file.refer(declaration, "descriptor", "value");
}

function methodOf(form: Form & { kind: "primitive" }): string {
  if (form.primitive === "any" || form.primitive === "TypeCode") {
    throw new RangeError(`${form.primitive} is no method of the cursor`);
  }
  return METHODS[form.primitive];
}

function stubOf(file: OutputFile, declaration: InterfaceDcl | undefined): string {
  return declaration === undefined
    ? file.runtime("ObjectReference")
    : file.refer(declaration, "stub", "value");
}

/** An expression that throws: local things cannot be sent. */
function refusal(file: OutputFile, form: Form & { kind: "local" }): string {
  const name = form.declaration.scopedName.join("::");
  const error = call(file.runtime("MARSHAL"), quoted([name, "is local"].join(" ")));
  return ["(() => { throw new ", error, "; })()"].join("");
}

function writeInline(file: OutputFile, form: Inline, out: string, value: string): string {
  switch (form.kind) {
    case "primitive":
      return call(member(out, methodOf(form)), value);
    case "string":
    case "wstring":
      return call(member(out, form.kind), value, boundOf(form.bound));
    case "fixed":
      return call(member(out, "fixed"), value, String(form.digits), String(form.scale));
    case "sequence":
      if (isOctets(form)) return call(member(out, "octetSequence"), value, boundOf(form.bound));
      return call(
        file.runtime("writeSequence"),
        out,
        value,
        writer(file, form.element),
        boundOf(form.bound),
      );
    case "array":
      if (isOctets(form)) {
        return call(file.runtime("writeOctetArray"), out, value, String(form.length));
      }
      return call(
        file.runtime("writeArray"),
        out,
        value,
        String(form.length),
        writer(file, form.element),
      );
    case "map":
      return call(
        file.runtime("writeMap"),
        out,
        value,
        writer(file, form.key),
        writer(file, form.value),
        boundOf(form.bound),
      );
    case "value":
      return call(file.runtime("writeValue"), out, value, descriptorOf(file, form.declaration));
    case "local":
      return refusal(file, form);
    case "reference":
    case "abstract":
      throw new RangeError(`${form.kind} is written by a function`);
  }
}

function readInline(file: OutputFile, form: Inline, input: string): string {
  switch (form.kind) {
    case "primitive":
      return call(member(input, methodOf(form)));
    case "string":
    case "wstring":
      return call(member(input, form.kind), boundOf(form.bound));
    case "fixed":
      return call(member(input, "fixed"), String(form.digits), String(form.scale));
    case "sequence":
      if (isOctets(form)) return call(member(input, "octetSequence"), boundOf(form.bound));
      return call(
        file.runtime("readSequence"),
        input,
        String(smallestOctets(form.element)),
        reader(file, form.element),
        boundOf(form.bound),
      );
    case "array":
      if (isOctets(form)) return call(file.runtime("readOctetArray"), input, String(form.length));
      return call(
        file.runtime("readArray"),
        input,
        String(form.length),
        reader(file, form.element),
      );
    case "map":
      return call(
        file.runtime("readMap"),
        input,
        String(smallestOctets(form.key) + smallestOctets(form.value)),
        reader(file, form.key),
        reader(file, form.value),
        boundOf(form.bound),
      );
    case "value": {
      const { declaration } = form;
      const type =
        declaration === undefined
          ? file.runtimeType("ValueBase")
          : file.refer(declaration, "self", "type");
      const read = [file.runtime("readValue"), "<", type, ">"].join("");
      return call(read, input, descriptorOf(file, declaration));
    }
    case "reference":
      return call(file.runtime("readObjectAs"), input, stubOf(file, form.declaration));
    case "abstract": {
      const stub = stubOf(file, form.declaration);
      const value =
        form.declaration === undefined
          ? file.runtimeType("ValueBase")
          : file.refer(form.declaration, "self", "type");
      return call(
        [file.runtime("readAbstract"), "<", stub, ", ", value, ">"].join(""),
        input,
        stub,
      );
    }
    case "local":
      return refusal(file, form);
  }
}

/** The type of what `AbstractBase` can be. */
export function abstractBase(file: OutputFile): string {
  return [file.runtimeType("ObjectReference"), file.runtimeType("ValueBase")].join(" | ");
}
