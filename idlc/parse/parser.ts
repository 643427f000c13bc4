import type { DefinitionNode, SpecificationNode } from "../ast/index.ts";
import type { TokenStream } from "../lex/index.ts";
import type { Diagnostics } from "../source/index.ts";
import { Cursor, type Grammar, type Level } from "./cursor.ts";
import { parseDefinitions } from "./declarations.ts";
import { parseType } from "./types.ts";

const GRAMMAR: Grammar = { type: parseType, definitions: parseDefinitions };

/** Parses everything; after an error it goes on with the next declaration. */
export function parse(
  stream: TokenStream,
  diagnostics: Diagnostics,
  level?: Level,
): SpecificationNode {
  const definitions: DefinitionNode[] = [];
  if (stream.tokens.length === 0) return { definitions };
  const p = new Cursor(stream, diagnostics, GRAMMAR, level);
  for (;;) {
    for (const definition of parseDefinitions(p, "module", p.token)) definitions.push(definition);
    // Names would be looked for in scopes they were not meant to be in.
    if (p.token.kind === "end") return { definitions: p.isUnbalanced ? [] : definitions };
    p.reportStrayBrace();
    p.advance();
    p.accept(";");
  }
}
