import { existsSync } from "node:fs";
import { dirname, isAbsolute, posix, resolve } from "node:path";
import { diskReader, STANDARD_IDL } from "../cli/index.ts";
import {
  compile,
  type CompileOptions,
  type CompileResult,
  type EmittedFile,
  hasErrors,
} from "../index.ts";

export type IdlcPluginOptions = Pick<
  CompileOptions,
  "includeDirs" | "systemDirs" | "defines" | "level" | "sides"
>;

/** What an imported IDL file compiles to. */
interface Unit extends Pick<CompileResult, "diagnostics" | "dependencies"> {
  readonly main: string;
  /** The emitted files by path. */
  readonly files: ReadonlyMap<string, EmittedFile>;
}

/** One emitted file, or without a path the IDL file itself. */
interface Place {
  /** The imported IDL files that it comes from, by the first that still has it. */
  readonly mains: readonly [string, ...string[]];
  readonly path?: string;
}

/** A module for the bundler; with errors among the diagnostics it has no text. */
export interface LoadedModule extends Pick<CompileResult, "diagnostics" | "dependencies"> {
  readonly text: string;
}

function slashed(path: string): string {
  return path.replaceAll("\\", "/");
}

function withoutQuery(id: string): string {
  return id.split("?", 1)[0] ?? id;
}

/** What `import … from "./A.idl"` gives: the one module of the file, or several by name. */
function entryText(main: string, files: Iterable<EmittedFile>): string {
  const names = [...files]
    .filter(({ path, sources }) => !path.includes("/") && sources.includes(main))
    .map(({ path }) => path.replace(/\.ts$/, ""));
  const [only] = names;
  if (only === undefined) return "export {};\n";
  if (names.length === 1) return `export * from "./${only}.js";\n`;
  return names.map((name) => `export * as ${name} from "./${name}.js";\n`).join("");
}

/** The modules behind the IDL files that a program imports. Each file is compiled once until it changes. */
export class IdlModules {
  readonly #options: CompileOptions;
  readonly #units = new Map<string, Promise<Unit>>();
  /** The files that compiled units were read from. */
  readonly #read = new Map<string, readonly string[]>();
  readonly #places = new Map<string, Place>();

  constructor(options: IdlcPluginOptions) {
    const absolute = (dirs: readonly string[] = []): string[] =>
      dirs.map((dir) => slashed(resolve(dir)));
    this.#options = {
      ...options,
      includeDirs: absolute(options.includeDirs),
      systemDirs: [...absolute(options.systemDirs), STANDARD_IDL],
      standardDirs: [STANDARD_IDL],
      withIncludes: true,
    };
  }

  /** Forgets what depends on a file, or everything. */
  forget(file?: string): void {
    const changed = file === undefined ? undefined : slashed(file);
    for (const main of this.#units.keys()) {
      const read = this.#read.get(main);
      // What is still being compiled may have read the file before it changed.
      const isCurrent = changed !== undefined && read?.includes(changed) === false;
      if (!isCurrent || main === changed) this.#units.delete(main);
    }
  }

  /** The id of the module that an import means; undefined where it is none of ours. */
  async resolve(specifier: string, importer: string | undefined): Promise<string | undefined> {
    const place = importer === undefined ? undefined : this.#places.get(slashed(importer));
    if (place !== undefined && specifier.startsWith(".")) return this.#inner(specifier, place);
    const known = slashed(specifier);
    if (this.#places.has(known)) return known;
    if (!specifier.endsWith(".idl")) return undefined;
    if (importer !== undefined && !specifier.startsWith(".") && !isAbsolute(specifier)) {
      return undefined;
    }
    const folder = importer === undefined ? "." : dirname(withoutQuery(importer));
    const main = slashed(resolve(folder, specifier));
    if (!existsSync(main)) return undefined;
    this.#places.set(main, { mains: [main] });
    return main;
  }

  /** The module of an id, undefined where it is none of ours. */
  async load(id: string): Promise<LoadedModule | undefined> {
    const place = this.#places.get(slashed(id));
    if (place === undefined) return undefined;
    const { main, files, diagnostics, dependencies } = await this.#owner(place);
    const file = place.path === undefined ? undefined : files.get(place.path);
    if (file === undefined) {
      // A module that is gone from the IDL is nobody's, unless errors say why there is none.
      if (place.path !== undefined && !hasErrors(diagnostics)) return undefined;
      return { text: entryText(main, files.values()), diagnostics, dependencies };
    }
    // Here and not at the top, as in compile(): it brings ts-morph.
    const { asJavaScript } = await import("../emit/index.ts");
    // Said once for the IDL file, not again for each of its modules.
    return { text: asJavaScript(file.text), diagnostics: [], dependencies };
  }

  /** An import of one emitted file by another. */
  async #inner(specifier: string, from: Place): Promise<string | undefined> {
    const path = posix.join(posix.dirname(from.path ?? "."), specifier).replace(/\.js$/, ".ts");
    const { main, files } = await this.#owner(from);
    const file = files.get(path);
    if (file === undefined) return undefined;
    const id = moduleId(file, main);
    // The first to import it gives it, so that a file included twice is one module, its classes the same.
    const mains = this.#places.get(id)?.mains ?? [main];
    this.#places.set(id, { mains: mains.includes(main) ? mains : [...mains, main], path });
    return id;
  }

  /** The unit that gives a module: the first that has it, after changes of the IDL perhaps another one. */
  async #owner({ mains, path }: Place): Promise<Unit> {
    for (const main of mains) {
      const unit = await this.#unit(main);
      if (path === undefined || unit.files.has(path)) return unit;
    }
    return this.#unit(mains[0]);
  }

  #unit(main: string): Promise<Unit> {
    const known = this.#units.get(main);
    if (known !== undefined) return known;
    this.#read.delete(main);
    const unit = this.#compile(main);
    this.#units.set(main, unit);
    return unit;
  }

  async #compile(main: string): Promise<Unit> {
    const { files, diagnostics, ...result } = await compile([main], this.#options, diskReader);
    const dependencies = result.dependencies
      .filter((file) => isAbsolute(file))
      .map((file) => slashed(resolve(file)));
    this.#read.set(main, dependencies);
    return {
      main,
      files: new Map(files.map((file) => [file.path, file])),
      diagnostics,
      dependencies,
    };
  }
}

/**
 * The id of an emitted file: its IDL file, so that bundlers find packages from that folder, with what it is of it
 * as a query.
 */
function moduleId({ path, sources }: EmittedFile, main: string): string {
  const [only = main, ...others] = new Set(sources);
  const file = slashed(resolve(others.length === 0 ? only : main));
  return `${file}?idlc=${path.replaceAll("/", ".").replace(/\.ts$/, ".js")}`;
}
