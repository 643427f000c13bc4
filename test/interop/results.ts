import { appendFileSync } from "node:fs";
import test from "ava";
import type { ExecutionContext } from "ava";
import { checkNames, RESULTS } from "../support/omniorb.ts";

/** What became of each check of one run, by name: undefined when it passed, otherwise why not. */
export type Outcomes = ReadonlyMap<string, string | undefined>;

/** Runs the checks with these names (without their group's prefix). */
export type RunChecks = (names: readonly string[]) => Promise<Outcomes>;

/** Writes down that a check passed; the gate compares with test/interop/checks.txt. */
function recordPass(name: string): void {
  appendFileSync(RESULTS, `PASS ${name}\n`);
}

/** The checks of a group, `group/name` in checks.txt, without the group. @throws RangeError for a group of none */
function namesOf(group: string): readonly string[] {
  const prefix = `${group}/`;
  const names = checkNames().filter((name) => name.startsWith(prefix));
  if (names.length === 0) throw new RangeError(`checks.txt names no check of ${group}`);
  return names.map((name) => name.slice(prefix.length));
}

/**
 * Declares a test for each check of a group. The checks run together, when the first of them is asked for.
 * @param run undefined declares the tests as skipped
 */
export function declareGroup(group: string, run: RunChecks | undefined): void {
  const names = namesOf(group);
  let running: Promise<Outcomes> | undefined;
  for (const name of names) {
    const title = `${group}/${name}`;
    const body = async (t: ExecutionContext): Promise<void> => {
      if (run === undefined) return;
      running ??= run(names);
      const outcomes = await running;
      t.true(outcomes.has(name), "the check did not run");
      t.is(outcomes.get(name), undefined);
      recordPass(title);
    };
    if (run === undefined) test.skip(title, body);
    else test(title, body);
  }
}

/** Declares a test that stands in checks.txt by its own name. */
export function declareCheck(
  name: string,
  isPossible: boolean,
  body: (t: ExecutionContext) => Promise<void>,
): void {
  if (!checkNames().includes(name)) throw new RangeError(`checks.txt does not name ${name}`);
  if (!isPossible) {
    test.skip(name, body);
    return;
  }
  test(name, async (t) => {
    await body(t);
    recordPass(name);
  });
}
