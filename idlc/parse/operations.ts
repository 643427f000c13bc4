import type {
  AttributeNode,
  LiteralNode,
  OperationNode,
  ParameterNode,
  ScopedName,
} from "../ast/index.ts";
import { parseLeading } from "./annotations.ts";
import { type Cursor, describe } from "./cursor.ts";
import { parseString } from "./expressions.ts";
import { parseParameterType } from "./types.ts";

export function parseNames(p: Cursor, what: string): ScopedName[] {
  const names = [p.scopedName(what)];
  while (p.accept(",")) names.push(p.scopedName(what));
  return names;
}

export function parseAttribute(p: Cursor): AttributeNode {
  const start = p.token;
  const isReadonly = p.accept("readonly");
  p.expect("attribute", "after readonly");
  const type = parseParameterType(p, "as the type of an attribute");
  const names = [p.identifier("the name of the attribute")];
  while (p.accept(",")) names.push(p.identifier("the name of the attribute"));
  let getRaises = isReadonly ? parseRaises(p) : [];
  if (!isReadonly && p.isAt("raises")) {
    p.fail("a writable attribute has getraises (…) and setraises (…), not raises");
  }
  if (isReadonly && (p.isAtWord("getraises") || p.isAtWord("setraises"))) {
    p.fail("a readonly attribute has raises (…), not getraises or setraises");
  }
  let setRaises: ScopedName[] = [];
  // The grammar has getraises first; files have them in either order.
  while (p.isAtWord("getraises") || p.isAtWord("setraises")) {
    if (p.isAtWord("getraises")) getRaises = parseExceptions(p);
    else setRaises = parseExceptions(p);
  }
  const raises = { getRaises, setRaises };
  const span = p.spanFrom(start);
  return { kind: "attribute", isReadonly, type, names, ...raises, doc: start.doc, span };
}

export function parseOperation(p: Cursor): OperationNode {
  const start = p.token;
  const isOneway = p.accept("oneway");
  const result = p.accept("void")
    ? undefined
    : parseParameterType(p, "as the result of an operation");
  const name = p.identifier("the name of the operation");
  const parameters = parseParameters(p, `operation ${name.text}`);
  const raises = parseRaises(p);
  const contexts = parseContext(p);
  const { doc } = start;
  const span = p.spanFrom(start);
  return { kind: "operation", name, isOneway, result, parameters, raises, contexts, doc, span };
}

/** `(in long a, out short b)` */
export function parseParameters(p: Cursor, owner: string): ParameterNode[] {
  p.expect("(", `after ${owner}`);
  const parameters: ParameterNode[] = [];
  if (!p.isAt(")")) {
    do parameters.push(parseParameter(p));
    while (p.accept(","));
  }
  p.expect(")", `after the parameters of ${owner}`);
  return parameters;
}

function parseParameter(p: Cursor): ParameterNode {
  const { annotations } = parseLeading(p);
  const start = p.token;
  const mode = (["in", "out", "inout"] as const).find((text) => p.accept(text));
  if (!mode) p.fail(`expected in, out or inout before the parameter, not ${describe(start)}`);
  const type = parseParameterType(p, "as the type of a parameter");
  const name = p.identifier("the name of the parameter");
  if (p.isAt("[")) p.fail("a parameter cannot be an array; give the array a name by typedef");
  const parameter = { mode, name, type, span: p.spanFrom(start) };
  return annotations ? { ...parameter, annotations } : parameter;
}

export function parseRaises(p: Cursor): ScopedName[] {
  return p.isAt("raises") ? parseExceptions(p) : [];
}

/** `raises (E, F)`, and the same after getraises and setraises. */
function parseExceptions(p: Cursor): ScopedName[] {
  const { text } = p.advance();
  p.expect("(", `after ${text}`);
  const names = parseNames(p, "an exception");
  p.expect(")", "after the exceptions");
  return names;
}

function parseContext(p: Cursor): LiteralNode[] {
  if (!p.accept("context")) return [];
  p.expect("(", "after context");
  const contexts = [parseString(p)];
  while (p.accept(",")) contexts.push(parseString(p));
  p.expect(")", "after the names of the context");
  return contexts;
}
