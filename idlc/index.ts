import type { EmittedFile, EmitOptions } from "./emit/index.ts";
import { type Analysis, analyze, type AnalyzeOptions } from "./model/index.ts";
import { type Diagnostic, hasErrors, type SourceReader } from "./source/index.ts";

export type { EmittedFile } from "./emit/index.ts";
export type { Analysis, AnalyzeOptions, Model } from "./model/index.ts";
export {
  type Diagnostic,
  hasErrors,
  memoryReader,
  renderDiagnostic,
  type SourceReader,
} from "./source/index.ts";

/** The version in the first line of generated files: that of the package. */
export const VERSION: string = "0.1.0";

export interface CompileOptions
  extends AnalyzeOptions,
    Pick<EmitOptions, "withIncludes" | "importExtension"> {
  /** Folders of standard IDL: what they declare is imported from `orbweaver/idl`, not written. */
  readonly standardDirs?: readonly string[];
}

export interface CompileResult {
  /** None when there is an error among the diagnostics. */
  readonly files: readonly EmittedFile[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks IDL without writing anything; never loads what writes TypeScript. */
export function check(
  mainFiles: readonly string[],
  options: AnalyzeOptions,
  reader: SourceReader,
): Analysis {
  return analyze(mainFiles, options, reader);
}

/** Whether a file is of the compiler's own, or lies in one of the folders. */
function isWithin(file: string, folders: readonly string[]): boolean {
  if (file.startsWith("<built in>/")) return true;
  return folders.some((folder) => file.startsWith(folder.endsWith("/") ? folder : `${folder}/`));
}

/** Compiles IDL to TypeScript. Touches no disk: sources come from `reader`, files are given back. */
export async function compile(
  mainFiles: readonly string[],
  options: CompileOptions,
  reader: SourceReader,
): Promise<CompileResult> {
  const { model, diagnostics } = analyze(mainFiles, options, reader);
  if (model === undefined || hasErrors(diagnostics)) return { files: [], diagnostics };
  // Here and not at the top: the emitter brings ts-morph, which takes longer to load than most IDL to check.
  const { emit } = await import("./emit/index.ts");
  const { withIncludes = false, importExtension = ".js", standardDirs = [] } = options;
  const files = emit(model, {
    generator: `idlc ${VERSION}`,
    withIncludes,
    importExtension,
    isStandard: (file) => isWithin(file, standardDirs),
  });
  return { files, diagnostics };
}
