import type { TypeCode } from "../typecode/index.ts";

/** A value together with its type; the value has the form the language mapping gives that type. */
export class Any {
  readonly type: TypeCode;
  readonly value: unknown;

  constructor(type: TypeCode, value: unknown) {
    this.type = type;
    this.value = value;
  }
}
