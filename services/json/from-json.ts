import {
  Any,
  AnyValue,
  Fixed,
  LongDouble,
  type ObjectReference,
  tc,
  type TypeCode,
} from "../../orb/index.ts";
import { isRecord, type Json, kindOf, Path } from "./shape.ts";
import { typeFromJson } from "./type-json.ts";
import { isOctets, valueMembers } from "./value-members.ts";

/** What reading JSON needs to know. */
export interface FromJsonOptions {
  /** The object that a text names. */
  readonly reference: (text: string) => Promise<ObjectReference | null>;
  /** Types for anys and values, by scoped name or repository id. */
  readonly findType: (name: string) => TypeCode | undefined;
}

const RANGES: Readonly<Record<string, readonly [least: bigint, most: bigint]>> = {
  tk_octet: [0n, 0xffn],
  tk_short: [-0x8000n, 0x7fffn],
  tk_ushort: [0n, 0xffffn],
  tk_long: [-0x8000_0000n, 0x7fff_ffffn],
  tk_ulong: [0n, 0xffff_ffffn],
  tk_longlong: [-(1n << 63n), (1n << 63n) - 1n],
  tk_ulonglong: [0n, (1n << 64n) - 1n],
};

function integer(json: Json, kind: string, path: Path): number | bigint {
  const [least, most] = RANGES[kind] ?? [0n, 0n];
  const isWide = kind === "tk_longlong" || kind === "tk_ulonglong";
  const isText = typeof json === "string" && /^-?\d+$/.test(json);
  if (isText || (typeof json === "number" && Number.isSafeInteger(json))) {
    const value = BigInt(json as string | number);
    if (value >= least && value <= most) return isWide ? value : Number(value);
  }
  const hint = isWide ? ", a string beyond 2^53" : "";
  throw path.wrong(`a whole number ${least} to ${most} is needed${hint}, not ${kindOf(json)}`);
}

function real(json: Json, path: Path): number {
  if (typeof json === "number") return json;
  if (json === "NaN" || json === "Infinity" || json === "-Infinity") return Number(json);
  throw path.wrong(`a number, "NaN", "Infinity" or "-Infinity" is needed, not ${kindOf(json)}`);
}

function text(json: Json, what: string, path: Path): string {
  if (typeof json === "string") return json;
  throw path.wrong(`${what} is needed, not ${kindOf(json)}`);
}

function octets(json: Json, path: Path): Uint8Array {
  if (Array.isArray(json)) {
    const numbers = (json as readonly Json[]).map((one, at) =>
      Number(integer(one, "tk_octet", path.element(at))),
    );
    return Uint8Array.from(numbers);
  }
  if (typeof json === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(json) && json.length % 4 === 0) {
    return new Uint8Array(Buffer.from(json, "base64"));
  }
  throw path.wrong(`octets in base64 or an array of numbers is needed, not ${kindOf(json)}`);
}

function enumerator(json: Json, type: TypeCode, path: Path): string {
  const names = type.enumerators();
  if (typeof json === "string" && names.includes(json)) return json;
  throw path.wrong(`one of ${names.join(", ")} is needed, not ${kindOf(json)}`);
}

function fixed(json: Json, path: Path): Fixed {
  try {
    return Fixed.parse(typeof json === "number" ? String(json) : text(json, "a decimal", path));
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw path.wrong(cause.message);
  }
}

/** Reads values from JSON, by their types; references are looked up as they come. */
class Reader {
  readonly #options: FromJsonOptions;

  constructor(options: FromJsonOptions) {
    this.#options = options;
  }

  async read(json: Json, type: TypeCode, path: Path): Promise<unknown> {
    const plain = type.unaliased();
    const kind: string = plain.kind();
    switch (kind) {
      case "tk_null":
      case "tk_void":
        return undefined;
      case "tk_octet":
      case "tk_short":
      case "tk_ushort":
      case "tk_long":
      case "tk_ulong":
      case "tk_longlong":
      case "tk_ulonglong":
        return integer(json, kind, path);
      case "tk_float":
      case "tk_double":
        return real(json, path);
      case "tk_longdouble":
        return LongDouble.fromNumber(real(typeof json === "string" ? Number(json) : json, path));
      case "tk_boolean":
        if (typeof json === "boolean") return json;
        throw path.wrong(`true or false is needed, not ${kindOf(json)}`);
      case "tk_char":
      case "tk_wchar":
        if (typeof json === "string" && json.length === 1) return json;
        throw path.wrong(`a string of one character is needed, not ${kindOf(json)}`);
      case "tk_string":
      case "tk_wstring":
        return text(json, "a string", path);
      case "tk_enum":
        return enumerator(json, plain, path);
      case "tk_fixed":
        return fixed(json, path);
      default:
        return await this.#compound(json, plain, path);
    }
  }

  async #compound(json: Json, type: TypeCode, path: Path): Promise<unknown> {
    switch (type.kind() as string) {
      case "tk_struct":
      case "tk_except":
        return await this.#members(json, type.members(), path);
      case "tk_union":
        return await this.#union(json, type, path);
      case "tk_sequence":
      case "tk_array":
        return isOctets(type) ? octets(json, path) : await this.#elements(json, type, path);
      case "tk_any":
        return await this.#any(json, path);
      case "tk_TypeCode":
        return typeFromJson(json, this.#options.findType, path);
      case "tk_objref":
        return await this.#reference(json, path);
      case "tk_abstract_interface":
        return isRecord(json)
          ? await this.#value(json, type, path)
          : await this.#reference(json, path);
      case "tk_value":
      case "tk_event":
        return json === null ? null : await this.#value(json, type, path);
      case "tk_value_box":
        return json === null ? null : await this.read(json, type.content_type(), path);
      default:
        throw path.wrong(`values of kind ${type.kind()} cannot be sent`);
    }
  }

  async #members(
    json: Json,
    members: readonly { readonly name: string; readonly type: TypeCode }[],
    path: Path,
    others: readonly string[] = [],
  ): Promise<Record<string, unknown>> {
    const names = members.map(({ name }) => name);
    if (!isRecord(json)) {
      throw path.wrong(`an object with ${names.join(", ")} is needed, not ${kindOf(json)}`);
    }
    const unknown = Object.keys(json).filter((n) => !names.includes(n) && !others.includes(n));
    if (unknown.length > 0) {
      throw path.wrong(`there is no ${unknown.join(", ")}; allowed: ${names.join(", ")}`);
    }
    const value: Record<string, unknown> = {};
    for (const { name, type } of members) {
      const field = json[name];
      if (field === undefined) throw path.wrong(`${name} is missing`);
      value[name] = await this.read(field, type, path.member(name));
    }
    return value;
  }

  async #union(json: Json, type: TypeCode, path: Path): Promise<unknown> {
    const label = isRecord(json) ? json["$d"] : undefined;
    if (label === undefined) throw path.wrong(`an object with $d is needed, not ${kindOf(json)}`);
    const $d = (await this.read(label, type.discriminator_type(), path.member("$d"))) as string;
    const member = type.memberFor($d);
    const members = member === undefined ? [] : [member];
    return { $d, ...(await this.#members(json, members, path, ["$d"])) };
  }

  async #elements(json: Json, type: TypeCode, path: Path): Promise<unknown[]> {
    if (!Array.isArray(json)) throw path.wrong(`an array is needed, not ${kindOf(json)}`);
    const items = json as readonly Json[];
    const length = type.length();
    const isArray = type.kind() === "tk_array";
    if (isArray ? items.length !== length : length > 0 && items.length > length) {
      const allowed = isArray ? `exactly ${length}` : `at most ${length}`;
      throw path.wrong(`${items.length} elements, ${allowed} are allowed`);
    }
    const values: unknown[] = [];
    for (const [at, item] of items.entries()) {
      values.push(await this.read(item, type.content_type(), path.element(at)));
    }
    return values;
  }

  async #any(json: Json, path: Path): Promise<Any> {
    if (!isRecord(json) || json["type"] === undefined) {
      throw path.wrong(`an object {"type": …, "value": …} is needed, not ${kindOf(json)}`);
    }
    const type = typeFromJson(json["type"], this.#options.findType, path.member("type"));
    return new Any(type, await this.read(json["value"] ?? null, type, path.member("value")));
  }

  async #reference(json: Json, path: Path): Promise<ObjectReference | null> {
    if (json === null) return null;
    const reference = text(json, "null or an object reference (IOR:…, corbaloc:…)", path);
    try {
      return await this.#options.reference(reference);
    } catch (cause) {
      throw path.wrong(cause instanceof Error ? cause.message : String(cause));
    }
  }

  async #value(json: Json, declared: TypeCode, path: Path): Promise<AnyValue> {
    const named = isRecord(json) ? json["$type"] : undefined;
    const type =
      named === undefined || (declared.hasId() && named === declared.id())
        ? declared
        : typeFromJson(named, this.#options.findType, path.member("$type")).unaliased();
    const kind = type.kind();
    if (kind !== "tk_value" && kind !== "tk_event") {
      throw path.wrong("$type must name the value's type");
    }
    return new AnyValue(type, await this.#members(json, valueMembers(type), path, ["$type"]));
  }
}

/**
 * The value that JSON says, in the form of {@link toJson}; numbers are accepted for 64-bit integers, too.
 * @param name what errors call the whole
 * @throws JsonError saying where it does not fit the type
 */
export function fromJson(
  json: Json,
  type: TypeCode,
  options: FromJsonOptions,
  name: string = "$",
): Promise<unknown> {
  return new Reader(options).read(json, type, new Path(name));
}

/** Whether text that is no JSON may stand for a value of the type as it is. */
export function isTextual(type: TypeCode): boolean {
  const textual = [tc.string(), tc.wstring(), tc.char, tc.wchar, tc.Object].map((t) => t.kind());
  const kind = type.unaliased().kind();
  return kind === "tk_enum" || textual.includes(kind);
}
