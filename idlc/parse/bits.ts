import type {
  BitfieldNode,
  BitmaskNode,
  BitsetNode,
  EnumeratorNode,
  Identifier,
} from "../ast/index.ts";
import { parseLeading } from "./annotations.ts";
import { type Cursor, describe } from "./cursor.ts";
import { parseExpression } from "./expressions.ts";

/** Names separated by commas, as enums and bitmasks have them. */
export function parseEnumerators(p: Cursor, owner: string): EnumeratorNode[] {
  const enumerators: EnumeratorNode[] = [];
  do {
    const leading = parseLeading(p);
    if (p.isAt("}") && enumerators.length > 0) {
      p.report("syntax", `expected a name after ","; IDL has no comma at the end`);
      break;
    }
    enumerators.push({ name: p.identifier(`a name of ${owner}`), ...leading });
  } while (p.accept(","));
  return enumerators;
}

/** `bitmask B { a, b }` */
export function parseBitmask(p: Cursor): BitmaskNode {
  const start = p.token;
  p.requireLevel4("bitmask is of");
  p.advance();
  const name = p.identifier("the name of the bitmask");
  p.expect("{", `after bitmask ${name.text}`);
  const flags = parseEnumerators(p, `bitmask ${name.text}`);
  p.close(`bitmask ${name.text}`);
  return { kind: "bitmask", name, flags, doc: start.doc, span: p.spanFrom(start) };
}

/** `bitset B : Base { bitfield<3> a; }` */
export function parseBitset(p: Cursor): BitsetNode {
  const start = p.token;
  p.requireLevel4("bitset is of");
  p.advance();
  const name = p.identifier("the name of the bitset");
  const base = p.accept(":") ? p.scopedName("the base bitset") : undefined;
  p.expect("{", `after bitset ${name.text}`);
  const fields: BitfieldNode[] = [];
  while (!p.isAt("}") && p.token.kind !== "end") {
    const field = p.attempt(() => parseBitfield(p));
    if (field) fields.push(field);
  }
  p.close(`bitset ${name.text}`);
  return { kind: "bitset", name, base, fields, doc: start.doc, span: p.spanFrom(start) };
}

function parseBitfield(p: Cursor): BitfieldNode {
  const leading = parseLeading(p);
  const start = p.token;
  if (!p.acceptWord("bitfield")) p.fail(`expected bitfield, not ${describe(start)}`);
  p.expect("<", "after bitfield");
  p.openAngles++;
  const width = parseExpression(p);
  const type = p.accept(",") ? p.grammar.type(p) : undefined;
  p.openAngles--;
  p.expectAngle("after the width of the bitfield");
  const names: Identifier[] = [];
  // IDL 4.2 lists the names with blanks; commas are common.
  while (!p.isAt(";") && p.token.kind === "identifier") {
    names.push(p.identifier("the name of the bitfield"));
    if (!p.accept(",")) continue;
  }
  const span = p.spanFrom(start);
  p.expectSemicolon("the bitfield");
  return { width, type, names, span, ...leading };
}
