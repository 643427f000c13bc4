import { Any, ObjectReference, TypeCode, ValueBox } from "../../orb/index.ts";
import { type Json, Path } from "./shape.ts";
import { typeToJson } from "./type-json.ts";
import { isOctets, typeOfValue, valueMembers } from "./value-members.ts";

/** What writing JSON needs to know. */
export interface ToJsonOptions {
  /** A reference as text, `IOR:…`. */
  readonly referenceText: (reference: ObjectReference) => string;
}

function numberToJson(value: number): Json {
  return Number.isFinite(value) ? value : String(value);
}

function octetsToJson(value: unknown): Json {
  return Buffer.from(value as Uint8Array).toString("base64");
}

/** Writes values as JSON, by their types. */
class Writer {
  readonly #options: ToJsonOptions;
  /** Values on the way from the root: a circle would never end. */
  readonly #open = new Set<object>();

  constructor(options: ToJsonOptions) {
    this.#options = options;
  }

  write(value: unknown, type: TypeCode, path: Path): Json {
    const plain = type.unaliased();
    switch (plain.kind() as string) {
      case "tk_null":
      case "tk_void":
        return null;
      case "tk_float":
      case "tk_double":
        return numberToJson(value as number);
      case "tk_longlong":
      case "tk_ulonglong":
      case "tk_fixed":
      case "tk_longdouble":
        return String(value as bigint);
      case "tk_any":
        return this.#any(value as Any, path);
      case "tk_TypeCode":
        return typeToJson(value as TypeCode);
      case "tk_struct":
      case "tk_except":
        return this.#members(value as object, plain.members(), path);
      case "tk_union":
        return this.#union(value as object, plain, path);
      case "tk_sequence":
      case "tk_array":
        return this.#elements(value, plain, path);
      case "tk_objref":
      case "tk_abstract_interface":
      case "tk_value":
      case "tk_event":
      case "tk_value_box":
        return this.#object(value as object | null, plain, path);
      default:
        // Booleans, numbers, characters, strings and enumerators are themselves.
        return value as Json;
    }
  }

  #any({ type, value }: Any, path: Path): Json {
    return { type: typeToJson(type), value: this.write(value, type, path.member("value")) };
  }

  #members(
    value: object,
    members: readonly { readonly name: string; readonly type: TypeCode }[],
    path: Path,
  ): { [name: string]: Json } {
    const fields = value as Readonly<Record<string, unknown>>;
    return Object.fromEntries(
      members.map(({ name, type }) => [name, this.write(fields[name], type, path.member(name))]),
    );
  }

  #union(value: object, type: TypeCode, path: Path): Json {
    const { $d: label } = value as { readonly $d: string | number | bigint | boolean };
    const $d = this.write(label, type.discriminator_type(), path.member("$d"));
    const member = type.memberFor(label);
    return member === undefined ? { $d } : { $d, ...this.#members(value, [member], path) };
  }

  #elements(value: unknown, type: TypeCode, path: Path): Json {
    if (isOctets(type)) return octetsToJson(value);
    const element = type.content_type();
    return Array.from(value as Iterable<unknown>, (item, at) =>
      this.write(item, element, path.element(at)),
    );
  }

  /** What may be nil, and what may stand for several things. */
  #object(value: object | null, type: TypeCode, path: Path): Json {
    if (value === null) return null;
    if (value instanceof ObjectReference) return this.#options.referenceText(value);
    if (value instanceof ValueBox) {
      const content = this.write(value.content, value._type.content_type(), path);
      return { $type: value._type.id(), content };
    }
    if (type.kind() === "tk_value_box") return this.write(value, type.content_type(), path);
    const actual = typeOfValue(value) ?? type;
    if (this.#open.has(value)) throw path.wrong("the value contains itself, which JSON cannot say");
    this.#open.add(value);
    const members = this.#members(value, valueMembers(actual), path);
    this.#open.delete(value);
    return { $type: actual.id(), ...members };
  }
}

/**
 * A value as JSON: 64-bit integers, fixed and long double as strings, octets as base64, enumerators as
 * strings, unions with `$d`, anys as `{"type": …, "value": …}`, objects as `IOR:…`, values with `$type`.
 * @throws JsonError for a value that contains itself
 */
export function toJson(value: unknown, type: TypeCode, options: ToJsonOptions): Json {
  return new Writer(options).write(value, type, new Path());
}
