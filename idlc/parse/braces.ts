import type { Token } from "../lex/index.ts";
import type { Span } from "../source/index.ts";

/** A `{` that is open, and how far left its `}` may stand. */
interface Open {
  readonly index: number;
  readonly token: Token;
  /** Column of the declaration it belongs to, or of the line it stands on when that is further left. */
  readonly column: number;
  /** The same, further right. */
  readonly farColumn: number;
}

/** What the indentation of a file says about its braces; read only when they do not fit. */
export interface BraceFault {
  /** Where a `}` is missing. */
  readonly missing: Span | undefined;
  /** A `}` that closes too early. */
  readonly extra: Token | undefined;
}

/** Looks for the first `}` that stands elsewhere than the declaration that it closes. */
export function braceFault(tokens: readonly Token[]): BraceFault {
  const open: Open[] = [];
  let statement = tokens[0];
  let lineStart = tokens[0];
  let missing: Span | undefined;
  let extra: Token | undefined;
  /** The last `}`, when it ends its line, and what it closed. */
  let closed: { readonly brace: Token; readonly block: Open } | undefined;
  for (const [index, token] of tokens.entries()) {
    if (token.isFirstOnLine) {
      lineStart = token;
      // What follows a block stands no further right than it.
      if (closed && closed.brace.file === token.file && token.kind !== "end") {
        if (columnOf(token) > closed.block.farColumn) extra ??= closed.brace;
      }
      closed = undefined;
    }
    if (token.kind !== "punctuation") continue;
    if (token.text === "{") {
      const columns = [statement, lineStart, token].map((at) => columnOf(at ?? token));
      const [first = 0, ...others] = columns;
      const line = Math.min(...others);
      open.push({
        index,
        token,
        column: Math.min(first, line),
        farColumn: Math.max(first, line),
      });
    } else if (token.text === "}") {
      const innermost = open.pop();
      if (innermost && token.isFirstOnLine) {
        if (innermost.token.file !== token.file) missing ??= placeIn(tokens, innermost, index);
        else if (columnOf(token) < innermost.column) {
          missing ??= placeIn(tokens, innermost, index);
          extra ??= token;
        } else if (columnOf(token) > innermost.farColumn) extra ??= token;
        else closed = { brace: token, block: innermost };
      }
    }
    if (/^[{};]$/.test(token.text)) statement = tokens[index + 1];
  }
  const left = open.at(-1);
  if (left) missing ??= placeIn(tokens, left, tokens.length - 1);
  return { missing, extra };
}

/** Where the block ends as its lines stand: before the first that is no further right than itself. */
function placeIn(tokens: readonly Token[], block: Open, end: number): Span {
  let last = block.token;
  for (let index = block.index + 1; index < end; index++) {
    const token = tokens[index] as Token;
    if (token.file !== block.token.file) continue;
    if (token.isFirstOnLine && columnOf(token) <= block.column) break;
    last = token;
  }
  return { file: last.file, start: last.end, end: last.end };
}

const TAB_WIDTH = 8;

/** How far right a token stands, tabs counted as editors show them. */
export function columnOf(token: Token): number {
  const { line, column } = token.file.positionOf(token.start);
  const before = token.file.lineText(line).slice(0, column - 1);
  if (!before.includes("\t")) return column;
  let width = 0;
  for (const character of before) {
    width += character === "\t" ? TAB_WIDTH - (width % TAB_WIDTH) : 1;
  }
  return width + 1;
}
