import { type Check, type Checks, table } from "./checks.ts";

/** One key of a configuration: the one place that says what it takes, what it is without, and what it means. */
export interface Option<T> {
  readonly check: Check<T>;
  /** `ms`, `octets`, …; undefined where it has none. */
  readonly unit?: string;
  /** What is in force where nothing is said; undefined: `otherwise` says what happens. */
  readonly standard?: T;
  /** For people: what is in force where nothing is said and no value can tell it. */
  readonly otherwise?: string;
  /** For people, in a line. */
  readonly means: string;
}

/** The options of one table of a file. */
export type Options<T> = { readonly [K in keyof T]-?: Option<Exclude<T[K], undefined>> };

/** One table of a file, for help and documentation. */
export interface Section {
  /** As it stands in a file: `[orb]`, `[lanes.NAME]`, `[[service]]`. */
  readonly header: string;
  readonly means: string;
  readonly options: Readonly<Record<string, Option<unknown>>>;
}

/** Checks of a table by its options. */
export function checksOf<T>(options: Options<T>): Checks<T> {
  const checks: Record<string, Check<unknown>> = {};
  for (const [key, option] of Object.entries<Option<unknown>>(options)) checks[key] = option.check;
  return checks as Checks<T>;
}

/** What is in force where a file says nothing; keys without a standard value are left out. */
export function standardOf<T>(options: Options<T>): Partial<T> {
  const values: Record<string, unknown> = {};
  for (const [key, { standard }] of Object.entries<Option<unknown>>(options))
    if (standard !== undefined) values[key] = standard;
  return values as Partial<T>;
}

/** A table by its options, with what is in force where it says nothing. */
export function tableOf<T>(options: Options<T>): Check<Partial<T>> {
  const check = table(checksOf(options));
  const standard = standardOf(options);
  return (value, fail) => ({ ...standard, ...check(value, fail) });
}
