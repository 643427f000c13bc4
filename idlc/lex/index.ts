export { isLaterKeyword, keywordLike } from "./keywords.ts";
export { lex } from "./lexer.ts";
export type { Mark, TokenStream } from "./lexer.ts";
export type { Token, TokenKind } from "./token.ts";
