import { check } from "../check/index.ts";
import { lex } from "../lex/index.ts";
import { parse } from "../parse/index.ts";
import { preprocess } from "../preprocess/index.ts";
import { type Diagnostic, Diagnostics, type SourceReader } from "../source/index.ts";
import { buildDeclarations } from "./build.ts";
import type { Model } from "./model.ts";

export interface AnalyzeOptions {
  /** Folders searched by `#include`, in order. */
  readonly includeDirs?: readonly string[];
  /** `NAME` or `NAME=VALUE`, as given to `-D`. */
  readonly defines?: readonly string[];
}

export interface Analysis {
  /** Absent when there is an error among the diagnostics. */
  readonly model?: Model;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads IDL and checks it: everything from the source to the model. All files share one global
 * scope; a file that several main files include counts once.
 */
export function analyze(
  mainFiles: readonly string[],
  options: AnalyzeOptions,
  reader: SourceReader,
): Analysis {
  const diagnostics = new Diagnostics();
  const tokens = lex(preprocess(mainFiles, options, reader, diagnostics), diagnostics);
  const members = check(parse(tokens, diagnostics), diagnostics);
  if (diagnostics.errorCount > 0) return { diagnostics: diagnostics.sorted() };
  const model: Model = { members: buildDeclarations(members), mainFiles };
  return { model, diagnostics: diagnostics.sorted() };
}
