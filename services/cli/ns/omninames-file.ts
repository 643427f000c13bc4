import { describeReference } from "../../../orb/index.ts";
import {
  NamesFileError,
  type NamesTree,
  type SourceBinding,
  type SourceTarget,
} from "./names-tree.ts";

/** What stands behind a backslash in omniNames' files. */
const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\",
  " ": " ",
  n: "\n",
  t: "\t",
  r: "\r",
};

/** omniORB puts two octets before the ids of contexts in object keys; the root's key stands for itself. */
const KEY_PREFIX = "ff00";

/** The words of a line; a backslash makes the next character part of a word. */
function wordsOf(line: string, where: string): string[] {
  const words = [""];
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? "";
    if (character === " ") words.push("");
    else if (character === "\\") {
      const meant = ESCAPES[line[++at] ?? ""];
      if (meant === undefined) throw new NamesFileError(`${where}: a "\\" that escapes nothing`);
      words[words.length - 1] += meant;
    } else words[words.length - 1] += character;
  }
  return words;
}

/** Names in the code set of whoever bound them: UTF-8 where it can be that. */
function textOf(octets: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(octets);
  } catch {
    return Buffer.from(octets).toString("latin1");
  }
}

/** Object key, in hexadecimal, and place of a reference. */
function targetOf(ior: string, where: string): { readonly key: string; readonly place: string } {
  try {
    const { profiles } = describeReference(ior);
    const iiop = profiles.find((profile) => profile.iiop !== undefined)?.iiop;
    if (iiop === undefined) return { key: "", place: "" };
    return {
      key: Buffer.from(iiop.objectKey).toString("hex"),
      place: `${iiop.host}:${iiop.port}`,
    };
  } catch (cause) {
    throw new NamesFileError(`${where}: a reference that cannot be read`, { cause });
  }
}

/** What the lines of a data file leave. */
class Replay {
  readonly #contexts: Map<string, Map<string, SourceBinding>> = new Map();
  readonly #file: string;
  #root: string | undefined;
  /** Where this server was reached; contexts of another one may have the same key as its root. */
  #home: string | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  line(text: string, number: number): void {
    const where = `${this.#file}, line ${number}`;
    const [verb = "", ...words] = wordsOf(text, where);
    const need = (count: number): void => {
      if (words.length !== count)
        throw new NamesFileError(
          `${where}: "${verb}" with ${words.length} words instead of ${count}`,
        );
    };
    switch (verb) {
      case "port":
      case "persistent":
        return need(1);
      case "create":
        need(1);
        return this.#create(words[0] ?? "");
      case "destroy":
        need(1);
        return void this.#contexts.delete(this.#own(words[0] ?? "", where));
      case "bind":
        need(5);
        return this.#bind(words, where);
      case "unbind": {
        need(3);
        const [context = "", id = "", kind = ""] = words;
        return void this.#bindings(context, where).delete(JSON.stringify([id, kind]));
      }
      default:
        throw new NamesFileError(`${where}: "${verb}" is no entry of omniNames`);
    }
  }

  get tree(): NamesTree {
    if (this.#root === undefined)
      throw new NamesFileError(`${this.#file}: no context is created in it`);
    const contexts = [...this.#contexts].map(
      ([key, bindings]) => [key, [...bindings.values()]] as const,
    );
    return { root: this.#root, contexts: new Map(contexts), notes: [] };
  }

  #create(key: string): void {
    this.#root ??= key;
    if (!this.#contexts.has(key)) this.#contexts.set(key, new Map());
  }

  #bind(words: readonly string[], where: string): void {
    const [context = "", id = "", kind = "", type = "", ior = ""] = words;
    const component = { id, kind };
    const bindings = this.#bindings(context, where);
    let target: SourceTarget = { type: "object", ior };
    if (type === "ncontext") {
      const key = this.#keyOf(ior, where);
      target = key === undefined ? { type: "foreign-context", ior } : { type: "context", key };
    } else if (type !== "nobject")
      throw new NamesFileError(`${where}: "${type}" is neither nobject nor ncontext`);
    bindings.set(JSON.stringify([id, kind]), { component, target });
  }

  #bindings(ior: string, where: string): Map<string, SourceBinding> {
    const bindings = this.#contexts.get(this.#own(ior, where));
    if (bindings === undefined) throw new NamesFileError(`${where}: a context that is not there`);
    return bindings;
  }

  /** The context that a line is about: always one of this server. */
  #own(ior: string, where: string): string {
    this.#home = targetOf(ior, where).place;
    const key = this.#keyOf(ior, where);
    if (key === undefined) throw new NamesFileError(`${where}: a context that is not there`);
    return key;
  }

  #keyOf(ior: string, where: string): string | undefined {
    const { key, place } = targetOf(ior, where);
    if (key === this.#root && place !== this.#home) return undefined;
    const id = key.startsWith(KEY_PREFIX) ? key.slice(KEY_PREFIX.length) : key;
    return [key, id].find((known) => this.#contexts.has(known));
  }
}

/** Whether a file begins as omniNames' do. */
export function isOmniNamesFile(octets: Uint8Array): boolean {
  return Buffer.from(octets.subarray(0, 5)).toString("latin1") === "port ";
}

/**
 * Reads a data file of omniNames (`omninames-HOST.dat`, `.bak`, and `.log` of older versions): a checkpoint, and what
 * was done since. A last line that was not finished is left out, as omniNames was when it was written.
 * @throws NamesFileError with the line that is wrong
 */
export function readOmniNamesFile(octets: Uint8Array, file: string): NamesTree {
  const lines = textOf(octets).split("\n");
  const torn = lines.pop() ?? "";
  const replay = new Replay(file);
  for (const [index, line] of lines.entries()) replay.line(line, index + 1);
  const { tree } = replay;
  if (torn === "") return tree;
  return { ...tree, notes: [`${file}: the last line was not finished, and is left out`] };
}
