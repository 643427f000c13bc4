import { parseArgs } from "node:util";

/**
 * The seeds of a test that runs many: `count` of them, or with `npx ava FILE -- --seeds N` as many as that, or with
 * `-- --seed N` that one alone, which runs again exactly.
 */
export function seedsToRun(
  count: number,
  args: readonly string[] = process.argv.slice(2),
): readonly number[] {
  const { values } = parseArgs({
    args: [...args],
    options: { seed: { type: "string" }, seeds: { type: "string" } },
    strict: false,
  });
  const one = numberOf(values.seed);
  if (one !== undefined) return [one];
  return Array.from({ length: numberOf(values.seeds) ?? count }, (_, i) => i);
}

/** How a test that failed is run again alone. */
export function againBy(file: string, seed: number): string {
  return `seed ${seed}; again: npx ava dist/test/unit/p3/${file}.test.js -- --seed ${seed}`;
}

function numberOf(text: string | boolean | undefined): number | undefined {
  const number = typeof text === "string" ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
