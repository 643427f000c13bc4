import { nearest } from "./nearest.ts";

/** Fails with a message that says what is allowed. @param at the key within the value, where it is a table */
export type Fail = (what: string, at?: string) => never;

/** Takes a value as a file has it for one of its type, or fails. */
export interface Check<T> {
  (value: unknown, fail: Fail): T;
  /** What it takes, for people: `integer, 1 to 99`. */
  readonly allows?: string;
}

export type Checks<T> = { readonly [K in keyof T]-?: Check<Exclude<T[K], undefined>> };

/** What a value is called in a message. */
export function describe(value: unknown): string {
  if (value instanceof Date) return "a date";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "a table";
  // A TOML file holds nothing else but strings, numbers and booleans.
  return typeof value === "string" ? JSON.stringify(value) : `${value as number}`;
}

export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}

/** A check that says what it takes. */
export function saying<T>(allows: string, check: Check<T>): Check<T> {
  const own: Check<T> = (value, fail) => check(value, fail);
  return Object.assign(own, { allows });
}

export function integer(least: number, most: number): Check<number> {
  return saying(`integer, ${least} to ${most}`, (value, fail) => {
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most)
      return value;
    return fail(`an integer from ${least} to ${most} is needed, not ${describe(value)}`);
  });
}

export const truth: Check<boolean> = saying("true, false", (value, fail) =>
  typeof value === "boolean" ? value : fail(`true or false is needed, not ${describe(value)}`),
);

export function oneOf<T extends string>(allowed: readonly T[]): Check<T> {
  return saying(allowed.map((each) => JSON.stringify(each)).join(", "), (value, fail) => {
    const found = allowed.find((each) => each === value);
    return found ?? fail(`one of ${allowed.join(", ")} is needed, not ${describe(value)}`);
  });
}

/** A text of a form; `example` shows it. */
export function text(allows: string, form: RegExp, example: string): Check<string> {
  return saying(allows, (value, fail) =>
    typeof value === "string" && form.test(value)
      ? value
      : fail(`a text like "${example}" is needed (${allows}), not ${describe(value)}`),
  );
}

/** An array, which may be empty, of entries of one kind. */
export function listOf<T>(
  check: Check<T>,
  allows: string = `array of: ${check.allows}`,
): Check<readonly T[]> {
  return saying(allows, (value, fail) => {
    if (!Array.isArray(value)) return fail(`an array is needed, not ${describe(value)}`);
    return value.map((entry: unknown) => check(entry, fail));
  });
}

/** An array of at least one. */
export function someOf<T>(check: Check<T>): Check<readonly T[]> {
  return saying(`array of: ${check.allows}`, (value, fail) => {
    if (!Array.isArray(value) || value.length === 0) {
      return fail(`an array with at least one entry is needed, not ${describe(value)}`);
    }
    return value.map((entry: unknown) => check(entry, fail));
  });
}

export function unknownKey(key: string, allowed: readonly string[]): string {
  const near = nearest(key, allowed);
  const meant = near === undefined ? "" : `; did you mean "${near}"?`;
  return `there is no key "${key}" here${meant === "" ? ";" : meant} allowed: ${allowed.toSorted().join(", ")}`;
}

/** A table by the checks of its keys; a key without one is refused. */
export function table<T>(checks: Checks<T>): Check<Partial<T>> {
  return (value, fail) => {
    if (!isTable(value)) return fail(`a table is needed, not ${describe(value)}`);
    const read: Record<string, unknown> = {};
    for (const [key, entry] of Object.entries(value)) {
      if (!Object.hasOwn(checks, key)) return fail(unknownKey(key, Object.keys(checks)), key);
      const check = checks[key as keyof T] as Check<unknown>;
      read[key] = check(entry, (what, at) => fail(what, at === undefined ? key : `${key}.${at}`));
    }
    return read as Partial<T>;
  };
}

/** As {@link table}, and all keys are needed. */
export function whole<T>(checks: Checks<T>): Check<T> {
  const part = table(checks);
  return saying(`{ ${Object.keys(checks).join(", ")} }`, (value, fail) => {
    const read = part(value, fail);
    for (const key of Object.keys(checks)) if (!(key in read)) fail(`"${key}" is missing`);
    return read as T;
  });
}
