/** What AVA prints of a test, with where it stands: `  ✘ [fail]: cdr › text › a title (5ms)`. */
const TEST = /^ {2}([✔✘-]) (?:\[\w+\]:? )?(.+?)(?: \([\d.]+m?s\))?$/u;
/** What it prints of a file that ended by itself, in which no test ran, or tests did not end: `  ✘ dist/test/unit/a.test.js exited due to SIGSEGV`. */
const FILE = /^ *(?:✘ (?:.* )?|\d+ tests? were pending in )(\S+\.test\.js)\b/u;
const SEPARATOR = " › ";

type Outcome = "passed" | "failed" | "skipped";
const OUTCOMES: Readonly<Record<string, Outcome>> = {
  "✔": "passed",
  "✘": "failed",
  "-": "skipped",
};

/**
 * What became of the tests of one suite, read from the lines that AVA prints of it. A test counts as what it was last.
 */
export class SuiteReport {
  readonly #folder: string;
  /** By what AVA puts before the titles of a file's tests. */
  readonly #files: ReadonlyMap<string, string>;
  /** By file and title; a fault of a file outside of its tests has the title "". */
  readonly #outcomes: Map<string, Map<string, Outcome>> = new Map();
  /** By file: what failed before it was repeated. */
  readonly #failedFirst: Map<string, readonly string[]> = new Map();
  #outside: string | undefined;
  #repeated: string | undefined;

  /** `folder`: where the suite's files are; `files`: their paths from there. */
  constructor(folder: string, files: readonly string[]) {
    this.#folder = folder;
    this.#files = new Map(files.map((file) => [prefixOf(file), file]));
  }

  /** Tests that passed, at the latest when repeated. */
  get passed(): number {
    return this.#titles("passed").length;
  }

  /** What failed, each by its file, title and what AVA says of it in that line. */
  get failed(): readonly string[] {
    return [...this.#titles("failed"), ...(this.#outside === undefined ? [] : [this.#outside])];
  }

  /** What failed beside the others, of the files in which nothing failed when they ran by themselves. */
  get passedOnlyAlone(): readonly string[] {
    return [...this.#failedFirst].flatMap(([file, names]) =>
      this.#titlesOf(file, "failed").length > 0 ? [] : names,
    );
  }

  /** Takes one line of AVA's standard output, without colours. */
  read(line: string): void {
    const [, mark, name = ""] = TEST.exec(line) ?? [];
    const [, path] = FILE.exec(line) ?? [];
    if (path?.startsWith(`${this.#folder}/`)) {
      this.#note(path.slice(this.#folder.length + 1), "", "failed");
      return;
    }
    const outcome = OUTCOMES[mark ?? ""];
    if (outcome !== undefined) this.#noteTest(name, outcome);
  }

  /** The files in which something failed, or of whose tests nothing was printed: AVA gave up before them. */
  filesToRepeat(): readonly string[] {
    return [...this.#files.values()].filter((file) => {
      const outcomes = this.#outcomes.get(file);
      return outcomes === undefined || [...outcomes.values()].includes("failed");
    });
  }

  /** From here on what is read is of this file alone: AVA then prints titles without what is before them. */
  repeat(file: string): void {
    const failed = this.#titlesOf(file, "failed");
    this.#failedFirst.set(file, failed.length > 0 ? failed : [file]);
    this.#outcomes.delete(file);
    this.#repeated = file;
  }

  /** The repeated file has ended; `passed` is what AVA says of the whole. */
  endRepeat(passed: boolean): void {
    const file = this.#repeated;
    this.#repeated = undefined;
    if (file === undefined || passed) return;
    if (this.#titlesOf(file, "failed").length === 0) this.#note(file, "", "failed");
  }

  /** AVA failed, and no file is to blame. */
  failedOutside(what: string): void {
    this.#outside = what;
  }

  #noteTest(name: string, outcome: Outcome): void {
    if (this.#repeated !== undefined) {
      this.#note(this.#repeated, name, outcome);
      return;
    }
    const parts = name.split(SEPARATOR);
    for (let depth = parts.length - 1; depth > 0; depth--) {
      const file = this.#files.get(parts.slice(0, depth).join(SEPARATOR));
      if (file === undefined) continue;
      this.#note(file, parts.slice(depth).join(SEPARATOR), outcome);
      return;
    }
  }

  #note(file: string, title: string, outcome: Outcome): void {
    const outcomes = this.#outcomes.get(file) ?? new Map<string, Outcome>();
    outcomes.set(title, outcome);
    this.#outcomes.set(file, outcomes);
  }

  #titles(outcome: Outcome): readonly string[] {
    return [...this.#outcomes.keys()].flatMap((file) => this.#titlesOf(file, outcome));
  }

  #titlesOf(file: string, outcome: Outcome): readonly string[] {
    const found = [...(this.#outcomes.get(file) ?? [])].filter(([, was]) => was === outcome);
    return found.map(([title]) => (title === "" ? file : `${prefixOf(file)}${SEPARATOR}${title}`));
  }
}

/** As AVA makes it of a file's path. */
function prefixOf(file: string): string {
  return file
    .replace(/\.test\.js$/, "")
    .split("/")
    .join(SEPARATOR);
}
