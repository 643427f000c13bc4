import type { Diagnostics, SourceText } from "../source/index.ts";
import { commentText } from "./comment.ts";
import type { PpToken } from "./token.ts";

// Sticky, so that each is tried at the current place only.
const WORD = /[A-Za-z_\u0080-\uFFFF][A-Za-z0-9_\u0080-\uFFFF]*/y;
const NUMBER = /\.?[0-9](?:[eE][+-]|[A-Za-z0-9_.])*/y;
const PUNCTUATION = /::|<<|>>|<=|>=|==|!=|&&|\|\||##|\.\.\.|[{}()[\]<>;:,=+\-*/%~|^&@#!?.]/y;
const QUOTED = /L?(?:"[^"\\\n]*(?:\\[^\n][^"\\\n]*)*"?|'[^'\\\n]*(?:\\[^\n][^'\\\n]*)*'?)/y;
const BLANK = /[ \t\r\f\v]+/y;
const HEX_INTEGER = /0[xX][0-9A-Fa-f]*/y;

/** Cuts one file into preprocessing tokens. Linear in the size of the file. */
export class Scanner {
  readonly file: SourceText;
  readonly #text: string;
  readonly #diagnostics: Diagnostics;
  #at = 0;
  /** Where the token before ends. */
  #lastEnd = 0;
  #atLineStart = true;

  constructor(file: SourceText, diagnostics: Diagnostics) {
    this.file = file;
    this.#text = file.text;
    this.#diagnostics = diagnostics;
  }

  /** The next token; `end` at the end of the file, again and again. */
  next(): PpToken {
    const doc = this.#skipSpace();
    const isFirstOnLine = this.#atLineStart;
    this.#atLineStart = false;
    const start = this.#at;
    const kind = this.#take();
    const text = this.#text.slice(start, this.#at);
    const isSpaced = start > this.#lastEnd;
    this.#lastEnd = this.#at;
    return {
      kind,
      text,
      file: this.file,
      start,
      end: this.#at,
      isFirstOnLine,
      isSpaced,
      doc,
    };
  }

  /** The tokens left on this line. */
  restOfLine(): PpToken[] {
    const tokens: PpToken[] = [];
    while (!this.isLineOver()) tokens.push(this.next());
    return tokens;
  }

  /** `<…>` or `"…"` with its marks, as `#include` takes it: no escapes, no comments. */
  headerName(): string | undefined {
    this.#skip(BLANK);
    return this.#match(/<[^>\n]*>|"[^"\n]*"/y);
  }

  /** The text left on this line, comments included. */
  rawRestOfLine(): string {
    return (this.#match(/[^\n]*/y) ?? "").trim();
  }

  /** Whether nothing but white space and comments is left on this line. */
  isLineOver(): boolean {
    // A comment that goes on over the line end keeps the directive's line going, as in C.
    for (;;) {
      this.#skip(BLANK);
      const next = this.#text[this.#at];
      if (next === undefined || next === "\n") return true;
      if (next !== "/") return false;
      const following = this.#text[this.#at + 1];
      if (following === "/") this.#skip(/[^\n]*/y);
      else if (following === "*") this.#blockComment();
      else return false;
    }
  }

  #take(): PpToken["kind"] {
    if (this.#at >= this.#text.length) return "end";
    const isWide = this.#text[this.#at] === "L";
    const quote = this.#text[isWide ? this.#at + 1 : this.#at];
    if ((quote === '"' || quote === "'") && this.#skip(QUOTED))
      return quote === '"' ? "string" : "char";
    if (this.#skip(WORD)) return "word";
    // `0x1E+2` is a sum, though a C preprocessor would call it one malformed number.
    if (this.#skip(HEX_INTEGER)) {
      this.#skip(/[A-Za-z0-9_.]+/y);
      return "number";
    }
    if (this.#skip(NUMBER)) return "number";
    if (this.#skip(PUNCTUATION)) return "punctuation";
    this.#at += (this.#text.codePointAt(this.#at) ?? 0) > 0xffff ? 2 : 1;
    return "stray";
  }

  #match(pattern: RegExp): string | undefined {
    const start = this.#at;
    return this.#skip(pattern) ? this.#text.slice(start, this.#at) : undefined;
  }

  /** Goes on after what a sticky pattern matches here. */
  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }

  /** Skips white space and comments; returns the comments that document the token to come. */
  #skipSpace(): string | undefined {
    let comments: string[] = [];
    let newlines = this.#atLineStart ? 1 : 0;
    // A comment after code on the same line speaks of that code.
    let isTrailing = !this.#atLineStart;
    for (;;) {
      const next = this.#text[this.#at];
      if (next === "\n") {
        this.#at++;
        this.#atLineStart = true;
        isTrailing = false;
        if (++newlines > 1) comments = [];
      } else if (next === "/" && /[/*]/.test(this.#text[this.#at + 1] ?? "")) {
        const start = this.#at;
        if (this.#text[start + 1] === "/") this.#skip(/[^\n]*/y);
        else this.#blockComment();
        if (!isTrailing) comments.push(this.#text.slice(start, this.#at).trimEnd());
        newlines = 0;
      } else if (!this.#skip(BLANK)) {
        return comments.length > 0 ? commentText(comments) : undefined;
      }
    }
  }

  /** A comment that runs on into the next one swallows what stands between the two. */
  #warnOfNested(start: number, end: number): void {
    const inner = this.#text.indexOf("/*", start + 2);
    const isNested = inner >= 0 && inner < end - 2 && /[;{}]/.test(this.#text.slice(start, inner));
    if (!isNested) return;
    const message = 'this comment has another "/*" in it; is its own "*/" missing?';
    this.#diagnostics.warning("unterminated", message, { file: this.file, start, end: start + 2 });
  }

  #blockComment(): void {
    const start = this.#at;
    const end = this.#text.indexOf("*/", start + 2);
    if (end < 0) {
      const span = { file: this.file, start, end: start + 2 };
      this.#diagnostics.error(
        "unterminated",
        "this comment is not closed before the end of the file",
        span,
      );
    }
    this.#at = end < 0 ? this.#text.length : end + 2;
    this.#warnOfNested(start, this.#at);
  }
}
