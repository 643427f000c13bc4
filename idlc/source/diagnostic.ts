import type { Span } from "./position.ts";
import type { Position } from "./text.ts";

export type Severity = "error" | "warning";

/** Stable names of all diagnostics; tests and users may rely on them. */
export type DiagnosticCode =
  // preprocess
  | "file-not-found"
  | "include-depth"
  | "circular-include"
  | "bad-directive"
  | "unbalanced-conditional"
  | "error-directive"
  | "warning-directive"
  | "bad-condition"
  | "bad-macro"
  | "bad-pragma"
  // lex
  | "bad-character"
  | "unterminated"
  | "bad-literal"
  | "keyword-case"
  // parse
  | "syntax"
  | "later-keyword"
  | "needs-idl4"
  | "nesting-too-deep"
  // check
  | "redefinition"
  | "clash"
  | "case-differs"
  | "not-found"
  | "not-a-scope"
  | "wrong-kind"
  | "ambiguous"
  | "incomplete-type"
  | "never-defined"
  | "bad-inheritance"
  | "bad-constant"
  | "out-of-range"
  | "bad-union"
  | "bad-operation"
  | "bad-repository-id"
  | "id-clash"
  | "bad-value"
  | "bad-component"
  | "bad-template"
  | "bad-bits"
  | "bad-annotation"
  | "local-type"
  | "unknown-import"
  | "implicit-conversion";

export interface RelatedPlace {
  readonly message: string;
  readonly span: Span;
}

export interface Diagnostic {
  readonly severity: Severity;
  readonly code: DiagnosticCode;
  readonly message: string;
  /** undefined only for what has no place in a file, such as a main file that does not exist. */
  readonly span: Span | undefined;
  readonly related?: RelatedPlace | undefined;
}

/** Collects the diagnostics of one run. */
export class Diagnostics {
  readonly #list: Diagnostic[] = [];
  #errorCount = 0;

  get errorCount(): number {
    return this.#errorCount;
  }

  error(
    code: DiagnosticCode,
    message: string,
    span: Span | undefined,
    related?: RelatedPlace,
  ): void {
    this.#errorCount++;
    this.#list.push({ severity: "error", code, message, span, related });
  }

  warning(code: DiagnosticCode, message: string, span: Span, related?: RelatedPlace): void {
    this.#list.push({ severity: "warning", code, message, span, related });
  }

  /** All diagnostics, files in the order they first appear, then by place. */
  sorted(): readonly Diagnostic[] {
    const order = new Map<unknown, number>();
    for (const { span } of this.#list)
      if (!order.has(span?.file)) order.set(span?.file, order.size);
    return this.#list
      .toSorted(
        (a, b) =>
          (order.get(a.span?.file) ?? 0) - (order.get(b.span?.file) ?? 0) ||
          (a.span?.start ?? 0) - (b.span?.start ?? 0),
      )
      .filter((d, i, sorted) => !isSame(d, sorted[i - 1]));
  }
}

/** A file that is read several times says the same several times. */
function isSame(a: Diagnostic, b: Diagnostic | undefined): boolean {
  return (
    a.span !== undefined &&
    a.span.start === b?.span?.start &&
    a.span.file === b.span.file &&
    a.message === b.message
  );
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === "error");
}

/** File, line and column where a span starts. */
export function placeOf(span: Span): { readonly file: string } & Position {
  return { file: span.file.name, ...span.file.positionOf(span.start) };
}

/**
 * A diagnostic as people read it: `file:line:column: error: message`, the source line, a caret
 * under the place; the same again as `note` for the second place. No newline at the end.
 */
export function renderDiagnostic(diagnostic: Diagnostic): string {
  const { severity, message, span, related } = diagnostic;
  if (!span) return `${severity}: ${message}`;
  const lines = renderPlace(severity, message, span);
  if (related) lines.push(...renderPlace("note", related.message, related.span));
  return lines.join("\n");
}

function renderPlace(label: string, message: string, span: Span): string[] {
  const { file, line, column } = placeOf(span);
  const text = span.file.lineText(line);
  // Tabs are kept, so that the caret stands right whatever a tab is worth.
  const indent = text.slice(0, column - 1).replace(/[^\t]/g, " ");
  return [`${file}:${line}:${column}: ${label}: ${message}`, text, `${indent}^`];
}
