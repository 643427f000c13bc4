/**
 * The reserved words up to CORBA 2.6. Words that later versions added (component, map, typeid …)
 * are ordinary identifiers, which real IDL uses as such; the parser knows the places where they
 * begin a declaration.
 */
const KEYWORDS: readonly string[] =
  `abstract any attribute boolean case char const context custom default double enum exception
  factory FALSE fixed float in inout interface local long module native Object octet oneway out
  private public raises readonly sequence short string struct supports switch TRUE truncatable
  typedef union unsigned ValueBase valuetype void wchar wstring`.split(/\s+/);

const BY_FOLDED: ReadonlyMap<string, string> = new Map(
  KEYWORDS.map((word) => [word.toLowerCase(), word]),
);

/** The keyword that `text` equals when case is ignored. */
export function keywordLike(text: string): string | undefined {
  return BY_FOLDED.get(text.toLowerCase());
}

/**
 * Words that CORBA 3 and IDL 4 added. Real IDL uses them as names, so they are ordinary identifiers
 * but in the places where they begin something.
 */
const LATER_KEYWORDS: ReadonlySet<string> = new Set(
  `alias bitfield bitmask bitset component connector consumes emits eventtype finder getraises home
  import int8 int16 int32 int64 manages map mirrorport multiple port porttype primarykey provides
  publishes setraises typeid typename typeprefix uint8 uint16 uint32 uint64 uses`.split(/\s+/),
);

export function isLaterKeyword(text: string): boolean {
  return LATER_KEYWORDS.has(text);
}
