import { printExpression, type CaseNode, type Expression, type UnionNode } from "../ast/index.ts";
import type { Span } from "../source/index.ts";
import {
  type ConstValue,
  type Context,
  evaluate,
  recordUse,
  type ResolvedType,
  type Scope,
  type Target,
  targetOf,
} from "../resolve/index.ts";

/** The labels of all cases of a union: which values are taken, and whether `default` was there. */
export class Labels {
  readonly #c: Context;
  readonly #scope: Scope;
  readonly #target: Target | undefined;
  readonly #taken = new Map<ConstValue, Span>();
  #default: Span | undefined;
  /** Whether `default` is the only label of its case. */
  #isAlone = true;
  #hasFault = false;

  /** @param discriminator its type; `unknown` after a report, labels are then not looked at */
  constructor(c: Context, scope: Scope, node: UnionNode, discriminator: ResolvedType) {
    this.#c = c;
    this.#scope = scope;
    const target = targetOf(discriminator);
    const isAllowed = target && !["fixed", "floating", "string", "wstring"].includes(target.kind);
    this.#target = isAllowed ? target : undefined;
    if (isAllowed || discriminator.kind === "unknown") return;
    const message =
      "a union is switched by an integer type, char, wchar, boolean, octet or an enum";
    c.diagnostics.error("bad-union", message, node.discriminator?.span ?? node.span);
  }

  /** Evaluates the labels of one case and reports those that are taken. */
  add(node: CaseNode): { readonly labels: ConstValue[]; readonly isDefault: boolean } {
    const labels: ConstValue[] = [];
    let isDefault = false;
    for (const label of node.labels) {
      if (label.kind === "default") {
        this.#isAlone = node.labels.length === 1;
        this.#addDefault(label.span);
        isDefault = true;
      } else {
        const value = this.#value(label.value);
        if (value !== undefined) labels.push(value);
        else this.#hasFault = true;
      }
    }
    return { labels, isDefault };
  }

  /**
   * Values no case names, where they can be listed; reports a `default` that nothing is left for. Beside
   * other labels of its case it does no harm, and TAO takes it.
   */
  finish(name: string): readonly ConstValue[] | undefined {
    if (!this.#target || this.#hasFault) return undefined;
    const all = listedValues(this.#target);
    const uncovered = all?.filter((value) => !this.#taken.has(value));
    const isFull = uncovered ? uncovered.length === 0 : this.#taken.size >= sizeOf(this.#target);
    if (this.#default && isFull) {
      const message = `default of union ${name} is never used: the labels name all values`;
      if (this.#isAlone) this.#c.diagnostics.error("bad-union", message, this.#default);
      else this.#c.diagnostics.warning("bad-union", message, this.#default);
    }
    return uncovered;
  }

  #addDefault(span: Span): void {
    if (this.#default) {
      const place = { message: "the first default is here", span: this.#default };
      this.#c.diagnostics.error("bad-union", "a union has one default at most", span, place);
    }
    this.#default ??= span;
  }

  #value(expression: Expression): ConstValue | undefined {
    if (!this.#target) return undefined;
    const value =
      this.#enumerator(expression, this.#target) ??
      evaluate(this.#c, this.#scope, expression, this.#target);
    if (value === undefined) return undefined;
    const earlier = this.#taken.get(value);
    if (earlier) {
      const place = { message: "it stands here first", span: earlier };
      const message = `label ${printExpression(expression)} stands twice in the union`;
      this.#c.diagnostics.error("bad-union", message, expression.span, place);
      return undefined;
    }
    this.#taken.set(value, expression.span);
    return value;
  }

  /** An unqualified label names an enumerator of the discriminator, wherever the enum is declared. */
  #enumerator(expression: Expression, target: Target): ConstValue | undefined {
    if (target.kind !== "enum" || expression.kind !== "name") return undefined;
    const { isAbsolute, parts } = expression.name;
    const [name] = parts;
    if (!name || isAbsolute || parts.length > 1) return undefined;
    const found = target.entity.byName.get(name.text);
    if (found) recordUse(this.#scope, undefined, name, "label");
    return found;
  }
}

function listedValues(target: Target): readonly ConstValue[] | undefined {
  if (target.kind === "enum") return target.entity.enumerators;
  return target.kind === "boolean" ? [true, false] : undefined;
}

function sizeOf(target: Target): number {
  if (target.kind === "integer") return Number(target.range.greatest - target.range.least) + 1;
  return target.kind === "char" ? 256 : 65536;
}
