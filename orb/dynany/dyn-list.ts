import { converted } from "../any/index.ts";
import type { Any } from "../any/index.ts";
import { InvalidValue, TypeMismatch } from "../exception/index.ts";
import { type TypeCode, typeName } from "../typecode/index.ts";
import { type Comparison, DynAny, type Former } from "./dynany.ts";
import { acceptLeaf, initialLeaf, isLeaf, sameLeaf, shown } from "./leaves.ts";
import type { Work } from "./work.ts";

/** An element that is not a DynAny yet: the value of a type without components. */
type Element = unknown;

/** What has elements of one type. */
export abstract class DynList extends DynAny {
  /** Elements without components become a DynAny when somebody asks for it: a million octets are a million numbers. */
  #elements: Element[] = [];

  /** Internal: @throws InvalidValue for a number of elements that the type does not allow */
  abstract _checkLength(length: number): void;

  override component_count(): number {
    this._check();
    return this.#elements.length;
  }

  override _component(index: number): DynAny {
    const element = this.#elements[index];
    if (element instanceof DynAny) return element;
    const made = this._nodes.initial(this.#elementType);
    made._replace(element);
    this.#elements[index] = made;
    return made;
  }

  /** The elements, each with its type. */
  get_elements(): Any[] {
    return this.get_elements_as_dyn_any().map((element) => element.to_any());
  }

  /**
   * Gives it other elements.
   * @throws TypeMismatch for a type that is not the elements'; InvalidValue for more or fewer than allowed
   */
  set_elements(value: readonly Any[]): void {
    this._check();
    this._checkLength(value.length);
    for (const [i, { type }] of value.entries()) {
      if (type.equivalent(this.#elementType)) continue;
      const text = `element ${i} is ${typeName(this.#elementType)}, not ${typeName(type)}`;
      throw new TypeMismatch(text);
    }
    const values = value.map((any) => converted(any.value, any.type, this.#elementType));
    this._replace(this.#isOctets ? Uint8Array.from(values as number[]) : values);
  }

  /** The elements: the components themselves. */
  get_elements_as_dyn_any(): DynAny[] {
    this._check();
    return this.#elements.map((_, i) => this._component(i));
  }

  /** As `set_elements`, with copies of the values. */
  set_elements_as_dyn_any(value: readonly DynAny[]): void {
    this.set_elements(value.map((element) => element.to_any()));
  }

  /** Internal: more elements have initial values, fewer end those behind. */
  _resize(length: number): void {
    const plain = this.#elementType.unaliased();
    for (const gone of this.#elements.splice(length)) if (gone instanceof DynAny) gone._drop();
    while (this.#elements.length < length) {
      this.#elements.push(
        isLeaf(plain) ? initialLeaf(plain) : this._nodes.initial(this.#elementType),
      );
    }
  }

  override _load(value: unknown, work: Work): void {
    const plain = this.#elementType.unaliased();
    if (!(this.#isOctets ? value instanceof Uint8Array : Array.isArray(value))) {
      const form = this.#isOctets ? "a Uint8Array" : "an array";
      throw new InvalidValue(`${typeName(this.type())} is ${form}, not ${shown(value)}`);
    }
    const given = value as ArrayLike<unknown>;
    this._checkLength(given.length);
    const take: (element: unknown) => Element = isLeaf(plain)
      ? (element) => acceptLeaf(plain, element)
      : (element) => this._nodes.part(this.#elementType, element, work);
    this.#elements = Array.from(given, take);
  }

  override _build(work: Work): unknown {
    const values = this.#elements.map((element) =>
      element instanceof DynAny ? element._build(work) : element,
    );
    return this.#isOctets ? Uint8Array.from(values as number[]) : values;
  }

  override _isLike(other: DynAny, comparison: Comparison): boolean {
    const list = other as DynList;
    const theirs = list.#elements;
    if (theirs.length !== this.#elements.length) return false;
    const plain = this.#elementType.unaliased();
    return this.#elements.every((element, i) => {
      if (
        !(element instanceof DynAny) &&
        !(theirs[i] instanceof DynAny) &&
        plain.kind() !== "tk_any"
      ) {
        return sameLeaf(plain, element, theirs[i]);
      }
      comparison.later(this._component(i), list._component(i));
      return true;
    });
  }

  override _former(): Former {
    const elements = this.#elements;
    return {
      parts: elements.filter((element) => element instanceof DynAny),
      restore: () => {
        this.#elements = elements;
      },
    };
  }

  get #elementType(): TypeCode {
    return this._plain.content_type();
  }

  get #isOctets(): boolean {
    return this.#elementType.unaliased().kind() === "tk_octet";
  }
}

/** A sequence (CORBA 3.3 Part 1, 9.2.8). */
export class DynSequence extends DynList {
  get_length(): number {
    return this.component_count();
  }

  /**
   * Longer ones get elements with initial values, the first of which becomes the current one unless there
   * is one already; shorter ones lose those behind, and with them maybe the current one.
   * @throws InvalidValue beyond the bound of the type
   */
  set_length(len: number): void {
    this._check();
    const before = this.component_count();
    this._checkLength(len);
    this._resize(len);
    if (len > before && this._position < 0) this._moveTo(before);
    else if (this._position >= len) this._moveTo(-1);
  }

  override _initialize(): void {
    this._resize(0);
  }

  override _checkLength(length: number): void {
    const bound = this._plain.length();
    if (Number.isInteger(length) && length >= 0 && (bound === 0 || length <= bound)) return;
    throw new InvalidValue(`${typeName(this.type())} cannot have ${length} elements`);
  }
}

/** An array (CORBA 3.3 Part 1, 9.2.9); one of several dimensions has arrays for components. */
export class DynArray extends DynList {
  override _initialize(): void {
    this._resize(this._plain.length());
  }

  override _checkLength(length: number): void {
    if (length === this._plain.length()) return;
    throw new InvalidValue(`${typeName(this.type())} cannot have ${length} elements`);
  }
}
