import type { PpToken, PragmaDirective } from "./token.ts";

/** Major and minor version are of type unsigned short (CORBA 3.3 Part 1, 14.7.5.3). */
const MAX_VERSION = 65535;

/**
 * Reads the words after `#pragma`. A string says what is wrong with them; undefined means the pragma
 * is none of ours, and unknown pragmas are ignored.
 */
export function readPragma(words: readonly PpToken[]): PragmaDirective | string | undefined {
  const [keyword, ...rest] = words;
  switch (keyword?.text ?? "") {
    case "prefix":
      return readPrefix(rest);
    case "ID":
    case "id":
      return readId(rest);
    case "version":
      return readVersion(rest);
    default:
      return undefined;
  }
}

/** Without quotes and with a semicolon at the end it is no IDL, but found in files and clear. */
function readPrefix(words: readonly PpToken[]): PragmaDirective | string {
  const list = words.at(-1)?.text === ";" ? words.slice(0, -1) : words;
  const [prefix, ...more] = list;
  const bare = list.map((word) => word.text).join("");
  const isBare = list.every(
    (word, i) =>
      (i === 0 || !word.isSpaced) &&
      (word.kind === "word" || word.kind === "number" || /^[./-]$/.test(word.text)),
  );
  const text = prefix && more.length === 0 ? stringOf(prefix) : undefined;
  const found = text ?? (isBare && list.length > 0 ? bare : undefined);
  if (found === undefined) return '#pragma prefix takes one string: #pragma prefix "omg.org"';
  return { directive: "prefix", prefix: found.replace(/\/+$/, "") };
}

function readId(words: readonly PpToken[]): PragmaDirective | string {
  const last = words.at(-1);
  const id = last && stringOf(last);
  const name = words.slice(0, -1);
  if (id === undefined || !isScopedName(name)) {
    return '#pragma ID takes a name and a string: #pragma ID M::X "IDL:M/X:1.0"';
  }
  return { directive: "ID", name, id };
}

function readVersion(words: readonly PpToken[]): PragmaDirective | string {
  const last = words.at(-1);
  const name = words.slice(0, -1);
  if (!last || !/^[0-9]+\.[0-9]+$/.test(last.text) || !isScopedName(name)) {
    return "#pragma version takes a name and a version: #pragma version M::X 1.2";
  }
  if (last.text.split(".").some((part) => Number(part) > MAX_VERSION))
    return `the numbers of a version are 0 to ${MAX_VERSION}`;
  return { directive: "version", name, version: last.text };
}

function isScopedName(words: readonly PpToken[]): boolean {
  const text = words.map((word) => word.text).join("");
  return /^(::)?[A-Za-z_]\w*(::[A-Za-z_]\w*)*$/.test(text);
}

function stringOf(token: PpToken): string | undefined {
  return token.kind === "string" && /^".*"$/.test(token.text) ? token.text.slice(1, -1) : undefined;
}
