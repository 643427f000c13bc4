import {
  type Analysis,
  analyze,
  type AnalyzeOptions,
  type Declaration,
  type Named,
} from "../../../idlc/model/index.ts";
import { memoryReader, placeOf } from "../../../idlc/source/index.ts";

/** Analyzes one file, `a.idl`, beside files it may include. */
export function analyzeText(
  text: string | Uint8Array,
  options: AnalyzeOptions = {},
  files: Readonly<Record<string, string>> = {},
): Analysis {
  return analyze(["a.idl"], options, memoryReader({ "a.idl": text, ...files }));
}

/** `line:column code` of every diagnostic of the severity; the file is told when it is not a.idl. */
export function codes(analysis: Analysis, severity: "error" | "warning" = "error"): string[] {
  return analysis.diagnostics
    .filter((d) => d.severity === severity)
    .map(({ code, span }) => {
      if (!span) return code;
      const { file, line, column } = placeOf(span);
      return `${file === "a.idl" ? "" : `${file}:`}${line}:${column} ${code}`;
    });
}

/** The declaration with this scoped name, members of interfaces and nested types included. */
export function find(analysis: Analysis, name: string): Declaration {
  const found = all(analysis).find((d) => d.scopedName.join("::") === name);
  if (!found)
    throw new Error(
      `no declaration ${name}; diagnostics: ${JSON.stringify(analysis.diagnostics.map((d) => d.message))}`,
    );
  return found as Declaration;
}

export function findAs<K extends Declaration["kind"]>(
  analysis: Analysis,
  kind: K,
  name: string,
): Extract<Declaration, { readonly kind: K }> {
  const found = find(analysis, name);
  if (found.kind !== kind) throw new Error(`${name} is ${found.kind}, not ${kind}`);
  return found as Extract<Declaration, { readonly kind: K }>;
}

/** Values of all constants by name. */
export function constants(analysis: Analysis): Record<string, unknown> {
  const list = all(analysis).filter((d) => d.kind === "const");
  return Object.fromEntries(list.map((d) => [d.name, "value" in d ? d.value : undefined]));
}

/** Repository ids of everything, in source order. */
export function ids(analysis: Analysis): string[] {
  return all(analysis).map((d) => d.repositoryId);
}

interface Entry extends Named {
  readonly kind: string;
}

function all(analysis: Analysis): Entry[] {
  if (!analysis.model) throw new Error(analysis.diagnostics.map((d) => d.message).join("; "));
  return analysis.model.members.flatMap(withInner);
}

function withInner(d: Declaration): Entry[] {
  switch (d.kind) {
    case "module":
      return [d, ...d.members.flatMap(withInner)];
    case "interface":
    case "value":
      return [d, ...d.members.flatMap(withInner), ...d.attributes, ...d.operations];
    case "struct":
    case "exception":
    case "union":
    case "valuebox":
      return [d, ...d.nested.flatMap(withInner)];
    case "enum":
    case "native":
    case "bitmask":
    case "bitset":
    case "typedef":
    case "const":
      return [d];
  }
}
