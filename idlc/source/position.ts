import type { SourceText } from "./text.ts";

/** A half-open range of offsets into `file.text`. */
export interface Span {
  readonly file: SourceText;
  readonly start: number;
  readonly end: number;
}

/** From the start of `first` to the end of `last`; just `first` when they stand in different files. */
export function mergeSpans(first: Span, last: Span): Span {
  if (first.file !== last.file || last.end < first.start) return first;
  return { file: first.file, start: first.start, end: last.end };
}
