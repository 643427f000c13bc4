/** IDL of one shape and any size: what is compiled doubles with `n`, and so may the time it takes. */
export interface Shape {
  readonly name: string;
  /** Files by path; `main` names those that are compiled. */
  readonly files: (n: number) => Readonly<Record<string, string>>;
  readonly main: (n: number) => readonly string[];
}

function times(n: number, text: (i: number) => string): string {
  return Array.from({ length: n }, (_, i) => text(i)).join("\n");
}

/** `x0, x1, …` */
function listed(n: number, text: (i: number) => string): string {
  return Array.from({ length: n }, (_, i) => text(i)).join(", ");
}

/** Names one less than `i`, and nothing below the first. */
function below(i: number, text: (before: number) => string): string {
  return i === 0 ? "" : text(i - 1);
}

/** A shape of one file. */
function one(name: string, text: (n: number) => string): Shape {
  return { name, files: (n) => ({ "a.idl": text(n) }), main: () => ["a.idl"] };
}

/** A file for each `i`. */
function many(name: string, text: (i: number) => string): Shape {
  const path = (i: number): string => `f${i}.idl`;
  const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  return {
    name,
    files: (n) => Object.fromEntries(numbers(n).map((i) => [path(i), text(i)])),
    main: (n) => numbers(n).map(path),
  };
}

const INTERFACES: readonly Shape[] = [
  one("interfaces", (n) => times(n, (i) => `interface I${i} { long f(in long x); };`)),
  one("a chain of interfaces", (n) =>
    times(n, (i) => `interface I${i} ${below(i, (b) => `: I${b} `)}{ };`),
  ),
  one("a chain of interfaces below an operation", (n) =>
    times(
      n,
      (i) => `interface I${i} ${below(i, (b) => `: I${b} `)}{ ${i === 0 ? "void f();" : ""} };`,
    ),
  ),
  one("a chain of local interfaces", (n) =>
    times(n, (i) => `local interface I${i} ${below(i, (b) => `: I${b} `)}{ void f${i}(); };`),
  ),
  one("a chain of types inside interfaces", (n) =>
    times(n, (i) => `interface I${i} ${below(i, (b) => `: I${b} `)}{ typedef long T${i}; };`),
  ),
  one("a chain of interfaces with one more base each", (n) =>
    times(
      n,
      (i) => `interface M${i} { }; interface I${i} : ${below(i, (b) => `I${b}, `)}M${i} { };`,
    ),
  ),
  one("an interface of many bases", (n) => {
    const bases = listed(n, (i) => `I${i}`);
    return `${times(n, (i) => `interface I${i} { void f${i}(); };`)} interface X : ${bases} { };`;
  }),
  one("operations", (n) => `interface I { ${times(n, (i) => `long f${i}(in string a);`)} };`),
  one("attributes", (n) => `interface I { ${times(n, (i) => `attribute long a${i};`)} };`),
  one("parameters", (n) => `interface I { void f(${listed(n, (i) => `in long a${i}`)}); };`),
  one("raised exceptions", (n) => {
    const names = listed(n, (i) => `E${i}`);
    return `${times(n, (i) => `exception E${i} { long x; };`)} interface I { void f() raises (${names}); };`;
  }),
  one(
    "interfaces that mention each other",
    (n) =>
      times(n, (i) => `interface I${i};`) +
      times(n, (i) => `interface I${i} { I${(i * 7) % n} f(in I${(i + 1) % n} x); };`),
  ),
];

const VALUES: readonly Shape[] = [
  one("values", (n) => times(n, (i) => `valuetype V${i} { public long x; private string y; };`)),
  one("a chain of values", (n) =>
    times(n, (i) => `valuetype V${i} ${below(i, (b) => `: truncatable V${b} `)}{ };`),
  ),
  one("a chain of abstract values", (n) =>
    times(n, (i) => `abstract valuetype V${i} ${below(i, (b) => `: V${b} `)}{ };`),
  ),
  one("a chain of values below a state and an operation", (n) =>
    times(
      n,
      (i) =>
        `valuetype V${i} ${below(i, (b) => `: V${b} `)}{ ${i === 0 ? "public long x; void f();" : ""} };`,
    ),
  ),
  one("values that support a chain", (n) =>
    times(
      n,
      (i) =>
        `abstract interface I${i} ${below(i, (b) => `: I${b} `)}{ };` +
        `valuetype V${i} ${below(i, (b) => `: V${b} `)}supports I${i} { };`,
    ),
  ),
  one("values in values", (n) =>
    times(n, (i) => `valuetype V${i} { public long n; ${below(i, (b) => `public V${b} x;`)} };`),
  ),
  one("boxes", (n) => times(n, (i) => `valuetype B${i} sequence<long>;`)),
  one("state members", (n) => `valuetype V { ${times(n, (i) => `public long x${i};`)} };`),
];

const COMPONENTS: readonly Shape[] = [
  one(
    "components",
    (n) =>
      `interface I { }; ${times(n, (i) => `component C${i} { provides I p; uses I u; }; home H${i} manages C${i} { };`)}`,
  ),
  one("a chain of components", (n) =>
    times(n, (i) => `component C${i} ${below(i, (b) => `: C${b} `)}{ };`),
  ),
  one(
    "ports",
    (n) =>
      `interface I { }; component C { ${times(n, (i) => `provides I p${i}; uses I u${i};`)} };`,
  ),
  one("event types", (n) => times(n, (i) => `eventtype E${i} { public long x; };`)),
];

const TYPES: readonly Shape[] = [
  one("structs", (n) => times(n, (i) => `struct S${i} { long a; string b; };`)),
  one("structs in structs", (n) =>
    times(n, (i) => `struct S${i} { long a; ${below(i, (b) => `S${b} b;`)} };`),
  ),
  one("a chain of structs", (n) =>
    times(n, (i) => `struct S${i} ${below(i, (b) => `: S${b} `)}{ };`),
  ),
  one("members", (n) => `struct S { ${times(n, (i) => `long x${i};`)} };`),
  one("enumerators", (n) => `enum E { ${listed(n, (i) => `e${i}`)} };`),
  one("enums", (n) => times(n, (i) => `enum E${i} { a${i}, b${i} };`)),
  one(
    "cases of a union",
    (n) => `union U switch (long) { ${times(n, (i) => `case ${i}: long x${i};`)} };`,
  ),
  one(
    "labels of a case",
    (n) => `union U switch (long) { ${times(n, (i) => `case ${i}:`)} long x; default: string y; };`,
  ),
  one("a union of an enum", (n) => {
    const names = Array.from({ length: n }, (_, i) => `e${i}`);
    const cases = names.slice(0, n / 2).map((e) => `case ${e}: long x_${e};`);
    return `enum E { ${names.join(", ")} }; union U switch (E) { ${cases.join("\n")} };`;
  }),
  one("unions", (n) =>
    times(n, (i) => `union U${i} switch (boolean) { case TRUE: long x; case FALSE: string y; };`),
  ),
  one("typedefs", (n) => times(n, (i) => `typedef sequence<long> T${i};`)),
  one(
    "a chain of typedefs",
    (n) => `typedef long T0; ${times(n, (i) => `typedef T${i} T${i + 1};`)}`,
  ),
  one(
    "sequences of sequences",
    (n) => `typedef long T0; ${times(n, (i) => `typedef sequence<T${i}> T${i + 1};`)}`,
  ),
  one("constants", (n) => times(n, (i) => `const long C${i} = ${i} * 2 + 1;`)),
  one(
    "a chain of constants",
    (n) => `const long C0 = 1; ${times(n, (i) => `const long C${i + 1} = C${i};`)}`,
  ),
  one("a sum", (n) => `const long C = 0${" + 1".repeat(n)};`),
  one("exceptions", (n) => times(n, (i) => `exception E${i} { string why; };`)),
  one("natives", (n) => times(n, (i) => `native N${i};`)),
];

const SCOPES: readonly Shape[] = [
  one("modules", (n) => times(n, (i) => `module M${i} { typedef long T; };`)),
  one("reopened modules", (n) => times(n, (i) => `module M { typedef long T${i}; };`)),
  one("interfaces in modules", (n) =>
    times(n, (i) => `module M${i} { interface I { ${below(i, (b) => `M${b}::I f();`)} }; };`),
  ),
  one(
    "announced structs",
    (n) =>
      times(n, (i) => `struct S${i};`) + times(n, (i) => `struct S${i} { sequence<S${i}> s; };`),
  ),
  one("announced again and again", (n) => `${"interface I;\n".repeat(n)} interface I { };`),
  one("ids", (n) =>
    times(n, (i) => `struct S${i} { long x; };\n#pragma ID S${i} "IDL:x/S${i}:1.0"`),
  ),
  one("prefixes", (n) => times(n, (i) => `#pragma prefix "p${i}"\nstruct S${i} { long x; };`)),
  one("comments", (n) => times(n, (i) => `/** The number ${i}. */\ntypedef long T${i}; // Done.`)),
  one(
    "annotations",
    (n) => `struct S { ${times(n, (i) => `@unit("mm") @default(${i}) long x${i};`)} };`,
  ),
];

const TEXTS: readonly Shape[] = [
  one("macros", (n) => times(n, (i) => `#define F${i}(x) x x${i}\ntypedef F${i}(long);`)),
  one("conditions", (n) =>
    times(
      n,
      (i) => `#define D${i}\n#if defined(D${i}) && ${i} < 1 + ${i}\ntypedef long T${i};\n#endif`,
    ),
  ),
  many("files", (i) => `#ifndef F${i}\n#define F${i}\nstruct S${i} { long x; };\n#endif\n`),
  many("files that include others", (i) => {
    // Each second one includes the one before, and all of them the first.
    const others = i === 0 ? [] : [...new Set([0, i - (i % 2)])].filter((other) => other < i);
    const include = others.map((other) => `#include "f${other}.idl"\n`).join("");
    const member = others.map((other) => `S${other} b${other};`).join(" ");
    return `#ifndef F${i}\n#define F${i}\n${include}\nstruct S${i} { long x; ${member} };\n#endif\n`;
  }),
  many("files of one module", (i) => `module M { struct S${i} { long x; }; };\n`),
];

/** Every shape whose output grows as its input does: no inherited operation or member is written again and again. */
export const SHAPES: readonly Shape[] = [
  ...INTERFACES,
  ...VALUES,
  ...COMPONENTS,
  ...TYPES,
  ...SCOPES,
  ...TEXTS,
];
