export { SourceText } from "./text.ts";
export type { Position } from "./text.ts";
export type { Span } from "./position.ts";
export { mergeSpans } from "./position.ts";
export { Diagnostics, hasErrors, placeOf, renderDiagnostic } from "./diagnostic.ts";
export type { Diagnostic, DiagnosticCode, RelatedPlace, Severity } from "./diagnostic.ts";
export type { SourceReader } from "./reader.ts";
export { decodeSource, memoryReader } from "./reader.ts";
export { diagnosticCodes, explain } from "./explain.ts";
