import type {
  ConstNode,
  DeclarationNode,
  DefinitionNode,
  ImportNode,
  InterfaceNode,
  ModuleNode,
  NativeNode,
  TypedefNode,
  TypeIdNode,
} from "../ast/index.ts";
import { parseAnnotationDcl, parseLeading, withLeading } from "./annotations.ts";
import { parseBitmask, parseBitset } from "./bits.ts";
import { parseComponent, parseHome, parsePort } from "./components.ts";
import type { Token } from "../lex/index.ts";
import { type Body, type Cursor, describe, type Leading, MODULE_WORDS } from "./cursor.ts";
import { parseExpression, parseString } from "./expressions.ts";
import { failedDeclaration } from "./failed.ts";
import { parseAttribute, parseNames, parseOperation } from "./operations.ts";
import { isAtTemplate, parseInstance, parseTemplate } from "./templates.ts";
import {
  parseConstType,
  parseDeclarators,
  parseEnum,
  parseException,
  parseStruct,
  parseType,
  parseUnion,
} from "./types.ts";
import { isAtValue, parseFactory, parseState, parseValue } from "./values.ts";

const NO_WORDS: ReadonlySet<string> = new Set();
const COMPONENT_WORDS: ReadonlySet<string> = new Set([
  ...MODULE_WORDS,
  ..."component const enum eventtype exception home native struct typedef union".split(" "),
]);

/** Definitions up to `}` or the end of the file, each ended by `;`. */
export function parseDefinitions(p: Cursor, body: Body, start: Token): DefinitionNode[] {
  const definitions: DefinitionNode[] = [];
  const isModule = body === "module" || body === "template";
  const words = isModule ? NO_WORDS : body === "component" ? COMPONENT_WORDS : MODULE_WORDS;
  for (;;) {
    for (const mark of p.takeMarks()) definitions.push(mark);
    if (p.isBodyOver(start, words)) return definitions;
    const { index } = p;
    const definition = p.attempt(() => parseDefinition(p, body)) ?? failedDeclaration(p, index);
    if (definition) definitions.push(definition);
  }
}

function parseDefinition(p: Cursor, body: Body): DeclarationNode {
  const leading = parseLeading(p);
  const definition =
    body === "component"
      ? parseComponentMember(p)
      : (parseCommon(p, body) ?? parseOwn(p, body, leading));
  if (definition.kind === "typeprefix") p.expectPrefixEnd();
  else p.expectSemicolon(`the ${definition.kind}`);
  return withLeading(definition, leading);
}

/** What may stand in modules, interfaces and values. */
function parseCommon(p: Cursor, body: Body): DeclarationNode | undefined {
  if (p.token.kind !== "keyword") {
    return parseAnnotationDcl(p, () => parseCommon(p, body)) ?? parseLater(p, body);
  }
  switch (p.token.text) {
    case "typedef":
      return parseTypedef(p);
    case "const":
      return parseConst(p);
    case "struct":
      return parseStruct(p, true);
    case "union":
      return parseUnion(p, true);
    case "enum":
      return parseEnum(p);
    case "exception":
      return parseException(p);
    case "native":
      return parseNative(p);
    default:
      return undefined;
  }
}

/** Declarations that begin with a word of later versions, which is a name everywhere else. */
function parseLater(p: Cursor, body: Body): DeclarationNode | undefined {
  const { token } = p;
  if (token.kind !== "identifier" || token.isEscaped) return undefined;
  const isModule = body === "module" || body === "template";
  switch (token.text) {
    case "typeid":
    case "typeprefix":
      return isModule || isTypeId(p) ? parseTypeId(p) : undefined;
    case "bitmask":
    case "bitset": {
      // In an interface the word may be the type of an operation: `bitset find(in string name);`.
      const after = p.peek(2).text;
      if (!isModule && after !== "{" && after !== ":") return undefined;
      return token.text === "bitmask" ? parseBitmask(p) : parseBitset(p);
    }
    default:
      return isModule ? parseLaterOfModule(p, token.text) : undefined;
  }
}

function parseLaterOfModule(p: Cursor, word: string): DeclarationNode | undefined {
  switch (word) {
    case "import":
      return parseImport(p);
    case "component":
    case "connector":
    case "porttype":
      return parseComponent(p);
    case "home":
      return parseHome(p);
    case "alias":
      return parseInstance(p);
    case "eventtype":
      return parseValue(p);
    default:
      return undefined;
  }
}

/** In an interface `typeid` may be the type of an operation. */
function isTypeId(p: Cursor): boolean {
  let distance = 1;
  while (p.peek(distance).text === "::" || p.peek(distance).kind === "identifier") distance++;
  return p.peek(distance).kind === "string";
}

function parseOwn(p: Cursor, body: Body, leading: Leading): DeclarationNode {
  const { token } = p;
  const text = token.kind === "keyword" ? token.text : "";
  if (body !== "module" && body !== "template") return parseExport(p, body, text);
  switch (text) {
    case "module":
      if (isAtTemplate(p)) return parseTemplate(p);
      if (p.peek(1).text === "::") return parseModuleLike(p);
      if (p.peek(2).text !== "{" && p.peek(2).kind === "punctuation") return parseModuleLike(p);
      return parseModule(p);
    case "abstract":
    case "local":
    case "custom":
    case "valuetype":
      if (p.peek(1).text === "interface" && text !== "custom") return parseInterface(p);
      if (isAtValue(p)) return parseValue(p);
      break;
    case "interface":
      return parseInterface(p);
    default:
      break;
  }
  if (leading.annotations && p.isAt(";")) p.fail("an annotation stands before a declaration");
  const hint = text === "attribute" || text === "oneway" ? "; it belongs in an interface" : "";
  return p.fail(`expected a definition, not ${describe(token)}${hint}`);
}

/** `module M<long> N` or `module ::L::M<long> N`, or a module whose `{` is missing. */
function parseModuleLike(p: Cursor): DeclarationNode {
  let distance = 1;
  while (p.peek(distance).text === "::" || p.peek(distance).kind === "identifier") distance++;
  return p.peek(distance).text === "<" ? parseInstance(p) : parseModule(p);
}

/** What may stand in interfaces, values and homes only. */
function parseExport(p: Cursor, body: Body, text: string): DeclarationNode {
  if (text === "attribute" || text === "readonly") return parseAttribute(p);
  if (text === "module" || text === "interface") p.fail(`${text} cannot stand in ${inBody(body)}`);
  if (text === "public" || text === "private") {
    if (body !== "value") p.fail(`${text} members belong in a valuetype, not in ${inBody(body)}`);
    return parseState(p);
  }
  if (text === "factory") {
    if (body === "interface") p.fail("factory belongs in a valuetype or a home");
    return parseFactory(p);
  }
  if (body === "home" && p.isAtWord("finder") && p.peek(2).text === "(") return parseFactory(p);
  return parseOperation(p);
}

function inBody(body: Body): string {
  return body === "interface" ? "an interface" : `a ${body === "value" ? "valuetype" : body}`;
}

function parseComponentMember(p: Cursor): DeclarationNode {
  if (p.isAt("attribute") || p.isAt("readonly")) return parseAttribute(p);
  return parsePort(p);
}

function parseModule(p: Cursor): ModuleNode {
  const start = p.advance();
  const name = p.identifier("the name of the module");
  p.expect("{", `after module ${name.text}`);
  const definitions = p.nested(() => parseDefinitions(p, "module", start));
  if (!definitions.some((definition) => definition.kind !== "mark") && p.previous.text === "{") {
    p.report(
      "syntax",
      `module ${name.text} is empty; at least one definition is needed`,
      name.span,
    );
  }
  p.close(`module ${name.text}`);
  return { kind: "module", name, definitions, doc: start.doc, span: p.spanFrom(start) };
}

function parseInterface(p: Cursor): InterfaceNode {
  const start = p.token;
  const flavour = p.accept("abstract") ? "abstract" : p.accept("local") ? "local" : "plain";
  p.expect("interface", `after ${start.text}`);
  const name = p.identifier("the name of the interface");
  const common = { kind: "interface", flavour, name, doc: start.doc } as const;
  if (p.isAt(";")) return { bases: [], body: undefined, span: p.spanFrom(start), ...common };
  const bases = p.accept(":") ? parseNames(p, "the name of a base interface") : [];
  p.expect("{", `after interface ${name.text}`);
  const body = p.nested(() => parseDefinitions(p, "interface", start));
  p.close(`interface ${name.text}`);
  return { bases, body, span: p.spanFrom(start), ...common };
}

function parseTypedef(p: Cursor): TypedefNode {
  const start = p.advance();
  const leading = parseLeading(p);
  const type = parseType(p);
  const declarators = parseDeclarators(p, "the name of the new type");
  const doc = start.doc ?? leading.doc;
  const span = p.spanFrom(start);
  return { kind: "typedef", type, declarators, span, ...leading, doc };
}

function parseConst(p: Cursor): ConstNode {
  const start = p.advance();
  const type = parseConstType(p);
  const name = p.identifier("the name of the constant");
  p.expect("=", `after const ${name.text}`);
  const value = parseExpression(p);
  return { kind: "const", name, type, value, doc: start.doc, span: p.spanFrom(start) };
}

function parseNative(p: Cursor): NativeNode {
  const start = p.advance();
  const name = p.identifier("the name of the native type");
  // Old IDL of OMG writes `native Servant[…]` nowhere, but compilers take one declarator only.
  return { kind: "native", name, doc: start.doc, span: p.spanFrom(start) };
}

function parseImport(p: Cursor): ImportNode {
  const start = p.advance();
  const what =
    p.token.kind === "string"
      ? parseString(p)
      : p.scopedName("what is imported, a name or a string");
  return { kind: "import", what, doc: start.doc, span: p.spanFrom(start) };
}

function parseTypeId(p: Cursor): TypeIdNode {
  const start = p.advance();
  const kind = start.text === "typeid" ? "typeid" : "typeprefix";
  const isFile = kind === "typeprefix" && p.isAt("::") && p.peek(1).kind === "string";
  if (isFile) p.advance();
  const name = isFile ? undefined : p.scopedName(`the name that ${kind} is for`);
  const text = parseString(p);
  return { kind, name, text, doc: start.doc, span: p.spanFrom(start) };
}
