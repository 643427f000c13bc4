import test from "ava";
import fc from "fast-check";
import { printSpecification, type SpecificationNode } from "../../../idlc/ast/index.ts";
import { lex } from "../../../idlc/lex/index.ts";
import { parse } from "../../../idlc/parse/index.ts";
import { preprocess } from "../../../idlc/preprocess/index.ts";
import { Diagnostics, memoryReader, placeOf } from "../../../idlc/source/index.ts";

function run(text: string): {
  readonly tree: SpecificationNode;
  readonly errors: readonly string[];
} {
  const diagnostics = new Diagnostics();
  const reader = memoryReader({ "a.idl": text });
  const tree = parse(lex(preprocess(["a.idl"], {}, reader, diagnostics), diagnostics), diagnostics);
  const faults = diagnostics.sorted().filter(({ severity }) => severity === "error");
  const errors = faults.map(({ span, message }) => {
    const place = span && placeOf(span);
    return `${place?.line}:${place?.column} ${message}`;
  });
  return { tree, errors };
}

function print(text: string): string {
  const { tree, errors } = run(text);
  if (errors.length > 0) throw new Error(`${text}: ${errors.join("; ")}`);
  return printSpecification(tree).replace(/\s+/g, " ").trim();
}

const printed: readonly (readonly [string, string])[] = [
  ["const long X=1+2*3-4;", "const long X = (1 + (2 * 3)) - 4;"],
  ["const long X=(1+2)*3;", "const long X = (1 + 2) * 3;"],
  ["const long X=-1<<2|~3&4^5;", "const long X = ((-1) << 2) | (((~3) & 4) ^ 5);"],
  ["const long X=-(-1);", "const long X = -(-1);"],
  ["const boolean B=TRUE;", "const boolean B = TRUE;"],
  ['const string S="a" "b";', 'const string S = "a" "b";'],
  ["const short X=::M::N;", "const short X = ::M::N;"],
  ["typedef sequence<sequence<long>> X;", "typedef sequence<sequence<long>> X;"],
  ["typedef sequence<sequence<long,2>> X;", "typedef sequence<sequence<long, 2>> X;"],
  ["typedef sequence<string<N>> X;", "typedef sequence<string<N>> X;"],
  ["typedef string<8>>1> X;", "typedef string<(8 >> 1)> X;"],
  ["typedef sequence<string<(8>>1)>> X;", "typedef sequence<string<(8 >> 1)>> X;"],
  ["typedef long A[2][3], B, C[N];", "typedef long A[2][3], B, C[N];"],
  ["typedef unsigned long long A;", "typedef unsigned long long A;"],
  ["typedef struct S { long x; } T, U2[2];", "typedef struct S { long x; } T, U2[2];"],
  ["struct S; union U;", "struct S; union U;"],
  ["enum E{a,b};", "enum E { a, b };"],
  [
    "union U switch(enum E{a,b}){case a:case b:long x;default:string<3> y[2];};",
    "union U switch (enum E { a, b }) { case a: case b: long x; default: string<3> y[2]; };",
  ],
  ["interface I; interface J:I,::K{};", "interface I; interface J : I, ::K { };"],
  [
    "interface I{readonly attribute long a,b;attribute Object c;oneway void f();long g(in any x,inout wstring<4> y,out octet z)raises(E,F);};",
    "interface I { readonly attribute long a, b; attribute Object c; oneway void f(); long g(in any x, inout wstring<4> y, out octet z) raises (E, F); };",
  ],
  [
    "module M{exception E{};exception F{wchar c;};};",
    "module M { exception E { }; exception F { wchar c; }; };",
  ],
  [
    "interface _interface{void _attribute(in long _in);};",
    "interface _interface { void _attribute(in long _in); };",
  ],
  [
    "struct port{long map;long component;long import;long typeid;};",
    "struct port { long map; long component; long import; long typeid; };",
  ],
  [
    "interface I{component home(in eventtype x);bitset bitmask();typeid typeprefix();};",
    "interface I { component home(in eventtype x); bitset bitmask(); typeid typeprefix(); };",
  ],
];

for (const [text, expected] of printed) {
  test(`parses ${text}`, (t) => {
    t.is(print(text), expected);
    t.is(print(expected), expected);
  });
}

/** Each prints as it is written here. */
const wholeLanguage: readonly string[] = [
  "valuetype V;",
  "valuetype V long;",
  "valuetype V sequence<V>;",
  "abstract valuetype A { void f(); };",
  "valuetype V : truncatable A, B supports I, J { public long x, y[2]; private string z; factory make(in long x) raises (E); attribute long a; void f(); typedef long T; };",
  "custom valuetype C supports I { };",
  "abstract interface I; local interface L; abstract interface J : I { }; local interface K : I { };",
  "native N;",
  "typedef fixed<5, 2> F;",
  "const fixed F = 12.50d + .5D;",
  "typedef long double D;",
  "typedef ValueBase V;",
  "typedef sequence<map<string, sequence<long>, 4>> X;",
  'interface I { void f() raises (E) context ("a*", "b"); };',
  "interface I { attribute long x getraises (E); attribute long y setraises (F, G); attribute long z getraises (E) setraises (F); };",
  "interface I { readonly attribute long x raises (E); };",
  'import ::M::N; import "a.idl";',
  'typeid M "IDL:x:1.0"; typeprefix M::N "x.org"; typeprefix :: "y";',
  'interface I { typeid I::f "IDL:x:1.0"; };',
  "eventtype E; abstract eventtype E { }; eventtype E : B { public long x; };",
  "component C; component C : B supports I { provides I p; uses multiple I q; uses Object r; emits E e; publishes E f; consumes E g; attribute long a; };",
  "home H : G supports I manages C primarykey K { factory f(in long x) raises (E); finder g(); void h(); };",
  "porttype P { provides I p; }; connector C : D { port P p; mirrorport P q; };",
  "bitmask B { a, @position(4) b };",
  "bitset B : A { bitfield<3> a b; bitfield<2>; bitfield<10, unsigned short> c; };",
  "interface I { bitset B { bitfield<3> a; }; bitmask C { x }; };",
  "struct S : T { long x; }; struct U { };",
  '@final @M::a(b = 1, c = "x") struct S { @key @default(-1) long x; };',
  "enum E { @value(3) a, b };",
  "union U switch (octet) { @id(1) case 1: default: long x; };",
  "@annotation a { long x default 1; any y; const long C = 2; enum E { p, q }; }; @a(x = 2) module M { typedef long T; };",
  "module T<typename A, const long N, sequence<A> B> { typedef A X; alias U<A> V; }; module T<long, 3, S> W; module M::T<Object, (1 + 2), S> Y;",
  "interface I { @oneway void f(@max(3) in long x); };",
];

for (const text of wholeLanguage) {
  test(`prints as written: ${text}`, (t) => {
    t.is(print(text).replaceAll("{ }", "{ }"), text);
  });
}

test("every error of a file is told in one run", (t) => {
  const { errors } = run(
    [
      "struct S { long x y; short z };", // 1: two faults
      "interface I {",
      "  void f(in long);",
      "  attribute x;",
      "  void g(long x);",
      "  long ok();",
      "}",
      "module M { };",
      "enum E { a, b, };",
      "const long C = 1 +;",
      "typedef X;",
      "struct T { };",
      "};",
      "union U switch (long) { long x; case 1: long y; };",
      "interface J { module N { typedef long L; }; };",
      "const long LAST = 1;",
    ].join("\n"),
  );
  t.deepEqual(
    errors.map((error) => error.split(" ")[0]),
    [
      "1:18",
      "1:29",
      "3:17",
      "4:14",
      "5:10",
      "7:2",
      "8:8",
      "9:16",
      "10:19",
      "11:10",
      "13:1",
      "14:25",
      "15:15",
    ],
  );
});

test("a missing semicolon is told where it should stand", (t) => {
  const { errors } = run("struct S { long x; }\nstruct T { long y; };\n");
  t.deepEqual(errors, ['1:21 expected ";" after the struct']);
});

test("a keyword as a name names the way out", (t) => {
  t.deepEqual(run("struct S { long interface; };").errors, [
    "1:17 expected the name of a member of struct S, but interface is a keyword; write _interface",
  ]);
  t.deepEqual(run("interface Long { };").errors, [
    "1:11 identifier Long differs from the keyword long in case only; write _Long or another name",
  ]);
});

const DEEP = 100_000;
const deep: readonly (readonly [string, string])[] = [
  ["parentheses", `const long X = ${"(".repeat(DEEP)}1${")".repeat(DEEP)};`],
  ["signs", `const long X = ${"-".repeat(DEEP)}1;`],
  ["sequences", `typedef ${"sequence<".repeat(DEEP)}long${">".repeat(DEEP)} X;`],
  ["structs", `${"struct S { ".repeat(DEEP)}long x;${"} y;".repeat(DEEP)}`],
  ["modules", `${"module M { ".repeat(DEEP)}const long X = 1;${"};".repeat(DEEP)}`],
  ["dimensions", `typedef long X${"[1]".repeat(DEEP)};`],
];

for (const [what, text] of deep) {
  test(`${what} nested ${DEEP} deep end in an error, not in a crash`, (t) => {
    t.true(run(text).errors.length > 0);
  });
}

test("a long sum is no nesting", (t) => {
  t.deepEqual(run(`const long X = 0${" + 1".repeat(DEEP)};`).errors, []);
});

const WORDS = (
  "module interface struct union enum typedef const exception switch case default attribute readonly oneway void in " +
  "out inout raises long short unsigned string sequence any Object valuetype native fixed abstract local context " +
  'factory map typeid component import TRUE 1 2.5 \'c\' "s" L"w" 3d x y _z M { } ( ) [ ] < > >> << ; : :: , = + - * / % ~ | ^ & @ # ' +
  "\n \n#if \n#endif \n#define \n#include \n#pragma"
).split(" ");

test("no soup of tokens crashes the parser", (t) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...WORDS), { maxLength: 60 }), (words) => {
      run(words.join(" "));
    }),
    { numRuns: 1500 },
  );
  t.pass();
});
