import { readFileSync } from "node:fs";
import test from "ava";
import fc from "fast-check";
import { analyze } from "../../../idlc/model/index.ts";
import { memoryReader } from "../../../idlc/source/index.ts";
import { analyzeText, codes, constants, find, findAs, ids } from "./support.ts";

test("prefixes stand in front of what is below the scope of their pragma", (t) => {
  const analysis = analyzeText(`
#pragma prefix "P1"
module M2 {
  module M3 {
#pragma prefix "P2"
    typedef long T3;
  };
  typedef long T4;
#pragma version T4 2.4
};
interface I { enum E { a }; attribute long x; void f(); };
#pragma ID I "DCE:700dc518-0110-11ce-ac8f-0800090b5d3e:1"
module M2 {
#pragma prefix "Q"
  module N { typedef long T; struct S { struct U { long y; } z; }; };
#pragma prefix ""
  typedef long T5;
};
`);
  t.deepEqual(ids(analysis), [
    "IDL:P1/M2:1.0",
    "IDL:P1/M2/M3:1.0",
    "IDL:P2/T3:1.0",
    "IDL:P1/M2/T4:2.4",
    "IDL:Q/N:1.0",
    "IDL:Q/N/T:1.0",
    "IDL:Q/N/S:1.0",
    "IDL:Q/N/S/U:1.0",
    "IDL:T5:1.0",
    "DCE:700dc518-0110-11ce-ac8f-0800090b5d3e:1",
    "IDL:P1/I/E:1.0",
    "IDL:P1/I/x:1.0",
    "IDL:P1/I/f:1.0",
  ]);
});

test("an included file starts without a prefix and leaves none behind", (t) => {
  const files = { "b.idl": 'typedef long B1;\n#pragma prefix "b"\ntypedef long B2;' };
  const analysis = analyzeText('#pragma prefix "a"\n#include "b.idl"\ntypedef long A;', {}, files);
  t.deepEqual(ids(analysis), ["IDL:B1:1.0", "IDL:b/B2:1.0", "IDL:a/A:1.0"]);
});

test("a module may be opened in one file and closed in another", (t) => {
  const files = { "head.idl": '#pragma prefix "h"\nmodule M {', "tail.idl": "};" };
  const analysis = analyzeText(
    '#include "head.idl"\ntypedef long T;\n#include "tail.idl"\ntypedef long U;',
    {},
    files,
  );
  t.deepEqual(ids(analysis), ["IDL:h/M:1.0", "IDL:h/M/T:1.0", "IDL:U:1.0"]);
});

test("a pragma may stand before the declaration it speaks of", (t) => {
  t.deepEqual(ids(analyzeText('#pragma ID Foo "IDL:x/Foo:1.0"\ninterface Foo {};')), [
    "IDL:x/Foo:1.0",
  ]);
});

test("escaped names lose their underscore everywhere but in the signature", (t) => {
  const analysis = analyzeText("interface _interface { void _attribute(in long _in); };");
  const { name, repositoryId, operations } = findAs(analysis, "interface", "interface");
  t.is(name, "interface");
  t.is(repositoryId, "IDL:interface:1.0");
  t.is(operations[0]?.name, "attribute");
  t.is(operations[0]?.parameters[0]?.name, "in");
  t.is(operations[0]?.signature, "void _attribute(in long _in)");
});

test("types point at declarations, recursive ones in circles", (t) => {
  const analysis = analyzeText(
    "struct S; typedef sequence<S, 4> Q; struct S { Q kids; long grid[2][3]; sequence<S> more; };",
  );
  const struct = findAs(analysis, "struct", "S");
  const alias = findAs(analysis, "typedef", "Q");
  t.deepEqual(alias.type, {
    kind: "sequence",
    element: { kind: "declared", declaration: struct },
    bound: 4,
  });
  const [kids, grid, more] = struct.members.map(({ type }) => type);
  t.is(kids?.kind === "declared" ? kids.declaration : undefined, alias);
  t.deepEqual(grid, {
    kind: "array",
    length: 2,
    element: { kind: "array", length: 3, element: { kind: "primitive", primitive: "long" } },
  });
  t.is(
    more?.kind === "sequence" && more.element.kind === "declared"
      ? more.element.declaration
      : undefined,
    struct,
  );
});

test("a union's labels have the values of the mapping", (t) => {
  const analysis = analyzeText(`
    enum E { a, b, c };
    union U1 switch (E) { case b: long x; };
    union U2 switch (boolean) { case TRUE: long x; default: long y; };
    union U3 switch (long long) { case -1: case 5: long x; default: long y; };
    union U4 switch (char) { case 'x': long x; };
    union U5 switch (unsigned long) { case 4294967295: long x; };
    union U6 switch (enum F { d, e }) { case d: long x; case e: long y; };
  `);
  const seen = Object.fromEntries(
    ["U1", "U2", "U3", "U4", "U5", "U6"].map((name) => {
      const { cases, uncovered } = findAs(analysis, "union", name);
      return [
        name,
        {
          labels: cases.map(({ labels, isDefault }) =>
            isDefault ? [...labels, "default"] : labels,
          ),
          uncovered,
        },
      ];
    }),
  );
  t.deepEqual(seen, {
    U1: { labels: [["b"]], uncovered: ["a", "c"] },
    U2: { labels: [[true], ["default"]], uncovered: [false] },
    U3: { labels: [[-1n, 5n], ["default"]], uncovered: undefined },
    U4: { labels: [["x"]], uncovered: undefined },
    U5: { labels: [[4294967295]], uncovered: undefined },
    U6: { labels: [["d"], ["e"]], uncovered: [] },
  });
  t.is(findAs(analysis, "enum", "U6::F").repositoryId, "IDL:U6/F:1.0");
});

test("an interface with all it may hold", (t) => {
  const analysis = analyzeText(`
module M {
  exception E { string why; };
  interface Base { };
  interface Other { };
  interface I : Base, Other {
    const short K = -3;
    // The level.
    attribute long a, b;
    readonly attribute CORBA::TypeCode tc;
    /** Says hello. */
    oneway void hello(in Object who);
    string<8> f(inout wstring x, out any y) raises (E);
  };
};`);
  const { bases, members, attributes, operations } = findAs(analysis, "interface", "M::I");
  t.deepEqual(bases, [find(analysis, "M::Base"), find(analysis, "M::Other")] as typeof bases);
  t.deepEqual(
    members.map(({ kind, name }) => `${kind} ${name}`),
    ["const K"],
  );
  t.deepEqual(
    attributes.map(({ name, isReadonly, doc, type }) => [name, isReadonly, doc, type]),
    [
      ["a", false, "The level.", { kind: "primitive", primitive: "long" }],
      ["b", false, "The level.", { kind: "primitive", primitive: "long" }],
      ["tc", true, undefined, { kind: "primitive", primitive: "TypeCode" }],
    ],
  );
  const [hello, f] = operations;
  t.like(hello, {
    isOneway: true,
    result: undefined,
    doc: "Says hello.",
    repositoryId: "IDL:M/I/hello:1.0",
  });
  t.like(f, { isOneway: false, result: { kind: "string", bound: 8 } });
  t.deepEqual(
    f?.parameters.map(({ mode, name }) => `${mode} ${name}`),
    ["inout x", "out y"],
  );
  t.deepEqual(f?.raises, [findAs(analysis, "exception", "M::E")]);
  t.is(f?.signature, "string<8> f(inout wstring x, out any y) raises (E)");
});

test("a reopened module is one module, its members in source order", (t) => {
  const analysis = analyzeText(
    "module M { typedef long A; }; typedef long X; module M { typedef A B; };",
  );
  t.deepEqual(
    analysis.model?.members.map(({ name }) => name),
    ["M", "X"],
  );
  t.deepEqual(
    findAs(analysis, "module", "M").members.map(({ name }) => name),
    ["A", "B"],
  );
});

test("places and files: what is included is not main, what two main files share counts once", (t) => {
  const reader = memoryReader({
    "x/a.idl": '#include "c.idl"\ntypedef C A;',
    "x/b.idl": '#include "a.idl"\ntypedef A B;',
    "x/c.idl": "\ntypedef long C;",
  });
  const analysis = analyze(["x/a.idl", "x/b.idl"], {}, reader);
  t.deepEqual(codes(analysis), []);
  t.deepEqual(
    analysis.model?.members.map(({ name, isMain, place }) => [name, isMain, place]),
    [
      ["C", false, { file: "x/c.idl", line: 2, column: 14 }],
      ["A", true, { file: "x/a.idl", line: 2, column: 11 }],
      ["B", true, { file: "x/b.idl", line: 2, column: 11 }],
    ],
  );
  t.deepEqual(analysis.model?.mainFiles, ["x/a.idl", "x/b.idl"]);
});

test("an error in an included file is told with that file's name", (t) => {
  t.deepEqual(codes(analyzeText('#include "b.idl"', {}, { "b.idl": "typedef X Y;" })), [
    "b.idl:1:9 not-found",
  ]);
});

test("<orb.idl> is built in, and files of other ORBs may repeat it", (t) => {
  const analysis = analyzeText(
    '#include <orb.idl>\n#include "c.idl"\ntypedef CORBA::StringSeq S; typedef CORBA::TypeCode T;',
    {},
    {
      "c.idl": '#pragma prefix "omg.org"\nmodule CORBA { typedef sequence<string> StringSeq; };',
    },
  );
  t.deepEqual(codes(analysis), []);
  t.is(find(analysis, "CORBA::StringSeq").repositoryId, "IDL:omg.org/CORBA/StringSeq:1.0");
  t.false(find(analysis, "CORBA::StringSeq").isMain);
  t.deepEqual(findAs(analysis, "typedef", "T").type, { kind: "primitive", primitive: "TypeCode" });
});

test("the built-in orb.idl says nothing that the one of idl/omg does not", (t) => {
  const onDisk = readFileSync(new URL("../../../../idl/omg/orb.idl", import.meta.url));
  const whole = new Set(ids(analyzeText(onDisk)));
  t.deepEqual(
    ids(analyzeText("#include <orb.idl>")).filter((id) => !whole.has(id)),
    [],
  );
});

test("ISO 8859-1 octets, CRLF, a byte order mark, macros and conditions come through all stages", (t) => {
  const text =
    "\uFEFF#define MAX(n) (n * 2)\r\n#if MAX(2) == 4\r\nconst long N = MAX(\\\r\n3);\r\n#endif\r\n";
  t.deepEqual(constants(analyzeText(text)), { N: 6 });
  t.deepEqual(constants(analyzeText(Buffer.from('const string S = "\xe9"; // \xff', "latin1"))), {
    S: "é",
  });
});

test("there is no model where there is an error, and one where there are only warnings", (t) => {
  t.is(analyzeText("typedef X Y;").model, undefined);
  t.deepEqual(constants(analyzeText("const wchar C = 'x';")), { C: "x" });
});

test("6,000 declarations are no matter of squares", (t) => {
  const declarations = (count: number): string =>
    Array.from({ length: count }, (_, i) => {
      const base = i === 0 ? "" : ` : I${i - 1}`;
      return `struct S${i} { long a; sequence<S${i}> b; }; interface I${i}${base} { S${i} f${i}(in I${i} x); };`;
    }).join("\n");
  const [small, large] = [declarations(750), declarations(3000)];
  const elapsedMs = (text: string): number => {
    const before = performance.now();
    t.deepEqual(codes(analyzeText(text)), []);
    return performance.now() - before;
  };
  elapsedMs(small);
  // Four times the text; a quadratic step would take sixteen times as long, in every attempt.
  const ratios: number[] = [];
  while (ratios.length < 4 && !ratios.some((ratio) => ratio < 9)) {
    ratios.push(elapsedMs(large) / elapsedMs(small));
  }
  t.true((ratios.at(-1) ?? 0) < 9, ratios.join(", "));
});

const PIECES = (
  "module M { |interface I |interface I; |: I |struct S { |struct S; |union U switch (|long) { |E) { |enum E { a, b }; |" +
  "case 1: |case a: |default: |}; |typedef |sequence<S> |sequence<sequence<I>> |const |long |string<4> |I |S |U |E |x |y; |" +
  "a = |1 + |2; |(x) |M::S |::I |void f(|in |out |) raises (X) |exception X { |attribute |readonly |oneway |; |, |[2] |" +
  '#pragma prefix "p"\n|#pragma ID S "IDL:s:1.0"\n|#pragma version x 1.2\n|native n; |valuetype V { |CORBA::TypeCode |@id(3) '
).split("|");

test("no heap of fragments crashes the checks", (t) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 50 }), (pieces) => {
      const { model, diagnostics } = analyzeText(pieces.join(""));
      t.is(
        model === undefined,
        diagnostics.some(({ severity }) => severity === "error"),
      );
    }),
    { numRuns: 1500 },
  );
});
