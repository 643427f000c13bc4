import type { EmittedFile, EmitOptions } from "./emit/index.ts";
import { type Analysis, analyze, type AnalyzeOptions, withReplyHandlers } from "./model/index.ts";
import { type Diagnostic, hasErrors, type SourceReader } from "./source/index.ts";

export type { EmittedFile, ScaffoldFolders } from "./emit/index.ts";
export type { Sides } from "./plan/index.ts";
export type { Analysis, AnalyzeOptions, Model } from "./model/index.ts";
export {
  type Diagnostic,
  hasErrors,
  memoryReader,
  placeOf,
  renderDiagnostic,
  type SourceReader,
} from "./source/index.ts";

/** The version in the first line of generated files: that of the package. */
export const VERSION: string = "0.1.0";

export interface CompileOptions
  extends AnalyzeOptions,
    Pick<EmitOptions, "withIncludes" | "importExtension" | "sides" | "scaffold"> {}

export interface CompileResult {
  /** None when there is an error among the diagnostics. */
  readonly files: readonly EmittedFile[];
  /** Servants to start from, paths from the scaffold folder; write only those that are not there. */
  readonly scaffolds: readonly EmittedFile[];
  readonly diagnostics: readonly Diagnostic[];
  /** Every file that was read, in the order of reading: what the output depends on. */
  readonly dependencies: readonly string[];
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

/** A reader that remembers what it found. */
function remembering(reader: SourceReader): SourceReader & { readonly found: ReadonlySet<string> } {
  const found = new Set<string>();
  return {
    found,
    read: (path) => {
      const content = reader.read(path);
      if (content !== undefined) found.add(path);
      return content;
    },
  };
}

/**
 * Compiles IDL to TypeScript. Touches no disk: sources come from `reader`, files are given back.
 *
 * ```ts
 * const { files, diagnostics } = await compile(["a.idl"], {}, memoryReader({ "a.idl": text }));
 * for (const diagnostic of diagnostics) console.error(renderDiagnostic(diagnostic));
 * for (const { path, text } of files) await writeFile(join("gen", path), text);
 * ```
 */
export async function compile(
  mainFiles: readonly string[],
  options: CompileOptions,
  reader: SourceReader,
): Promise<CompileResult> {
  const sources = remembering(reader);
  const { model, diagnostics } = analyze(mainFiles, options, sources);
  const dependencies = [...sources.found];
  if (model === undefined || hasErrors(diagnostics)) {
    return { files: [], scaffolds: [], diagnostics, dependencies };
  }
  // Here and not at the top: the emitter brings ts-morph, which takes longer to load than most IDL to check.
  const { emit } = await import("./emit/index.ts");
  const { standardDirs = [] } = options;
  const isStandard = (file: string): boolean => isWithin(file, standardDirs);
  const complete =
    options.ami === true ? withReplyHandlers(model, (item) => !isStandard(item.place.file)) : model;
  const emitted = emit(complete, {
    generator: `idlc ${VERSION}`,
    withIncludes: options.withIncludes ?? false,
    importExtension: options.importExtension ?? ".js",
    sides: options.sides ?? "both",
    ...(options.scaffold === undefined ? {} : { scaffold: options.scaffold }),
    ...(options.ami === undefined ? {} : { ami: options.ami }),
    isStandard,
  });
  return { ...emitted, diagnostics, dependencies };
}
