import { type Diagnostics, SourceText } from "../source/index.ts";
import type { Macro, MacroTable } from "./macro.ts";
import { Scanner } from "./scanner.ts";
import type { PpToken } from "./token.ts";

/** Carries out `#define`. */
export function define(
  macros: MacroTable,
  diagnostics: Diagnostics,
  keyword: PpToken,
  words: readonly PpToken[],
): void {
  const [name, open] = words;
  if (name?.kind !== "word") {
    diagnostics.error("bad-macro", "#define takes a name", name ?? keyword);
  } else if (open?.text !== "(" || open.isSpaced) {
    macros.define(objectMacro(name.text, words.slice(1)));
  } else {
    const macro = functionMacro(name.text, words);
    if (macro) macros.define(macro);
    else diagnostics.error("bad-macro", `bad parameter list of macro ${name.text}`, open);
  }
}

/** Carries out `#undef`. */
export function undefine(
  macros: MacroTable,
  diagnostics: Diagnostics,
  keyword: PpToken,
  words: readonly PpToken[],
): void {
  const [name] = words;
  if (name?.kind === "word") macros.undefine(name.text);
  else diagnostics.error("bad-macro", "#undef takes a name", name ?? keyword);
}

/** Carries out `-D`: `NAME`, which stands for 1, or `NAME=VALUE`. */
export function defineOption(macros: MacroTable, diagnostics: Diagnostics, option: string): void {
  const equals = option.indexOf("=");
  const name = equals < 0 ? option : option.slice(0, equals);
  const value = equals < 0 ? "1" : option.slice(equals + 1);
  const scanner = new Scanner(new SourceText("<command line>", value, false), diagnostics);
  macros.define(objectMacro(name, scanner.restOfLine()));
}

function objectMacro(name: string, body: readonly PpToken[]): Macro {
  return { name, parameters: undefined, isVariadic: false, body };
}

/** undefined when the parameters are no list of different names. */
function functionMacro(name: string, words: readonly PpToken[]): Macro | undefined {
  const close = words.findIndex((word) => word.text === ")");
  if (close < 0) return undefined;
  const list = words.slice(2, close);
  const parameters: string[] = [];
  let isVariadic = false;
  for (const [i, word] of list.entries()) {
    if (i % 2 === 1) {
      if (word.text !== "," || isVariadic) return undefined;
      continue;
    }
    isVariadic = word.text === "...";
    if (!isVariadic && word.kind !== "word") return undefined;
    parameters.push(isVariadic ? "__VA_ARGS__" : word.text);
  }
  const isComplete = list.length === 0 || list.length % 2 === 1;
  if (!isComplete || new Set(parameters).size < parameters.length) return undefined;
  return { name, parameters, isVariadic, body: words.slice(close + 1) };
}
