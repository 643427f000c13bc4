import type { RefusedNode } from "../ast/index.ts";
import type { Token } from "../lex/index.ts";
import type { Cursor } from "./cursor.ts";

/** Words that begin a declaration in later versions of IDL and are names everywhere else. */
const LATER_WORDS: ReadonlyMap<string, string> = new Map([
  ["import", "import is"],
  ["typeid", "typeid is"],
  ["typeprefix", "typeprefix is"],
  ["component", "component is"],
  ["home", "home is"],
  ["eventtype", "eventtype is"],
  ["porttype", "porttype is"],
  ["connector", "connector is"],
  ["bitset", "bitset is"],
  ["bitmask", "bitmask is"],
]);

/** Types of IDL 4 and old ones that were dropped; refused where no declaration has their name. */
export const LATER_TYPES: ReadonlySet<string> = new Set([
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "Principal",
]);

/**
 * Refuses by name a declaration that this compiler does not know yet and skips it, to before its
 * semicolon. undefined when none stands here.
 */
export function parseRefused(p: Cursor, isInInterface: boolean): RefusedNode | undefined {
  const start = p.token;
  const what = start.kind === "keyword" ? laterKeyword(p) : laterWord(p, isInInterface);
  if (what === undefined) return undefined;
  p.refuse(what, start);
  while (p.token.kind === "keyword") p.advance();
  if (start.kind === "identifier") p.advance();
  const node = refusedNode(p, start, p.token);
  skipBody(p);
  return node;
}

/** A declaration that failed, when its name can be told; uses of the name are then not reported. */
export function failedDeclaration(p: Cursor, startIndex: number): RefusedNode | undefined {
  const start = p.tokenAt(startIndex);
  if (start.kind !== "keyword") return undefined;
  let index = startIndex + 1;
  if (start.text === "typedef" || start.text === "const") {
    const end = start.text === "typedef" ? ";" : "=";
    while (index < p.index && p.tokenAt(index).text !== end) index++;
    index--;
  }
  return refusedNode(p, start, p.tokenAt(index));
}

function refusedNode(p: Cursor, start: Token, name: Token): RefusedNode {
  return {
    kind: "refused",
    name: { text: name.kind === "identifier" ? name.text : "", isEscaped: false, span: name },
    doc: undefined,
    span: p.spanFrom(start),
  };
}

function laterKeyword(p: Cursor): string | undefined {
  const { text } = p.token;
  const next = p.peek(1).text;
  if (text === "valuetype") return "valuetype is";
  if ((text === "abstract" || text === "custom") && next === "valuetype")
    return `${text} valuetype is`;
  return text === "native" ? "native is" : undefined;
}

function laterWord(p: Cursor, isInInterface: boolean): string | undefined {
  const { token } = p;
  if (token.kind !== "identifier" || token.isEscaped) return undefined;
  const what = LATER_WORDS.get(token.text);
  if (what === undefined || !isInInterface) return what;
  // In an interface the word may be the type of an operation: `component find(in string name);`.
  if (token.text.startsWith("bit")) {
    const after = p.peek(2).text;
    return after === "{" || after === ":" ? what : undefined;
  }
  if (!token.text.startsWith("type")) return undefined;
  let distance = 1;
  while (p.peek(distance).text === "::" || p.peek(distance).kind === "identifier") distance++;
  return p.peek(distance).kind === "string" ? what : undefined;
}

function skipBody(p: Cursor): void {
  for (let depth = 0; p.token.kind !== "end"; p.advance()) {
    if (depth === 0 && (p.isAt(";") || p.isAt("}"))) return;
    if (p.isAt("{")) depth++;
    if (p.isAt("}")) depth--;
  }
}
