import type {
  CaseNode,
  DeclaratorNode,
  EnumNode,
  ExceptionNode,
  Expression,
  LabelNode,
  MemberNode,
  PrimitiveName,
  StructNode,
  TypeSpec,
  UnionNode,
} from "../ast/index.ts";
import { parseLeading } from "./annotations.ts";
import { parseEnumerators } from "./bits.ts";
import type { Token } from "../lex/index.ts";
import { type Cursor, describe, MODULE_WORDS } from "./cursor.ts";
import { parseExpression } from "./expressions.ts";

const SIMPLE: ReadonlySet<string> = new Set<PrimitiveName>([
  "short",
  "float",
  "double",
  "boolean",
  "char",
  "wchar",
  "octet",
  "any",
  "Object",
  "ValueBase",
]);

/** Words that begin no member of a struct. */
const NO_MEMBER_WORDS: ReadonlySet<string> = new Set([
  ...MODULE_WORDS,
  ..."const exception native typedef".split(" "),
]);
/** Words that begin no case of a union. */
const NO_CASE_WORDS: ReadonlySet<string> = new Set([
  ...NO_MEMBER_WORDS,
  ..."enum struct union".split(" "),
]);

const MAX_DIMENSIONS = 256;

/** TypeSpec of the grammar: any type, declared in place too. */
export function parseType(p: Cursor): TypeSpec {
  const type = p.nested(() => parseTypeHere(p));
  if (type.kind === "fixed" && !type.size) {
    p.report("syntax", "fixed takes its digits and scale here: fixed<10, 2>", type.span);
  }
  return type;
}

/** The type of a constant: `fixed` has the size of the value. */
export function parseConstType(p: Cursor): TypeSpec {
  return p.nested(() => parseTypeHere(p));
}

/** A type that must have a name, as those of parameters, results and attributes must. */
export function parseParameterType(p: Cursor, where: string): TypeSpec {
  const type = parseType(p);
  const isTemplate = type.kind === "sequence" || type.kind === "map" || type.kind === "fixed";
  if (isTemplate || isConstructed(type)) {
    const [what, remedy] = isTemplate
      ? [`a ${type.kind} type`, "give it a name by typedef"]
      : [`a new ${type.kind}`, "declare it before"];
    p.report("syntax", `${what} cannot stand ${where}; ${remedy}`, type.span);
  }
  return type;
}

function isConstructed(type: TypeSpec): boolean {
  return type.kind === "struct" || type.kind === "union" || type.kind === "enum";
}

function parseTypeHere(p: Cursor): TypeSpec {
  // Annotations of a type in place, as `sequence<@external T>` has them, are read and not kept.
  if (p.isAt("@")) parseLeading(p);
  const { token } = p;
  if (p.isAtWord("map") && p.peek(1).text === "<") return parseMap(p);
  if (token.kind === "identifier" || p.isAt("::")) {
    const name = p.scopedName("a type");
    return { kind: "named", name, span: name.span };
  }
  if (token.kind !== "keyword") p.fail(`expected a type, not ${describe(token)}`);
  if (SIMPLE.has(token.text)) {
    p.advance();
    return { kind: "primitive", primitive: token.text as PrimitiveName, span: token };
  }
  switch (token.text) {
    case "long":
      return parseLong(p);
    case "unsigned":
      return parseUnsigned(p);
    case "string":
    case "wstring":
      return parseStringType(p, token.text);
    case "sequence":
      return parseSequence(p);
    case "struct":
      return parseStruct(p, false);
    case "union":
      return parseUnion(p, false);
    case "enum":
      return parseEnum(p);
    case "fixed":
      return parseFixed(p);
    default:
      return p.fail(`expected a type, not ${describe(token)}`);
  }
}

function parseLong(p: Cursor): TypeSpec {
  const start = p.advance();
  if (p.accept("double")) {
    return { kind: "primitive", primitive: "long double", span: p.spanFrom(start) };
  }
  const primitive = p.accept("long") ? "long long" : "long";
  return { kind: "primitive", primitive, span: p.spanFrom(start) };
}

function parseUnsigned(p: Cursor): TypeSpec {
  const start = p.advance();
  if (p.accept("short"))
    return { kind: "primitive", primitive: "unsigned short", span: p.spanFrom(start) };
  p.expect("long", "or short after unsigned");
  const primitive = p.accept("long") ? "unsigned long long" : "unsigned long";
  return { kind: "primitive", primitive, span: p.spanFrom(start) };
}

function parseStringType(p: Cursor, kind: "string" | "wstring"): TypeSpec {
  const start = p.advance();
  if (!p.accept("<")) return { kind, bound: undefined, span: start };
  const bound = parseBound(p);
  p.expectAngle(`after the bound of the ${kind}`);
  return { kind, bound, span: p.spanFrom(start) };
}

function parseBound(p: Cursor): Expression {
  p.openAngles++;
  const bound = parseExpression(p);
  p.openAngles--;
  return bound;
}

function parseSequence(p: Cursor): TypeSpec {
  const start = p.advance();
  p.expect("<", "after sequence");
  p.openAngles++;
  const element = parseType(p);
  if (isConstructed(element)) {
    p.report("syntax", "a new type cannot stand in a sequence; declare it before", element.span);
  }
  const bound = p.accept(",") ? parseExpression(p) : undefined;
  p.openAngles--;
  p.expectAngle("after the element type of the sequence");
  return { kind: "sequence", element, bound, span: p.spanFrom(start) };
}

/** `fixed<digits, scale>`; `fixed` alone is the type of a constant. */
function parseFixed(p: Cursor): TypeSpec {
  const start = p.advance();
  if (!p.accept("<")) return { kind: "fixed", size: undefined, span: start };
  p.openAngles++;
  const digits = parseExpression(p);
  p.expect(",", "after the digits of fixed");
  const scale = parseExpression(p);
  p.openAngles--;
  p.expectAngle("after the scale of fixed");
  return { kind: "fixed", size: { digits, scale }, span: p.spanFrom(start) };
}

function parseMap(p: Cursor): TypeSpec {
  const start = p.token;
  p.requireLevel4("map types are of");
  p.advance();
  p.expect("<", "after map");
  p.openAngles++;
  const key = parseType(p);
  p.expect(",", "after the key type of the map");
  const value = parseType(p);
  const bound = p.accept(",") ? parseExpression(p) : undefined;
  p.openAngles--;
  p.expectAngle("after the value type of the map");
  return { kind: "map", key, value, bound, span: p.spanFrom(start) };
}

export function parseDeclarators(p: Cursor, what: string): DeclaratorNode[] {
  const declarators = [parseDeclarator(p, what)];
  while (p.accept(",")) declarators.push(parseDeclarator(p, what));
  return declarators;
}

function parseDeclarator(p: Cursor, what: string): DeclaratorNode {
  const name = p.identifier(what);
  const dimensions: Expression[] = [];
  while (p.accept("[")) {
    if (dimensions.length === MAX_DIMENSIONS) {
      p.fail(`an array has ${MAX_DIMENSIONS} dimensions at most`);
    }
    const { openAngles } = p;
    p.openAngles = 0;
    dimensions.push(parseExpression(p));
    p.openAngles = openAngles;
    p.expect("]", "after the array length");
  }
  return { name, dimensions };
}

/** `struct S { … }`, and where `mayBeForward`, `struct S`. */
export function parseStruct(p: Cursor, mayBeForward: boolean): StructNode {
  const start = p.advance();
  const name = p.identifier("the name of the struct");
  const { doc } = start;
  if (mayBeForward && p.isAt(";"))
    return {
      kind: "struct",
      name,
      base: undefined,
      members: undefined,
      doc,
      span: p.spanFrom(start),
    };
  if (p.isAt(":")) p.requireLevel4("inheritance of structs is of");
  const base = p.accept(":") ? p.scopedName("the base struct") : undefined;
  p.expect("{", `after struct ${name.text}`);
  const members = parseMembers(p, `struct ${name.text}`, start);
  if (members.length === 0 && p.previous.text === "{" && p.isAt("}")) {
    p.requireLevel4(`struct ${name.text} is empty; structs without members are of`, name.span);
  }
  p.close(`struct ${name.text}`);
  return { kind: "struct", name, base, members, doc, span: p.spanFrom(start) };
}

export function parseException(p: Cursor): ExceptionNode {
  const start = p.advance();
  const name = p.identifier("the name of the exception");
  p.expect("{", `after exception ${name.text}`);
  const members = parseMembers(p, `exception ${name.text}`, start);
  p.close(`exception ${name.text}`);
  return { kind: "exception", name, members, doc: start.doc, span: p.spanFrom(start) };
}

function parseMembers(p: Cursor, owner: string, start: Token): MemberNode[] {
  const members: MemberNode[] = [];
  let isOver = false;
  while (!isOver && !p.isBodyOver(start, NO_MEMBER_WORDS)) {
    const member = p.attempt(() => {
      const { index } = p;
      const leading = parseLeading(p);
      const first = p.token;
      const type = parseType(p);
      // A struct without a member's name is the next one when the `}` of this one is missing.
      isOver = p.isAt(";") && isConstructed(type) && p.isOutdented(index, start);
      if (isOver) {
        p.rewind(index);
        return undefined;
      }
      const declarators = parseDeclarators(p, `the name of a member of ${owner}`);
      const span = p.spanFrom(first);
      p.expectSemicolon("the member");
      return { type, declarators, span, ...leading };
    });
    if (member) members.push(member);
  }
  return members;
}

export function parseEnum(p: Cursor): EnumNode {
  const start = p.advance();
  const name = p.identifier("the name of the enum");
  p.expect("{", `after enum ${name.text}`);
  const enumerators = parseEnumerators(p, `enum ${name.text}`);
  p.close(`enum ${name.text}`);
  return { kind: "enum", name, enumerators, doc: start.doc, span: p.spanFrom(start) };
}

/** `union U switch (T) { … }`, and where `mayBeForward`, `union U`. */
export function parseUnion(p: Cursor, mayBeForward: boolean): UnionNode {
  const start = p.advance();
  const name = p.identifier("the name of the union");
  const { doc } = start;
  if (mayBeForward && p.isAt(";")) {
    return {
      kind: "union",
      name,
      discriminator: undefined,
      cases: undefined,
      doc,
      span: p.spanFrom(start),
    };
  }
  p.expect("switch", `after union ${name.text}`);
  p.expect("(", "before the type of the discriminator");
  const discriminator = parseType(p);
  p.expect(")", "after the type of the discriminator");
  p.expect("{", `after the discriminator of union ${name.text}`);
  const cases: CaseNode[] = [];
  while (!p.isBodyOver(start, NO_CASE_WORDS)) {
    const one = p.attempt(() => parseCase(p, name.text));
    if (one) cases.push(one);
  }
  if (cases.length === 0 && p.previous.text === "{") {
    p.report("syntax", `union ${name.text} has no cases; at least one is needed`, name.span);
  }
  p.close(`union ${name.text}`);
  return { kind: "union", name, discriminator, cases, doc, span: p.spanFrom(start) };
}

function parseCase(p: Cursor, union: string): CaseNode {
  const leading = parseLeading(p);
  const start = p.token;
  const labels: LabelNode[] = [];
  while (p.isAt("case") || p.isAt("default")) {
    const label = p.advance();
    if (label.text === "default") labels.push({ kind: "default", span: label });
    else {
      const value = parseExpression(p);
      labels.push({ kind: "case", value, span: value.span });
    }
    p.expect(":", "after the label");
  }
  if (labels.length === 0)
    p.fail(`expected "case" or "default" in union ${union}, not ${describe(start)}`);
  const inner = parseLeading(p);
  const type = parseType(p);
  const declarator = parseDeclarator(p, `the name of a member of union ${union}`);
  const span = p.spanFrom(start);
  p.expectSemicolon("the member");
  const annotations = [...(leading.annotations ?? []), ...(inner.annotations ?? [])];
  const one = { labels, type, declarator, doc: leading.doc, span };
  return annotations.length > 0 ? { ...one, annotations } : one;
}
