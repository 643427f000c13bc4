import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { EmittedFile } from "../index.ts";
import type { SourceReader } from "../source/index.ts";

/** A path from the folder it is written to, with `/` between parts. */
type TextFile = Pick<EmittedFile, "path" | "text">;

function isAbsent(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR";
}

function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** Reads IDL from the file system; a folder counts as no file. */
export const diskReader: SourceReader = { read: readIfThere };

/** Writes the files that are not there yet. @returns their paths */
export function writeMissing(folder: string, files: readonly TextFile[]): readonly string[] {
  return writeChanged(
    folder,
    files.filter(({ path }) => readIfThere(join(folder, path)) === undefined),
  );
}

/**
 * Writes files below `folder`, those whose text is not there already. All are written under another name first,
 * so that an error (a full disk, a folder without permission) leaves the old files as they were.
 * @returns the paths written
 */
export function writeChanged(folder: string, files: readonly TextFile[]): readonly string[] {
  const changed = files
    .map(({ path, text }) => ({ path: join(folder, path), octets: Buffer.from(text, "utf8") }))
    .filter(({ path, octets }) => {
      const old = readIfThere(path);
      return old === undefined || Buffer.compare(old, octets) !== 0;
    });
  const temporary = (path: string): string => [path, process.pid, "tmp"].join(".");
  try {
    for (const { path, octets } of changed) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(temporary(path), octets);
    }
    for (const { path } of changed) renameSync(temporary(path), path);
  } catch (error) {
    for (const { path } of changed) rmSync(temporary(path), { force: true });
    throw error;
  }
  return changed.map(({ path }) => path);
}
