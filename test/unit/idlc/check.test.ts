import test from "ava";
import { renderDiagnostic } from "../../../idlc/source/index.ts";
import { analyzeText, codes, constants, findAs } from "./support.ts";

type Row = readonly [text: string, code?: string];

/** Each row is one specification: accepted, or rejected with exactly this one error. */
function table(title: string, rows: readonly Row[]): void {
  for (const [text, code] of rows) {
    test(`${title}: ${code ? "rejects" : "accepts"} ${JSON.stringify(text).slice(1, -1)}`, (t) => {
      const analysis = analyzeText(text);
      const shown = analysis.diagnostics.map(renderDiagnostic).join("\n");
      const errors = codes(analysis).map((entry) => entry.split(" ")[1]);
      t.deepEqual(errors, code ? [code] : [], shown);
      t.is(analysis.model === undefined, code !== undefined);
    });
  }
}

table("measured on omniidl", [
  ["module M {};", "syntax"],
  ["enum E {a,b,};", "syntax"],
  ["module M { interface M {}; };", "clash"],
  ["interface Foo{}; interface foo{};", "clash"],
  ["typedef long Foo; typedef foo Bar;", "case-differs"],
  ["interface I { void f(in long a, in long A); };", "clash"],
  ["struct A { long _x; long x; };", "redefinition"],
  ["interface Long {};", "keyword-case"],
  ["interface _interface { void _attribute(); };"],
  ["typedef long T; interface I { typedef T U; typedef short T; };", "clash"],
  ["interface A { typedef long T; }; interface B : A { typedef short T; };"],
  ["interface A { void f(); }; interface B : A { void f(); };", "redefinition"],
  ["interface A { void f(); }; interface B { void f(); }; interface C : A, B {};", "ambiguous"],
  ["interface A { void f(); }; interface B : A {}; interface C : A {}; interface D : B, C {};"],
  ["const octet O = 256;", "out-of-range"],
  ["const long L = 2147483648;", "out-of-range"],
  ["const long L = (2147483648 - 1);"],
  ["const unsigned long long U = 0xFFFFFFFFFFFFFFFF;"],
  ["const unsigned short U = ~1;"],
  ["const short S = ~1;"],
  ["const double D = 1;", "bad-constant"],
  ["const double D = 1 + 2.5;", "bad-constant"],
  ["const boolean B = TRUE | FALSE;", "bad-constant"],
  ["const char C = '\\0';"],
  ['const string S = "\\0";', "bad-literal"],
  ["const wchar C = L'\\u20AC';"],
  ["const char C = '\\u0041';", "bad-literal"],
  ['const string S = "a" "b" "\\x41";'],
  ["enum E {a, b}; const E c = b;"],
  ["enum E {a, b}; const E e = b;", "clash"],
  ["enum E {a, b}; enum F {b, c};", "redefinition"],
  [
    "union U switch (boolean) { case TRUE: long a; case FALSE: long b; default: long c; };",
    "bad-union",
  ],
  ["union U switch (long) { case 1: long a; case 1: long b; };", "bad-union"],
  ["union U switch (octet) { case 255: long a; };"],
  ["union U switch (wchar) { case L'x': long a; };"],
  ["union U switch (enum E {x, y}) { case x: long a; };"],
  ["struct S; typedef sequence<S> Q; struct S { Q children; };"],
  ["struct S; struct T { S x; }; struct S { long y; };", "incomplete-type"],
  ["struct S { sequence<S> children; };"],
  ["typedef sequence<sequence<long>> Q;"],
  ["exception E {}; interface I { oneway void f() raises (E); };", "bad-operation"],
  ["interface I { oneway void f(out long x); };", "bad-operation"],
  ["interface component {}; interface map {}; interface port {};"],
  ["struct S {};"],
  ["exception E {};"],
  ["const long L = 1 << 64;", "out-of-range"],
  ["const long L = 1/0;", "bad-constant"],
  ["typedef long A[-1];", "out-of-range"],
  ['interface I {};\n#pragma ID I "IDL:a:1.0"\n#pragma ID I "IDL:b:1.0"\n', "bad-repository-id"],
  [
    '#pragma prefix "A"\nmodule M { typedef long T; };\n#pragma prefix "B"\nmodule M { typedef long U; };',
  ],
  ["typedef struct S { long x; } T, U2[2];"],
  ["interface I { void f(in CORBA::TypeCode t); };"],
]);

table("names", [
  ["typedef Bar Baz;", "not-found"],
  ["typedef ::Bar Baz;", "not-found"],
  ["module M { typedef long T; }; typedef M::U V;", "not-found"],
  ["typedef long T; typedef T::U V;", "not-a-scope"],
  ["module M { typedef long T; module N { typedef T U; typedef ::M::T V; }; };"],
  ["module M { typedef long T; }; module M { typedef T U; };"],
  ["module M { typedef long T; }; module m { typedef long U; };", "clash"],
  ["interface I; interface I {}; interface I;"],
  ["interface I {}; interface I {};", "redefinition"],
  ["typedef long I; interface I {};", "redefinition"],
  ["interface I { void I(); };", "clash"],
  ["exception X { long x; };"],
  ["struct X { long X; };", "clash"],
  ["struct S { long x; string X; };", "clash"],
  ["typedef long Foo; struct S { ::Foo foo; };"],
  ["typedef long Foo; interface I { Foo Foo(); };", "clash"],
  ["typedef long T; interface I { void f(in T x); typedef short T; };", "clash"],
  ["typedef long T; interface I { struct S { T x; }; typedef short T; };", "clash"],
  ["typedef long T; module M { interface I { void f(in T x); }; typedef short T; };"],
  ["interface I { void foo(in long foo); };"],
  ["interface I { attribute long x; void x(); };", "redefinition"],
  ["interface B { typedef long T; }; interface C { typedef short T; }; interface D : B, C {};"],
  [
    "interface B { typedef long T; }; interface C { typedef short T; }; interface D : B, C { void f(in T x); };",
    "ambiguous",
  ],
  [
    "interface B { typedef long T; }; interface C { typedef short T; }; interface D : B, C { void f(in B::T x); };",
  ],
  ["interface B { typedef long T; }; interface D : B { void T(); };"],
  ["interface B { typedef long T; }; interface D : B { typedef T U; typedef short T; };", "clash"],
  ["interface B { void T(); }; interface D : B { typedef long T; };", "redefinition"],
  [
    "interface A { attribute long x; }; interface B { void X(); }; interface C : A, B {};",
    "ambiguous",
  ],
  ["interface I { enum E {x}; }; interface J : I { const E z = x; };"],
  ["typedef Object _Factory; typedef sequence<Factory> Factories;"],
  ["module CORBA { interface TypeCode; typedef TypeCode T; };"],
  ["interface TypeCode {}; typedef TypeCode T;"],
  ["typedef Principal P;"],
  ["typedef uint8 U;"],
  ["typedef octet uint8; typedef uint8 U;"],
  ["native N; typedef N M;"],
  ["valuetype V { public long x; }; interface I { V f(); }; struct S { V x; };"],
]);

table("types", [
  ["exception E {}; typedef E F;", "wrong-kind"],
  ["module M { typedef long x; }; typedef M y;", "wrong-kind"],
  ["const long X = 1; typedef X Y;", "wrong-kind"],
  ["typedef long A[0];", "out-of-range"],
  ["typedef sequence<long, 0> Q;", "out-of-range"],
  ["typedef string<0> S;", "out-of-range"],
  ["const long N = 3; typedef string<N * 2> S; typedef sequence<long, N> Q; typedef long A[N][N];"],
  ["typedef string<1.5> S;", "bad-constant"],
  ["interface I { void f(in sequence<long> x); };", "syntax"],
  ["interface I { attribute struct X { long y; } z; };", "syntax"],
  ["typedef sequence<struct S { long x; }> Q;", "syntax"],
  ["struct S; typedef S T; struct S { long x; };", "incomplete-type"],
  ["struct S; typedef S T[3]; struct S { long x; };", "incomplete-type"],
  ["struct S { S x; };", "incomplete-type"],
  ["union U switch (long) { case 1: U x; };", "incomplete-type"],
  ["union U; typedef sequence<U> Us; union U switch (long) { case 1: Us x; };"],
  ["union U switch (long) { case 1: sequence<U> x; };"],
  [
    "struct S; typedef sequence<S> Q; interface I { void f(in Q x); }; struct S { long y; };",
    "incomplete-type",
  ],
  [
    "struct A; struct B; typedef sequence<A> As; typedef sequence<B> Bs; struct A { Bs x; }; struct B { As y; };",
  ],
  ["struct S;", "never-defined"],
  ["union U; typedef sequence<U> Us;", "never-defined"],
  ["interface I; interface J { void f(in I x); };"],
  ["struct S { struct T { long x; } y; }; typedef S::T U;"],
]);

table("interfaces and operations", [
  ["interface I : I {};", "bad-inheritance"],
  ["interface I; interface I : I {};", "bad-inheritance"],
  ["module A { interface I {}; module B { interface J : I {}; interface I : I {}; }; };"],
  ["interface I {}; interface J : I { attribute long i; };"],
  ["interface I; interface J : I {};", "incomplete-type"],
  ["interface B {}; interface C : B, B {};", "bad-inheritance"],
  ["struct S { long x; }; interface I : S {};", "bad-inheritance"],
  ["interface B {}; typedef B C; interface I : C {};"],
  ["interface I { oneway long f(); };", "bad-operation"],
  ["interface I { oneway void f(inout long x); };", "bad-operation"],
  ["interface I { void f() raises (I); };", "bad-operation"],
  ["interface I { void f() raises (E); };", "not-found"],
  ["interface I { exception E {}; void f(in long e) raises (E); };"],
]);

table("constants", [
  ["const long L = 1.5;", "bad-constant"],
  ["const long L = 'a';", "bad-constant"],
  ["const long L = TRUE;", "bad-constant"],
  ["const boolean B = 1;", "bad-constant"],
  ["const char C = L'x';", "bad-constant"],
  ['const wstring S = "x";', "bad-constant"],
  ['const string S = "a" L"b";', "bad-literal"],
  ['const string S = "a" + "b";', "bad-constant"],
  ['const string<3> S = "abcd";', "out-of-range"],
  ['const string<3> S = "abc";'],
  ["const float F = 1.0 % 2.0;", "bad-constant"],
  ["const float F = 1e39;", "out-of-range"],
  ["const double D = 1e308 * 10.0;", "out-of-range"],
  ["const double D = 1.0 / 0.0;", "bad-constant"],
  ["const octet O = -1;", "out-of-range"],
  ["const long long L = 1 << 63;", "out-of-range"],
  ["const unsigned long long U = 0xffffffffffffffff + 1;", "out-of-range"],
  ["const long L = 1 << -1;", "out-of-range"],
  ["const long L = 1 % 0;", "bad-constant"],
  ["const long X = X + 1;", "not-found"],
  ["enum E {a, b}; const long X = a;", "bad-constant"],
  ["enum E {a}; enum F {b}; const E X = b;", "bad-constant"],
  ["struct S { long x; }; const S X = 1;", "bad-constant"],
  ["const any X = 1;", "bad-constant"],
  ["typedef any A; typedef A B; const B X = 5;", "bad-constant"],
  ["const long A = 08; const long B = A;", "bad-literal"],
  ["const long A = 1 / 0; const long B = A + 1; typedef long C[B];", "bad-constant"],
]);

table("unions", [
  ['union U switch (string) { case "a": long x; };', "bad-union"],
  ["union U switch (float) { case 1.0: long x; };", "bad-union"],
  ["union U switch (long) { default: long x; default: long y; };", "bad-union"],
  ["union U switch (short) { case 70000: long x; };", "out-of-range"],
  ["union U switch (long) { case 1: long a; case 2: long A; };", "clash"],
  ["union U switch (char) { case 'a': case '\\xff': long x; };"],
  ["union U switch (unsigned long long) { case 18446744073709551615: long x; };"],
  ["union U switch (long long) { case -9223372036854775808: long x; };"],
  [
    "enum E {a, b}; union U switch (E) { case ::a: long x; case b: long y; default: long z; };",
    "bad-union",
  ],
  ["module A { enum E {x, y}; }; union U switch (A::E) { case y: long z; };"],
  ["enum E {a}; union U switch (E) { case 1: long x; };", "bad-constant"],
  ["typedef long T; typedef T V; union U switch (V) { case 1 + 1: long x; default: long y; };"],
  ["const long N = 4; union U switch (long) { case N: long x; case N + 0: long y; };", "bad-union"],
]);

table("repository ids", [
  ['interface I {};\n#pragma ID I "IDL:a:1.0"\n#pragma ID I "IDL:a:1.0"\n'],
  ['interface I {};\n#pragma ID I "IDL:a:1.0"\n#pragma version I 2.0\n', "bad-repository-id"],
  ["interface I {};\n#pragma version I 2.0\n#pragma version I 3.0\n", "bad-repository-id"],
  ["#pragma version J 2.0\ninterface I {};", "not-found"],
  ['#pragma prefix "A"\ninterface I;\n#pragma prefix "B"\ninterface I {};', "bad-repository-id"],
]);

test("constants have the values of their types", (t) => {
  const analysis = analyzeText(`
    enum Colour {RED, GREEN};
    const unsigned short A = ~1;
    const short B = ~1;
    const unsigned long long C = ~0;
    const long long D = -9223372036854775808;
    const octet E = (0xF0 | 0x0F) & ~0x81;
    const long F = 7 / -2;
    const long G = -7 % 3;
    const long H = -5 >> 1;
    const unsigned long I = 1 << 31;
    const float J = 1.5 * 2.0 - .5;
    const double K = J + 1.0;
    const string L = "a" "b" "\\x41";
    const wstring M = L"\\u20ac" L"x";
    const char N = '\\377';
    const wchar O = L'\\0';
    const boolean P = TRUE;
    const boolean Q = P;
    const Colour R = GREEN;
    const Colour S = R;
    const long T = F * 2 + B;
    const long long U = T;
    const long V = 2 + 3 * 4 - (1 ^ 3);
  `);
  t.deepEqual(codes(analysis), []);
  t.deepEqual(constants(analysis), {
    A: 65534,
    B: -2,
    C: 18446744073709551615n,
    D: -9223372036854775808n,
    E: 0x7e,
    F: -3,
    G: -1,
    H: -3,
    I: 2147483648,
    J: 2.5,
    K: 3.5,
    L: "abA",
    M: "€x",
    N: "\xff",
    O: "\0",
    P: true,
    Q: true,
    R: "GREEN",
    S: "GREEN",
    T: -8,
    U: -8n,
    V: 12,
  });
});

test("an interface that is never defined is incomplete and gets a warning", (t) => {
  const analysis = analyzeText("interface I; interface J { I f(); };");
  t.deepEqual(codes(analysis, "warning"), ["1:11 never-defined"]);
  t.true(findAs(analysis, "interface", "I").isIncomplete);
  t.false(findAs(analysis, "interface", "J").isIncomplete);
});

test("clashes point at both places", (t) => {
  const { diagnostics } = analyzeText("interface Foo {};\ninterface foo {};\n");
  t.deepEqual(diagnostics.map(renderDiagnostic), [
    [
      "a.idl:2:11: error: foo differs from an interface, Foo, in case only",
      "interface foo {};",
      "          ^",
      "a.idl:1:11: note: Foo is declared here",
      "interface Foo {};",
      "          ^",
    ].join("\n"),
  ]);
});

test("errors of all stages come together, in the order of the file", (t) => {
  const analysis = analyzeText(
    "typedef Bar A;\nconst long B = 08;\nstruct C { long x };\n#if 1/0\n#endif\nconst octet D = 300;\n",
  );
  t.deepEqual(codes(analysis), [
    "1:9 not-found",
    "2:16 bad-literal",
    "3:18 syntax",
    "4:5 bad-condition",
    "6:17 out-of-range",
  ]);
});

test("a declaration that failed leaves no trail of errors", (t) => {
  const analysis = analyzeText(`
    struct A { long 5; };
    typedef sequence<A, > B;
    const long C = ;
    interface D { void f(in A a1, in B b1, out long) raises (E); };
    typedef long F[C];
    interface G : D { B h(in A a2); };
    exception E {};
  `);
  t.deepEqual(codes(analysis), ["2:21 syntax", "3:25 syntax", "4:20 syntax", "5:52 syntax"]);
});

/** What some compilers refuse and the owners of real IDL have theirs take. */
const WARNED: readonly Row[] = [
  ["interface Node {}; interface I { void f(in Node node, in Node other); };", "clash"],
  ["interface Node {}; interface I { void f(in Node _node); };", "clash"],
  ["typedef string Name; interface I { void f(in Name Name); };", "clash"],
  ["typedef long Foo; struct S { Foo foo; Foo bar; };", "clash"],
  ["typedef long Foo; valuetype V { public Foo foo; private Foo bar; };", "clash"],
  ["enum E {INFO, WARN}; union U switch (E) { case INFO: long info; };", "clash"],
  [
    "enum E {line, dot}; union U switch (E) { case line: long line; case dot: long dot; };",
    "clash",
  ],
  ["enum Foo {A}; interface I { attribute Foo foo; void f(in Foo x); };", "clash"],
  ["typedef long Foo; interface I { void f(in Foo _foo); };", "clash"],
  ["exception E {}; interface I { void f() raises (E, E); };", "bad-operation"],
  ["enum E {a, b}; union U switch (E) { case a: long x; case b: default: long y; };", "bad-union"],
  ['module M { interface J {}; };\ntypeprefix M "a"\nmodule M { interface I {}; };', "syntax"],
  ["const wchar C = 'x';", "implicit-conversion"],
  ["typedef fixed<5, 2> F; const F X = -3.149d;", "implicit-conversion"],
  ["#ifndef A_IDL\n#define A_IDL\ntypedef long T;\n", "unbalanced-conditional"],
];
for (const [text, code] of WARNED)
  test(`accepted with a warning: ${JSON.stringify(text).slice(1, -1)}`, (t) => {
    const analysis = analyzeText(text);
    t.deepEqual(codes(analysis), []);
    t.deepEqual([...new Set(codes(analysis, "warning").map((w) => w.split(" ")[1]))], [code]);
  });

test("a member with the name of its type does not hide the type, and is one member of its scope", (t) => {
  const twice = "typedef long Foo; struct S { Foo foo; string FOO; };";
  t.deepEqual(codes(analyzeText(twice)), ["1:46 clash"]);
  t.deepEqual(codes(analyzeText("typedef long Foo; struct S { Foo Foo; };")), ["1:34 clash"]);
});

table("what is wrong all the same", [
  ["typedef long Foo; interface I { void f(in Foo foo); };", "clash"],
  ["typedef long Foo; interface I { attribute Foo foo; };", "clash"],
  ["struct Foo { long x; }; interface I { Foo foo(); };", "clash"],
  ["interface I;", "never-defined"],
  ['interface I {};\n#pragma ID I "I"\n', "bad-repository-id"],
  ["interface I {};\n#pragma version I 1.65536\n", "bad-pragma"],
  ["@bit_bound(33) enum E {a};", "bad-bits"],
  ["@bit_bound() enum E {a};", "bad-bits"],
  ["typedef fixed<3, 3> F; const F X = 3.14d;", "out-of-range"],
  ["typedef fixed<5, 3> F; const F X = 3.14;", "bad-constant"],
  ["const fixed F = 1e3;", "bad-constant"],
  ["#ifdef A_IDL\n#else\ntypedef long T;\n", "unbalanced-conditional"],
  ["#ifndef A_IDL\ntypedef long T;\n", "unbalanced-conditional"],
]);

test("digits that the scale of a fixed type has no place for are cut off", (t) => {
  const { X, Y } = constants(
    analyzeText("typedef fixed<5, 2> F; const F X = -3.149d; const F Y = 2.5009d;"),
  );
  t.like(X, { unscaled: -314n, scale: 2 });
  t.like(Y, { unscaled: 25n, scale: 1 });
});
