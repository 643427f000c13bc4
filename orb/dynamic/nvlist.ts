import { Any } from "../any/index.ts";
import { BAD_PARAM, MINOR } from "../exception/index.ts";
import { tc, type TypeCode } from "../typecode/index.ts";
import { ARG_IN, ARG_INOUT, ARG_OUT, type Flags } from "./flags.ts";
import { ItemList } from "./item-list.ts";

const NOTHING: Any = new Any(tc.null, undefined);

/** CORBA::NamedValue: an argument or a result. */
export class NamedValue {
  readonly name: string;
  readonly flags: Flags;
  /** Type and value; of what is not known yet the value is undefined. */
  value: Any;

  constructor(name: string, value: Any, flags: Flags) {
    this.name = name;
    this.value = value;
    this.flags = flags;
  }
}

/** CORBA::NVList: the arguments of an operation, in the order of its IDL (CORBA 3.3 Part 1, 11). */
export class NVList extends ItemList<NamedValue> {
  /** An argument whose name, type and value come later, or do not matter. */
  add(flags: Flags): NamedValue {
    return this.add_value("", NOTHING, flags);
  }

  add_item(name: string, flags: Flags): NamedValue {
    return this.add_value(name, NOTHING, flags);
  }

  /** An argument of which the type is known: an out argument, or a parameter that a servant expects. */
  add_type(name: string, type: TypeCode, flags: Flags): NamedValue {
    return this.add_value(name, new Any(type, undefined), flags);
  }

  /** @throws BAD_PARAM for flags without a direction, or a value that is no Any */
  add_value(name: string, value: Any, flags: Flags): NamedValue {
    if (!(value instanceof Any)) {
      const text = `argument ${name || this.count}: an Any is needed, new Any(type, value), not ${typeof value}`;
      throw new BAD_PARAM(text, MINOR.wrongJavaScriptType);
    }
    if ((flags & ARG_INOUT) === 0) {
      const text = `argument ${name || this.count}: flags ${flags} have no direction; ARG_IN is ${ARG_IN}, ARG_OUT ${ARG_OUT}, ARG_INOUT ${ARG_INOUT}`;
      throw new BAD_PARAM(text, MINOR.none);
    }
    const added = new NamedValue(name, value, flags);
    this._append(added);
    return added;
  }
}
