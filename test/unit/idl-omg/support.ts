import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { check, type Model, renderDiagnostic, type SourceReader } from "../../../idlc/index.ts";

/** The repository, seen from `dist/test/unit/idl-omg`. */
export const ROOT: string = fileURLToPath(new URL("../../../../", import.meta.url));
export const STANDARD: string = join(ROOT, "idl/omg");
/** Where Debian's package omniorb-idl puts its files. */
export const DEBIAN = "/usr/share/idl/omniORB";

/** The names of our files. */
export const FILES: readonly string[] = readdirSync(STANDARD)
  .filter((name) => name.endsWith(".idl"))
  .toSorted();

const reader: SourceReader = {
  read: (path) => (existsSync(path) ? readFileSync(path) : undefined),
};

/** What is wrong with files, as the compiler tells it: warnings too. */
export function complaintsAbout(
  paths: readonly string[],
  includeDirs: readonly string[],
): readonly string[] {
  return check(paths, { includeDirs }, reader).diagnostics.map(renderDiagnostic);
}

/** Checks files and gives their model; fails on errors. */
export function modelOf(
  paths: readonly string[],
  includeDirs: readonly string[],
  defines: readonly string[] = [],
): Model {
  const { model, diagnostics } = check(paths, { includeDirs, defines }, reader);
  if (model === undefined) throw new Error(diagnostics.map(renderDiagnostic).join("\n"));
  return model;
}
