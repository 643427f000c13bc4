/** Fails with a message that says what is allowed. @param at the key within the value, where it is a table */
export type Fail = (what: string, at?: string) => never;

export type Check<T> = (value: unknown, fail: Fail) => T;

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

export function integer(least: number, most: number): Check<number> {
  return (value, fail) => {
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most)
      return value;
    return fail(`an integer from ${least} to ${most} is needed, not ${describe(value)}`);
  };
}

export const truth: Check<boolean> = (value, fail) =>
  typeof value === "boolean" ? value : fail(`true or false is needed, not ${describe(value)}`);

export function oneOf<T extends string>(allowed: readonly T[]): Check<T> {
  return (value, fail) => {
    const found = allowed.find((each) => each === value);
    return found ?? fail(`one of ${allowed.join(", ")} is needed, not ${describe(value)}`);
  };
}

/** An array of at least one. */
export function someOf<T>(check: Check<T>): Check<readonly T[]> {
  return (value, fail) => {
    if (!Array.isArray(value) || value.length === 0) {
      return fail(`an array with at least one entry is needed, not ${describe(value)}`);
    }
    return value.map((entry: unknown) => check(entry, fail));
  };
}

export function unknownKey(key: string, allowed: readonly string[]): string {
  return `there is no key "${key}" here; allowed: ${allowed.toSorted().join(", ")}`;
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
  return (value, fail) => {
    const read = part(value, fail);
    for (const key of Object.keys(checks)) if (!(key in read)) fail(`"${key}" is missing`);
    return read as T;
  };
}
