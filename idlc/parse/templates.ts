import type {
  Identifier,
  InstanceNode,
  TemplateArgument,
  TemplateNode,
  TemplateParameterNode,
} from "../ast/index.ts";
import type { Cursor } from "./cursor.ts";
import { parseExpression } from "./expressions.ts";
import { parseConstType, parseType } from "./types.ts";

/** Whether `module M<typename T> {` stands here, rather than `module M<long> N`. */
export function isAtTemplate(p: Cursor): boolean {
  if (p.peek(2).text !== "<" || p.peek(1).kind !== "identifier") return false;
  let depth = 0;
  let parentheses = 0;
  for (let distance = 2; p.peek(distance).kind !== "end"; distance++) {
    const { kind, text } = p.peek(distance);
    if (kind !== "punctuation") continue;
    if (text === "(") parentheses++;
    if (text === ")") parentheses--;
    // In parentheses ">>" shifts.
    if (parentheses > 0) continue;
    if (text === "<") depth++;
    if (text === ">") depth--;
    if (text === ">>") depth -= 2;
    if (depth <= 0) return p.peek(distance + 1).text === "{";
    if (text === ";" || text === "{") return false;
  }
  return false;
}

export function parseTemplate(p: Cursor): TemplateNode {
  const start = p.advance();
  const name = p.identifier("the name of the template module");
  p.expect("<", `after module ${name.text}`);
  p.openAngles++;
  const parameters = [parseParameter(p)];
  while (p.accept(",")) parameters.push(parseParameter(p));
  p.openAngles--;
  p.expectAngle("after the parameters of the template module");
  p.expect("{", `after the parameters of module ${name.text}`);
  const definitions = p.nested(() => p.grammar.definitions(p, "template", start));
  p.close(`module ${name.text}`);
  const { doc } = start;
  return { kind: "template", name, parameters, definitions, doc, span: p.spanFrom(start) };
}

function parseParameter(p: Cursor): TemplateParameterNode {
  const what = "the name of a parameter of the template";
  if (p.accept("const")) {
    const type = parseConstType(p);
    return { kind: "const", type, name: p.identifier(what) };
  }
  if (p.isAt("sequence") && p.peek(1).text === "<") {
    const type = parseType(p);
    return { kind: "sequence", type, name: p.identifier(what) };
  }
  return { kind: p.advance().text, type: undefined, name: p.identifier(what) };
}

/** `M::T<long, 3> Name` after `module` or `alias`. */
export function parseInstance(p: Cursor): InstanceNode {
  const start = p.advance();
  const template = p.scopedName("the name of a template module");
  p.expect("<", "after the name of the template module");
  p.openAngles++;
  const args = [parseArgument(p)];
  while (p.accept(",")) args.push(parseArgument(p));
  p.openAngles--;
  p.expectAngle("after the arguments of the template module");
  const name: Identifier = p.identifier("the name of the module");
  const isAlias = start.text === "alias";
  const span = p.spanFrom(start);
  return { kind: "instance", isAlias, template, args, name, doc: start.doc, span };
}

function parseArgument(p: Cursor): TemplateArgument {
  const { kind, text } = p.token;
  const isType = kind === "keyword" && text !== "TRUE" && text !== "FALSE";
  const isMap = p.isAtWord("map") && p.peek(1).text === "<";
  if (isType || isMap) return { kind: "type", type: parseType(p) };
  return { kind: "value", value: parseExpression(p) };
}
