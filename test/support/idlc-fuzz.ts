import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { check, compile } from "../../idlc/index.ts";
import { memoryReader } from "../../idlc/source/index.ts";
import { allBombs, bomb } from "./idlc-bombs.ts";

const ROOT: URL = new URL("../../../", import.meta.url);

function idlIn(folder: string): [string, string][] {
  return readdirSync(new URL(folder, ROOT), { encoding: "utf8" })
    .filter((name) => /\.(idl|txt)$/.test(name))
    .map((name) => [name, readFileSync(new URL(folder + name, ROOT), "utf8")]);
}

/** What standard IDL has no use for. */
const RARE = `
module T<typename A, const long N, sequence<A> B> { typedef A X[N]; alias U<A> V; };
@annotation note { string text default "x"; long level; const long C = 2; enum E { p, q }; };
@note(text = "a", level = 2) @final struct S : Base { @key @default(-1) long x; sequence<S, 4> more; };
porttype P { provides I p; uses multiple I q; attribute long a; }; connector C : D { port P p; mirrorport P q; };
component K : L supports I { provides I p; uses Object r; emits E e; publishes E f; consumes E g; };
home H : G supports I manages K primarykey Key { factory make(in long x) raises (X); finder find(); };
eventtype E : truncatable B supports I { public long x, y[2]; private string z; factory make(in long x); };
@bit_bound(16) bitmask M { a, @position(4) b }; bitset Q : R { bitfield<3> a b; bitfield<2>; bitfield<9, long> c; };
union U switch (wchar) { case L'a': case L'\\u20AC': map<string<3>, fixed<5, 2>, 7> m; default: int8 i; };
interface I { attribute long x getraises (X) setraises (X, Y); void f(in any a) raises (X) context ("a.b*"); };
const fixed F = (12.50d + .5D) * -3d / 7d; const wstring W = L"a" L"\\x41"; const boolean B = FALSE;
import ::CORBA; typeid I "IDL:x:1.0"; typeprefix M "x.org"; native N; abstract valuetype A; local interface Z;
`;

/** All IDL that the tests hold, right and wrong. */
function corpus(): Readonly<Record<string, string>> {
  const standard = idlIn("idl/omg/");
  const written = idlIn("test/unit/idlc-emit/idl/");
  const wrong = idlIn("test/unit/idlc/wrong/").flatMap(([name, text]) =>
    text
      .split(/^=== .*\n/m)
      .slice(1)
      .map((one, i): [string, string] => [`${name}-${i}.idl`, one]),
  );
  return Object.fromEntries([...standard, ...written, ...wrong, ["rare.idl", RARE]]);
}

const PIECES: readonly string[] = [
  ..."{ } ( ) [ ] < > ; : :: , = + - * / % ~ | ^ & @ # ## \\ \" ' // /* */ << >>".split(" "),
  ..."module interface valuetype eventtype struct union enum typedef const fixed map bitset".split(
    " ",
  ),
  ..."component home manages native local abstract custom import typeid typeprefix context".split(
    " ",
  ),
  ..."alias attribute raises getraises bitmask bitfield port porttype connector typename oneway".split(
    " ",
  ),
  "\n#if ",
  "\n#elif ",
  "\n#else\n",
  "\n#endif\n",
  "\n#define A(x) x A\n",
  "\n#define B B B\n",
  "\n#undef A\n",
  '\n#include "orb.idl"\n',
  "\n#include __FILE__\n",
  "\n#line 7\n",
  "\n#pragma once\n",
  "\n#pragma prefix ",
  "\n#pragma ID ",
  "\n#pragma version ",
  "A(A(1))",
  "999999999999999999999",
  "1e999",
  "'\\777'",
  'L"\\uD800"',
  "\0",
  "\uFFFF",
  "\u2028",
  "\r",
  "_",
  "é",
  "🚂",
];

/** Cuts a piece out, copies it elsewhere (from another file, too), or puts a word in. */
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  from: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(40),
  lines: fc.nat(6),
  piece: fc.option(fc.constantFrom(...PIECES)),
  other: fc.option(fc.nat(10_000), { freq: 4 }),
});

interface Input {
  readonly name: string;
  readonly text: string;
  /** What is inherited three thousand deep makes output of millions of lines. */
  readonly isCheckedOnly?: true;
}

function mutatedFrom(files: Readonly<Record<string, string>>): fc.Arbitrary<Input> {
  const names = Object.keys(files);
  return fc
    .tuple(fc.constantFrom(...names), fc.array(mutation, { minLength: 1, maxLength: 6 }))
    .map(([name, mutations]) => {
      let text = files[name] ?? "";
      for (const { at, from, length, lines, piece, other } of mutations) {
        const start = Math.floor(at * text.length);
        const donor = other === null ? text : (files[names[other % names.length] ?? ""] ?? "");
        const source = Math.floor(from * donor.length);
        const copied = lines > 3 ? donor.slice(source).split("\n", lines).join("\n") : undefined;
        const put = piece ?? copied ?? donor.slice(source, source + length);
        text = text.slice(0, start) + put + text.slice(start + (piece === null ? 0 : length % 7));
      }
      return { name, text };
    });
}

/** One file may not keep the compiler busier than this, in milliseconds of its own time. */
const MOST_MS = 10_000;

/** What was wrong with what the compiler made of a text; undefined where nothing was. */
async function faultOf(
  { name, text, isCheckedOnly }: Input,
  files: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const reader = memoryReader({ ...files, [name]: text });
  const before = process.cpuUsage();
  const { model, diagnostics } = check([name], {}, reader);
  const hasErrors = diagnostics.some(({ severity }) => severity === "error");
  if ((model === undefined) !== hasErrors) return "a model and an error, or neither";
  for (const { span } of diagnostics) {
    if (span && !(span.start >= 0 && span.start <= span.end && span.end <= span.file.text.length))
      return `a place outside of its file: ${span.start}-${span.end}`;
  }
  if (!hasErrors && !isCheckedOnly) await compile([name], {}, reader);
  const { user, system } = process.cpuUsage(before);
  const ms = (user + system) / 1_000;
  return ms < MOST_MS ? undefined : `${Math.round(ms)} ms`;
}

export interface FuzzResult {
  readonly runs: number;
  /** What failed and the text it failed on, made smaller. */
  readonly failure: string | undefined;
}

/** Mutated files and bombs for so many milliseconds: the compiler neither throws nor is kept busy. */
export async function fuzz(budgetMs: number): Promise<FuzzResult> {
  const files = corpus();
  let runs = 0;
  const inputs = fc.oneof(
    { weight: 30, arbitrary: mutatedFrom(files) },
    {
      weight: 1,
      arbitrary: bomb.map(({ text }): Input => ({ name: "bomb.idl", text, isCheckedOnly: true })),
    },
  );
  const property = fc.asyncProperty(inputs, async (input) => {
    runs++;
    const fault = await faultOf(input, files);
    if (fault !== undefined) throw new Error(fault);
  });
  const details = await fc.check(property, {
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: budgetMs,
    markInterruptAsFailure: false,
    endOnFailure: true,
  });
  const isFailure = details.failed && !details.interrupted;
  return { runs, failure: isFailure ? fc.defaultReportMessage(details) : undefined };
}

/** Every bomb once. @returns those that failed, and how */
export async function detonate(n: number): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const { name, text } of allBombs(n)) {
    try {
      const fault = await faultOf({ name: "bomb.idl", text, isCheckedOnly: true }, {});
      if (fault !== undefined) failures.push(`${name}: ${fault}`);
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }
  return failures;
}
