import { type CodeBlockWriter, StructureKind } from "ts-morph";
import type { Label, UnionCase, UnionDcl } from "../model/index.ts";
import {
  arrow,
  call,
  isLocal,
  literal,
  member,
  objectLiteral,
  objectType,
  type OutputFile,
  quoted,
  resolved,
} from "../plan/index.ts";
import { readExpression, writeExpression } from "./codecs.ts";
import { bracketed, codecPair, typeCodeConstant } from "./data.ts";
import { about } from "./docs.ts";
import { typeCodeExpression } from "./typecodes.ts";
import { typeText } from "./types.ts";
import { bodyOf, type Statement } from "./writer.ts";

/** The property that holds the discriminator; no IDL name has a `$`. */
const DISCRIMINATOR = "$d";

/** How a union's discriminator splits into the alternatives of its TypeScript type. */
interface Shape {
  readonly item: UnionDcl;
  /** The discriminator's type; asked for where the code names it only, as that imports it. */
  readonly all: () => string;
  /** Values without a member of their own exist. */
  readonly hasRest: boolean;
  /** What no case names cannot be listed: a `default:` is as wide as the discriminator, and `$d` does not tell it. */
  readonly isOpen: boolean;
}

function shapeOf(file: OutputFile, item: UnionDcl): Shape {
  const hasDefault = item.cases.some((c) => c.isDefault);
  const isListed = item.uncovered !== undefined;
  return {
    item,
    all: () => typeText(file, item.discriminator),
    hasRest: !hasDefault && item.uncovered?.length !== 0,
    isOpen: !isListed,
  };
}

/** The labels of a case as a type. */
function labelType(shape: Shape, labels: readonly Label[], isDefault: boolean): string {
  if (isDefault && shape.isOpen) return shape.all();
  return [...labels, ...(isDefault ? (shape.item.uncovered ?? []) : [])].map(literal).join(" | ");
}

/** The type of the labels that no case names; as wide as the discriminator it would swallow all the others. */
function restType(file: OutputFile, shape: Shape): string {
  if (!shape.isOpen) return labelType(shape, [], true);
  return [file.runtimeType("Unlisted"), "<", shape.all(), ">"].join("");
}

function alternatives(file: OutputFile, shape: Shape): string {
  const texts = shape.item.cases.map((c) =>
    objectType([
      [DISCRIMINATOR, labelType(shape, c.labels, c.isDefault)],
      [c.name, typeText(file, c.type)],
    ]),
  );
  if (shape.hasRest) texts.push(objectType([[DISCRIMINATOR, restType(file, shape)]]));
  if (texts.length === 1) return texts.join("");
  return bodyOf((w) => {
    for (const text of texts) w.newLine().write("| ").write(text);
  });
}

/** Writes `case A:` … or `default:`; a listed case that is the default too has only `default:`. */
function writeCase(w: CodeBlockWriter, c: UnionCase, body: () => void): void {
  if (c.isDefault) w.write("default:").newLine();
  else for (const label of c.labels) w.write("case ").write(literal(label)).write(":").newLine();
  w.indent(body);
}

/** Cases with the default last, where `switch` wants to be read. */
function ordered(item: UnionDcl): readonly UnionCase[] {
  return [...item.cases.filter((c) => !c.isDefault), ...item.cases.filter((c) => c.isDefault)];
}

function writeBody(file: OutputFile, shape: Shape): string {
  const { item } = shape;
  const [out, v] = [file.local("out"), file.local("v")];
  const isOverlapping = shape.isOpen && item.cases.some((c) => c.isDefault);
  const value = (c: UnionCase): string => {
    if (!isOverlapping || item.cases.length === 1) return member(v, c.name);
    const type = objectType([[c.name, typeText(file, c.type)]]);
    return member(["(", v, " as ", type, ")"].join(""), c.name);
  };
  return bodyOf((w) => {
    const discriminator = member(v, DISCRIMINATOR);
    const plain =
      shape.hasRest && shape.isOpen ? [discriminator, "as", shape.all()].join(" ") : discriminator;
    w.write(writeExpression(file, item.discriminator, out, plain))
      .write(";")
      .newLine();
    w.write("switch (")
      .write(discriminator)
      .write(")")
      .space()
      .inlineBlock(() => {
        for (const c of ordered(item)) {
          writeCase(w, c, () => {
            w.write(writeExpression(file, c.type, out, value(c)))
              .write(";")
              .newLine();
            w.write("break;").newLine();
          });
        }
        if (shape.hasRest) w.write("default:").newLine();
      });
  });
}

function readBody(file: OutputFile, shape: Shape): string {
  const { item } = shape;
  const input = file.local("input");
  const discriminator = file.local(DISCRIMINATOR);
  const first: [string, string] = [DISCRIMINATOR, discriminator];
  return bodyOf((w) => {
    w.write("const ").write(discriminator).write(" = ");
    w.write(readExpression(file, item.discriminator, input))
      .write(";")
      .newLine();
    w.write("switch (")
      .write(discriminator)
      .write(")")
      .space()
      .inlineBlock(() => {
        for (const c of ordered(item)) {
          const entry: [string, string] = [c.name, readExpression(file, c.type, input)];
          writeCase(w, c, () => {
            w.write("return ")
              .write(objectLiteral([first, entry]))
              .write(";")
              .newLine();
          });
        }
        if (!shape.hasRest) return;
        const rest = shape.isOpen ? call(file.runtime("unlisted"), discriminator) : discriminator;
        w.write("default:").newLine();
        w.indent(() =>
          w
            .write("return ")
            .write(objectLiteral([[DISCRIMINATOR, rest]]))
            .write(";")
            .newLine(),
        );
      });
  });
}

/** The TypeCode's members: one for each label, in order, and one for the default. */
function typeCodeMembers(
  file: OutputFile,
  item: UnionDcl,
): { thunk: string; defaultIndex: number } {
  const entries: string[] = [];
  let defaultIndex = -1;
  for (const c of item.cases) {
    const type = typeCodeExpression(file, c.type);
    const add = (label: string): void => {
      entries.push(bracketed([label, quoted(c.name), type]));
    };
    for (const label of c.labels) add(literal(label));
    if (!c.isDefault) continue;
    defaultIndex = entries.length;
    add("0");
  }
  return { thunk: arrow([], bracketed(entries)), defaultIndex };
}

/** A union: one object type for each member, told apart by `$d`. */
export function unionStatements(file: OutputFile, item: UnionDcl): Statement[] {
  const shape = shapeOf(file, item);
  const { thunk, defaultIndex } = typeCodeMembers(file, item);
  // Without aliases, as omniidl has it: `equal` compares discriminators exactly.
  const discriminator = arrow([], typeCodeExpression(file, resolved(item.discriminator)));
  const declared: Statement[] = [
    {
      kind: StructureKind.TypeAlias,
      isExported: true,
      name: file.refer(item, "self", "type"),
      type: alternatives(file, shape),
      docs: about(item, ...item.cases.map((c) => c.doc && [c.name, c.doc].join(": "))),
    },
    typeCodeConstant(file, item, "union", discriminator, String(defaultIndex), thunk),
  ];
  if (isLocal(item)) return declared;
  return [...declared, ...codecPair(file, item, writeBody(file, shape), readBody(file, shape))];
}
