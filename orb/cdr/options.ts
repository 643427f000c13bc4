import type { NoWchar } from "./no-wchar.ts";

/** TypeCodes or anys may nest this deep; deeper is MARSHAL. */
export const MAX_NESTING: number = 256;

/** Minor version of GIOP, which decides the form of wide characters; encapsulations use 2. */
export type GiopMinor = 0 | 1 | 2;

/** How a stream encodes; all of it belongs to the connection or the message. */
export interface StreamOptions {
  /** Byte order; true when left out. */
  readonly littleEndian?: boolean;
  /** 2 when left out. */
  readonly giopMinor?: GiopMinor;
  /** Code set id of char and string; ISO 8859-1 when left out. */
  readonly charSet?: number;
  /** Code set id of wchar and wstring, 0 for none agreed; UTF-16 when left out. */
  readonly wcharSet?: number;
  /** The error for a wide character that cannot be sent; the client's when left out. */
  readonly noWchar?: NoWchar;
}
