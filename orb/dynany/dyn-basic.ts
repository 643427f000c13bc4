import { keyOf, type TypeCode } from "../typecode/index.ts";
import { Any } from "../any/index.ts";
import { Fixed } from "../cdr/index.ts";
import { InvalidValue, TypeMismatch } from "../exception/index.ts";
import { type Comparison, DynAny, type Former } from "./dynany.ts";
import { acceptLeaf, initialLeaf, sameLeaf } from "./leaves.ts";
import { Work } from "./work.ts";

/** A DynAny without components. */
export class DynBasic extends DynAny {
  #value: unknown;
  /** Internal: called after the value has become another one. */
  _changed: (() => void) | undefined;

  override component_count(): number {
    this._check();
    return 0;
  }

  override _component(): DynAny {
    throw new RangeError("a basic value has no components");
  }

  override _initialize(): void {
    this.#value = initialLeaf(this._plain);
  }

  override _load(value: unknown, _work: Work): void {
    this.#value = acceptLeaf(this._plain, value);
  }

  override _replace(value: unknown): void {
    super._replace(value);
    this._changed?.();
  }

  override _build(_work: Work): unknown {
    return this.#value;
  }

  override _isLike(other: DynAny, comparison: Comparison): boolean {
    const theirs = (other as DynBasic).#value;
    if (!(this.#value instanceof Any && theirs instanceof Any)) {
      return sameLeaf(this._plain, this.#value, theirs);
    }
    if (!this.#value.type.equivalent(theirs.type)) return false;
    comparison.later(this.#inner(this.#value), this.#inner(theirs));
    return true;
  }

  override _former(): Former {
    const value = this.#value;
    return {
      parts: [],
      restore: () => {
        this.#value = value;
      },
    };
  }

  #inner(any: Any): DynAny {
    const work = new Work();
    const inner = this._nodes.part(any.type, any.value, work);
    work.finish();
    return inner;
  }
}

/** A fixed-point number (CORBA 3.3 Part 1, 9.2.4). */
export class DynFixed extends DynBasic {
  /** Decimal, with as many digits behind the point as the type has. */
  get_value(): string {
    this._check();
    return String(this._copy());
  }

  /**
   * Takes a literal such as `-12.50`; digits the scale has no room for are cut off.
   * @returns false when some were
   * @throws TypeMismatch for what is no literal; InvalidValue for too many digits before the point
   */
  set_value(val: string): boolean {
    this._check();
    const number = parse(val);
    const by = number.scale - this._plain.fixed_scale();
    const divisor = 10n ** BigInt(Math.max(by, 0));
    const cut = new Fixed(number.unscaled / divisor, number.scale - Math.max(by, 0));
    this._replace(cut);
    return number.unscaled % divisor === 0n;
  }
}

function parse(text: string): Fixed {
  try {
    return Fixed.parse(text);
  } catch (cause) {
    throw new TypeMismatch(`${JSON.stringify(text)} is no literal of a fixed`, { cause });
  }
}

/** A value of an enum (CORBA 3.3 Part 1, 9.2.5). */
export class DynEnum extends DynBasic {
  get_as_string(): string {
    this._check();
    return this._copy() as string;
  }

  /** @throws InvalidValue for a name that is none of the enum's */
  set_as_string(value: string): void {
    this._check();
    this._replace(value);
  }

  get_as_ulong(): number {
    this._check();
    return this._plain.ordinalOf(this._copy() as string);
  }

  /** @throws InvalidValue for a number the enum has no name for */
  set_as_ulong(value: number): void {
    this._check();
    const name = this._plain.enumerators()[value];
    if (name === undefined) throw new InvalidValue(`${value} stands for no enumerator`);
    this._replace(keyOf(name, value));
  }
}

/** Which class values of the kind have. */
export function basicClassOf(
  plain: TypeCode,
): new (
  ...of: ConstructorParameters<typeof DynAny>
) => DynBasic {
  if (plain.kind() === "tk_enum") return DynEnum;
  return plain.kind() === "tk_fixed" ? DynFixed : DynBasic;
}
