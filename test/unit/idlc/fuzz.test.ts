import { readdirSync, readFileSync } from "node:fs";
import test from "ava";
import fc from "fast-check";
import { analyze } from "../../../idlc/model/index.ts";
import { memoryReader } from "../../../idlc/source/index.ts";

const OMG: URL = new URL("../../../../idl/omg/", import.meta.url);
const FILES: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(OMG)
    .filter((name) => name.endsWith(".idl"))
    .map((name) => [name, readFileSync(new URL(name, OMG), "utf8")]),
);

/** Milliseconds of mutated files; `ORBWEAVER_FUZZ_MS=30000` in CI. */
const BUDGET_MS: number = Number(process.env["ORBWEAVER_FUZZ_MS"] ?? 3_000);
/** One file may not take longer, however it is mutated. */
const MOST_MS = 5_000;

const PIECES: readonly string[] = [
  ..."{ } ( ) [ ] < > ; : :: , = + - * / % ~ | ^ & @ # ## \\ \" ' // /* */ << >>".split(" "),
  ..."module interface valuetype eventtype struct union enum typedef const fixed map bitset".split(
    " ",
  ),
  ..."component home manages native local abstract custom import typeid typeprefix context".split(
    " ",
  ),
  "\n#if ",
  "\n#endif\n",
  "\n#define A(x) x A\n",
  '\n#include "orb.idl"\n',
  "\n#pragma prefix ",
  "\n#pragma ID ",
  "A(A(1))",
  "999999999999999999999",
  "1e999",
  "'\\777'",
  'L"\\uD800"',
  "\0",
  "\uFFFF",
  "_",
  "é",
];

/** Cuts a piece out, copies it elsewhere, or puts a word in. */
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  from: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(40),
  piece: fc.option(fc.constantFrom(...PIECES)),
});
const mutated = fc
  .tuple(fc.constantFrom(...Object.keys(FILES)), fc.array(mutation, { minLength: 1, maxLength: 6 }))
  .map(([name, mutations]) => {
    let text = FILES[name] ?? "";
    for (const { at, from, length, piece } of mutations) {
      const start = Math.floor(at * text.length);
      const source = Math.floor(from * text.length);
      const put = piece ?? text.slice(source, source + length);
      text = text.slice(0, start) + put + text.slice(start + (piece === null ? 0 : length % 7));
    }
    return { name, text };
  });

test("no mutation of standard IDL crashes the compiler or keeps it busy", (t) => {
  let runs = 0;
  fc.assert(
    fc.property(mutated, ({ name, text }) => {
      const before = performance.now();
      const { model, diagnostics } = analyze([name], {}, memoryReader({ ...FILES, [name]: text }));
      t.is(
        model === undefined,
        diagnostics.some(({ severity }) => severity === "error"),
      );
      t.true(performance.now() - before < MOST_MS, text);
      runs++;
    }),
    { numRuns: 100_000, interruptAfterTimeLimit: BUDGET_MS, endOnFailure: true },
  );
  t.true(runs > 0);
});
