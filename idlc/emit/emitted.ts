import { ts } from "ts-morph";

/** A file to be written. */
export interface EmittedFile {
  /** From the output folder, with `/` between parts. */
  readonly path: string;
  readonly text: string;
  /** The IDL files its declarations come from. */
  readonly sources: readonly string[];
}

/** The text of an emitted file without its types, for those who cannot read TypeScript. */
export function asJavaScript(text: string): string {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  });
  return outputText;
}
