import type { DefinitionNode, SpecificationNode } from "../ast/index.ts";
import type { TokenStream } from "../lex/index.ts";
import type { Diagnostics } from "../source/index.ts";
import { Cursor } from "./cursor.ts";
import { parseDefinitions } from "./declarations.ts";

/** Parses everything; after an error it goes on with the next declaration. */
export function parse(stream: TokenStream, diagnostics: Diagnostics): SpecificationNode {
  const definitions: DefinitionNode[] = [];
  if (stream.tokens.length === 0) return { definitions };
  const p = new Cursor(stream, diagnostics);
  for (;;) {
    for (const definition of parseDefinitions(p, false)) definitions.push(definition);
    if (p.token.kind === "end") return { definitions };
    p.report("syntax", 'this "}" closes nothing');
    p.advance();
    p.accept(";");
  }
}
