import type { SourceText } from "../source/index.ts";

export type TokenKind =
  | "identifier"
  | "keyword"
  | "integer"
  | "floating"
  | "fixed"
  | "char"
  | "wchar"
  | "string"
  | "wstring"
  | "punctuation"
  | "end";

/** A token of IDL; it is also the span it covers. */
export interface Token {
  readonly kind: TokenKind;
  /** As written; an identifier without the underscore that escapes it. */
  readonly text: string;
  /** Written with an underscore: never a keyword. */
  readonly isEscaped: boolean;
  /** bigint for integer, number for floating, the characters for chars and strings. */
  readonly value: bigint | number | string | undefined;
  readonly file: SourceText;
  readonly start: number;
  readonly end: number;
  readonly isFirstOnLine: boolean;
  readonly doc: string | undefined;
}
