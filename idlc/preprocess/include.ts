import { dirname, join, resolve } from "node:path";
import { decodeSource, type SourceReader, SourceText } from "../source/index.ts";
import { ORB_IDL } from "./builtin.ts";
import { standardFile } from "./standard-names.ts";

/** Where included files are looked for. */
export interface IncludePath {
  readonly includeDirs?: readonly string[];
  /** Searched after all others; `<orb.idl>` is looked for here first. */
  readonly systemDirs?: readonly string[];
  /** Folders of the compiler's own standard IDL; the system folders without it. */
  readonly standardDirs?: readonly string[];
}

/** Finds and keeps source files; one object per file, however often it is included. */
export class SourceFiles {
  readonly #reader: SourceReader;
  readonly #includeDirs: readonly string[];
  readonly #systemDirs: readonly string[];
  readonly #standardDirs: readonly string[];
  readonly #mainPaths: ReadonlySet<string>;
  readonly #loaded = new Map<string, SourceText | undefined>();

  constructor(
    reader: SourceReader,
    { includeDirs = [], systemDirs = [], standardDirs = systemDirs }: IncludePath,
    mainFiles: readonly string[],
  ) {
    this.#reader = reader;
    this.#includeDirs = includeDirs;
    this.#systemDirs = systemDirs;
    this.#standardDirs = standardDirs.map((folder) => join(resolve(folder), "/"));
    this.#mainPaths = new Set(mainFiles.map((path) => resolve(path)));
  }

  load(path: string): SourceText | undefined {
    // One file may be named from the current folder and be found from the root.
    const key = resolve(path);
    if (this.#loaded.has(key)) return this.#loaded.get(key);
    const content = this.#reader.read(path);
    const file =
      content === undefined
        ? undefined
        : new SourceText(
            path,
            decodeSource(content),
            this.#mainPaths.has(key),
            this.#isStandard(key),
          );
    this.#loaded.set(key, file);
    return file;
  }

  /**
   * The file `#include` means: `"name"` is looked for beside the including file, then, as `<name>`,
   * in the include folders; `<name>` beside the including file only where no folder has it. orb.idl is
   * built in; standard files are found by the names other ORBs give them (`tao/TimeBase.pidl`) where
   * nothing else is.
   */
  resolve(header: string, from: SourceText): SourceText | undefined {
    const name = header.slice(1, -1);
    const isQuoted = header.startsWith('"');
    if (name.startsWith("/")) return this.load(name);
    // The compiler's own orb.idl stands before those of other ORBs, which hold their internals.
    if (!isQuoted && name === "orb.idl")
      return this.#search(this.#systemDirs, name) ?? this.#builtin();
    const beside = dirname(from.name);
    const folders = [...this.#includeDirs, ...this.#systemDirs];
    const ordered = isQuoted ? [beside, ...folders] : [...folders, beside];
    return this.#search(ordered, name) ?? this.#standard(name);
  }

  /** What other ORBs call by other names, from the system folders. */
  #standard(name: string): SourceText | undefined {
    const own = standardFile(name);
    if (own === undefined) return undefined;
    return this.#search(this.#systemDirs, own) ?? (own === "orb.idl" ? this.#builtin() : undefined);
  }

  #isStandard(path: string): boolean {
    return this.#standardDirs.some((folder) => path.startsWith(folder));
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
