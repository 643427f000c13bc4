import type { TypeCode } from "../typecode/index.ts";
import { ValueBase, type ValueDescriptor } from "../value/index.ts";
import { VALUE_TYPES } from "./write.ts";

/**
 * A value of a type that is known by its TypeCode alone: what an any holds whose value type was not
 * registered with the ORB. Its members are properties under their IDL names.
 */
export class AnyValue extends ValueBase {
  readonly _type: TypeCode;
  readonly [member: string]: unknown;

  /** @param type of kind tk_value or tk_event */
  constructor(type: TypeCode, members: Readonly<Record<string, unknown>> = {}) {
    super();
    this._type = type.unaliased();
    Object.assign(this, members);
  }

  /** Internal: the type, as streams see it. */
  override get _value(): ValueDescriptor {
    return VALUE_TYPES.describe(this._type);
  }
}
