import type { SourceText } from "../source/index.ts";

/** What a `#pragma` that concerns repository ids says. */
export type PragmaDirective =
  | { readonly directive: "prefix"; readonly prefix: string }
  | { readonly directive: "ID"; readonly name: readonly PpToken[]; readonly id: string }
  | { readonly directive: "version"; readonly name: readonly PpToken[]; readonly version: string };

/** Macro names that are not expanded again in a token, the newest first. */
export interface Hidden {
  readonly name: string;
  readonly next: Hidden | undefined;
}

/**
 * A preprocessing token. `enter` and `leave` mark the borders of included files, `pragma` a
 * directive that later stages must see in its place. A token that came out of a macro has the span
 * of the macro's use.
 */
export interface PpToken {
  readonly kind:
    | "word"
    | "number"
    | "char"
    | "string"
    | "punctuation"
    | "stray"
    | "pragma"
    | "enter"
    | "leave"
    | "end";
  readonly text: string;
  readonly file: SourceText;
  readonly start: number;
  readonly end: number;
  readonly isFirstOnLine: boolean;
  readonly isSpaced: boolean;
  /** Comment right before the token, without its markers. */
  readonly doc: string | undefined;
  readonly hidden?: Hidden | undefined;
  readonly pragma?: PragmaDirective;
}

export function isHidden(token: PpToken, name: string): boolean {
  for (let hidden = token.hidden; hidden; hidden = hidden.next)
    if (hidden.name === name) return true;
  return false;
}
