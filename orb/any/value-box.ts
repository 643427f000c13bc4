import type { TypeCode } from "../typecode/index.ts";
import { ValueBase, type ValueDescriptor } from "../value/index.ts";
import { VALUE_TYPES } from "./write.ts";

/**
 * A value box with its type, for where any value may stand: ValueBase. Where the box itself is declared
 * its content alone is given and received.
 */
export class ValueBox extends ValueBase {
  readonly _type: TypeCode;
  readonly content: unknown;

  /** @param type of kind tk_value_box */
  constructor(type: TypeCode, content: unknown) {
    super();
    this._type = type.unaliased();
    this.content = content;
  }

  /** Internal: the type, as streams see it. */
  override get _value(): ValueDescriptor {
    return VALUE_TYPES.describe(this._type);
  }
}
