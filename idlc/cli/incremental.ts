import { type CompileResult, hasErrors } from "../index.ts";

/** Main files that have to be compiled together, because they share a file of the output. */
interface Group {
  readonly mains: readonly string[];
  /** Every file read for it. */
  readonly dependencies: ReadonlySet<string>;
  /** The paths it writes. */
  readonly outputs: ReadonlySet<string>;
  readonly isBroken: boolean;
}

/** What is needed of the compiler. */
export interface IncrementalCompiler {
  compile(mains: readonly string[]): Promise<CompileResult>;
  /** The files read for main files. */
  dependencies(mains: readonly string[]): readonly string[];
}

/** Splits main files so that no two parts write to the same file. */
function partition(mains: readonly string[], { files }: CompileResult): readonly string[][] {
  const partOf = new Map(mains.map((main) => [main, [main]]));
  for (const { sources } of files) {
    const [first, ...others] = sources.filter((source) => partOf.has(source));
    for (const other of others) {
      const [a, b] = [partOf.get(first ?? other), partOf.get(other)];
      if (a === undefined || b === undefined || a === b) continue;
      a.push(...b);
      for (const moved of b) partOf.set(moved, a);
    }
  }
  const order = (main: string): number => mains.indexOf(main);
  return [...new Set(partOf.values())].map((part) => part.toSorted((a, b) => order(a) - order(b)));
}

/** Compiles all once, then only what depends on the files that were touched. */
export class Incremental {
  readonly #compiler: IncrementalCompiler;
  readonly #mains: readonly string[];
  #groups: readonly Group[] = [];

  constructor(mains: readonly string[], compiler: IncrementalCompiler) {
    this.#mains = mains;
    this.#compiler = compiler;
  }

  /** Every file that something depends on. */
  get dependencies(): ReadonlySet<string> {
    return new Set(this.#groups.flatMap((group) => [...group.dependencies]));
  }

  async all(): Promise<CompileResult> {
    const result = await this.#compiler.compile(this.#mains);
    this.#groups = this.#grouped(this.#mains, result);
    return result;
  }

  /** Compiles what depends on the files; undefined where nothing does. What failed is tried again whatever changed. */
  async touched(paths: ReadonlySet<string>): Promise<CompileResult | undefined> {
    const isHit = (group: Group): boolean =>
      group.isBroken || [...paths].some((path) => group.dependencies.has(path));
    const hit = this.#groups.filter(isHit);
    if (hit.length === 0) return undefined;
    const others = this.#groups.filter((group) => !isHit(group));
    const wanted = new Set(hit.flatMap((group) => group.mains));
    const mains = this.#mains.filter((main) => wanted.has(main));
    const result = await this.#compiler.compile(mains);
    // A module that moved into a file of another group: both have to be seen to write it.
    const isShared = others.some((group) => result.files.some((f) => group.outputs.has(f.path)));
    if (isShared) return this.all();
    this.#groups = [...others, ...this.#grouped(mains, result)];
    return result;
  }

  #grouped(mains: readonly string[], result: CompileResult): readonly Group[] {
    if (hasErrors(result.diagnostics)) {
      const dependencies = new Set([...mains, ...result.dependencies]);
      return [{ mains, dependencies, outputs: new Set(), isBroken: true }];
    }
    const parts = partition(mains, result);
    return parts.map((part): Group => {
      const isWhole = parts.length === 1;
      const read = isWhole ? result.dependencies : this.#compiler.dependencies(part);
      const own = result.files.filter((f) => f.sources.some((source) => part.includes(source)));
      return {
        mains: part,
        dependencies: new Set(read),
        outputs: new Set(own.map((f) => f.path)),
        isBroken: false,
      };
    });
  }
}
