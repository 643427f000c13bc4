import { readFileSync } from "node:fs";
import test from "ava";
import { analyzeText } from "./support.ts";
import { placeOf } from "../../../idlc/source/index.ts";

/**
 * Wrong files, one after another: `=== name`, then a.idl, then others after `--- name`. `//!` stands on
 * the line of the fault. `warned` are those that get a warning only, `ok` those that are right, `noted` those
 * whose fault a warning tells, while the errors are about what comes of it.
 */
const LISTS = ["syntax", "check", "preprocess"] as const;
/** An error further away than this many lines is no help. */
const NEAR = 3;
const MARK = "//!";

interface Case {
  readonly name: string;
  readonly verdict: string;
  readonly files: Readonly<Record<string, string>>;
}

for (const list of LISTS) {
  for (const one of readCases(list)) test(`${list}: ${one.name}`, (t) => check(t, one));
}

function readCases(list: string): Case[] {
  const path = new URL(`../../../../test/unit/idlc/wrong/${list}.txt`, import.meta.url);
  const cases = readFileSync(path, "utf8").split(/^=== /m).slice(1);
  return cases.map((text) => {
    const [head = "", ...lines] = text.split("\n");
    const [name = "", verdict = "refused"] = head.split(" ");
    const [main = "", ...others] = lines.join("\n").split(/^--- (.+)\n/m);
    const files: Record<string, string> = { "a.idl": main };
    for (let i = 0; i < others.length; i += 2) files[others[i] ?? ""] = others[i + 1] ?? "";
    return { name, verdict, files };
  });
}

function check(
  t: { is<T>(actual: T, expected: T, message?: string): void; true(is: boolean, m?: string): void },
  { verdict, files }: Case,
): void {
  const { diagnostics } = analyzeText(files["a.idl"] ?? "", {}, files);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const said = diagnostics.map(({ message }) => message).join("\n");
  if (verdict === "ok" || verdict === "warned") {
    t.is(errors.length, 0, said);
    if (verdict === "ok") return;
  }
  const [first] = verdict === "refused" ? errors : diagnostics;
  if (!first?.span) throw new Error(`not told: ${said}`);
  const place = placeOf(first.span);
  const [file, text = ""] = Object.entries(files).find(([, one]) => one.includes(MARK)) ?? [];
  const line = text.slice(0, text.indexOf(MARK)).split("\n").length;
  t.is(place.file, file ?? "", said);
  t.true(Math.abs(place.line - line) <= NEAR, `line ${line}, told ${place.line}: ${said}`);
}
