import type {
  AttributeNode,
  ConstNode,
  DeclarationNode,
  DefinitionNode,
  InterfaceNode,
  ModuleNode,
  OperationNode,
  ParameterNode,
  ScopedName,
  TypedefNode,
} from "../ast/index.ts";
import { type Cursor, describe } from "./cursor.ts";
import { parseExpression, parseString } from "./expressions.ts";
import { failedDeclaration, parseRefused } from "./refused.ts";
import {
  parseDeclarators,
  parseEnum,
  parseException,
  parseParameterType,
  parseStruct,
  parseType,
  parseUnion,
} from "./types.ts";

/** Definitions up to `}` or the end of the file, each ended by `;`. */
export function parseDefinitions(p: Cursor, isInInterface: boolean): DefinitionNode[] {
  const definitions: DefinitionNode[] = [];
  for (;;) {
    for (const mark of p.takeMarks()) definitions.push(mark);
    if (p.isAt("}") || p.token.kind === "end") return definitions;
    const { index } = p;
    const definition =
      p.attempt(() => parseDefinition(p, isInInterface)) ?? failedDeclaration(p, index);
    if (definition) definitions.push(definition);
  }
}

function parseDefinition(p: Cursor, isInInterface: boolean): DeclarationNode {
  p.skipAnnotations();
  const definition = parseRefused(p, isInInterface) ?? parseCommon(p) ?? parseOwn(p, isInInterface);
  p.expectSemicolon(definition.kind === "refused" ? "this declaration" : `the ${definition.kind}`);
  return definition;
}

/** What may stand both in modules and in interfaces. */
function parseCommon(p: Cursor): DeclarationNode | undefined {
  if (p.token.kind !== "keyword") return undefined;
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
    default:
      return undefined;
  }
}

function parseOwn(p: Cursor, isInInterface: boolean): DeclarationNode {
  const { token } = p;
  const text = token.kind === "keyword" ? token.text : "";
  if (isInInterface) {
    if (text === "attribute" || text === "readonly") return parseAttribute(p);
    if (text === "module" || text === "interface") p.fail(`${text} cannot stand in an interface`);
    return parseOperation(p);
  }
  switch (text) {
    case "module":
      return parseModule(p);
    case "abstract":
    case "local":
      if (p.peek(1).text !== "interface") break;
      p.refuse(`${text} interface is`);
      p.advance();
      return parseInterface(p);
    case "interface":
      return parseInterface(p);
    default:
      break;
  }
  const hint = text === "attribute" || text === "oneway" ? "; it belongs in an interface" : "";
  return p.fail(`expected a definition, not ${describe(token)}${hint}`);
}

function parseModule(p: Cursor): ModuleNode {
  const start = p.advance();
  const name = p.identifier("the name of the module");
  p.expect("{", `after module ${name.text}`);
  const definitions = p.nested(() => parseDefinitions(p, false));
  if (!definitions.some((definition) => definition.kind !== "mark") && p.previous.text === "{") {
    p.report(
      "syntax",
      `module ${name.text} is empty; at least one definition is needed`,
      name.span,
    );
  }
  p.expect("}", `at the end of module ${name.text}`);
  return { kind: "module", name, definitions, doc: start.doc, span: p.spanFrom(start) };
}

function parseInterface(p: Cursor): InterfaceNode {
  const start = p.advance();
  const name = p.identifier("the name of the interface");
  const { doc } = start;
  if (p.isAt(";"))
    return { kind: "interface", name, bases: [], body: undefined, doc, span: p.spanFrom(start) };
  const bases = p.accept(":") ? parseNames(p, "the name of a base interface") : [];
  p.expect("{", `after interface ${name.text}`);
  const body = p.nested(() => parseDefinitions(p, true));
  p.expect("}", `at the end of interface ${name.text}`);
  return { kind: "interface", name, bases, body, doc, span: p.spanFrom(start) };
}

function parseNames(p: Cursor, what: string): ScopedName[] {
  const names = [p.scopedName(what)];
  while (p.accept(",")) names.push(p.scopedName(what));
  return names;
}

function parseTypedef(p: Cursor): TypedefNode {
  const start = p.advance();
  const type = parseType(p);
  const declarators = parseDeclarators(p, "the name of the new type");
  return { kind: "typedef", type, declarators, doc: start.doc, span: p.spanFrom(start) };
}

function parseConst(p: Cursor): ConstNode {
  const start = p.advance();
  const type = parseType(p);
  const name = p.identifier("the name of the constant");
  p.expect("=", `after const ${name.text}`);
  const value = parseExpression(p);
  return { kind: "const", name, type, value, doc: start.doc, span: p.spanFrom(start) };
}

function parseAttribute(p: Cursor): AttributeNode {
  const start = p.token;
  const isReadonly = p.accept("readonly");
  p.expect("attribute", "after readonly");
  const type = parseParameterType(p, "as the type of an attribute");
  const names = [p.identifier("the name of the attribute")];
  while (p.accept(",")) names.push(p.identifier("the name of the attribute"));
  const span = p.spanFrom(start);
  refuseAttributeExceptions(p);
  return { kind: "attribute", isReadonly, type, names, doc: start.doc, span };
}

function refuseAttributeExceptions(p: Cursor): void {
  for (;;) {
    const { token } = p;
    const isClause = token.text === "getraises" || token.text === "setraises" || p.isAt("raises");
    if (!isClause || p.peek(1).text !== "(") return;
    const what = token.text === "raises" ? "raises of attributes is" : `${token.text} is`;
    p.refuse(what, token);
    p.advance();
    p.advance();
    parseNames(p, "an exception");
    p.expect(")", "after the exceptions");
  }
}

function parseOperation(p: Cursor): OperationNode {
  const start = p.token;
  const isOneway = p.accept("oneway");
  const result = p.accept("void")
    ? undefined
    : parseParameterType(p, "as the result of an operation");
  const name = p.identifier("the name of the operation");
  p.expect("(", `after operation ${name.text}`);
  const parameters: ParameterNode[] = [];
  if (!p.isAt(")")) {
    do parameters.push(parseParameter(p));
    while (p.accept(","));
  }
  p.expect(")", `after the parameters of ${name.text}`);
  const raises = parseRaises(p);
  const span = p.spanFrom(start);
  refuseContext(p);
  return { kind: "operation", name, isOneway, result, parameters, raises, doc: start.doc, span };
}

function parseParameter(p: Cursor): ParameterNode {
  p.skipAnnotations();
  const start = p.token;
  const mode = (["in", "out", "inout"] as const).find((text) => p.accept(text));
  if (!mode) p.fail(`expected in, out or inout before the parameter, not ${describe(start)}`);
  const type = parseParameterType(p, "as the type of a parameter");
  const name = p.identifier("the name of the parameter");
  if (p.isAt("[")) p.fail("a parameter cannot be an array; give the array a name by typedef");
  return { mode, name, type, span: p.spanFrom(start) };
}

function parseRaises(p: Cursor): ScopedName[] {
  if (!p.accept("raises")) return [];
  p.expect("(", "after raises");
  const names = parseNames(p, "an exception");
  p.expect(")", "after the exceptions");
  return names;
}

function refuseContext(p: Cursor): void {
  const { token } = p;
  if (!p.accept("context")) return;
  p.refuse("context is", token);
  p.expect("(", "after context");
  do parseString(p);
  while (p.accept(","));
  p.expect(")", "after the names of the context");
}
