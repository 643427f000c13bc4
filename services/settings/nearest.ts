/** Edits (a letter more, less, another, or two swapped) above which two words are not taken for each other. */
const MOST_EDITS = 3;

/** The distance of Damerau and Levenshtein, restricted to neighbours that are swapped once. */
function editsBetween(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let edits = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (isSame ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        edits = Math.min(edits, (before[j - 2] ?? 0) + 1);
      row.push(edits);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** Which word was probably meant: one that begins with it, or is a few letters away; undefined: none. */
export function nearest(word: string, allowed: readonly string[]): string | undefined {
  const plain = word.toLowerCase().replaceAll(/[-_]/g, "");
  const most = Math.min(MOST_EDITS, Math.floor(plain.length / 2));
  let best: { readonly word: string; readonly edits: number } | undefined;
  for (const each of allowed) {
    const other = each.toLowerCase();
    const edits = plain.length > 2 && other.startsWith(plain) ? 1 : editsBetween(plain, other);
    if (edits <= most && (best === undefined || edits < best.edits)) best = { word: each, edits };
  }
  return best?.word;
}
