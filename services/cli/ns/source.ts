import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../../command/index.ts";
import { isNamesFile, readNamesFile } from "./names-file.ts";
import type { NamesTree } from "./names-tree.ts";
import { isOmniNamesFile, readOmniNamesFile } from "./omninames-file.ts";

/** The file of a folder of omniNames that is in force; its backup where omniNames ended between the two. */
async function fileIn(folder: string): Promise<string> {
  const files = (await readdir(folder)).filter((name) =>
    /^omninames(?:-.*)?\.(?:dat|log|bak)$/.test(name),
  );
  for (const ending of [".dat", ".log", ".bak"]) {
    const [file, ...others] = files.filter((name) => name.endsWith(ending));
    if (others.length > 0)
      throw new UsageError(
        `ns import: ${folder} holds ${[file, ...others].join(", ")}: name one of them`,
      );
    if (file !== undefined) return join(folder, file);
  }
  throw new UsageError(`ns import: there is no data file of omniNames in ${folder}`);
}

/**
 * The names that a file holds, of omniNames or of `orbweaver ns export`.
 * @param path the file, or omniNames' folder
 * @throws UsageError, NamesFileError
 */
export async function readNames(path: string): Promise<NamesTree> {
  let file = path;
  let octets: Buffer;
  try {
    if ((await stat(path)).isDirectory()) file = await fileIn(path);
    octets = await readFile(file);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`ns import: ${path} cannot be read: ${why}`, { cause });
  }
  if (isOmniNamesFile(octets)) return readOmniNamesFile(octets, file);
  const text = octets.toString();
  if (isNamesFile(text)) return readNamesFile(text, file);
  throw new UsageError(
    `ns import: ${file} is neither a data file of omniNames (it would begin with "port") nor one of ns export`,
  );
}
