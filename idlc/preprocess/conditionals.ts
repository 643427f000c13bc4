import type { Diagnostics, Span } from "../source/index.ts";
import { ConditionFault, evaluateCondition } from "./condition.ts";
import { expandAll, type MacroTable } from "./macro.ts";
import type { PpToken } from "./token.ts";

/** One `#if` … `#endif` that is open. */
interface Conditional {
  readonly opened: Span;
  /** The name of an outermost `#ifndef NAME`. */
  readonly guard: string | undefined;
  /** The lines around it are compiled. */
  readonly isReachable: boolean;
  isActive: boolean;
  wasTaken: boolean;
  hasElse: boolean;
}

/** The conditions open in one file. */
export class Conditionals {
  readonly #macros: MacroTable;
  readonly #diagnostics: Diagnostics;
  readonly #open: Conditional[] = [];

  constructor(macros: MacroTable, diagnostics: Diagnostics) {
    this.#macros = macros;
    this.#diagnostics = diagnostics;
  }

  /** Whether the lines here are compiled. */
  get isActive(): boolean {
    return this.#open.at(-1)?.isActive ?? true;
  }

  /**
   * Carries out `#if`, `#ifdef`, `#ifndef`, `#elif`, `#else` and `#endif`; false when `keyword` is
   * another directive.
   * @param rest reads what else stands on the line
   */
  take(keyword: PpToken, rest: () => readonly PpToken[]): boolean {
    switch (keyword.text) {
      case "if":
      case "ifdef":
      case "ifndef":
        this.#begin(keyword, rest());
        return true;
      case "elif":
      case "else":
        this.#turn(keyword, rest());
        return true;
      case "endif":
        rest();
        if (!this.#open.pop()) this.#unbalanced("#endif without #if", keyword);
        return true;
      default:
        return false;
    }
  }

  /** Reports what is open at the end of the file. An include guard is taken to end there. */
  finish(): void {
    for (const { opened, guard, hasElse, isActive } of this.#open) {
      const isGuard = isActive && !hasElse && guard !== undefined && this.#macros.isDefined(guard);
      const message = "this condition has no #endif";
      if (isGuard) this.#diagnostics.warning("unbalanced-conditional", message, opened);
      else this.#unbalanced(message, opened);
    }
  }

  #begin(keyword: PpToken, words: readonly PpToken[]): void {
    const isReachable = this.isActive;
    const isActive = isReachable && this.#holds(keyword, words);
    const isOutermost = this.#open.length === 0 && keyword.text === "ifndef";
    this.#open.push({
      opened: keyword,
      guard: isOutermost ? words[0]?.text : undefined,
      isReachable,
      isActive,
      wasTaken: isActive,
      hasElse: false,
    });
  }

  #turn(keyword: PpToken, words: readonly PpToken[]): void {
    const innermost = this.#open.at(-1);
    if (!innermost || innermost.hasElse) {
      this.#unbalanced(`#${keyword.text} ${innermost ? "after #else" : "without #if"}`, keyword);
      return;
    }
    const isPossible = innermost.isReachable && !innermost.wasTaken;
    innermost.hasElse = keyword.text === "else";
    innermost.isActive = isPossible && (innermost.hasElse || this.#holds(keyword, words));
    innermost.wasTaken ||= innermost.isActive;
  }

  #unbalanced(message: string, span: Span): void {
    this.#diagnostics.error("unbalanced-conditional", message, span);
  }

  #holds(keyword: PpToken, words: readonly PpToken[]): boolean {
    const [first] = words;
    if (keyword.text === "ifdef" || keyword.text === "ifndef") {
      const isDefined = first?.kind === "word" && this.#macros.isDefined(first.text);
      if (first?.kind === "word") return isDefined === (keyword.text === "ifdef");
      const message = `#${keyword.text} takes a name`;
      this.#diagnostics.error("bad-condition", message, first ?? keyword);
      return false;
    }
    try {
      return evaluateCondition(expandAll(this.#macros, this.#settleDefined(words))) !== 0n;
    } catch (fault) {
      if (!(fault instanceof ConditionFault)) throw fault;
      this.#diagnostics.error("bad-condition", fault.message, first ?? keyword);
      return false;
    }
  }

  /** Replaces `defined NAME` and `defined(NAME)` by 1 or 0, before macros are expanded. */
  #settleDefined(words: readonly PpToken[]): PpToken[] {
    const result: PpToken[] = [];
    for (let i = 0; i < words.length; i++) {
      const word = words[i] as PpToken;
      if (word.kind !== "word" || word.text !== "defined") {
        result.push(word);
        continue;
      }
      const isParenthesized = words[i + 1]?.text === "(";
      const name = words[i + (isParenthesized ? 2 : 1)];
      if (name?.kind !== "word" || (isParenthesized && words[i + 3]?.text !== ")")) {
        throw new ConditionFault('"defined" takes a name: defined(NAME)');
      }
      i += isParenthesized ? 3 : 1;
      result.push({ ...word, kind: "number", text: this.#macros.isDefined(name.text) ? "1" : "0" });
    }
    return result;
  }
}
