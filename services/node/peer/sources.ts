import { dirname, resolve } from "node:path";
import { isTable } from "../../settings/index.ts";
import { ConfigError } from "../config-error.ts";
import { parseToml, parseValue } from "../config.ts";
import { lineOf, type Step } from "./lines.ts";

/** Where a part of a configuration comes from: a file, or `--set`. */
export interface Source {
  /** For messages. */
  readonly file: string;
  readonly root: Readonly<Record<string, unknown>>;
  /** What paths in it are relative to. */
  readonly folder: string;
  /** @returns counted from 1; undefined where it is not known */
  readonly lineOf: (path: readonly Step[]) => number | undefined;
}

/** The list of tables that files add to, rather than replace. */
export const SERVICES = "service";

/** @param allowed names of tables @throws ConfigError */
export function sourceOfText(text: string, file: string, allowed: readonly string[]): Source {
  let root: Readonly<Record<string, unknown>>;
  try {
    root = parseToml(text, file, allowed);
  } catch (thrown) {
    if (!(thrown instanceof ConfigError) || thrown.key === undefined) throw thrown;
    const { key, what } = thrown;
    throw new ConfigError(file, key, what, { cause: thrown, line: lineOf(text, [key]) });
  }
  return {
    file,
    root,
    folder: resolve(dirname(file)),
    lineOf: (path) => lineOf(text, path),
  };
}

/** `overlay.port=7401`: a key and a value as a file would have it; what is no TOML is a text. @throws ConfigError */
export function sourceOfSetting(setting: string, allowed: readonly string[]): Source {
  const file = `--set ${setting}`;
  const at = setting.indexOf("=");
  const steps = setting.slice(0, Math.max(0, at)).trim().split(".");
  const [table = ""] = steps;
  if (at < 1 || steps.length < 2 || steps.includes(""))
    throw new ConfigError(
      file,
      undefined,
      "TABLE.KEY=VALUE is needed, overlay.port=7401 for example",
    );
  if (table === SERVICES)
    throw new ConfigError(file, undefined, "services are listed in files, as [[service]] tables");
  if (!allowed.includes(table))
    // The same words as for a file.
    parseToml(`[${JSON.stringify(table)}]`, file, allowed);
  let value: unknown = parseValue(setting.slice(at + 1));
  for (const step of steps.toReversed()) value = { [step]: value };
  return {
    file,
    root: value as Readonly<Record<string, unknown>>,
    folder: process.cwd(),
    lineOf: () => undefined,
  };
}

/** A table without one of its keys. */
export function without<T extends object, K extends keyof T>(table: T, key: K): Omit<T, K> {
  const { [key]: left, ...rest } = table;
  void left;
  return rest;
}

function merged(below: unknown, above: unknown): unknown {
  if (!isTable(below) || !isTable(above)) return above;
  const all: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above))
    all[key] = Object.hasOwn(below, key) ? merged(below[key], value) : value;
  return all;
}

/** A table of `[[service]]`, and the source that has it. */
export interface Listed {
  readonly table: unknown;
  readonly source: Source;
  /** Its place in that source. */
  readonly at: number;
}

function isThere(root: unknown, path: readonly Step[]): boolean {
  let at: unknown = root;
  for (const step of path) {
    if (!isTable(at) || !Object.hasOwn(at, String(step))) return false;
    at = at[String(step)];
  }
  return true;
}

/** Several sources as one: a later one wins, key by key; services are listed one after the other. */
export class Sources {
  readonly root: Readonly<Record<string, unknown>>;
  readonly services: readonly Listed[];
  readonly #sources: readonly Source[];

  /** @throws ConfigError when `service` is no list of tables */
  constructor(sources: readonly Source[]) {
    this.#sources = sources;
    const trees = sources.map(({ root }) => without(root, SERVICES));
    this.root = trees.reduce<unknown>(merged, {}) as Readonly<Record<string, unknown>>;
    this.services = sources.flatMap((source) => {
      const list = source.root[SERVICES] ?? [];
      if (!Array.isArray(list))
        throw new ConfigError(source.file, SERVICES, "tables [[service]] are needed", {
          line: source.lineOf([SERVICES]),
        });
      return list.map((table: unknown, at) => ({ table, source, at }));
    });
  }

  /** Who says a key, the last one that does; else who says the most of the way to it. */
  sourceOf(path: readonly string[]): Source | undefined {
    for (let length = path.length; length > 0; length--) {
      const part = path.slice(0, length);
      const found = this.#sources.findLast(({ root }) => isThere(root, part));
      if (found !== undefined) return found;
    }
    return this.#sources.at(-1);
  }

  /** Calls `read`; its ConfigErrors are told with the file and the line of their key. */
  located<T>(read: () => T): T {
    try {
      return read();
    } catch (thrown) {
      if (!(thrown instanceof ConfigError) || thrown.key === undefined) throw thrown;
      const { key, what } = thrown;
      const path = key.split(".");
      const source = this.sourceOf(path);
      throw new ConfigError(source?.file ?? thrown.file, key, what, {
        cause: thrown,
        line: source?.lineOf(path),
      });
    }
  }

  /** The same for a table of `[[service]]`, whose keys are told as `service.KEY`. */
  locatedIn<T>({ source, at }: Listed, read: () => T): T {
    try {
      return read();
    } catch (thrown) {
      if (!(thrown instanceof ConfigError)) throw thrown;
      const { key = SERVICES, what } = thrown;
      const [, ...rest] = key.split(".");
      throw new ConfigError(source.file, key, what, {
        cause: thrown,
        line: source.lineOf([SERVICES, at, ...rest]),
      });
    }
  }
}
