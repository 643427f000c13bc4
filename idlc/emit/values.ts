import {
  type ClassDeclarationStructure,
  type InterfaceDeclarationStructure,
  type PropertyDeclarationStructure,
  type OptionalKind,
  StructureKind,
} from "ts-morph";
import type { StateMember, Type, ValueBoxDcl, ValueDcl } from "../model/index.ts";
import {
  arrow,
  call,
  customOf,
  flavourOf,
  type Form,
  formOf,
  literal,
  member,
  objectLiteral,
  type OutputFile,
  quoted,
  stateOf,
  stateProperties,
  supportedBy,
  valuesOf,
} from "../plan/index.ts";
import { readExpression, writeExpression } from "./codecs.ts";
import { bracketed, codecPair, constant, typeCodeConstant } from "./data.ts";
import { defaultExpression } from "./defaults.ts";
import { about, docs } from "./docs.ts";
import { callsOf, factoryCall, localMembers, parametersOf } from "./operations.ts";
import { servantSignature } from "./skeletons.ts";
import { typeCodeExpression } from "./typecodes.ts";
import { bareTypeText, typeText } from "./types.ts";
import { bodyOf, type Statement } from "./writer.ts";

/** A state member and its property. */
interface Field {
  readonly of: StateMember;
  readonly name: string;
}

function fieldsOf(state: readonly StateMember[]): readonly Field[] {
  const names = stateProperties(state.map((m) => m.name));
  return state.map((of, index) => ({ of, name: names[index] ?? of.name }));
}

/** A property of an object literal. */
type Entry = readonly [name: string, text: string];

type Methods = Pick<ClassDeclarationStructure, "methods" | "properties">;

/** What a user's class has to add: operations and attributes, inherited and supported ones too. */
function abstractMembers(file: OutputFile, item: ValueDcl): Required<Methods> {
  const members = valuesOf(item).flatMap((value) => localMembers(file, value));
  const seen = new Set<string>();
  const methods: NonNullable<Methods["methods"]> = [];
  const add = (method: (typeof methods)[number]): void => {
    if (seen.has(method.name)) return;
    seen.add(method.name);
    methods.push({ ...method, isAbstract: true });
  };
  for (const one of members) if (one.kind === "method") add(one.structure);
  for (const of of supportedBy(item).flatMap(callsOf)) {
    add({ ...servantSignature(file, of), docs: of.docs });
  }
  if (customOf(item).length > 0) {
    const custom = docs("Its state on the wire; custom values travel as their class says.");
    const [out, input] = [file.local("out"), file.local("input")];
    add({
      name: "marshal",
      parameters: [{ name: out, type: file.runtimeType("CdrOutput") }],
      returnType: "void",
      docs: custom,
    });
    add({
      name: "unmarshal",
      parameters: [{ name: input, type: file.runtimeType("CdrInput") }],
      returnType: "void",
      docs: custom,
    });
  }
  const properties = members.flatMap((one) =>
    one.kind === "property" ? [{ ...one.structure, isAbstract: true }] : [],
  );
  return { methods, properties };
}

function fieldStructure(
  file: OutputFile,
  { of, name }: Field,
): OptionalKind<PropertyDeclarationStructure> {
  const initializer = defaultExpression(file, of.type, of.annotations);
  return { name, type: typeText(file, of.type), initializer, docs: about(of) };
}

function constructorOf(
  file: OutputFile,
  fields: readonly Field[],
): NonNullable<ClassDeclarationStructure["ctors"]> {
  if (fields.length === 0) return [];
  const init = file.local("init");
  const types = fields.map(({ of, name }) =>
    ["readonly ", name, "?: ", typeText(file, of.type)].join(""),
  );
  const type = ["{ ", types.join("; "), " }"].join("");
  return [
    {
      parameters: [{ name: init, type, hasQuestionToken: true }],
      statements: bodyOf((w) => {
        w.write("super();").newLine();
        w.write(call("Object.assign", "this", init)).write(";");
      }),
    },
  ];
}

/** `(out, v: V) => { … }` with a statement for each field. */
function stateFunction(
  file: OutputFile,
  item: ValueDcl,
  cursor: string,
  fields: readonly Field[],
  statement: (type: Type, at: string) => string,
): string {
  if (fields.length === 0) return "() => undefined";
  const v = file.local("v");
  const typed = [v, file.refer(item, "self", "type")].join(": ");
  return bodyOf((w) => {
    w.write(arrow([cursor, typed], "")).inlineBlock(() => {
      for (const { of, name } of fields) {
        w.write(statement(of.type, member(v, name)))
          .write(";")
          .newLine();
      }
    });
  });
}

function writeState(file: OutputFile, item: ValueDcl, fields: readonly Field[]): string {
  const out = file.local("out");
  return stateFunction(file, item, out, fields, (type, at) => writeExpression(file, type, out, at));
}

function readState(file: OutputFile, item: ValueDcl, fields: readonly Field[]): string {
  const input = file.local("input");
  return stateFunction(file, item, input, fields, (type, at) =>
    [at, readExpression(file, type, input)].join(" = "),
  );
}

function formalOf(file: OutputFile, declaration: ValueDcl | undefined): string {
  return declaration === undefined ? "undefined" : file.refer(declaration, "descriptor", "value");
}

/** The elements of a sequence or of one dimension of an array, where they are values. */
function listOf(
  type: Type,
): { readonly element: Form & { readonly kind: "value" }; readonly size: Entry } | undefined {
  const form = formOf(type);
  if (form.kind === "coded" && form.declaration.kind === "typedef")
    return listOf(form.declaration.type);
  if (form.kind !== "sequence" && form.kind !== "array") return undefined;
  const element = formOf(form.element);
  if (element.kind !== "value") return undefined;
  const size: Entry =
    form.kind === "array" ? ["length", literal(form.length)] : ["bound", literal(form.bound)];
  return { element, size };
}

/** A step for a member that is a value or a list of them; undefined for others. */
function valueStep(file: OutputFile, field: Field): string | undefined {
  const formal = (declaration: ValueDcl | undefined): Entry => [
    "formal",
    arrow([], formalOf(file, declaration)),
  ];
  const form = formOf(field.of.type);
  if (form.kind === "value")
    return objectLiteral([["member", quoted(field.name)], formal(form.declaration)]);
  const list = listOf(field.of.type);
  if (list === undefined) return undefined;
  return objectLiteral([
    ["members", quoted(field.name)],
    formal(list.element.declaration),
    list.size,
  ]);
}

/** The state with its values apart: the runtime walks them itself, so that lists nest without limit. */
function stepTexts(file: OutputFile, item: ValueDcl): readonly string[] {
  const steps: string[] = [];
  let row: Field[] = [];
  const endRow = (): void => {
    if (row.length === 0) return;
    const [write, read] = [writeState(file, item, row), readState(file, item, row)];
    steps.push(
      entriesText([
        ["write", write],
        ["read", read],
      ]),
    );
    row = [];
  };
  for (const field of fieldsOf(item.state)) {
    const step = valueStep(file, field);
    if (step === undefined) {
      row.push(field);
      continue;
    }
    endRow();
    steps.push(step);
  }
  endRow();
  return steps;
}

function entriesText(entries: readonly (readonly [string, string])[]): string {
  return bodyOf((w) => {
    w.inlineBlock(() => {
      for (const [name, text] of entries) w.write([name, text].join(": ")).write(",").newLine();
    });
  });
}

/** What streams know of a value. It stands beside the class: nothing needs the class to send a value. */
function descriptorConstant(file: OutputFile, item: ValueDcl, isAbstract: boolean): string {
  const isCustom = item.flavour === "custom";
  const fields = isCustom ? [] : fieldsOf(item.state);
  const hasValues = fields.some(
    ({ of }) => formOf(of.type).kind === "value" || listOf(of.type) !== undefined,
  );
  const create = arrow([], ["new ", file.refer(item, "self", "value"), "()"].join(""));
  const entries: [string, string][] = [
    ["repositoryId", quoted(item.repositoryId)],
    ["name", quoted(item.scopedName.join("::"))],
    ["base", item.base === undefined ? "undefined" : arrow([], formalOf(file, item.base))],
    ["isTruncatable", String(item.isTruncatable)],
    ["isCustom", String(isCustom)],
  ];
  if (item.flavour === "abstract") entries.push(["isAbstract", "true"]);
  entries.push(["writeState", writeState(file, item, fields)]);
  entries.push(["readState", readState(file, item, fields)]);
  if (hasValues) entries.push(["steps", arrow([], listText(stepTexts(file, item)))]);
  entries.push(["create", isAbstract ? "undefined" : create]);
  const name = file.refer(item, "descriptor", "value");
  return constant(name, file.runtimeType("ValueDescriptor"), entriesText(entries), {
    comment: docs("Internal: how the value travels."),
  });
}

/** `[…]`, one to a line. */
function listText(texts: readonly string[]): string {
  return bodyOf((w) => {
    w.write("[").newLine();
    w.indent(() => {
      for (const text of texts) w.write(text).write(",").newLine();
    });
    w.write("]");
  });
}

const MODIFIER = { none: 0, custom: 1, abstract: 2, truncatable: 3 } as const;

function modifierOf(item: ValueDcl): number {
  if (item.flavour !== "concrete") return MODIFIER[item.flavour];
  return item.isTruncatable ? MODIFIER.truncatable : MODIFIER.none;
}

function typeCode(file: OutputFile, item: ValueDcl): string {
  const base =
    item.base === undefined
      ? "null"
      : arrow([], typeCodeExpression(file, { kind: "declared", declaration: item.base }));
  const members = item.state.map((m) =>
    bracketed([
      quoted(m.name),
      typeCodeExpression(file, m.type),
      m.visibility === "public" ? "1" : "0",
    ]),
  );
  const factory = item.isEvent ? "event" : "value";
  const modifier = literal(modifierOf(item));
  return typeCodeConstant(file, item, factory, modifier, base, arrow([], bracketed(members)));
}

function factoryInterface(file: OutputFile, item: ValueDcl): InterfaceDeclarationStructure {
  const self = file.refer(item, "self", "type");
  return {
    kind: StructureKind.Interface,
    isExported: true,
    name: file.refer(item, "factory", "type"),
    docs: docs(["What makes values of ", item.scopedName.join("::"), "."].join("")),
    methods: item.factories.map((one) => {
      const of = factoryCall(one);
      return {
        name: of.method,
        parameters: [...parametersOf(file, of)],
        returnType: self,
        docs: of.docs,
      };
    }),
  };
}

/**
 * A value type: one class with the whole state, inherited state too. It extends no generated class, so that
 * modules may import each other in circles; `instanceof` asks descriptors and knows bases all the same.
 */
export function valueStatements(file: OutputFile, item: ValueDcl): Statement[] {
  const added = abstractMembers(file, item);
  const isAbstract =
    item.flavour === "abstract" || added.methods.length + added.properties.length > 0;
  const descriptorType = file.runtimeType("ValueDescriptor");
  const all = fieldsOf(stateOf(item));
  const implemented = [...(item.base === undefined ? [] : [item.base]), ...item.abstractBases].map(
    (base) => file.refer(base, "self", "type"),
  );
  const supported = item.supports
    .filter((one) => !one.isIncomplete)
    .map((one) => file.refer(one, flavourOf(one) === "plain" ? "servant" : "self", "type"));
  const declared: Statement = {
    kind: StructureKind.Class,
    isExported: true,
    isAbstract,
    name: file.refer(item, "self", "value"),
    extends: file.runtime("ValueBase"),
    implements: [...implemented, ...supported],
    docs: about(item),
    properties: [
      {
        name: "repositoryId",
        isStatic: true,
        isReadonly: true,
        type: "string",
        initializer: quoted(item.repositoryId),
      },
      {
        name: "descriptor",
        isStatic: true,
        isReadonly: true,
        type: descriptorType,
        initializer: file.refer(item, "descriptor", "value"),
      },
      ...all.map((field) => fieldStructure(file, field)),
      ...added.properties,
    ],
    ctors: constructorOf(file, all),
    getAccessors: [
      {
        name: "_value",
        returnType: descriptorType,
        statements: ["return ", member(file.refer(item, "self", "value"), "descriptor"), ";"].join(
          "",
        ),
      },
    ],
    methods: added.methods,
  };
  const factory = item.factories.length === 0 ? [] : [factoryInterface(file, item)];
  return [descriptorConstant(file, item, isAbstract), declared, ...factory, typeCode(file, item)];
}

/** A box: the boxed type or null; boxes that are shared are sent once. */
export function boxStatements(file: OutputFile, item: ValueBoxDcl): Statement[] {
  const [out, v, input] = [file.local("out"), file.local("v"), file.local("input")];
  const [o, e, i] = [file.local("o"), file.local("e"), file.local("i")];
  const id = quoted(item.repositoryId);
  const writeBoxed = arrow([o, e], writeExpression(file, item.boxed, o, e));
  const readBoxed = arrow([i], readExpression(file, item.boxed, i));
  const write = call(file.runtime("writeBox"), out, v, id, writeBoxed);
  const read = call(file.runtime("readBox"), input, id, readBoxed);
  const orNull = [file.refer(item, "self", "type"), "null"].join(" | ");
  return [
    {
      kind: StructureKind.TypeAlias,
      isExported: true,
      name: file.refer(item, "self", "type"),
      type: bareTypeText(file, item.boxed),
      docs: about(item),
    },
    typeCodeConstant(file, item, "value_box", arrow([], typeCodeExpression(file, item.boxed))),
    ...codecPair(file, item, [write, ";"].join(""), ["return ", read, ";"].join(""), orNull),
  ];
}
