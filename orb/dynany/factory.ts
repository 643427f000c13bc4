import { type Any, deepAsMarshal } from "../any/index.ts";
import { InconsistentTypeCode, InvalidValue, MustTruncate } from "../exception/index.ts";
import { LocalObject } from "../object/index.ts";
import { type TypeCode, typeName } from "../typecode/index.ts";
import { basicClassOf } from "./dyn-basic.ts";
import { DynArray, DynSequence } from "./dyn-list.ts";
import { DynStruct } from "./dyn-struct.ts";
import { DynUnion } from "./dyn-union.ts";
import { DynValue } from "./dyn-value.ts";
import { DynValueBox } from "./dyn-value-box.ts";
import { DynAny, type Nodes } from "./dynany.ts";
import { isLeaf } from "./leaves.ts";
import { checkWeight } from "./weight.ts";
import { Work } from "./work.ts";

/** One of the class that fits the type, without a value yet. */
function bare(type: TypeCode): DynAny {
  const plain = type.unaliased();
  switch (plain.kind() as string) {
    case "tk_struct":
    case "tk_except":
      return new DynStruct(type, NODES);
    case "tk_union":
      return new DynUnion(type, NODES);
    case "tk_sequence":
      return new DynSequence(type, NODES);
    case "tk_array":
      return new DynArray(type, NODES);
    case "tk_value":
    case "tk_event":
      return new DynValue(type, NODES);
    case "tk_value_box":
      return new DynValueBox(type, NODES);
    default:
      if (isLeaf(plain)) return new (basicClassOf(plain))(type, NODES);
      throw new InconsistentTypeCode(
        `no DynAny can be made of ${typeName(type)} (${plain.kind()})`,
      );
  }
}

function isValue(type: TypeCode): boolean {
  const kind = type.kind();
  return kind === "tk_value" || kind === "tk_event";
}

/** The DynAny that an instance of a value type, or the content of a box, became before. */
function metAgain(type: TypeCode, value: unknown, work: Work): DynAny | undefined {
  const known = typeof value === "object" && value !== null ? work.known.get(value) : undefined;
  if (isValue(type.unaliased())) return known instanceof DynValue ? known : undefined;
  const isBox = known instanceof DynValueBox && known._plain.equivalent(type);
  return isBox ? known : undefined;
}

const NODES: Nodes = {
  initial(type) {
    checkWeight(type);
    const made = bare(type);
    made._initialize();
    made._settle(true);
    return made;
  },
  part(type, value, work) {
    const met = metAgain(type, value, work);
    if (met !== undefined) return met;
    const made = bare(type);
    made._load(value, work);
    made._settle(true);
    return made;
  },
};

/** DynAnys of anys that share values; each is one of its own. */
function createAll(values: readonly Any[], work: Work): DynAny[] {
  try {
    const made = values.map(({ type, value }) => NODES.part(type, value, work));
    work.finish();
    for (const each of made) each._settle(false);
    return made;
  } catch (thrown) {
    if (!(thrown instanceof InvalidValue)) throw deepAsMarshal(thrown);
    throw new InconsistentTypeCode(`the any holds no value of its type: ${thrown.message}`, {
      cause: thrown,
    });
  }
}

/**
 * Makes DynAnys (CORBA 3.3 Part 1, 9.2.2): the initial reference `DynAnyFactory`. InconsistentTypeCode is
 * raised for Principal and native types, and where an any holds what is no value of its type.
 */
export class DynAnyFactory extends LocalObject {
  /**
   * With a copy of the value. A value whose class is derived from the type the any names becomes one of that type.
   * @throws InconsistentTypeCode
   */
  create_dyn_any(value: Any): DynAny {
    return createAll([value], new Work())[0] as DynAny;
  }

  /**
   * With the initial value of the type: zero, empty, the first enumerator, the first member of a union, null.
   * @throws InconsistentTypeCode; IMP_LIMIT beyond 4,194,304 parts, arrays counted with all their elements
   */
  create_dyn_any_from_type_code(type: TypeCode): DynAny {
    const made = NODES.initial(type);
    made._settle(false);
    return made;
  }

  /** As `create_dyn_any`. @throws MustTruncate where a value would become one of a base type */
  create_dyn_any_without_truncation(value: Any): DynAny {
    return this.create_multiple_dyn_anys([value], false)[0] as DynAny;
  }

  /**
   * One for each; values that are in several anys are the same component in each.
   * @throws InconsistentTypeCode; MustTruncate unless `allow_truncate`
   */
  create_multiple_dyn_anys(values: readonly Any[], allow_truncate: boolean): DynAny[] {
    const work = new Work();
    const made = createAll(values, work);
    if (!work.wasTruncated || allow_truncate) return made;
    throw new MustTruncate("a value is of a type derived from the one its any names");
  }

  /** The reverse: components that are in several of them become one value. */
  create_multiple_anys(values: readonly DynAny[]): Any[] {
    const work = new Work();
    const anys = values.map((value) => value._toAny(work));
    work.finish();
    return anys;
  }
}
