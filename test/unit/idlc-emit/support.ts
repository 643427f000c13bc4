import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile, type CompileOptions, type EmittedFile } from "../../../idlc/index.ts";
import { renderDiagnostic, type SourceReader } from "../../../idlc/index.ts";

/** The repository, seen from `dist/test/unit/idlc-emit`. */
export const ROOT: string = fileURLToPath(new URL("../../../../", import.meta.url));
export const STANDARD: string = join(ROOT, "idl/omg");
const IDL: string = join(ROOT, "test/unit/idlc-emit/idl");

/** The content of a file, undefined where there is none. */
export function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

const reader: SourceReader = { read: textOf };

/** Compiles IDL files given by path; fails on any error among the diagnostics. */
export async function compilePaths(
  paths: readonly string[],
  options: CompileOptions = {},
): Promise<readonly EmittedFile[]> {
  const { files, diagnostics } = await compile(
    paths,
    { systemDirs: [STANDARD], standardDirs: [STANDARD], ...options },
    reader,
  );
  if (files.length === 0) throw new Error(diagnostics.map(renderDiagnostic).join("\n"));
  return files;
}

/** Compiles IDL files of this folder. */
export function compileSamples(...names: readonly string[]): Promise<readonly EmittedFile[]> {
  return compilePaths(names.map((name) => join(IDL, name)));
}

/** Compiles one text. */
export async function compileText(
  text: string,
  options: CompileOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const read = (path: string): string | undefined => (path === "main.idl" ? text : textOf(path));
  const { files, diagnostics } = await compile(
    ["main.idl"],
    { systemDirs: [STANDARD], standardDirs: [STANDARD], ...options },
    { read },
  );
  if (files.length === 0) throw new Error(diagnostics.map(renderDiagnostic).join("\n"));
  return new Map(files.map((file) => [file.path, file.text]));
}

/** A new folder inside the package, where generated code finds the runtime by the package's own name. */
export function scratchFolder(): string {
  const build = join(ROOT, "build");
  mkdirSync(build, { recursive: true });
  return mkdtempSync(join(build, "idlc-emit-"));
}

export function writeFiles(
  folder: string,
  files: readonly Pick<EmittedFile, "path" | "text">[],
): void {
  for (const { path, text } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
