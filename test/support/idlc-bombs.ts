import fc from "fast-check";

/** IDL that is small for what it asks for; `n` says how large, up to `MOST`. */
type Bomb = (n: number) => string;

const MOST = 20_000;

function times(n: number, text: (i: number) => string): string {
  return Array.from({ length: n }, (_, i) => text(i)).join("");
}

/** `open` n times, `inner`, `close` n times. */
function nested(open: string, inner: string, close: string): Bomb {
  return (n) => open.repeat(n) + inner + close.repeat(n);
}

/** Doubles with each of its lines. */
function doubling(line: (i: number) => string, use: (last: number) => string): Bomb {
  return (n) => {
    const depth = n % 64;
    return times(depth, (i) => `${line(i)}\n`) + use(depth);
  };
}

const BOMBS: Readonly<Record<string, Bomb>> = {
  "macros that double": doubling(
    (i) => `#define M${i + 1} M${i} M${i}`,
    (last) => `#define M0 x\nmodule A { M${last} };`,
  ),
  "macros with arguments that double": doubling(
    (i) => `#define M${i + 1}(x) M${i}(x) M${i}(x)`,
    (last) => `#define M0(x) x\nconst long A = M${last}(M${last}(1));`,
  ),
  "pasted names that grow": doubling(
    (i) => `#define P${i + 1}(x) P${i}(x ## x)`,
    (last) => `#define P0(x) x\ntypedef long P${last}(ab);`,
  ),
  "strings of strings": doubling(
    (i) => `#define S${i + 1}(x) S${i}(#x)`,
    (last) => `#define S0(x) x\nconst string A = S${last}("\\"");`,
  ),
  "macro calls in macro calls": (n) =>
    `#define F(x) x\nconst long A = ${"F(".repeat(n)}1${")".repeat(n)};`,
  "a macro call without end": (n) => `#define F(x, ...) x __VA_ARGS__\nF(${"(,".repeat(n)}`,
  "files that include themselves twice": () => '#include "bomb.idl"\n#include "bomb.idl"\n',
  "files that include by macros": (n) => `#define A "bomb.idl"\n${"#include A\n".repeat(n % 500)}`,
  "conditions in conditions": nested("#if 1\n", "const long A = 1;\n", "#endif\n"),
  "conditions without end": (n) => "#ifdef A\n#else\n".repeat(n),
  "a condition of parentheses": (n) => `#if ${"(".repeat(n)}1${")".repeat(n)}\n#endif\n`,
  "a condition of signs": (n) => `#if ${"-".repeat(n)}1\n#endif\n`,
  "a condition of questions": (n) => `#if ${"1 ? ".repeat(n)}1${" : 0".repeat(n)}\n#endif\n`,
  "lines that go on": (n) => `const long A = 1${"\\\n".repeat(n)};`,
  modules: (n) => times(n, (i) => `module M${i} {`) + "typedef long T;" + "};".repeat(n),
  "modules without end": (n) => "module M {\n".repeat(n),
  "braces that close nothing": (n) => "};\n".repeat(n),
  sequences: (n) => `typedef ${"sequence<".repeat(n)}long${">".repeat(n)} A;`,
  "sequences without end": (n) => `typedef ${"sequence<".repeat(n)}`,
  maps: (n) => `typedef ${"map<long,".repeat(n)}long${">".repeat(n)} A;`,
  parentheses: (n) => `const long A = ${"(".repeat(n)}1${")".repeat(n)};`,
  "signs before a number": (n) => `const long A = ${"-~".repeat(n)}1;`,
  "a long sum": (n) => `const long A = 0${" + 1".repeat(n)};`,
  "a growing product": (n) => `const fixed A = 1.1d${" * 1.1d".repeat(n)};`,
  "shifts of shifts": (n) => `const long long A = 1${" << 63 >> 63".repeat(n)};`,
  structs: (n) =>
    times(n, (i) => `struct S${i} {`) + "long x;" + times(n, (i) => `} m${n - i};`) + "m;",
  unions: (n) =>
    times(n, (i) => `union U${i} switch (long) { case 1: `) + "long x;" + "} x; ".repeat(n),
  "discriminators of discriminators": (n) => "union U switch (".repeat(n),
  "many labels": (n) =>
    `union U switch (long) { ${times(n, (i) => `case ${i}: `)} long x; default: long y; };`,
  "an enum": (n) => `enum E { ${times(n, (i) => `e${i}, `)} last };`,
  "many members": (n) => `struct S { ${times(n, (i) => `long x${i};`)} };`,
  "the same member": (n) => `struct S { ${"long x;".repeat(n)} };`,
  "typedefs of typedefs": (n) => `typedef long T0;${times(n, (i) => `typedef T${i} T${i + 1};`)}`,
  "arrays of arrays": (n) => `typedef long T0;${times(n, (i) => `typedef T${i} T${i + 1}[2];`)}`,
  "a wide array": (n) => `typedef long T${"[2]".repeat(n)};`,
  "constants of constants": (n) =>
    `const long C0 = 1;${times(n, (i) => `const long C${i + 1} = C${i};`)}`,
  "interfaces of interfaces": (n) =>
    `interface I0 { void f(); };${times(n, (i) => `interface I${i + 1} : I${i} { };`)}`,
  "two ways to every base": (n) =>
    "interface I0 { void f(); };" +
    times(n % 2_000, (i) => {
      const pair = `interface A${i} : I${i} { }; interface B${i} : I${i} { };`;
      return `${pair} interface I${i + 1} : A${i}, B${i} { typedef T X; };`;
    }),
  "values of values": (n) =>
    `valuetype V0 { };${times(n, (i) => `valuetype V${i + 1} : truncatable V${i} { };`)}`,
  "structs in structs by name": (n) =>
    `struct S0 { long x; };${times(n, (i) => `struct S${i + 1} { S${i} a, b; };`)}`,
  "templates that double": doubling(
    (i) => `module T${i + 1}<typename X> { alias T${i}<X> A; alias T${i}<X> B; };`,
    (last) => `module T0<typename X> { typedef X Y; };\nmodule T${last}<long> M;`,
  ),
  "a template of itself": () => "module T<typename X> { module T<X> M; };\nmodule T<long> N;",
  annotations: (n) => `${"@a(x = 1) ".repeat(n)} struct S { long x; };`,
  "forward declarations": (n) => times(n, (i) => `interface I${i % 7}; struct S${i % 5}; `),
  "reopened modules": (n) => times(n, (i) => `module M { const long C${i} = ${i}; };\n`),
  pragmas: (n) => times(n, (i) => `#pragma prefix "p${i}"\n#pragma ID X${i} "IDL:x:1.0"\n`),
  "type prefixes": (n) => `module M { typedef long T; };${'typeprefix M "x";'.repeat(n % 500)}`,
  comments: (n) => "/* ".repeat(n),
  "short comments": (n) => "/**/".repeat(n),
  quotes: (n) => "'\"".repeat(n),
  "strings side by side": (n) => `const string S = ${'"a" '.repeat(n)};`,
  backslashes: (n) => `const string S = "${"\\".repeat(n)}`,
  "a long name": (n) => `typedef long ${"a".repeat(n)};\ntypedef ${"a".repeat(n)} b;`,
  "a name of many parts": (n) => `typedef ${"A::".repeat(n)}B C;`,
  "a long number": (n) => `const long L = ${"9".repeat(n)};`,
  "a long fraction": (n) => `const fixed F = 0.${"0".repeat(n)}1d;`,
  components: (n) =>
    `component C0 { };${times(n % 3_000, (i) => `component C${i + 1} : C${i} { attribute long a${i}; };`)}`,
  "bits without end": (n) => `bitset B { ${times(n, (i) => `bitfield<1> b${i};`)} };`,
  imports: (n) => "import ::CORBA;".repeat(n % 1_000),
  "line marks": (n) => times(n % 3_000, (i) => `#line ${i} "f${i}.idl"\ntypedef X${i} Y;\n`),
};

/** One of the bombs with its text. */
export const bomb: fc.Arbitrary<{ readonly name: string; readonly text: string }> = fc
  .tuple(fc.constantFrom(...Object.keys(BOMBS)), fc.integer({ min: 1, max: MOST }))
  .map(([name, n]) => ({ name: `${name} (${n})`, text: BOMBS[name]?.(n) ?? "" }));

/** Every bomb once, at the size. */
export function allBombs(n: number): readonly { readonly name: string; readonly text: string }[] {
  return Object.entries(BOMBS).map(([name, make]) => ({ name, text: make(n) }));
}
