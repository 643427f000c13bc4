import type { StateSource } from "./state-source.ts";

const DECODER = new TextDecoder();

/** A value that was put into octets in a form of its own: JSON has no such thing. */
type Tagged = { readonly $: string; readonly v: unknown };

/**
 * State of servants that are plain data: the own enumerable fields of each, by a name; private fields (`#x`) cannot be
 * seen, a servant with such implements `FT::Checkpointable`. Values may be null, booleans, numbers, bigints, strings,
 * octets, dates, and arrays, maps, sets and plain objects of these.
 */
export class PlainState implements StateSource {
  readonly #servants: ReadonlyMap<string, object>;
  readonly #beginning: Uint8Array;

  /** @throws TypeError when a field holds something else, and says which */
  constructor(servants: ReadonlyMap<string, object>) {
    this.#servants = servants;
    this.#beginning = this.capture();
  }

  capture(): Uint8Array {
    const all: Record<string, unknown> = {};
    for (const [name, servant] of this.#servants) all[name] = packFields(servant, name);
    return Buffer.from(JSON.stringify(all));
  }

  restore(state: Uint8Array | undefined): void {
    const all = JSON.parse(DECODER.decode(state ?? this.#beginning)) as Record<
      string,
      Record<string, unknown>
    >;
    for (const [name, servant] of this.#servants) {
      const fields = servant as Record<string, unknown>;
      const taken = all[name] ?? {};
      for (const key of Object.keys(fields))
        if (!(key in taken) && isState(key, fields[key])) delete fields[key];
      for (const [key, value] of Object.entries(taken)) replace(fields, key, unpack(value));
    }
  }
}

/** A servant's own machinery (`_descriptor`) and methods kept in fields are no state. */
function isState(key: string, value: unknown): boolean {
  return !key.startsWith("_") && typeof value !== "function";
}

/** Readonly fields hold the same map or array as before: others may hold it too. */
function replace(fields: Record<string, unknown>, key: string, value: unknown): void {
  const before = fields[key];
  if (Array.isArray(before) && Array.isArray(value)) {
    before.length = 0;
    for (const one of value) before.push(one);
  } else if (before instanceof Map && value instanceof Map) {
    before.clear();
    for (const [k, v] of value) before.set(k, v);
  } else if (before instanceof Set && value instanceof Set) {
    before.clear();
    for (const one of value) before.add(one);
  } else fields[key] = value;
}

function packFields(of: object, path: string): Record<string, unknown> {
  const packed: Record<string, unknown> = {};
  const fields = Object.entries(of);
  // In the order of the names: two replicas may have set them in different orders.
  if (fields.length > 1) fields.sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [key, value] of fields)
    if (isState(key, value)) packed[key] = pack(value, `${path}.${key}`);
  return packed;
}

function pack(value: unknown, path: string): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : tag("number", printed(value));
    case "bigint":
      return tag("bigint", String(value));
    case "undefined":
      return tag("undefined", "");
    case "object":
      return value === null ? null : packObject(value, path);
    case "function":
    case "symbol":
      throw new TypeError(`${path} is a ${typeof value}: plain state has no such value`);
  }
}

function printed(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function packObject(value: object, path: string): unknown {
  if (Array.isArray(value)) return value.map((one, i) => pack(one, `${path}[${i}]`));
  if (value instanceof Uint8Array) return tag("octets", Buffer.from(value).toString("base64"));
  if (value instanceof Date) return tag("date", value.getTime());
  if (value instanceof Set)
    return tag(
      "set",
      [...value].map((one) => pack(one, `${path}{}`)),
    );
  if (value instanceof Map)
    return tag(
      "map",
      [...value].map(([key, one]) => [
        pack(key, `${path}{}`),
        pack(one, `${path}{${String(key)}}`),
      ]),
    );
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError(`${path} is a ${value.constructor.name}: plain state has no such value`);
  return tag("object", packFields(value, path));
}

function tag($: string, v: unknown): Tagged {
  return { $, v };
}

function unpack(packed: unknown): unknown {
  if (typeof packed !== "object" || packed === null) return packed;
  if (Array.isArray(packed)) return packed.map(unpack);
  const { $, v } = packed as Tagged;
  switch ($) {
    case "number":
      return Number(v);
    case "bigint":
      return BigInt(v as string);
    case "octets":
      return new Uint8Array(Buffer.from(v as string, "base64"));
    case "date":
      return new Date(v as number);
    case "set":
      return new Set((v as unknown[]).map(unpack));
    case "map":
      return new Map((v as [unknown, unknown][]).map(([key, one]) => [unpack(key), unpack(one)]));
    case "object":
      return Object.fromEntries(
        Object.entries(v as Record<string, unknown>).map(([key, one]) => [key, unpack(one)]),
      );
    default:
      return undefined;
  }
}
