import type { Diagnostics, SourceReader, SourceText, Span } from "../source/index.ts";
import { Conditionals } from "./conditionals.ts";
import { define, defineOption, undefine } from "./define.ts";
import { type IncludePath, SourceFiles } from "./include.ts";
import { expandAll, Expander, MacroTable } from "./macro.ts";
import { readPragma } from "./pragma.ts";
import { Scanner } from "./scanner.ts";
import type { PpToken } from "./token.ts";

/** What together declares module CORBA as CORBA 3 has it. */
const CORBA_HEADERS: readonly string[] = ["<orb.idl>", "<pollable.idl>"];

export interface PreprocessOptions extends IncludePath {
  readonly defines?: readonly string[];
  /** Headers that every main file includes before its first line, as `#include` takes them. */
  readonly implied?: readonly string[];
}

/** Macros that are always there. Files of JacORB are incomplete without its own. */
const DEFINES: readonly string[] = ["__ORBWEAVER__=1", "JACORB=1"];

/** Files may include each other this deep. */
const MAX_INCLUDE_DEPTH = 200;

/** Files read in one run; a few that include each other twice ask for billions. */
const MAX_INCLUDES = 10_000;

interface Frame {
  readonly scanner: Scanner;
  readonly conditionals: Conditionals;
  /** Its tokens were delivered with an earlier main file already. */
  readonly isRepeated: boolean;
}

/**
 * Runs the preprocessor over the main files, in order. Each has macros of its own, as if compiled
 * alone; a file that several of them reach delivers its tokens once.
 */
export function preprocess(
  mainFiles: readonly string[],
  options: PreprocessOptions,
  reader: SourceReader,
  diagnostics: Diagnostics,
): PpToken[] {
  const files = new SourceFiles(reader, options, mainFiles);
  const delivered = new Set<SourceText>();
  const tokens: PpToken[] = [];
  for (const path of mainFiles) {
    const file = files.load(path);
    if (!file) {
      diagnostics.error("file-not-found", `cannot read ${path}`, undefined);
      continue;
    }
    const unit = new Unit(files, options.defines ?? [], diagnostics, delivered);
    unit.run(file, tokens, options.implied ?? []);
    for (const seen of unit.seen) delivered.add(seen);
  }
  return tokens;
}

/** The preprocessing of one main file. */
class Unit {
  readonly seen: Set<SourceText> = new Set();
  readonly #files: SourceFiles;
  readonly #diagnostics: Diagnostics;
  readonly #delivered: ReadonlySet<SourceText>;
  readonly #macros: MacroTable;
  readonly #frames: Frame[] = [];
  readonly #once = new Set<SourceText>();
  #includeCount = 0;

  constructor(
    files: SourceFiles,
    defines: readonly string[],
    diagnostics: Diagnostics,
    delivered: ReadonlySet<SourceText>,
  ) {
    this.#files = files;
    this.#diagnostics = diagnostics;
    this.#delivered = delivered;
    this.#macros = new MacroTable(diagnostics);
    for (const option of [...DEFINES, ...defines]) defineOption(this.#macros, diagnostics, option);
  }

  run(file: SourceText, into: PpToken[], implied: readonly string[]): void {
    into.push(this.#enter(file));
    for (const header of implied) {
      const included = this.#files.resolve(header, file);
      if (included && !this.seen.has(included)) into.push(this.#enter(included));
    }
    const expander = new Expander(this.#macros, () => this.#read());
    for (let token = expander.next(); token && token.kind !== "end"; token = expander.next()) {
      into.push(token);
      if (token.text === ";") this.#import(into);
    }
  }

  /** `import ::M;` reads what declares M where a file is named like it; CORBA is in two files. */
  #import(tokens: PpToken[]): void {
    const name = tokens.at(-2);
    const isAbsolute = tokens.at(-3)?.text === "::";
    const word = tokens.at(isAbsolute ? -4 : -3);
    const from = this.#frames.at(-1)?.scanner.file;
    if (word?.text !== "import" || name?.kind !== "word" || !from) return;
    const headers = name.text === "CORBA" ? CORBA_HEADERS : [`<${name.text}.idl>`];
    for (const header of headers) {
      const file = this.#files.resolve(header, from);
      if (file && !this.seen.has(file)) tokens.push(this.#enter(file));
    }
  }

  #enter(file: SourceText): PpToken {
    const scanner = new Scanner(file, this.#diagnostics);
    const conditionals = new Conditionals(this.#macros, this.#diagnostics);
    this.#frames.push({ scanner, conditionals, isRepeated: this.#delivered.has(file) });
    this.seen.add(file);
    return mark("enter", file, 0);
  }

  /** The next token of the innermost file, directives carried out. */
  #read(): PpToken | undefined {
    for (;;) {
      const frame = this.#frames.at(-1);
      if (!frame) return undefined;
      const token = frame.scanner.next();
      if (token.kind === "end") {
        frame.conditionals.finish();
        this.#frames.pop();
        return mark("leave", token.file, token.start);
      }
      if (token.kind === "punctuation" && token.text === "#" && token.isFirstOnLine) {
        const result = this.#directive(frame);
        if (result && (!frame.isRepeated || result.kind === "enter")) return result;
      } else if (frame.conditionals.isActive && !frame.isRepeated) {
        return token;
      }
    }
  }

  #directive({ scanner, conditionals }: Frame): PpToken | undefined {
    if (scanner.isLineOver()) return undefined;
    const keyword = scanner.next();
    if (conditionals.take(keyword, () => scanner.restOfLine())) return undefined;
    if (!conditionals.isActive) {
      scanner.restOfLine();
      return undefined;
    }
    switch (keyword.text) {
      case "include":
        return this.#include(scanner, keyword);
      case "define":
        define(this.#macros, this.#diagnostics, keyword, scanner.restOfLine());
        return undefined;
      case "undef":
        undefine(this.#macros, this.#diagnostics, keyword, scanner.restOfLine());
        return undefined;
      case "pragma":
        return this.#pragma(scanner, keyword);
      case "error":
        this.#diagnostics.error("error-directive", `#error ${scanner.rawRestOfLine()}`, keyword);
        return undefined;
      case "warning":
        this.#diagnostics.warning(
          "warning-directive",
          `#warning ${scanner.rawRestOfLine()}`,
          keyword,
        );
        return undefined;
      case "line":
        this.#line(scanner, keyword);
        return undefined;
      default:
        scanner.rawRestOfLine();
        // Line marks of an earlier preprocessor run (`# 1 "a.idl"`) are harmless.
        if (keyword.text === "ident" || keyword.kind === "number") return undefined;
        this.#diagnostics.error("bad-directive", `unknown directive #${keyword.text}`, keyword);
        return undefined;
    }
  }

  #include(scanner: Scanner, keyword: PpToken): PpToken | undefined {
    const start = keyword.end;
    const header = scanner.headerName() ?? this.#expandedHeader(scanner.restOfLine());
    scanner.restOfLine();
    if (!header) {
      this.#diagnostics.error("bad-directive", '#include takes "file" or <file>', keyword);
      return undefined;
    }
    const { file } = scanner;
    const at = file.text.indexOf(header, start);
    const span = at < 0 ? keyword : { file, start: at, end: at + header.length };
    const included = this.#files.resolve(header, file);
    if (!included) {
      this.#diagnostics.error("file-not-found", `cannot find ${header}`, span);
      return undefined;
    }
    if (this.#once.has(included) || this.#includeCount > MAX_INCLUDES) return undefined;
    if (this.#isCircular(included, span)) return undefined;
    const isTooDeep = this.#frames.length >= MAX_INCLUDE_DEPTH;
    if (isTooDeep || ++this.#includeCount > MAX_INCLUDES) {
      // Nothing is included any more: every level above would include again.
      this.#includeCount = MAX_INCLUDES + 1;
      const limit = isTooDeep ? `${MAX_INCLUDE_DEPTH} files deep` : `${MAX_INCLUDES} times`;
      const message = `files include each other more than ${limit}; is an include guard missing?`;
      this.#diagnostics.error("include-depth", message, span);
      return undefined;
    }
    return this.#enter(included);
  }

  /**
   * A file that is being read may be included again, when that is guarded. In a circle that goes round
   * for the third time nothing guards it.
   */
  #isCircular(included: SourceText, span: Span): boolean {
    const open = this.#frames.map(({ scanner }) => scanner.file);
    if (open.filter((file) => file === included).length < 3) return false;
    this.#includeCount = MAX_INCLUDES + 1;
    const circle = open.slice(open.lastIndexOf(included)).map((file) => file.name);
    const message = `${[...circle, included.name].join(" includes ")}: a circle; is an include guard missing?`;
    this.#diagnostics.error("circular-include", message, span);
    return true;
  }

  #expandedHeader(words: readonly PpToken[]): string | undefined {
    const text = expandAll(this.#macros, words)
      .map((token) => token.text)
      .join("");
    return /^("[^"]+"|<[^>]+>)$/.test(text) ? text : undefined;
  }

  /** `#line 10 "a.idl"`: where the text after it came from. */
  #line(scanner: Scanner, keyword: PpToken): void {
    const [line, file, ...more] = expandAll(this.#macros, scanner.restOfLine());
    const isName = file === undefined || (file.kind === "string" && more.length === 0);
    if (line?.kind !== "number" || !/^[0-9]+$/.test(line.text) || !isName) {
      const message = '#line takes a line number and a file name: #line 10 "a.idl"';
      this.#diagnostics.error("bad-directive", message, line ?? keyword);
      return;
    }
    scanner.file.setLine(keyword.end, Number(line.text), file?.text.slice(1, -1));
  }

  #pragma(scanner: Scanner, keyword: PpToken): PpToken | undefined {
    const words = scanner.restOfLine();
    if (words[0]?.text === "once") this.#once.add(scanner.file);
    const pragma = readPragma(words);
    if (typeof pragma === "string")
      this.#diagnostics.error("bad-pragma", pragma, words[0] ?? keyword);
    if (pragma === undefined || typeof pragma === "string") return undefined;
    return { ...(words[0] ?? keyword), kind: "pragma", pragma };
  }
}

function mark(kind: "enter" | "leave", file: SourceText, at: number): PpToken {
  return {
    kind,
    text: "",
    file,
    start: at,
    end: at,
    isFirstOnLine: false,
    isSpaced: false,
    doc: undefined,
  };
}
