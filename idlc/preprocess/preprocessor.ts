import { type Diagnostics, type SourceReader, SourceText, type Span } from "../source/index.ts";
import { ConditionFault, evaluateCondition } from "./condition.ts";
import { SourceFiles } from "./include.ts";
import { Expander, type Macro, MacroTable } from "./macro.ts";
import { readPragma } from "./pragma.ts";
import { Scanner } from "./scanner.ts";
import type { PpToken } from "./token.ts";

export interface PreprocessOptions {
  readonly includeDirs?: readonly string[];
  readonly defines?: readonly string[];
}

/** Files may include each other this deep. */
const MAX_INCLUDE_DEPTH = 200;

/** One `#if` … `#endif` that is open. */
interface Conditional {
  readonly opened: Span;
  /** The lines around it are compiled. */
  readonly isReachable: boolean;
  isActive: boolean;
  wasTaken: boolean;
  hasElse: boolean;
}

interface Frame {
  readonly scanner: Scanner;
  readonly conditionals: Conditional[];
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
  const files = new SourceFiles(reader, options.includeDirs ?? [], mainFiles);
  const delivered = new Set<SourceText>();
  const tokens: PpToken[] = [];
  for (const path of mainFiles) {
    const file = files.load(path);
    if (!file) {
      diagnostics.error("file-not-found", `cannot read ${path}`, undefined);
      continue;
    }
    const unit = new Unit(files, options.defines ?? [], diagnostics, delivered);
    unit.run(file, tokens);
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
    for (const define of ["__ORBWEAVER__=1", ...defines]) this.#defineOption(define);
  }

  run(file: SourceText, into: PpToken[]): void {
    into.push(this.#enter(file));
    const expander = new Expander(this.#macros, () => this.#read());
    for (let token = expander.next(); token && token.kind !== "end"; token = expander.next()) {
      into.push(token);
    }
  }

  #defineOption(define: string): void {
    const equals = define.indexOf("=");
    const name = equals < 0 ? define : define.slice(0, equals);
    const text = equals < 0 ? "1" : define.slice(equals + 1);
    const scanner = new Scanner(new SourceText("<command line>", text, false), this.#diagnostics);
    this.#macros.define({
      name,
      parameters: undefined,
      isVariadic: false,
      body: scanner.restOfLine(),
    });
  }

  #enter(file: SourceText): PpToken {
    const scanner = new Scanner(file, this.#diagnostics);
    this.#frames.push({ scanner, conditionals: [], isRepeated: this.#delivered.has(file) });
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
        this.#closeConditionals(frame);
        this.#frames.pop();
        return mark("leave", token.file, token.start);
      }
      if (token.kind === "punctuation" && token.text === "#" && token.isFirstOnLine) {
        const result = this.#directive(frame);
        if (result && (!frame.isRepeated || result.kind === "enter")) return result;
      } else if (isActive(frame) && !frame.isRepeated) {
        return token;
      }
    }
  }

  #closeConditionals(frame: Frame): void {
    for (const { opened } of frame.conditionals) {
      this.#diagnostics.error("unbalanced-conditional", "this condition has no #endif", opened);
    }
  }

  #directive(frame: Frame): PpToken | undefined {
    const { scanner } = frame;
    const [keyword] = this.#nextOnLine(scanner);
    if (!keyword) return undefined;
    if (this.#conditionalDirective(frame, keyword)) return undefined;
    if (!isActive(frame)) {
      scanner.rawRestOfLine();
      return undefined;
    }
    switch (keyword.text) {
      case "include":
        return this.#include(scanner, keyword);
      case "define":
        this.#define(scanner.restOfLine(), keyword);
        return undefined;
      case "undef":
        this.#undefine(scanner.restOfLine(), keyword);
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
      default:
        scanner.rawRestOfLine();
        // Line marks of an earlier preprocessor run (`# 1 "a.idl"`) are harmless.
        if (keyword.text === "line" || keyword.text === "ident" || keyword.kind === "number")
          return undefined;
        this.#diagnostics.error("bad-directive", `unknown directive #${keyword.text}`, keyword);
        return undefined;
    }
  }

  /** The keyword after `#`, or nothing when the line is over. */
  #nextOnLine(scanner: Scanner): PpToken[] {
    return scanner.isLineOver() ? [] : [scanner.next()];
  }

  /** Carries out `#if` and its kind; false when `keyword` is another directive. */
  #conditionalDirective(frame: Frame, keyword: PpToken): boolean {
    const { scanner, conditionals } = frame;
    const innermost = conditionals.at(-1);
    switch (keyword.text) {
      case "if":
      case "ifdef":
      case "ifndef": {
        const isReachable = isActive(frame);
        const words = scanner.restOfLine();
        const holds = isReachable && this.#condition(keyword, words);
        conditionals.push({
          opened: keyword,
          isReachable,
          isActive: holds,
          wasTaken: holds,
          hasElse: false,
        });
        return true;
      }
      case "elif":
      case "else": {
        const words = scanner.restOfLine();
        if (!innermost || innermost.hasElse) {
          const why = innermost ? "after #else" : "without #if";
          this.#diagnostics.error("unbalanced-conditional", `#${keyword.text} ${why}`, keyword);
          return true;
        }
        innermost.hasElse = keyword.text === "else";
        innermost.isActive =
          innermost.isReachable &&
          !innermost.wasTaken &&
          (innermost.hasElse || this.#condition(keyword, words));
        innermost.wasTaken ||= innermost.isActive;
        return true;
      }
      case "endif":
        scanner.rawRestOfLine();
        if (!conditionals.pop()) {
          this.#diagnostics.error("unbalanced-conditional", "#endif without #if", keyword);
        }
        return true;
      default:
        return false;
    }
  }

  #condition(keyword: PpToken, words: readonly PpToken[]): boolean {
    const isNegated = keyword.text === "ifndef";
    if (isNegated || keyword.text === "ifdef") {
      const [name] = words;
      if (name?.kind === "word") return this.#macros.isDefined(name.text) !== isNegated;
      this.#diagnostics.error("bad-condition", `#${keyword.text} takes a name`, name ?? keyword);
      return false;
    }
    try {
      const settled = this.#settleDefined(words);
      let at = 0;
      const expander = new Expander(this.#macros, () => settled[at++]);
      const tokens: PpToken[] = [];
      for (let token = expander.next(); token; token = expander.next()) tokens.push(token);
      return evaluateCondition(tokens) !== 0n;
    } catch (fault) {
      if (!(fault instanceof ConditionFault)) throw fault;
      this.#diagnostics.error("bad-condition", fault.message, words[0] ?? keyword);
      return false;
    }
  }

  /** Replaces `defined NAME` and `defined(NAME)` by 1 or 0, before macros are expanded. */
  #settleDefined(words: readonly PpToken[]): PpToken[] {
    const result: PpToken[] = [];
    for (let i = 0; i < words.length; i++) {
      const word = words[i] as PpToken;
      if (word.kind !== "word" || word.text !== "defined") {
        result.push(word);
        continue;
      }
      const isParenthesized = words[i + 1]?.text === "(";
      const name = words[i + (isParenthesized ? 2 : 1)];
      if (name?.kind !== "word" || (isParenthesized && words[i + 3]?.text !== ")")) {
        throw new ConditionFault('"defined" takes a name: defined(NAME)');
      }
      i += isParenthesized ? 3 : 1;
      result.push({ ...word, kind: "number", text: this.#macros.isDefined(name.text) ? "1" : "0" });
    }
    return result;
  }

  #include(scanner: Scanner, keyword: PpToken): PpToken | undefined {
    const start = keyword.end;
    const header = scanner.headerName() ?? this.#expandedHeader(scanner.restOfLine());
    scanner.rawRestOfLine();
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
    if (this.#once.has(included)) return undefined;
    if (this.#frames.length >= MAX_INCLUDE_DEPTH) {
      const message = `files include each other deeper than ${MAX_INCLUDE_DEPTH}; is an include guard missing?`;
      this.#diagnostics.error("include-depth", message, span);
      return undefined;
    }
    return this.#enter(included);
  }

  #expandedHeader(words: readonly PpToken[]): string | undefined {
    let at = 0;
    const expander = new Expander(this.#macros, () => words[at++]);
    let text = "";
    for (let token = expander.next(); token; token = expander.next()) text += token.text;
    return /^("[^"]+"|<[^>]+>)$/.test(text) ? text : undefined;
  }

  #define(words: readonly PpToken[], keyword: PpToken): void {
    const [name, open] = words;
    if (name?.kind !== "word") {
      this.#diagnostics.error("bad-macro", "#define takes a name", name ?? keyword);
      return;
    }
    if (open?.text !== "(" || open.isSpaced) {
      this.#macros.define({
        name: name.text,
        parameters: undefined,
        isVariadic: false,
        body: words.slice(1),
      });
      return;
    }
    const close = words.findIndex((word) => word.text === ")");
    const macro = functionMacro(name.text, words, close);
    if (macro) this.#macros.define(macro);
    else this.#diagnostics.error("bad-macro", `bad parameter list of macro ${name.text}`, open);
  }

  #undefine(words: readonly PpToken[], keyword: PpToken): void {
    const [name] = words;
    if (name?.kind === "word") this.#macros.undefine(name.text);
    else this.#diagnostics.error("bad-macro", "#undef takes a name", name ?? keyword);
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

function isActive(frame: Frame): boolean {
  return frame.conditionals.at(-1)?.isActive ?? true;
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

function functionMacro(name: string, words: readonly PpToken[], close: number): Macro | undefined {
  if (close < 0) return undefined;
  const list = words.slice(2, close);
  const parameters: string[] = [];
  let isVariadic = false;
  for (const [i, word] of list.entries()) {
    if (i % 2 === 1 ? word.text !== "," : word.kind !== "word" && word.text !== "...")
      return undefined;
    if (i % 2 === 1) continue;
    if (isVariadic) return undefined;
    isVariadic = word.text === "...";
    parameters.push(isVariadic ? "__VA_ARGS__" : word.text);
  }
  if (list.length > 0 && list.length % 2 === 0) return undefined;
  if (new Set(parameters).size < parameters.length) return undefined;
  return { name, parameters, isVariadic, body: words.slice(close + 1) };
}
