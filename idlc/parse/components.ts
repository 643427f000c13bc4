import type { ComponentNode, HomeNode, PortKind, PortNode, ScopedName } from "../ast/index.ts";
import { type Cursor, describe } from "./cursor.ts";
import { parseType } from "./types.ts";
import { parseSupports } from "./values.ts";

/** `component`, `connector` and `porttype`, forward ones too. */
export function parseComponent(p: Cursor): ComponentNode {
  const start = p.advance();
  const kind = start.text as ComponentNode["kind"];
  const name = p.identifier(`the name of the ${kind}`);
  const { doc } = start;
  if (p.isAt(";")) {
    const span = p.spanFrom(start);
    return { kind, name, base: undefined, supports: [], body: undefined, doc, span };
  }
  const base = kind !== "porttype" && p.accept(":") ? p.scopedName(`the base ${kind}`) : undefined;
  const supports = kind === "component" ? parseSupports(p) : [];
  p.expect("{", `after ${kind} ${name.text}`);
  const body = p.nested(() => p.grammar.definitions(p, "component", start));
  p.close(`${kind} ${name.text}`);
  return { kind, name, base, supports, body, doc, span: p.spanFrom(start) };
}

const PORTS: readonly PortKind[] = [
  "provides",
  "uses",
  "emits",
  "publishes",
  "consumes",
  "port",
  "mirrorport",
];

export function parsePort(p: Cursor): PortNode {
  const start = p.token;
  const port = PORTS.find((word) => p.acceptWord(word));
  if (!port) p.fail(`expected a port or an attribute, not ${describe(start)}`);
  const isMultiple = port === "uses" && p.acceptWord("multiple");
  const type = parseType(p);
  if (type.kind !== "named" && !(type.kind === "primitive" && type.primitive === "Object")) {
    p.report("syntax", `${port} takes the name of a type`, type.span);
  }
  const name = p.identifier("the name of the port");
  return { kind: "port", port, isMultiple, type, name, doc: start.doc, span: p.spanFrom(start) };
}

export function parseHome(p: Cursor): HomeNode {
  const start = p.advance();
  const name = p.identifier("the name of the home");
  const base = p.accept(":") ? p.scopedName("the base home") : undefined;
  const supports = parseSupports(p);
  if (!p.acceptWord("manages")) {
    p.fail(`expected manages after home ${name.text}, not ${describe(p.token)}`);
  }
  const manages = p.scopedName("the component that the home manages");
  const primaryKey: ScopedName | undefined = p.acceptWord("primarykey")
    ? p.scopedName("the type of the primary key")
    : undefined;
  p.expect("{", `after home ${name.text}`);
  const body = p.nested(() => p.grammar.definitions(p, "home", start));
  p.close(`home ${name.text}`);
  const { doc } = start;
  const span = p.spanFrom(start);
  return { kind: "home", name, base, supports, manages, primaryKey, body, doc, span };
}
