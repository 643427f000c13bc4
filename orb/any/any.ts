import { BAD_OPERATION, Completion, MINOR } from "../exception/index.ts";
import { type TypeCode, typeName } from "../typecode/index.ts";
import { converted } from "./convert.ts";

/** A value together with its type; the value has the form the language mapping gives that type. */
export class Any {
  readonly type: TypeCode;
  readonly value: unknown;

  constructor(type: TypeCode, value: unknown) {
    this.type = type;
    this.value = value;
  }

  /**
   * The value, where the any holds one of an equivalent type; members and enumerators are called as `type`
   * calls them.
   * @throws BAD_OPERATION for a value of another type
   */
  extract<T = unknown>(type: TypeCode): T {
    if (this.type.equivalent(type)) return converted(this.value, this.type, type) as T;
    const text = `the any holds ${typeName(this.type)}, not ${typeName(type)}`;
    throw new BAD_OPERATION(text, MINOR.none, Completion.no);
  }
}
