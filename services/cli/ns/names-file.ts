import { nameFromString, nameToString } from "../../naming/index.ts";
import {
  NamesFileError,
  type NamesTree,
  type SourceBinding,
  type SourceTarget,
} from "./names-tree.ts";

/** First line of the file. */
const FORMAT = "orbweaver names 1";

/** A line of the file; exactly one of the three is there. */
interface Line {
  readonly name: string;
  readonly object?: string;
  /** "" for a context that follows; else the name under which the same context stood before. "." is the root. */
  readonly context?: string;
  readonly foreign?: string;
}

const ROOT = "(root)";

/** The names as lines of JSON, a context before what is in it. */
export function namesFileLines(tree: NamesTree): readonly string[] {
  const lines = [JSON.stringify({ format: FORMAT })];
  const known = new Map([[tree.root, ROOT]]);
  const waiting: (readonly [key: string, path: string])[] = [[tree.root, ""]];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [key, path] = next;
    for (const { component, target } of tree.contexts.get(key) ?? []) {
      const name = `${path}${nameToString([component])}`;
      const line: Line = lineOf(name, target, known);
      lines.push(JSON.stringify(line));
      if (target.type !== "context" || known.has(target.key)) continue;
      known.set(target.key, name);
      waiting.push([target.key, `${name}/`]);
    }
  }
  return lines;
}

function lineOf(name: string, target: SourceTarget, known: ReadonlyMap<string, string>): Line {
  if (target.type === "object") return { name, object: target.ior };
  if (target.type === "foreign-context") return { name, foreign: target.ior };
  return { name, context: known.get(target.key) ?? "" };
}

export function isNamesFile(text: string): boolean {
  return text.startsWith(`{"format":"${FORMAT}"`);
}

/** @throws NamesFileError with the line that is wrong */
export function readNamesFile(text: string, file: string): NamesTree {
  const contexts = new Map<string, SourceBinding[]>([[ROOT, []]]);
  // By name: a context is the one that was first told under it.
  const keys = new Map([["", ROOT]]);
  for (const [index, line] of text.split("\n").entries()) {
    if (index === 0 || line.trim() === "") continue;
    const where = `${file}, line ${index + 1}`;
    const { name, object, context, foreign } = parse(line, where);
    const path = pathOf(name, where);
    const component = path.at(-1);
    const parent = keys.get(path.length > 1 ? nameToString(path.slice(0, -1)) : "");
    if (component === undefined || parent === undefined)
      throw new NamesFileError(`${where}: ${name} is in no context that stands before it`);
    let target: SourceTarget;
    if (object !== undefined) target = { type: "object", ior: object };
    else if (foreign !== undefined) target = { type: "foreign-context", ior: foreign };
    else if (context === "" || context === undefined) {
      contexts.set(name, []);
      keys.set(name, name);
      target = { type: "context", key: name };
    } else {
      const key = context === ROOT ? ROOT : keys.get(context);
      if (key === undefined) throw new NamesFileError(`${where}: no context ${context} before it`);
      target = { type: "context", key };
    }
    contexts.get(parent)?.push({ component, target });
  }
  return { root: ROOT, contexts, notes: [] };
}

function pathOf(name: string, where: string): ReturnType<typeof nameFromString> {
  try {
    return nameFromString(name);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new NamesFileError(`${where}: ${why}`, { cause });
  }
}

function parse(line: string, where: string): Line {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new NamesFileError(`${where}: no JSON`, { cause });
  }
  const isLine =
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    Object.values(value).every((one) => typeof one === "string") &&
    ["object", "context", "foreign"].filter((key) => key in value).length === 1;
  if (!isLine)
    throw new NamesFileError(
      `${where}: an object with "name" and one of "object", "context" and "foreign" is needed, all of them texts`,
    );
  return value as Line;
}
