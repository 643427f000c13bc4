import type { FactoryNode, ScopedName, StateNode, ValueBoxNode, ValueNode } from "../ast/index.ts";
import { type Cursor, describe } from "./cursor.ts";
import { parseNames, parseParameters, parseRaises } from "./operations.ts";
import { parseDeclarators, parseType } from "./types.ts";

/** Whether `[abstract | custom] valuetype` or `eventtype` stands here. */
export function isAtValue(p: Cursor): boolean {
  const isMarked = p.isAt("abstract") || p.isAt("custom");
  const word = isMarked ? p.peek(1) : p.token;
  if (word.kind === "keyword") return word.text === "valuetype";
  return word.text === "eventtype" && !word.isEscaped && word.kind === "identifier";
}

/** A value type, an event type or a value box. */
export function parseValue(p: Cursor): ValueNode | ValueBoxNode {
  const start = p.token;
  const { doc } = start;
  const flavour = p.accept("abstract") ? "abstract" : p.accept("custom") ? "custom" : "concrete";
  const isEvent = p.advance().text === "eventtype";
  const noun = isEvent ? "eventtype" : "valuetype";
  const name = p.identifier(`the name of the ${noun}`);
  const common = { kind: "value", isEvent, flavour, name, doc } as const;
  if (p.isAt(";")) {
    if (flavour === "custom")
      p.report("syntax", `a forward declaration is without custom: ${noun} ${name.text};`, start);
    const empty = { isTruncatable: false, bases: [], supports: [], body: undefined };
    return { ...common, ...empty, span: p.spanFrom(start) };
  }
  if (!p.isAt(":") && !p.isAt("supports") && !p.isAt("{")) {
    if (isEvent || flavour !== "concrete") {
      p.fail(`expected "{" after ${noun} ${name.text}, not ${describe(p.token)}`);
    }
    const type = parseType(p);
    return { kind: "valuebox", name, type, doc, span: p.spanFrom(start) };
  }
  const isDerived = p.accept(":");
  const isTruncatable = isDerived && p.accept("truncatable");
  const bases = isDerived ? parseNames(p, `a base ${noun}`) : [];
  const supports = parseSupports(p);
  p.expect("{", `after ${noun} ${name.text}`);
  const body = p.nested(() => p.grammar.definitions(p, "value", start));
  p.close(`${noun} ${name.text}`);
  return { isTruncatable, bases, supports, body, span: p.spanFrom(start), ...common };
}

export function parseSupports(p: Cursor): ScopedName[] {
  return p.accept("supports") ? parseNames(p, "a supported interface") : [];
}

/** `public long x;` in a value. */
export function parseState(p: Cursor): StateNode {
  const start = p.advance();
  const visibility = start.text === "public" ? "public" : "private";
  const type = parseType(p);
  const declarators = parseDeclarators(p, "the name of a member of the value");
  return {
    kind: "state",
    visibility,
    type,
    declarators,
    doc: start.doc,
    span: p.spanFrom(start),
  };
}

/** `factory` of a value or a home, `finder` of a home. */
export function parseFactory(p: Cursor): FactoryNode {
  const start = p.advance();
  const kind = start.text === "finder" ? "finder" : "factory";
  const name = p.identifier(`the name of the ${kind}`);
  const parameters = parseParameters(p, `${kind} ${name.text}`);
  for (const { mode, span } of parameters) {
    if (mode !== "in") p.report("syntax", `a ${kind} takes in parameters only`, span);
  }
  const raises = parseRaises(p);
  return { kind, name, parameters, raises, doc: start.doc, span: p.spanFrom(start) };
}
