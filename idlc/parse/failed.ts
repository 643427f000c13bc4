import type { RefusedNode } from "../ast/index.ts";
import type { Token } from "../lex/index.ts";
import type { Cursor } from "./cursor.ts";

/** Words before the one that tells what is declared. */
const QUALIFIERS: ReadonlySet<string> = new Set(["abstract", "custom", "local"]);
/** Words of later versions after which a name is declared. */
const LATER: ReadonlySet<string> = new Set(
  "bitmask bitset component connector eventtype home porttype".split(" "),
);

/** A declaration that failed, when its name can be told; uses of the name are then not reported. */
export function failedDeclaration(p: Cursor, startIndex: number): RefusedNode | undefined {
  const start = p.tokenAt(startIndex);
  if (start.kind !== "keyword" && !LATER.has(start.text)) return undefined;
  let index = startIndex + (QUALIFIERS.has(start.text) ? 2 : 1);
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
