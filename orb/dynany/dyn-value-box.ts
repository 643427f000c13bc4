import { Any, converted } from "../any/index.ts";
import { InvalidValue, TypeMismatch } from "../exception/index.ts";
import { typeName } from "../typecode/index.ts";
import type { DynValueCommon } from "./dyn-value.ts";
import { type Comparison, DynAny, type Former } from "./dynany.ts";
import type { Work } from "./work.ts";

/** A value box (CORBA 3.3 Part 1, 9.2.12): null, or one component that is what it holds. */
export class DynValueBox extends DynAny implements DynValueCommon {
  #boxed: DynAny | null = null;

  /** 1, or 0 for null. */
  override component_count(): number {
    this._check();
    return this.#boxed === null ? 0 : 1;
  }

  override _component(): DynAny {
    return this.#held();
  }

  is_null(): boolean {
    this._check();
    return this.#boxed === null;
  }

  set_to_null(): void {
    this._check();
    this._replace(null);
  }

  set_to_value(): void {
    this._check();
    if (this.#boxed !== null) return;
    this.#boxed = this._nodes.initial(this._plain.content_type());
    this._moveTo(0);
  }

  /** @throws InvalidValue for null */
  get_boxed_value(): Any {
    this._check();
    return this.#held().to_any();
  }

  /** @throws TypeMismatch unless the type is equivalent to that of the content */
  set_boxed_value(boxed: Any): void {
    this._check();
    const type = this._plain.content_type();
    if (!boxed.type.equivalent(type)) {
      throw new TypeMismatch(`${typeName(this.type())} holds ${typeName(type)}`);
    }
    this._replace(converted(boxed.value, boxed.type, type));
  }

  /** The component itself. @throws InvalidValue for null */
  get_boxed_value_as_dyn_any(): DynAny {
    this._check();
    return this.#held();
  }

  /** As `set_boxed_value`, with a copy. */
  set_boxed_value_as_dyn_any(boxed: DynAny): void {
    this.set_boxed_value(boxed.to_any());
  }

  override _initialize(): void {
    this.#boxed = null;
  }

  override _load(value: unknown, work: Work): void {
    if (typeof value === "object" && value !== null) work.known.set(value, this);
    this.#boxed = value === null ? null : this._nodes.part(this._plain.content_type(), value, work);
  }

  override _build(work: Work): unknown {
    if (this.#boxed === null) return null;
    const known = work.known.get(this);
    if (known !== undefined) return known;
    const content = this.#boxed._build(work);
    work.known.set(this, content);
    return content;
  }

  override _isLike(other: DynAny, comparison: Comparison): boolean {
    const [mine, theirs] = [this.#boxed, (other as DynValueBox).#boxed];
    if (mine === null || theirs === null) return mine === theirs;
    comparison.later(mine, theirs);
    return true;
  }

  override _former(): Former {
    const boxed = this.#boxed;
    return {
      parts: boxed === null ? [] : [boxed],
      restore: () => {
        this.#boxed = boxed;
      },
    };
  }

  #held(): DynAny {
    if (this.#boxed !== null) return this.#boxed;
    throw new InvalidValue(`the ${typeName(this.type())} is null and holds nothing`);
  }
}
