import type { PpToken, PragmaDirective } from "../preprocess/index.ts";
import type { Diagnostics, SourceText, Span } from "../source/index.ts";
import { keywordLike } from "./keywords.ts";
import { floatingLiteral, integerLiteral, type Literal, quotedLiteral } from "./literal.ts";
import type { Token, TokenKind } from "./token.ts";

/** Something between tokens that the checks must see in its place: a pragma, a border of a file. */
export interface Mark {
  /** Index of the token it stands before. */
  readonly before: number;
  readonly span: Span;
  readonly what:
    | PragmaDirective
    | { readonly directive: "enter" | "leave"; readonly file: SourceText };
}

export interface TokenStream {
  /** Ends with one `end` token. */
  readonly tokens: readonly Token[];
  readonly marks: readonly Mark[];
}

/** Turns preprocessing tokens into tokens of IDL. */
export function lex(source: readonly PpToken[], diagnostics: Diagnostics): TokenStream {
  const tokens: Token[] = [];
  const marks: Mark[] = [];
  for (const pp of source) {
    if (pp.kind === "pragma" && pp.pragma) {
      marks.push({ before: tokens.length, span: pp, what: pp.pragma });
    } else if (pp.kind === "enter" || pp.kind === "leave") {
      marks.push({ before: tokens.length, span: pp, what: { directive: pp.kind, file: pp.file } });
    } else {
      const token = tokenOf(pp, diagnostics);
      if (token) tokens.push(token);
    }
  }
  const last = source.at(-1);
  if (last) tokens.push(make(last, "end", undefined));
  return { tokens, marks };
}

function tokenOf(pp: PpToken, diagnostics: Diagnostics): Token | undefined {
  switch (pp.kind) {
    case "word":
      return word(pp, diagnostics);
    case "number":
      return number(pp, diagnostics);
    case "char":
    case "string": {
      const kind = pp.text.startsWith("L") ? (`w${pp.kind}` as const) : pp.kind;
      return literal(pp, kind, quotedLiteral(pp.text), diagnostics);
    }
    case "punctuation":
      if (PUNCTUATION.has(pp.text)) return make(pp, "punctuation", undefined);
      break;
    case "stray":
    case "pragma":
    case "enter":
    case "leave":
    case "end":
      break;
  }
  diagnostics.error("bad-character", `unexpected ${JSON.stringify(pp.text)}`, pp);
  return undefined;
}

const PUNCTUATION: ReadonlySet<string> = new Set(
  "{ } ( ) [ ] < > ; : , = + - * / % ~ | ^ & @ :: << >>".split(" "),
);

function word(pp: PpToken, diagnostics: Diagnostics): Token {
  const isEscaped = pp.text.startsWith("_");
  const text = isEscaped ? pp.text.slice(1) : pp.text;
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(text)) {
    const message = `${pp.text} is not an identifier: letters A to Z, digits and underscores, a letter first`;
    diagnostics.error("bad-character", message, pp);
  }
  const keyword = isEscaped ? undefined : keywordLike(text);
  if (keyword === text) return make(pp, "keyword", undefined);
  return make(pp, "identifier", undefined, text, isEscaped);
}

function number(pp: PpToken, diagnostics: Diagnostics): Token {
  const { text } = pp;
  if (/^(0[xX][0-9A-Fa-f]+|[0-9]+)$/.test(text)) {
    return literal(pp, "integer", integerLiteral(text), diagnostics);
  }
  if (/^([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/.test(text)) {
    return literal(pp, "floating", floatingLiteral(text), diagnostics);
  }
  if (/^([0-9]+\.?[0-9]*|\.[0-9]+)[dD]$/.test(text)) return make(pp, "fixed", undefined);
  return literal(pp, "integer", { value: 0n, fault: `${text} is not a number` }, diagnostics);
}

function literal(
  pp: PpToken,
  kind: TokenKind,
  { value, fault }: Literal<bigint | number | string>,
  diagnostics: Diagnostics,
): Token {
  if (fault !== undefined) {
    diagnostics.error(fault.startsWith("missing") ? "unterminated" : "bad-literal", fault, pp);
  }
  return make(pp, kind, value);
}

function make(
  pp: PpToken,
  kind: TokenKind,
  value: Token["value"],
  text: string = pp.text,
  isEscaped: boolean = false,
): Token {
  const { file, start, end, isFirstOnLine, doc } = pp;
  return { kind, text, isEscaped, value, file, start, end, isFirstOnLine, doc };
}
