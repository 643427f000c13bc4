import { dirname, join, normalize } from "node:path";
import { decodeSource, type SourceReader, SourceText } from "../source/index.ts";
import { ORB_IDL } from "./builtin.ts";
import { standardFile } from "./standard-names.ts";

/** Where included files are looked for. */
export interface IncludePath {
  readonly includeDirs?: readonly string[];
  /** Searched after all others; `<orb.idl>` is looked for here first. */
  readonly systemDirs?: readonly string[];
}

/** Finds and keeps source files; one object per file, however often it is included. */
export class SourceFiles {
  readonly #reader: SourceReader;
  readonly #includeDirs: readonly string[];
  readonly #systemDirs: readonly string[];
  readonly #mainPaths: ReadonlySet<string>;
  readonly #loaded = new Map<string, SourceText | undefined>();

  constructor(
    reader: SourceReader,
    { includeDirs = [], systemDirs = [] }: IncludePath,
    mainFiles: readonly string[],
  ) {
    this.#reader = reader;
    this.#includeDirs = includeDirs;
    this.#systemDirs = systemDirs;
    this.#mainPaths = new Set(mainFiles.map((path) => normalize(path)));
  }

  load(path: string): SourceText | undefined {
    const key = normalize(path);
    if (this.#loaded.has(key)) return this.#loaded.get(key);
    const content = this.#reader.read(path);
    const file =
      content === undefined
        ? undefined
        : new SourceText(
            path,
            decodeSource(content),
            this.#mainPaths.has(key),
            this.#isSystem(key),
          );
    this.#loaded.set(key, file);
    return file;
  }

  /**
   * The file `#include` means: `"name"` is looked for beside the including file, then, as `<name>`,
   * in the include folders. orb.idl is built in; standard files are found by the names other ORBs give
   * them (`tao/TimeBase.pidl`) where nothing else is.
   */
  resolve(header: string, from: SourceText): SourceText | undefined {
    const name = header.slice(1, -1);
    const isQuoted = header.startsWith('"');
    if (name.startsWith("/")) return this.load(name);
    // The compiler's own orb.idl stands before those of other ORBs, which hold their internals.
    if (!isQuoted && name === "orb.idl")
      return this.#search(this.#systemDirs, name) ?? this.#builtin();
    const beside = isQuoted ? [dirname(from.name)] : [];
    const folders = [...beside, ...this.#includeDirs, ...this.#systemDirs];
    return this.#search(folders, name) ?? this.#standard(name);
  }

  /** What other ORBs call by other names, from the system folders. */
  #standard(name: string): SourceText | undefined {
    const own = standardFile(name);
    if (own === undefined) return undefined;
    return this.#search(this.#systemDirs, own) ?? (own === "orb.idl" ? this.#builtin() : undefined);
  }

  #isSystem(path: string): boolean {
    return this.#systemDirs.some((folder) => path.startsWith(join(folder, "/")));
  }

  #search(folders: readonly string[], name: string): SourceText | undefined {
    for (const folder of folders) {
      const file = this.load(join(folder, name));
      if (file) return file;
    }
    return undefined;
  }

  #builtin(): SourceText {
    const key = "<built in>/orb.idl";
    const file = this.#loaded.get(key) ?? new SourceText(key, ORB_IDL, false);
    this.#loaded.set(key, file);
    return file;
  }
}
