import type {
  AnnotationNode,
  DefinitionNode,
  Identifier,
  MarkNode,
  ScopedName,
  TypeSpec,
} from "../ast/index.ts";
import {
  isLaterKeyword,
  keywordLike,
  type Mark,
  type Token,
  type TokenStream,
} from "../lex/index.ts";
import { braceFault, columnOf } from "./braces.ts";
import { type DiagnosticCode, type Diagnostics, mergeSpans, type Span } from "../source/index.ts";

/** Thrown after a syntax error was reported; caught where parsing can go on. */
export class SyntaxFault extends Error {}

/** Types, expressions and bodies may nest this deep. */
const MAX_NESTING = 256;

/** Words that begin a definition: a good place to go on when they start a line. */
const DEFINITION_WORDS: ReadonlySet<string> = new Set(
  `abstract attribute const custom enum exception interface local module native oneway private
  public readonly struct typedef union valuetype`.split(/\s+/),
);

/** Words that begin what can stand in no body but those of modules. */
export const MODULE_WORDS: ReadonlySet<string> = new Set(
  "abstract custom interface local module valuetype".split(" "),
);

const CORBA_2_3_WORDS: ReadonlySet<string> = new Set(
  "abstract custom factory local native private public supports truncatable".split(" "),
);

export type Level = 3 | 4 | undefined;

/** Where definitions stand: what may be declared depends on it. */
export type Body = "module" | "template" | "interface" | "value" | "home" | "component";

/** The rules that rules below them need again: types nest in types, definitions in definitions. */
export interface Grammar {
  type(p: Cursor): TypeSpec;
  /** @param start the first word of the declaration whose body is read */
  definitions(p: Cursor, body: Body, start: Token): DefinitionNode[];
}

/** What stands before a declaration and belongs to it. */
export interface Leading {
  readonly doc: string | undefined;
  readonly annotations?: readonly AnnotationNode[];
}

/** The place in the tokens, with what all grammar rules need. */
export class Cursor {
  readonly diagnostics: Diagnostics;
  /** The version of IDL that was asked for; undefined takes what the file uses. */
  readonly level: Level;
  readonly grammar: Grammar;
  /** How many `<` are open around the place, not counting those outside of parentheses. */
  openAngles: number = 0;
  readonly #tokens: Token[];
  readonly #marks: readonly Mark[];
  #at = 0;
  #markAt = 0;
  #depth = 0;
  /** Braces open around the place. */
  #braces = 0;
  /** Where a body ended whose `}` is missing: its `;` is not asked for too. */
  #endedAt = -1;
  #hasUnclosed = false;
  #hasStray = false;

  /** Later keywords that were seen as names. */
  readonly #laterNames = new Set<string>();

  constructor(stream: TokenStream, diagnostics: Diagnostics, grammar: Grammar, level: Level) {
    this.grammar = grammar;
    this.level = level;
    this.#tokens = [...stream.tokens];
    this.#marks = stream.marks;
    this.diagnostics = diagnostics;
  }

  get index(): number {
    return this.#at;
  }

  get token(): Token {
    return this.#tokens[this.#at] as Token;
  }

  get previous(): Token {
    return this.#tokens[Math.max(0, this.#at - 1)] as Token;
  }

  /** The token `distance` after the current one; the last one where there are no more. */
  peek(distance: number): Token {
    return this.#tokens[Math.min(this.#at + distance, this.#tokens.length - 1)] as Token;
  }

  tokenAt(index: number): Token {
    return this.#tokens[Math.min(index, this.#tokens.length - 1)] as Token;
  }

  advance(): Token {
    const { token } = this;
    if (this.isAt("{")) this.#braces++;
    if (this.isAt("}")) this.#braces--;
    if (token.kind !== "end") this.#at++;
    return token;
  }

  /** Marks passed since the last call. */
  takeMarks(): MarkNode[] {
    const nodes: MarkNode[] = [];
    for (let mark = this.#marks[this.#markAt]; mark; mark = this.#marks[this.#markAt]) {
      if (mark.before > this.#at) break;
      nodes.push({ kind: "mark", mark });
      this.#markAt++;
    }
    return nodes;
  }

  isAt(text: string): boolean {
    const { kind } = this.token;
    return (kind === "punctuation" || kind === "keyword") && this.token.text === text;
  }

  /** Whether one of the words that later versions added stands here, where it would have a meaning. */
  isAtWord(text: string): boolean {
    const { token } = this;
    return token.kind === "identifier" && token.text === text && !token.isEscaped;
  }

  acceptWord(text: string): boolean {
    const isThere = this.isAtWord(text);
    if (isThere) this.#at++;
    return isThere;
  }

  accept(text: string): boolean {
    const isThere = this.isAt(text);
    if (isThere) this.advance();
    return isThere;
  }

  expect(text: string, where: string): void {
    if (this.accept(text)) return;
    const place = this.token.isFirstOnLine ? this.#afterPrevious() : this.#faultPlace();
    this.fail(`expected "${text}" ${where}, not ${describe(this.token)}`, place);
  }

  /**
   * Takes the `}` of a body. A missing one is reported where the body seems to end, and the body
   * counts as closed.
   */
  close(what: string): void {
    if (this.accept("}")) return;
    const isEnd = this.token.kind === "end";
    const isOther = this.token.isFirstOnLine && DEFINITION_WORDS.has(this.token.text);
    if (!isEnd && !isOther) this.expect("}", `at the end of ${what}`);
    // One brace that is missing leaves all bodies around it without theirs at the end of the file.
    if (!isEnd || !this.#hasUnclosed) {
      // After another error the brace is as a rule one that was skipped.
      const isFirst = this.diagnostics.errorCount === 0;
      const found = isEnd && isFirst ? braceFault(this.#tokens).missing : undefined;
      const place = found ?? this.#afterPrevious();
      const where = isEnd ? " before the end of the file" : `, before ${describe(this.token)}`;
      this.report("syntax", `expected "}" at the end of ${what}${where}`, place);
    }
    this.#hasUnclosed ||= isEnd;
    this.#braces--;
    this.#endedAt = this.#at;
  }

  /**
   * Whether the body of the declaration that begins with `start` ends here: by its `}`, by the end of
   * the file, or by one of the words it cannot hold, when that stands no further right than `start`.
   */
  isBodyOver(start: Token, words: ReadonlySet<string>): boolean {
    const { kind, text } = this.token;
    if (this.isAt("}") || kind === "end") return true;
    return (kind === "keyword" || kind === "identifier") && words.has(text)
      ? this.isOutdented(this.#at, start)
      : false;
  }

  /** Whether the token at `index` begins a line and stands no further right than `start`. */
  isOutdented(index: number, start: Token): boolean {
    const token = this.tokenAt(index);
    if (!token.isFirstOnLine || token.isEscaped) return false;
    return token.file !== start.file || columnOf(token) <= columnOf(start);
  }

  /** Goes back to a token that was taken already, to read it as something else. */
  rewind(index: number): void {
    for (let at = index; at < this.#at; at++) {
      const { kind, text } = this.tokenAt(at);
      if (kind !== "punctuation") continue;
      if (text === "{") this.#braces--;
      if (text === "}") this.#braces++;
    }
    this.#at = index;
  }

  /** A `}` that closes nothing; the one that is too many may have closed something before. */
  reportStrayBrace(): void {
    if (this.#hasStray) return;
    this.#hasStray = true;
    const isFirst = this.diagnostics.errorCount === 0;
    const place = isFirst ? braceFault(this.#tokens).extra : undefined;
    this.report("syntax", 'this "}" closes nothing', place);
  }

  /** Whether the braces do not fit: declarations then stand in other scopes than is meant. */
  get isUnbalanced(): boolean {
    return this.#hasUnclosed || this.#hasStray;
  }

  /** Right after what was read last. */
  #afterPrevious(): Span {
    const { file, end } = this.previous;
    return { file, start: end, end };
  }

  /** What is missing before another definition or the end of a body is missing on the line before. */
  #faultPlace(): Span {
    const { kind, text, isFirstOnLine } = this.token;
    if (kind === "end") return this.#at > 0 ? this.#afterPrevious() : this.token;
    const isOther = (kind === "keyword" && DEFINITION_WORDS.has(text)) || this.isAt("}");
    return isFirstOnLine && isOther && this.previous.text !== ";"
      ? this.#afterPrevious()
      : this.token;
  }

  /** A missing semicolon is reported where it should stand; the next line is read as usual. */
  expectSemicolon(after: string): void {
    if (this.accept(";") || this.#endedAt === this.#at) return;
    this.report("syntax", `expected ";" after ${after}`, this.#afterPrevious());
    if (!this.token.isFirstOnLine && !this.isAt("}") && this.token.kind !== "end")
      throw new SyntaxFault();
  }

  /**
   * The semicolon after `typeprefix`: OMG's own orb.idl of CORBA 3.0 has none, so that a line end is
   * enough, with a warning.
   */
  expectPrefixEnd(): void {
    if (this.accept(";")) return;
    if (!this.token.isFirstOnLine) this.expectSemicolon("the typeprefix");
    else
      this.diagnostics.warning(
        "syntax",
        'a ";" is missing after the typeprefix',
        this.#afterPrevious(),
      );
  }

  /** Closes a `<`; `>>` closes two. */
  expectAngle(where: string): void {
    const { token } = this;
    if (!this.isAt(">>")) {
      this.expect(">", where);
      return;
    }
    this.#tokens[this.#at] = { ...token, text: ">", start: token.start + 1 };
  }

  /** A name that is declared here: it must not look like a keyword. */
  identifier(what: string): Identifier {
    const name = this.#name(what);
    const keyword = name.isEscaped ? undefined : keywordLike(name.text);
    if (keyword !== undefined) {
      const message = `identifier ${name.text} differs from the keyword ${keyword} in case only; write _${name.text} or another name`;
      // Words of CORBA 2.3 and later: older IDL, OMG's own too, has names such as Factory.
      if (CORBA_2_3_WORDS.has(keyword)) {
        this.diagnostics.warning("keyword-case", message, name.span);
      } else this.report("keyword-case", message, name.span);
    }
    if (!name.isEscaped && isLaterKeyword(name.text)) this.#laterName(name);
    return name;
  }

  #laterName({ text, span }: Identifier): void {
    if (this.level === 4) {
      this.report(
        "later-keyword",
        `${text} is a keyword of IDL 4; write _${text} or use --idl 3`,
        span,
      );
    } else if (this.level === undefined && !this.#laterNames.has(text)) {
      this.#laterNames.add(text);
      const message = `${text} is a keyword in later versions of IDL; it is taken for a name, as --idl 3 does`;
      this.diagnostics.warning("later-keyword", message, span);
    }
  }

  /** Reports what IDL 3 does not have, where IDL 3 was asked for. */
  requireLevel4(what: string, span: Span = this.token): void {
    if (this.level !== 3) return;
    this.report("needs-idl4", `${what} IDL 4; --idl 3 was asked for`, span);
  }

  #name(what: string): Identifier {
    const { token } = this;
    if (token.kind === "identifier") {
      this.#at++;
      return { text: token.text, isEscaped: token.isEscaped, span: token };
    }
    if (token.kind === "keyword") {
      this.fail(`expected ${what}, but ${token.text} is a keyword; write _${token.text}`);
    }
    this.fail(`expected ${what}, not ${describe(token)}`);
  }

  scopedName(what: string): ScopedName {
    const start = this.token;
    const isAbsolute = this.accept("::");
    const parts = [this.#name(what)];
    while (this.accept("::")) parts.push(this.#name('a name after "::"'));
    return { isAbsolute, parts, span: this.spanFrom(start) };
  }

  /** From `start` to the last token taken. */
  spanFrom(start: Token): Span {
    return mergeSpans(start, this.previous);
  }

  /** Runs a rule one level deeper. */
  nested<T>(rule: () => T): T {
    if (this.#depth >= MAX_NESTING) {
      this.report(
        "nesting-too-deep",
        `declarations and expressions may nest ${MAX_NESTING} levels deep`,
      );
      throw new SyntaxFault();
    }
    this.#depth++;
    try {
      return rule();
    } finally {
      this.#depth--;
    }
  }

  report(code: DiagnosticCode, message: string, span: Span = this.token): void {
    this.diagnostics.error(code, message, span);
  }

  fail(message: string, span: Span = this.#faultPlace()): never {
    this.report("syntax", message, span);
    throw new SyntaxFault();
  }

  /** Runs a rule; after a syntax error, goes on at the end of the statement and returns undefined. */
  attempt<T>(rule: () => T): T | undefined {
    const start = this.#at;
    const { openAngles } = this;
    const braces = this.#braces;
    try {
      return rule();
    } catch (fault) {
      if (!(fault instanceof SyntaxFault)) throw fault;
      this.openAngles = openAngles;
      if (this.#at === start && !this.isAt(";")) this.advance();
      this.#skipStatement(braces);
      return undefined;
    }
  }

  /** Skips to after the next `;` or whole `{ … }` at the level `braces`, but not out of that level. */
  #skipStatement(braces: number): void {
    while (this.token.kind !== "end") {
      const isAtLevel = this.#braces <= braces;
      if (isAtLevel) {
        if (this.accept(";")) return;
        if (this.isAt("}")) return;
        const { kind, text, isFirstOnLine } = this.token;
        if (isFirstOnLine && kind === "keyword" && DEFINITION_WORDS.has(text)) return;
      }
      this.advance();
      if (!isAtLevel && this.#braces <= braces) {
        this.accept(";");
        return;
      }
    }
  }
}

export function describe(token: Token): string {
  if (token.kind === "end") return "the end of the file";
  return token.kind === "keyword"
    ? `keyword ${token.text}`
    : `"${token.text}"`.replace(/^""(.*)""$/, '"$1"');
}
