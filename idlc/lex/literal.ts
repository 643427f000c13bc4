/** What a literal is worth; `fault` says what is wrong with it, the value is then a harmless one. */
export interface Literal<T> {
  readonly value: T;
  readonly fault?: string;
}

const MAX_INTEGER = (1n << 64n) - 1n;
const SIMPLE_ESCAPES: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["v", "\v"],
  ["b", "\b"],
  ["r", "\r"],
  ["f", "\f"],
  ["a", "\x07"],
  ["\\", "\\"],
  ["?", "?"],
  ["'", "'"],
  ['"', '"'],
]);

export function integerLiteral(text: string): Literal<bigint> {
  const isOctal = /^0[0-9]+$/.test(text);
  if (isOctal && /[89]/.test(text))
    return {
      value: 0n,
      fault: `${text} starts with 0, so it is octal and takes digits 0 to 7 only`,
    };
  const value = BigInt(isOctal ? `0o${text.slice(1)}` : text);
  if (value > MAX_INTEGER)
    return {
      value: 0n,
      fault: `${text} is larger than the largest unsigned long long, ${MAX_INTEGER}`,
    };
  return { value };
}

export function floatingLiteral(text: string): Literal<number> {
  const value = Number(text);
  return Number.isFinite(value)
    ? { value }
    : { value: 0, fault: `${text} is too large for a double` };
}

/** The characters between the quotes of `text`, which may start with `L`. */
export function quotedLiteral(text: string): Literal<string> {
  const isWide = text.startsWith("L");
  const quote = text[isWide ? 1 : 0] ?? "";
  const from = isWide ? 2 : 1;
  if (text.length <= from || !text.endsWith(quote) || endsInEscape(text)) {
    return {
      value: quote === "'" ? " " : "",
      fault: `missing ${quote} at the end of this literal`,
    };
  }
  const decoded = unescape(text.slice(from, -1), isWide);
  return quote === "'" ? characterOf(decoded, isWide) : stringOf(decoded);
}

function characterOf(decoded: Literal<string>, isWide: boolean): Literal<string> {
  const { value, fault } = decoded;
  if (fault) return { value: " ", fault };
  if (value.length !== 1)
    return { value: " ", fault: `a character literal holds one character, not ${value.length}` };
  if (!isWide && value > "\xff")
    return { value: " ", fault: "this character is outside of ISO 8859-1; use a wchar: L'…'" };
  return { value };
}

function stringOf(decoded: Literal<string>): Literal<string> {
  if (decoded.fault || !decoded.value.includes("\0")) return decoded;
  return { value: "", fault: "a string cannot hold the character \\0" };
}

function endsInEscape(text: string): boolean {
  // Counted from the end: a regular expression would try every run of backslashes from each of its places.
  let at = text.length - 2;
  while (text[at] === "\\") at--;
  return (text.length - 2 - at) % 2 === 1;
}

function unescape(text: string, isWide: boolean): Literal<string> {
  let fault: string | undefined;
  const value = text.replace(
    /\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|([^]))/g,
    (all, octal, hex, wide, other) => {
      if (wide !== undefined && !isWide) fault ??= `${all} may stand in wide literals only: L"…"`;
      const code =
        octal === undefined ? Number.parseInt(hex ?? wide, 16) : Number.parseInt(octal, 8);
      if (octal !== undefined && code > 255) fault ??= `${all} is larger than \\377`;
      if (other === undefined) return String.fromCharCode(code);
      const simple = SIMPLE_ESCAPES.get(other);
      if (simple === undefined) fault ??= `unknown escape ${all}`;
      return simple ?? "";
    },
  );
  return fault === undefined ? { value } : { value, fault };
}
