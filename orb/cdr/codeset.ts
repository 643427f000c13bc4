import { CODESET_INCOMPATIBLE, MINOR } from "../exception/index.ts";

/** Ids of code sets in the registry of the OSF. */
export const CodeSet = {
  /** None agreed. */
  none: 0,
  iso8859_1: 0x0001_0001,
  iso8859_15: 0x0001_000f,
  /** ISO 646 IRV, ASCII. */
  iso646: 0x0001_0020,
  ucs2Level1: 0x0001_0100,
  ucs2Level2: 0x0001_0101,
  ucs2Level3: 0x0001_0102,
  utf16: 0x0001_0109,
  utf8: 0x0501_0001,
} as const;

/** One half of the code set component: what one side speaks of char or of wchar. */
export interface CodeSetComponent {
  /** The set it uses itself; 0 for none. */
  readonly native: number;
  /** The sets it can convert, in order of preference. */
  readonly conversions: readonly number[];
}

/** The code set component of a reference (tag 1). */
export interface CodeSetComponentInfo {
  readonly char: CodeSetComponent;
  readonly wchar: CodeSetComponent;
}

/** What both sides of a connection use; the service context CodeSets (id 1) carries it. */
export interface CodeSets {
  readonly charSet: number;
  /** 0: no wide characters on this connection. */
  readonly wcharSet: number;
}

/** What this ORB speaks, and publishes in its references. */
export const OWN_CODE_SETS: CodeSetComponentInfo = {
  char: { native: CodeSet.utf8, conversions: [CodeSet.iso8859_1] },
  wchar: { native: CodeSet.utf16, conversions: [CodeSet.ucs2Level1, CodeSet.ucs2Level3] },
};

/** In force until something else is agreed. */
export const DEFAULT_CODE_SETS: CodeSets = {
  charSet: CodeSet.iso8859_1,
  wcharSet: CodeSet.none,
};

/** True for a set of char this ORB converts. */
export function supportsCharSet(id: number): boolean {
  return id === CodeSet.utf8 || id === CodeSet.iso8859_1 || id === CodeSet.iso646;
}

/** True for a set of wchar this ORB converts; none (0) is not one. */
export function supportsWcharSet(id: number): boolean {
  return id === CodeSet.utf16 || (id >= CodeSet.ucs2Level1 && id <= CodeSet.ucs2Level3);
}

/** Both sides natively use a set of characters that Unicode holds; the fallback sets suit them. */
function sharesCharacters(server: number): boolean {
  const family = server >>> 16;
  return family === 0x0001 || family === 0x0501 || family === 0x1002;
}

function agree(
  what: string,
  client: CodeSetComponent,
  server: CodeSetComponent,
  fallback: number,
): number {
  if (client.native === server.native) return client.native;
  if (client.conversions.includes(server.native)) return server.native;
  if (server.conversions.includes(client.native)) return client.native;
  const common = server.conversions.find((id) => client.conversions.includes(id));
  if (common !== undefined) return common;
  if (sharesCharacters(server.native)) return fallback;
  throw new CODESET_INCOMPATIBLE(
    `no common code set for ${what}: the server's own is 0x${server.native.toString(16)}`,
    MINOR.codeSetNegotiationFailed,
  );
}

/**
 * Picks the sets for a connection as a client does (CORBA 3.3 Part 2, 9.10.2.5).
 * @param server the component of the reference, undefined where it has none: then ISO 8859-1, no wchar
 * @throws CODESET_INCOMPATIBLE when nothing fits
 */
export function negotiateCodeSets(
  server: CodeSetComponentInfo | undefined,
  client: CodeSetComponentInfo = OWN_CODE_SETS,
): CodeSets {
  if (server === undefined) return DEFAULT_CODE_SETS;
  const { char, wchar } = server;
  const noChar = char.native === CodeSet.none && char.conversions.length === 0;
  const noWchar = wchar.native === CodeSet.none && wchar.conversions.length === 0;
  return {
    charSet: noChar ? CodeSet.iso8859_1 : agree("char", client.char, char, CodeSet.utf8),
    wcharSet: noWchar ? CodeSet.none : agree("wchar", client.wchar, wchar, CodeSet.utf16),
  };
}
