import { type Diagnostic, placeOf, renderDiagnostic, type Span } from "../source/index.ts";

/** Where a run writes its text. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
}

function placeJson(span: Span): {
  readonly file: string;
  readonly line: number;
  readonly column: number;
} {
  const { file, line, column } = placeOf(span);
  return { file, line, column };
}

/** A diagnostic as one line of JSON: severity, code, message, and where it has one file, line and column. */
function diagnosticJson({ severity, code, message, span, related }: Diagnostic): string {
  return JSON.stringify({
    severity,
    code,
    message,
    ...(span === undefined ? {} : placeJson(span)),
    ...(related === undefined
      ? {}
      : { related: { message: related.message, ...placeJson(related.span) } }),
  });
}

/** People read diagnostics on the error stream, programs on the other one. */
export function reportDiagnostics(
  diagnostics: readonly Diagnostic[],
  isJson: boolean,
  output: Output,
): void {
  for (const diagnostic of diagnostics) {
    if (isJson) output.out(`${diagnosticJson(diagnostic)}\n`);
    else output.err(`${renderDiagnostic(diagnostic)}\n`);
  }
}

function escaped(path: string): string {
  return path.replaceAll("$", "$$$$").replaceAll(/[\\ #:]/g, "\\$&");
}

/** A rule for make: the targets depend on the sources, which need not exist for ever. */
export function makeRule(targets: readonly string[], sources: readonly string[]): string {
  const rule = `${targets.map(escaped).join(" ")}: ${sources.map(escaped).join(" ")}\n`;
  return rule + sources.map((source) => `${escaped(source)}:\n`).join("");
}
