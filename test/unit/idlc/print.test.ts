import test from "ava";
import fc from "fast-check";
import { printSpecification, type SpecificationNode } from "../../../idlc/ast/index.ts";
import { lex } from "../../../idlc/lex/index.ts";
import { parse } from "../../../idlc/parse/index.ts";
import { preprocess } from "../../../idlc/preprocess/index.ts";
import { Diagnostics, memoryReader } from "../../../idlc/source/index.ts";
import { idlText } from "../../support/idlc-samples.ts";

function treeOf(text: string): SpecificationNode {
  const diagnostics = new Diagnostics();
  const reader = memoryReader({ "a.idl": text });
  const tree = parse(lex(preprocess(["a.idl"], {}, reader, diagnostics), diagnostics), diagnostics);
  const errors = diagnostics.sorted().filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(`${errors[0]?.message} in\n${text}`);
  return tree;
}

/** A tree without places, as plain values that can be compared. */
function bare(tree: unknown): unknown {
  return JSON.parse(
    JSON.stringify(tree, (key, value: unknown) => {
      if (key === "span" || key === "doc" || (key === "label" && value === undefined))
        return undefined;
      if (Array.isArray(value)) return value.filter((v) => v?.kind !== "mark");
      return typeof value === "bigint" ? `${value}n` : value;
    }),
  );
}

/** The kinds of all nodes of a tree. */
function kindsIn(tree: unknown, into: Set<string>): Set<string> {
  if (Array.isArray(tree)) for (const one of tree) kindsIn(one, into);
  else if (typeof tree === "object" && tree !== null) {
    if ("kind" in tree) into.add(String(tree.kind));
    for (const one of Object.values(tree)) kindsIn(one, into);
  }
  return into;
}

const ALL_KINDS: readonly string[] =
  `alias annotation attribute binary bitmask bitset case component connector const default enum
  exception factory finder fixed home import instance interface literal map module name named native
  operation parameter port porttype primitive sequence state string struct template type typedef typeid
  typeprefix unary union value valuebox wstring`
    .split(/\s+/)
    .filter((kind) => kind !== "alias");

test("what parses prints to what parses to the same tree", (t) => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(idlText, (text) => {
      const tree = bare(treeOf(text));
      const printed = printSpecification(treeOf(text));
      t.deepEqual(bare(treeOf(printed)), tree, printed);
      kindsIn(tree, seen);
    }),
    { numRuns: 600 },
  );
  t.deepEqual(
    ALL_KINDS.filter((kind) => !seen.has(kind)),
    [],
    "every kind of node came up",
  );
});
