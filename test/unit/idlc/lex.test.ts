import test from "ava";
import { lex, type Token } from "../../../idlc/lex/index.ts";
import { preprocess } from "../../../idlc/preprocess/index.ts";
import { Diagnostics, memoryReader } from "../../../idlc/source/index.ts";

function run(text: string): {
  readonly tokens: readonly Token[];
  readonly errors: readonly string[];
} {
  const diagnostics = new Diagnostics();
  const source = preprocess(["a.idl"], {}, memoryReader({ "a.idl": text }), diagnostics);
  const { tokens } = lex(source, diagnostics);
  return { tokens: tokens.slice(0, -1), errors: diagnostics.sorted().map((d) => d.code) };
}

const literals: readonly (readonly [string, string, unknown])[] = [
  ["0", "integer", 0n],
  ["42", "integer", 42n],
  ["0777", "integer", 511n],
  ["0xFFFFFFFFFFFFFFFF", "integer", (1n << 64n) - 1n],
  ["1.5", "floating", 1.5],
  [".5", "floating", 0.5],
  ["1.", "floating", 1],
  ["1e10", "floating", 1e10],
  ["1.5E-3", "floating", 0.0015],
  ["'a'", "char", "a"],
  ["'\\0'", "char", "\0"],
  ["'\\''", "char", "'"],
  ["'\"'", "char", '"'],
  ["'\\x41'", "char", "A"],
  ["'\\101'", "char", "A"],
  ["'\\377'", "char", "\xff"],
  ["'é'", "char", "é"],
  ["L'\\u20AC'", "wchar", "€"],
  ["L'€'", "wchar", "€"],
  ['"a\\n\\t\\v\\b\\r\\f\\a\\\\\\?\\""', "string", 'a\n\t\v\b\r\f\x07\\?"'],
  ['"\\x411"', "string", "A1"],
  ['L"\\u20acx"', "wstring", "€x"],
  ['""', "string", ""],
];

for (const [text, kind, value] of literals) {
  test(`literal ${text}`, (t) => {
    const { tokens, errors } = run(text);
    t.deepEqual(errors, []);
    t.deepEqual(
      tokens.map((token) => [token.kind, token.value]),
      [[kind, value]],
    );
  });
}

const faults: readonly (readonly [string, string])[] = [
  ["08", "bad-literal"],
  ["0x", "bad-literal"],
  ["12ab", "bad-literal"],
  ["18446744073709551616", "bad-literal"],
  ["1e400", "bad-literal"],
  ["''", "bad-literal"],
  ["'ab'", "bad-literal"],
  ["'€'", "bad-literal"],
  ["'\\u0041'", "bad-literal"],
  ["'\\400'", "bad-literal"],
  ["'\\q'", "bad-literal"],
  ['"a\\0b"', "bad-literal"],
  ['"abc', "unterminated"],
  ["'a", "unterminated"],
  ['"abc\\"', "unterminated"],
  ["$", "bad-character"],
  ["a # b", "bad-character"],
  ["&&", "bad-character"],
  ["naïve", "bad-character"],
  ["__x", "bad-character"],
  ["_", "bad-character"],
];

for (const [text, code] of faults) {
  test(`fault in ${text}`, (t) => {
    t.deepEqual(run(text).errors, [code]);
  });
}

test("keywords, identifiers and escaped identifiers", (t) => {
  const { tokens, errors } = run("interface _interface Foo TRUE port map component a_1");
  t.deepEqual(errors, []);
  t.deepEqual(
    tokens.map(({ kind, text, isEscaped }) => `${kind} ${text}${isEscaped ? " escaped" : ""}`),
    [
      "keyword interface",
      "identifier interface escaped",
      "identifier Foo",
      "keyword TRUE",
      "identifier port",
      "identifier map",
      "identifier component",
      "identifier a_1",
    ],
  );
});

test("operators that touch", (t) => {
  t.deepEqual(
    run("a::b<c>>=1<<2").tokens.map(({ text }) => text),
    ["a", "::", "b", "<", "c", ">>", "=", "1", "<<", "2"],
  );
});

test("fixed-point literals are known as such", (t) => {
  t.deepEqual(
    run("12.34d 12D .5d").tokens.map(({ kind }) => kind),
    ["fixed", "fixed", "fixed"],
  );
});

test("a string of a million backslashes and an ordinary end is read in one go", (t) => {
  const { tokens, errors } = run(`"${"\\\\".repeat(500_000)}x"`);
  t.deepEqual(errors, []);
  t.is(tokens.length, 1);
});
