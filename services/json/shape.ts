/** What JSON can say. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json };

/** The JSON does not fit the type; the message says where, and what is allowed. */
export class JsonError extends Error {
  override readonly name: string = "JsonError";
}

/** Nesting of values in JSON. */
const MAX_DEPTH = 256;

/** The place of a value: `$.train.speed`. */
export class Path {
  readonly #text: string;
  readonly #depth: number;

  constructor(text: string = "$", depth: number = 0) {
    this.#text = text;
    this.#depth = depth;
  }

  member(name: string): Path {
    return this.#inner(`${this.#text}.${name}`);
  }

  element(index: number): Path {
    return this.#inner(`${this.#text}[${index}]`);
  }

  #inner(text: string): Path {
    if (this.#depth >= MAX_DEPTH) throw this.wrong(`nested deeper than ${MAX_DEPTH}`);
    return new Path(text, this.#depth + 1);
  }

  wrong(what: string): JsonError {
    return new JsonError(`${this.#text}: ${what}`);
  }
}

/** The kind of a piece of JSON, for messages. */
export function kindOf(json: Json): string {
  if (json === null) return "null";
  return Array.isArray(json) ? "an array" : `${typeof json} ${JSON.stringify(json).slice(0, 40)}`;
}

export function isRecord(json: unknown): json is { readonly [name: string]: Json } {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
