/** Line and column, both counted from 1; columns count UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * One source file. A leading byte order mark is dropped and continued lines (`\` before the line
 * end) are joined in `text`; places are always told in terms of the file as it was written.
 */
export class SourceText {
  readonly name: string;
  /** Named on the command line, not reached by `#include`. */
  readonly isMain: boolean;
  /** Standard IDL of the compiler's own: built in, or from a folder of it. */
  readonly isStandard: boolean;
  /** What the stages read. Offsets of spans count in this text. */
  readonly text: string;
  readonly #original: string;
  /** Offsets in `text` before which a line was joined, and how much had been cut by then. */
  readonly #joints: { readonly at: number; readonly cut: number }[] = [];
  #lineStarts: number[] | undefined;
  /** What `#line` said, in source order. */
  readonly #told: { readonly after: number; readonly line: number; readonly file: string }[] = [];

  constructor(name: string, original: string, isMain: boolean, isStandard: boolean = false) {
    this.name = name;
    this.isMain = isMain;
    this.isStandard = isStandard || this.isBuiltin;
    this.#original = original.startsWith("\uFEFF") ? original.slice(1) : original;
    this.text = this.#joinLines();
  }

  /** Comes with the compiler, no file on disk. */
  get isBuiltin(): boolean {
    return this.name.startsWith("<");
  }

  /** Where an offset of `text` stands in the file as written. */
  positionOf(offset: number): Position {
    const at = this.#originalOffset(offset);
    const starts = this.#starts();
    const line = lastNotAbove(starts.length, (i) => starts[i] ?? 0, at);
    return { line: line + 1, column: at - (starts[line] ?? 0) + 1 };
  }

  /** From the line after `offset` on, places are told as in line `line` and following of `file`. */
  setLine(offset: number, line: number, file: string = this.tellOf(offset).file): void {
    if (this.#told.some(({ after }) => after === offset)) return;
    this.#told.push({ after: offset, line, file });
  }

  /** As `positionOf`, as `#line` has it, and in which file. */
  tellOf(offset: number): Position & { readonly file: string } {
    const place = this.positionOf(offset);
    const told = this.#told.findLast(({ after }) => after < offset);
    const from = told && this.positionOf(told.after).line;
    if (!told || from === undefined || place.line <= from) return { ...place, file: this.name };
    return { ...place, line: told.line + place.line - from - 1, file: told.file };
  }

  /** A line as written, without its line end; "" past the end. */
  lineText(line: number): string {
    const starts = this.#starts();
    const from = starts[line - 1];
    if (from === undefined) return "";
    return this.#original.slice(from, starts[line]).replace(/\r?\n$/, "");
  }

  #joinLines(): string {
    const parts: string[] = [];
    let from = 0;
    let length = 0;
    for (const match of this.#original.matchAll(/\\\r?\n/g)) {
      parts.push(this.#original.slice(from, match.index));
      length += match.index - from;
      from = match.index + match[0].length;
      this.#joints.push({ at: length, cut: from - length });
    }
    if (from === 0) return this.#original;
    parts.push(this.#original.slice(from));
    return parts.join("");
  }

  #originalOffset(offset: number): number {
    const joints = this.#joints;
    const index = lastNotAbove(joints.length, (i) => joints[i]?.at ?? 0, offset);
    return offset + (joints[index]?.cut ?? 0);
  }

  #starts(): number[] {
    if (this.#lineStarts) return this.#lineStarts;
    const starts = [0];
    for (
      let at = this.#original.indexOf("\n");
      at >= 0;
      at = this.#original.indexOf("\n", at + 1)
    ) {
      starts.push(at + 1);
    }
    this.#lineStarts = starts;
    return starts;
  }
}

/** The largest index whose value is at most `limit`, or -1; values ascend. */
function lastNotAbove(count: number, valueAt: (index: number) => number, limit: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueAt(middle) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
