import test from "ava";
import type { AnalyzeOptions } from "../../../idlc/model/index.ts";
import { diagnosticCodes, explain } from "../../../idlc/source/index.ts";
import { analyzeText } from "./support.ts";

interface Case {
  readonly code: string;
  readonly text: string;
  /** Line of the fault. */
  readonly line?: number;
  readonly severity?: "warning";
  readonly options?: AnalyzeOptions;
  readonly files?: Readonly<Record<string, string>>;
}

const event = "eventtype E { }; interface I { };";

/** One wrong text for each code. */
const CASES: readonly Case[] = [
  { code: "file-not-found", text: '#include "b.idl"\n' },
  { code: "include-depth", text: '#include "f0.idl"\n', files: includeChain() },
  {
    code: "circular-include",
    text: '#include "b.idl"\n',
    files: { "b.idl": '#include "c.idl"\n', "c.idl": '\n#include "b.idl"\n' },
    line: 2,
  },
  { code: "bad-directive", text: "#nonsense\n" },
  { code: "bad-directive", text: "\n#line x\n", line: 2 },
  { code: "unbalanced-conditional", text: "\n#if 1\nconst long A = 1;\n", line: 2 },
  { code: "error-directive", text: "#error no\n" },
  { code: "warning-directive", text: "#warning old\n", severity: "warning" },
  { code: "bad-condition", text: "#if 1 +\n#endif\n" },
  { code: "bad-macro", text: "#define F(a) a\nconst long A = F(1, 2) 1;\n", line: 2 },
  { code: "bad-pragma", text: "#pragma ID A\n" },
  { code: "bad-character", text: "const long A = 1 $;\n" },
  { code: "unterminated", text: "/* a" },
  { code: "bad-literal", text: "const long A = 08;\n" },
  { code: "keyword-case", text: "interface String { };\n" },
  { code: "keyword-case", text: "interface Factory { };\n", severity: "warning" },
  { code: "syntax", text: "struct S { long x }\n;" },
  { code: "later-keyword", text: "struct S { long map; };", severity: "warning" },
  { code: "later-keyword", text: "struct S { long map; };", options: { level: 4 } },
  { code: "needs-idl4", text: "bitmask B { a };", options: { level: 3 } },
  { code: "needs-idl4", text: "@final struct S { long a; };", options: { level: 3 } },
  { code: "needs-idl4", text: "struct S { };", options: { level: 3 } },
  { code: "not-found", text: "typedef int8 T;", options: { level: 3 } },
  { code: "nesting-too-deep", text: `const long A = ${"(".repeat(300)}1${")".repeat(300)};` },
  { code: "redefinition", text: "const long A = 1;\nconst long A = 2;", line: 2 },
  {
    code: "redefinition",
    text: "valuetype A { public long x; }; valuetype B : A { private long x; };",
  },
  { code: "redefinition", text: "struct A { long x; }; struct B : A { long x; };" },
  { code: "clash", text: "interface A { };\ninterface a { };", line: 2 },
  { code: "clash", text: "module M { typedef long T;\ninterface M { }; };", line: 2 },
  {
    code: "clash",
    text: "typedef long T;\ninterface I { typedef T U; typedef short T; };",
    line: 2,
  },
  {
    code: "ambiguous",
    text: "interface A { typedef long T; };\ninterface B { typedef long T; };\ninterface C : A, B { void f(in T x); };",
    line: 3,
  },
  { code: "case-differs", text: "typedef long Foo;\ntypedef foo Bar;", line: 2 },
  { code: "not-found", text: "typedef Foo Bar;" },
  { code: "not-a-scope", text: "typedef long T; typedef T::U V;" },
  { code: "wrong-kind", text: "const long A = 1; typedef A B;" },
  {
    code: "ambiguous",
    text: "interface A { void f(); };\ninterface B { void f(); };\ninterface C : A, B { };",
    line: 3,
  },
  { code: "incomplete-type", text: "struct S; struct T { S x; }; struct S { long y; };" },
  { code: "incomplete-type", text: "valuetype V; valuetype W : V { };" },
  { code: "never-defined", text: "struct S;" },
  { code: "never-defined", text: "module M { valuetype V; };", severity: "warning" },
  { code: "bad-inheritance", text: "interface I { }; abstract interface A : I { };" },
  { code: "bad-inheritance", text: "local interface L { }; interface I : L { };" },
  { code: "bad-inheritance", text: "interface I { }; valuetype V : I { };" },
  { code: "bad-inheritance", text: "typedef long T; struct S : T { long x; };" },
  { code: "bad-constant", text: "const long A = TRUE;" },
  { code: "bad-constant", text: "const fixed A = 1.5d % 2d;" },
  { code: "out-of-range", text: "const octet A = 256;" },
  { code: "out-of-range", text: "typedef fixed<32, 2> F;" },
  { code: "out-of-range", text: "typedef fixed<3, 4> F;" },
  { code: "out-of-range", text: "typedef fixed<3, 1> F; const F A = 1234.5d;" },
  { code: "bad-union", text: "union U switch (long) { case 1: long a; case 1: long b; };" },
  { code: "bad-operation", text: "interface I { oneway long f(); };" },
  { code: "bad-operation", text: "interface I { attribute long a getraises (I); };" },
  { code: "bad-repository-id", text: 'interface I { };\ntypeid I "nonsense";', line: 2 },
  {
    code: "bad-repository-id",
    text: 'interface I { };\ntypeid I "IDL:a:1.0";\ntypeid I "IDL:b:1.0";',
    line: 3,
  },
  {
    code: "id-clash",
    text: 'interface I { };\ninterface J { };\ntypeid J "IDL:I:1.0";',
    line: 3,
  },
  { code: "implicit-conversion", text: "const wchar A = 'x';", severity: "warning" },
  { code: "bad-value", text: "valuetype A { }; valuetype B { }; valuetype C : A, B { };" },
  { code: "bad-value", text: "valuetype A { }; custom valuetype B : truncatable A { };" },
  { code: "bad-value", text: "abstract valuetype A { }; valuetype B : truncatable A { };" },
  { code: "bad-value", text: "abstract valuetype A { public long x; };" },
  { code: "bad-value", text: "abstract valuetype A { factory f(); };" },
  { code: "bad-value", text: "valuetype A { }; abstract valuetype B : A { };" },
  { code: "bad-value", text: "interface I { }; interface J { }; valuetype V supports I, J { };" },
  { code: "bad-value", text: "valuetype A long; valuetype B A;" },
  { code: "bad-component", text: `${event} component C { provides E e; };` },
  { code: "bad-component", text: `${event} component C { emits I i; };` },
  { code: "bad-component", text: `${event} component C : I { };` },
  { code: "bad-component", text: `${event} home H manages I { };` },
  { code: "bad-component", text: `${event} component C { }; home H manages C primarykey I { };` },
  {
    code: "bad-template",
    text: "module T<typename A> { typedef A X; };\nmodule T<long, long> U;",
    line: 2,
  },
  { code: "bad-bits", text: "@bit_bound(65) bitmask B { a };" },
  { code: "bad-bits", text: "bitmask B { @position(1) x, @position(1) y };" },
  { code: "bad-bits", text: "bitset B { bitfield<60> a; bitfield<5> c; };" },
  { code: "bad-bits", text: "bitset B { bitfield<9, octet> a; };" },
  { code: "bad-annotation", text: "enum E { @value(1) a, @value(1) b };" },
  { code: "local-type", text: "local interface L { }; interface I { void f(in L x); };" },
  {
    code: "local-type",
    text: "local interface L { }; struct S { L x; };\ninterface I { attribute S x; };",
    line: 2,
  },
  { code: "unknown-import", text: "import ::M;", severity: "warning" },
];

/** Files that include each other in a chain longer than any real one. */
function includeChain(): Record<string, string> {
  const names = Array.from({ length: 300 }, (_, i) => `f${i}.idl`);
  return Object.fromEntries(names.map((name, i) => [name, `#include "f${i + 1}.idl"\n`]));
}

for (const { code, text, line = 1, severity = "error", options, files } of CASES) {
  const level = options?.level === undefined ? "" : ` under --idl ${options.level}`;
  test(`${severity} ${code}${level}: ${JSON.stringify(text.slice(0, 90)).slice(1, -1)}`, (t) => {
    const { diagnostics } = analyzeText(text, options ?? {}, files ?? {});
    const found = diagnostics.filter((d) => d.severity === severity);
    t.deepEqual([...new Set(found.map((d) => d.code as string))], [code]);
    const { span } = found[0] ?? {};
    if (span && code !== "include-depth") t.is(span.file.positionOf(span.start).line, line);
  });
}

test("every code has a wrong text here and an explanation", (t) => {
  const shown = new Set(CASES.map(({ code }) => code));
  t.deepEqual(
    diagnosticCodes().filter((code) => !shown.has(code)),
    [],
  );
  for (const code of diagnosticCodes()) t.true((explain(code)?.length ?? 0) > 40, code);
  t.is(explain("nonsense"), undefined);
  t.is(explain("toString"), undefined);
});

/** Codes whose fault lies between two places: the other one is told, too. */
const OF_TWO: readonly string[] =
  `redefinition clash case-differs not-a-scope wrong-kind ambiguous incomplete-type id-clash
  local-type`.split(/\s+/);

for (const { code, text, options } of CASES.filter((one) => OF_TWO.includes(one.code))) {
  test(`${code} tells the second place of ${JSON.stringify(text.slice(0, 90)).slice(1, -1)}`, (t) => {
    const { diagnostics } = analyzeText(text, options ?? {});
    const { span, related } = diagnostics.find((d) => d.code === code) ?? {};
    t.is(related?.span.file.name, "a.idl");
    t.not(related?.span.start, span?.start);
  });
}
