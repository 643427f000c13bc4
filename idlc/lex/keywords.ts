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
