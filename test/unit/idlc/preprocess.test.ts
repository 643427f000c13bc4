import { readdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import test from "ava";
import { preprocess, type PpToken } from "../../../idlc/preprocess/index.ts";
import { Diagnostics, memoryReader } from "../../../idlc/source/index.ts";

interface Run {
  readonly tokens: readonly PpToken[];
  readonly text: string;
  readonly errors: readonly string[];
}

function run(
  text: string,
  files: Readonly<Record<string, string>> = {},
  options: {
    readonly includeDirs?: readonly string[];
    readonly systemDirs?: readonly string[];
    readonly defines?: readonly string[];
  } = {},
  mainFiles: readonly string[] = ["a.idl"],
): Run {
  const diagnostics = new Diagnostics();
  const tokens = preprocess(
    mainFiles,
    options,
    memoryReader({ "a.idl": text, ...files }),
    diagnostics,
  );
  const isMark = ({ kind }: PpToken): boolean =>
    kind === "enter" || kind === "leave" || kind === "pragma";
  return {
    tokens,
    text: tokens
      .filter((token) => !isMark(token))
      .map((token) => token.text)
      .join(" "),
    errors: diagnostics.sorted().map((d) => `${d.severity === "error" ? "" : "warning "}${d.code}`),
  };
}

const expansions: readonly (readonly [string, string, string])[] = [
  ["object macro", "#define N 3\nN M N", "3 M 3"],
  ["empty macro", "#define N\na N b", "a b"],
  ["last definition counts", "#define N 1\n#undef N\n#define N 2\nN", "2"],
  ["function macro", "#define F(a, b) b a\nF(1, (2, 3))", "( 2 , 3 ) 1"],
  ["function macro without arguments is a name", "#define F(a) a\nF + F (1)", "F + 1"],
  ["no parameters", "#define F() x\nF()", "x"],
  ["call over lines", "#define F(a) [a]\nF(\n1\n)", "[ 1 ]"],
  ["stringize", '#define S(x) #x\nS(a  + "b\\n")', '"a + \\"b\\\\n\\""'],
  ["paste", "#define P(a, b) a ## b\nP(foo, 1) P(1, 2)", "foo1 12"],
  ["pasted names are expanded again", "#define AB 7\n#define P(a, b) a##b\nP(A, B)", "7"],
  ["arguments are expanded before", "#define X 1\n#define ID(a) a\nID(X)", "1"],
  ["no arguments of # and ## are expanded", "#define X 1\n#define S(a) #a\nS(X)", '"X"'],
  ["recursion stops", "#define A B\n#define B A\nA B", "A B"],
  ["self reference", "#define F(a) F(a)\nF(1)", "F ( 1 )"],
  ["variadic", "#define V(a, ...) a: __VA_ARGS__\nV(1, 2, 3)", "1 : 2 , 3"],
  ["continued line", "#define N 1 + \\\n 2\nN", "1 + 2"],
  ["// in a define", "#define N 3 // three\nN", "3"],
  ["comment in a define", "#define N /* over\n lines */ 3\nN", "3"],
  ["line number", "\n\n__LINE__", "3"],
  ["file name", "__FILE__", '"a.idl"'],
  ["if", "#if 1\na\n#else\nb\n#endif", "a"],
  ["elif", "#if 0\na\n#elif 1\nb\n#elif 1\nc\n#else\nd\n#endif", "b"],
  ["nested in what is left out", "#if 0\n#if 1\na\n#else\nb\n#endif\n#else\nc\n#endif", "c"],
  ["ifdef", "#define A\n#ifdef A\nyes\n#endif\n#ifndef A\nno\n#endif", "yes"],
  ["what is left out need not be IDL", "#if 0\nit's \"\n#unknown\n#endif\na", "a"],
  ["unknown pragmas", "#pragma hh #include <x.h>\na", "a"],
  ["line marks", '# 1 "a.idl"\n#line 7\na', "a"],
  ["null directive", "#\na", "a"],
];

for (const [title, source, expected] of expansions) {
  test(`expansion: ${title}`, (t) => {
    const { text, errors } = run(source);
    t.deepEqual(errors, []);
    t.is(text, expected);
  });
}

const conditions: readonly (readonly [string, boolean])[] = [
  ["1 + 2 * 3 == 7", true],
  ["(1 + 2) * 3 == 9", true],
  ["0x10 == 020", true],
  ["10 - 3 - 2 == 5", true],
  ["-7 / 2 == -3 && -7 % 2 == -1", true],
  ["1 << 4 >> 2 == 4", true],
  ["(5 & 3 | 8 ^ 1) == 9", true],
  ["!0 && ~0 == -1", true],
  ["0 && 1 / 0", false],
  ["1 || 1 / 0", true],
  ["0 ? 1 / 0 : 5", true],
  ["1 ? 0 : 1", false],
  ["'A' == 65", true],
  ["UNKNOWN", false],
  ["defined N && N > 4", true],
  ["defined(N) + defined(M) == 1", true],
  ["SQUARE(3) == 9", true],
  ["100L >= 100UL", true],
  ["9223372036854775807 + 1 < 0", true],
];

for (const [condition, holds] of conditions) {
  test(`condition: ${condition}`, (t) => {
    const source = `#define N 5\n#define SQUARE(x) ((x) * (x))\n#if ${condition}\nyes\n#else\nno\n#endif`;
    const { text, errors } = run(source);
    t.deepEqual(errors, []);
    t.is(text, holds ? "yes" : "no");
  });
}

const faults: readonly (readonly [string, string, string])[] = [
  ["condition without end", "#if 1\na", "unbalanced-conditional"],
  ["endif alone", "#endif", "unbalanced-conditional"],
  ["else twice", "#if 1\n#else\n#else\n#endif", "unbalanced-conditional"],
  ["elif after else", "#if 1\n#else\n#elif 1\n#endif", "unbalanced-conditional"],
  ["empty condition", "#if\n#endif", "bad-condition"],
  ["division by zero", "#if 1 / 0\n#endif", "bad-condition"],
  ["floating condition", "#if 1.5\n#endif", "bad-condition"],
  ["unclosed condition", "#if (1\n#endif", "bad-condition"],
  ["defined without name", "#if defined(\n#endif", "bad-condition"],
  ["missing file", '#include "b.idl"', "file-not-found"],
  ["include of nothing", "#include b", "bad-directive"],
  ["unknown directive", "#frobnicate", "bad-directive"],
  ["error", "#error stop here", "error-directive"],
  ["warning", "#warning take care", "warning warning-directive"],
  ["define without name", "#define 3", "bad-macro"],
  ["bad parameters", "#define F(a b) a", "bad-macro"],
  ["wrong count of arguments", "#define F(a) a\nF(1, 2)", "bad-macro"],
  ["unclosed call", "#define F(a) a\nF(1", "bad-macro"],
  ["endless comment", "/* a", "unterminated"],
  ["prefix without string", "#pragma prefix 1 +", "bad-pragma"],
  ["ID without id", "#pragma ID Foo", "bad-pragma"],
  ["version without minor", "#pragma version Foo 2", "bad-pragma"],
  ["includes itself", '#include "a.idl"', "circular-include"],
];

for (const [title, source, code] of faults) {
  test(`fault: ${title}`, (t) => {
    t.deepEqual(run(source).errors, [code]);
  });
}

test("a few macros that ask for billions of tokens end in an error", (t) => {
  const doubling = Array.from({ length: 40 }, (_, i) => `#define A${i + 1} A${i} A${i}`);
  const { errors } = run(`#define A0 x x\n${doubling.join("\n")}\nA40`);
  t.deepEqual(errors, ["bad-macro"]);
});

test("files that include each other twice end in an error, in good time", (t) => {
  const files = { "b.idl": '#include "a.idl"\n#include "a.idl"\n' };
  t.deepEqual(run('#include "b.idl"\n#include "b.idl"\n', files).errors, ["circular-include"]);
  const chain = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [`f${i}.idl`, `#include "f${i + 1}.idl"\n`.repeat(2)]),
  );
  t.deepEqual(run('#include "f0.idl"', { ...chain, "f40.idl": "" }).errors, ["include-depth"]);
});

test("comments that begin on a directive's line may end on another", (t) => {
  const { text, errors } = run(
    "#if 0 /* a\n b */\n#define X /* c\n#endif */\n#endif /* d\n e */ f\ng",
  );
  t.deepEqual(errors, []);
  t.is(text, "g");
});

test('"file" is looked for beside the including file, <file> in the include folders first', (t) => {
  const files = {
    "sub/b.idl": '#include "c.idl"\n#include <c.idl>',
    "sub/c.idl": "beside",
    "inc1/c.idl": "first",
    "inc2/c.idl": "second",
    "inc2/d.idl": "only",
  };
  const includeDirs = ["inc1", "inc2"];
  t.is(
    run('#include "sub/b.idl"\n#include "d.idl"', files, { includeDirs }).text,
    "beside first only",
  );
  t.is(run("#include <sub/b.idl>", files).text, "beside beside");
  t.deepEqual(run("#include <b.idl>", files).errors, ["file-not-found"]);
});

test("a file is one, named from the current folder or from the root", (t) => {
  const whole = resolve("omg/t.idl");
  const text = "#pragma once\nonce";
  const files = { "omg/t.idl": text, [whole]: text };
  const systemDirs = [dirname(whole)];
  t.is(run('#include "omg/t.idl"\n#include <t.idl>', files, { systemDirs }).text, "once");
});

test("standard IDL is found by the names other ORBs have for it, after all folders", (t) => {
  const files = {
    "omg/orb.idl": "orb",
    "omg/TimeBase.idl": "time",
    "omg/CosNaming.idl": "naming",
    "omg/PortableServer.idl": "poa",
    "omg/ZIOP.idl": "ziop",
    "own/tao/Policy.pidl": "own",
  };
  const shownBy = (header: string): string => {
    const { text, errors } = run(`#include ${header}`, files, {
      includeDirs: ["own"],
      systemDirs: ["omg"],
    });
    return errors.join() || text;
  };
  t.is(shownBy('"tao/TimeBase.pidl"'), "time");
  t.is(shownBy("<orbsvcs/CosNaming.idl>"), "naming");
  t.is(shownBy("<COS/CosNaming.idl>"), "naming");
  t.is(shownBy("<ziop.idl>"), "ziop");
  t.is(shownBy('"CORBA.idl"'), "orb");
  t.is(shownBy('"tao/orb.idl"'), "orb");
  t.is(shownBy('"tao/LongSeq.pidl"'), "orb");
  t.is(shownBy("<tao/Policy_Forward.pidl>"), "orb");
  t.is(shownBy('"tao/Policy.pidl"'), "own");
  t.is(shownBy('"tao/PortableServer/PS_Forward.pidl"'), "poa");
  t.is(shownBy('"services.idl"'), "file-not-found");
  t.is(shownBy('"LongSeq.idl"'), "file-not-found");
  t.is(shownBy('"TimeBase.h"'), "file-not-found");
  // Without system folders there is the built-in orb.idl alone.
  t.regex(run('#include "CORBA.idl"').text, /OctetSeq/);
});

test("each file of idl/omg is found in any case", (t) => {
  const names = readdirSync(new URL("../../../../idl/omg", import.meta.url));
  t.true(names.length > 30);
  for (const name of names) {
    const own = { [`omg/${name}`]: "found" };
    const { text } = run(`#include <x/${name.toUpperCase()}>`, own, { systemDirs: ["omg"] });
    t.is(text, "found", name);
  }
});

test("an include may come out of a macro", (t) => {
  t.is(run("#define B <b.idl>\n#include B", { "i/b.idl": "b" }, { includeDirs: ["i"] }).text, "b");
});

test("#pragma once and include guards", (t) => {
  const files = {
    "b.idl": "#pragma once\nb",
    "c.idl": "#ifndef C\n#define C\nc\n#endif",
    "d.idl": "d",
  };
  const twice = '#include "b.idl"\n#include "c.idl"\n#include "d.idl"\n';
  t.is(run(twice + twice, files).text, "b c d d");
});

test("main files have macros of their own, and a file they share counts once", (t) => {
  const files = {
    "b.idl": '#ifdef N\nleak\n#endif\n#include "c.idl"\nN',
    "c.idl": "#define N 1\nc",
  };
  const { text, errors } = run('#include "c.idl"\nN', files, {}, ["a.idl", "b.idl"]);
  t.deepEqual(errors, []);
  t.is(text, "c 1 1");
});

test("a missing main file is an error without a place", (t) => {
  t.deepEqual(run("a", {}, {}, ["nowhere.idl"]).errors, ["file-not-found"]);
});

test("-D defines 1 or a value", (t) => {
  t.is(run("A B", {}, { defines: ["A", "B=2 + 3"] }).text, "1 2 + 3");
});

test("pragmas of repository ids stay in their places", (t) => {
  const { tokens } = run(
    'a\n#pragma prefix "omg.org"\nb\n#pragma ID M::X "IDL:x:1.0"\n#pragma version X 2.3',
  );
  const pragmas = tokens.filter((token) => token.kind === "pragma").map(({ pragma }) => pragma);
  t.deepEqual(
    pragmas.map((pragma) => pragma?.directive),
    ["prefix", "ID", "version"],
  );
  t.deepEqual(
    tokens.map(({ kind }) => kind),
    ["enter", "word", "pragma", "word", "pragma", "pragma", "leave"],
  );
});

const docs: readonly (readonly [string, string, string | undefined])[] = [
  ["line comments", "// one\n// two\nx", "one\ntwo"],
  ["slashes and bangs", "/// one\n//! two\nx", "one\ntwo"],
  ["block", "/** one\n  *  two\n  */\nx", "one\n two"],
  ["same line", "/* one */ x", "one"],
  ["ruler", "//////////\n// one\n//////////\nx", "one"],
  ["nothing but a ruler", "//////////\nx", undefined],
  ["a blank line parts them", "// licence\n\n// doc\nx", "doc"],
  ["a blank line after", "// licence\n\nx", undefined],
  ["comment of the code before", "y // about y\nx", undefined],
  ["CRLF", "// one\r\n// two\r\nx", "one\ntwo"],
];

for (const [title, source, expected] of docs) {
  test(`doc comment: ${title}`, (t) => {
    t.is(run(source).tokens.find((token) => token.text === "x")?.doc, expected);
  });
}

test("tokens of a macro stand where the macro is used", (t) => {
  const { tokens } = run("#define N 1 2\n  N");
  const places = tokens
    .filter(({ kind }) => kind === "number")
    .map(({ file, start }) => file.positionOf(start));
  t.deepEqual(places, [
    { line: 2, column: 3 },
    { line: 2, column: 3 },
  ]);
});
