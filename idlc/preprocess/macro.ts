import type { Diagnostics } from "../source/index.ts";
import { isHidden, type PpToken } from "./token.ts";

export interface Macro {
  readonly name: string;
  /** undefined for an object-like macro. */
  readonly parameters: readonly string[] | undefined;
  readonly isVariadic: boolean;
  readonly body: readonly PpToken[];
}

/** Macro calls may nest this deep in arguments of macro calls. */
const MAX_NESTED_CALLS = 200;
/** Tokens that macros may produce in one run; a few lines can ask for billions. */
const MAX_PRODUCED_TOKENS = 1_000_000;
/** Characters that `#` and `##` may make one token of; each `#` of a `#` doubles the backslashes. */
const MAX_MADE_LENGTH = 1_000_000;

/** The macros of one translation unit and the budget of their expansion. */
export class MacroTable {
  readonly #macros = new Map<string, Macro>();
  readonly #diagnostics: Diagnostics;
  #produced = 0;
  #isExhausted = false;

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics;
  }

  get(name: string): Macro | undefined {
    return this.#macros.get(name);
  }

  isDefined(name: string): boolean {
    return this.#macros.has(name) || name === "__FILE__" || name === "__LINE__";
  }

  define(macro: Macro): void {
    this.#macros.set(macro.name, macro);
  }

  undefine(name: string): void {
    this.#macros.delete(name);
  }

  /** Whether `count` more tokens may be produced at `at`; an error the first time they may not. */
  spend(count: number, at: PpToken): boolean {
    this.#produced += count + 1;
    if (this.#produced <= MAX_PRODUCED_TOKENS) return true;
    if (!this.#isExhausted) {
      this.#diagnostics.error(
        "bad-macro",
        `macros expand to more than ${MAX_PRODUCED_TOKENS} tokens`,
        at,
      );
    }
    this.#isExhausted = true;
    return false;
  }

  fail(message: string, at: PpToken): void {
    this.#diagnostics.error("bad-macro", message, at);
  }
}

/** A list of tokens, as those of a `#if` line, with its macros expanded. */
export function expandAll(
  table: MacroTable,
  tokens: readonly PpToken[],
  depth: number = 0,
): PpToken[] {
  let at = 0;
  const expander = new Expander(table, () => tokens[at++], depth);
  const result: PpToken[] = [];
  for (let token = expander.next(); token; token = expander.next()) result.push(token);
  return result;
}

/** Expands macros in the tokens of a source; tokens come out one at a time. */
export class Expander {
  readonly #table: MacroTable;
  readonly #source: () => PpToken | undefined;
  readonly #depth: number;
  /** Tokens to be looked at again, the next one last. */
  readonly #pending: PpToken[] = [];

  constructor(table: MacroTable, source: () => PpToken | undefined, depth: number = 0) {
    this.#table = table;
    this.#source = source;
    this.#depth = depth;
  }

  /** The next expanded token; undefined when the source has no more. */
  next(): PpToken | undefined {
    for (;;) {
      const token = this.#read();
      if (token?.kind !== "word") return token;
      const builtin = builtinMacro(token);
      if (builtin) return builtin;
      const macro = this.#table.get(token.text);
      if (!macro || isHidden(token, token.text)) return token;
      if (!this.#expand(macro, token)) return token;
    }
  }

  #read(): PpToken | undefined {
    return this.#pending.pop() ?? this.#source();
  }

  /** Pushes a macro's expansion; false when this is no call of it. */
  #expand(macro: Macro, name: PpToken): boolean {
    if (!macro.parameters) {
      this.#push(
        substitute(macro, new Map(), name, (t) => t),
        name,
      );
      return true;
    }
    const open = this.#read();
    if (open?.kind !== "punctuation" || open.text !== "(") {
      if (open) this.#pending.push(open);
      return false;
    }
    const args = this.#arguments(macro, name);
    if (args) {
      this.#push(
        substitute(macro, args, name, (tokens) => this.#expandAll(tokens, name)),
        name,
      );
    }
    return true;
  }

  #push(tokens: readonly PpToken[], name: PpToken): void {
    if (!this.#table.spend(tokens.length, name)) return;
    if (tokens.some(({ text }) => text.length > MAX_MADE_LENGTH)) {
      this.#table.fail(`macro ${name.text} makes one word of too many characters`, name);
      return;
    }
    for (let i = tokens.length - 1; i >= 0; i--) this.#pending.push(tokens[i] as PpToken);
  }

  #expandAll(tokens: readonly PpToken[], name: PpToken): PpToken[] {
    if (this.#depth >= MAX_NESTED_CALLS) {
      this.#table.fail(`macro calls are nested deeper than ${MAX_NESTED_CALLS}`, name);
      return [];
    }
    return expandAll(this.#table, tokens, this.#depth + 1);
  }

  /** Reads the arguments after `(`; undefined after an error. */
  #arguments(macro: Macro, name: PpToken): Map<string, PpToken[]> | undefined {
    const parameters = macro.parameters ?? [];
    const args: PpToken[][] = [[]];
    for (let depth = 0; ; ) {
      const token = this.#read();
      if (!token || token.kind === "end" || token.kind === "leave") {
        this.#table.fail(`the call of macro ${macro.name} is not closed by ")"`, name);
        if (token) this.#pending.push(token);
        return undefined;
      }
      const mark = token.kind === "punctuation" ? token.text : "";
      if (mark === ")" && depth === 0) break;
      if (mark === "(") depth++;
      if (mark === ")") depth--;
      const isLast = macro.isVariadic && args.length === parameters.length;
      if (mark === "," && depth === 0 && !isLast) args.push([]);
      else args.at(-1)?.push(token);
    }
    if (parameters.length === 0 && args.length === 1 && args[0]?.length === 0) args.pop();
    if (macro.isVariadic && args.length === parameters.length - 1) args.push([]);
    if (args.length !== parameters.length) {
      this.#table.fail(
        `macro ${macro.name} takes ${parameters.length} arguments, not ${args.length}`,
        name,
      );
      return undefined;
    }
    return new Map(parameters.map((parameter, i) => [parameter, args[i] ?? []]));
  }
}

function builtinMacro(token: PpToken): PpToken | undefined {
  if (token.text === "__FILE__")
    return { ...token, kind: "string", text: JSON.stringify(token.file.tellOf(token.start).file) };
  if (token.text !== "__LINE__") return undefined;
  return { ...token, kind: "number", text: String(token.file.tellOf(token.start).line) };
}

/** The body with arguments put in place; every token gets the place of the macro's use. */
function substitute(
  macro: Macro,
  args: ReadonlyMap<string, readonly PpToken[]>,
  name: PpToken,
  expand: (tokens: readonly PpToken[]) => readonly PpToken[],
): PpToken[] {
  const hidden = { name: macro.name, next: name.hidden };
  const expanded = new Map<string, readonly PpToken[]>();
  const result: PpToken[] = [];
  const { body } = macro;
  for (let i = 0; i < body.length; i++) {
    const token = body[i] as PpToken;
    const following = body[i + 1];
    if (macro.parameters && isMark(token, "#") && following && args.has(following.text)) {
      result.push({
        ...following,
        kind: "string",
        text: stringized(args.get(following.text) ?? []),
      });
      i++;
    } else if (isMark(token, "##") && following && result.length > 0) {
      const right = args.get(following.text) ?? [following];
      pasteOnto(result, right);
      i++;
    } else {
      const arg = args.get(token.text);
      if (!arg) result.push(token);
      else if (isMark(following, "##")) result.push(...arg);
      else {
        let tokens = expanded.get(token.text);
        if (!tokens) expanded.set(token.text, (tokens = expand(arg)));
        for (const t of tokens) result.push(t);
      }
    }
  }
  return result.map((token, i) => ({
    ...token,
    file: name.file,
    start: name.start,
    end: name.end,
    isFirstOnLine: false,
    isSpaced: i === 0 ? name.isSpaced : token.isSpaced,
    doc: i === 0 ? name.doc : undefined,
    hidden: token.hidden ? { name: macro.name, next: token.hidden } : hidden,
  }));
}

function isMark(token: PpToken | undefined, text: string): boolean {
  return token?.kind === "punctuation" && token.text === text;
}

/** The string that `#` makes; not looked into where it is longer than allowed. */
function stringized(tokens: readonly PpToken[]): string {
  const length = tokens.reduce((sum, token) => sum + token.text.length, 0);
  if (length > MAX_MADE_LENGTH) return `"${" ".repeat(MAX_MADE_LENGTH)}"`;
  const text = tokens.map((t, i) => {
    const shown =
      t.kind === "string" || t.kind === "char" ? t.text.replace(/["\\]/g, "\\$&") : t.text;
    return i > 0 && t.isSpaced ? ` ${shown}` : shown;
  });
  return `"${text.join("")}"`;
}

function pasteOnto(result: PpToken[], right: readonly PpToken[]): void {
  const [first, ...rest] = right;
  const left = result.pop();
  if (!left || !first) {
    if (left) result.push(left);
    return;
  }
  // Longer than allowed already: refused when all is put together.
  const text = left.text.length > MAX_MADE_LENGTH ? left.text : left.text + first.text;
  const kind = /^[0-9.]/.test(text) ? "number" : /^\w/.test(text) ? "word" : "punctuation";
  result.push({ ...left, kind, text, hidden: undefined }, ...rest);
}
