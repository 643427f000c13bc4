/** The most cores a list may name: what Linux can be built for. */
const MOST_CORES = 8_192;

/**
 * Reads a list of cores or memory nodes as the kernel writes it: `0-3,6`, or nothing.
 * @throws RangeError for any other text
 */
export function readCoreList(text: string): readonly number[] {
  const trimmed = text.trim();
  if (trimmed === "") return [];
  const cores = new Set<number>();
  for (const part of trimmed.split(",")) {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim());
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || last < first || last >= MOST_CORES)
      throw new RangeError(`"${text.trim()}" is no list of cores; 0-3,6 is the form`);
    for (let core = first; core <= last; core++) cores.add(core);
  }
  return [...cores].toSorted((a, b) => a - b);
}

/** Writes a list of cores as the kernel does: in order, runs as `first-last`. */
export function writeCoreList(cores: readonly number[]): string {
  const sorted = [...new Set(cores)].toSorted((a, b) => a - b);
  const runs: { first: number; last: number }[] = [];
  for (const core of sorted) {
    const run = runs.at(-1);
    if (run !== undefined && run.last + 1 === core) run.last = core;
    else runs.push({ first: core, last: core });
  }
  return runs
    .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
    .join(",");
}

/** Bits of a word of a mask as the kernel writes it. */
const WORD_DIGITS = 8;

/**
 * Reads a mask of cores as the kernel writes it: hexadecimal, `3`, or in words, `00000001,ffffffff`.
 * @throws RangeError for any other text
 */
export function readCoreMask(text: string): readonly number[] {
  const digits = text.trim().replaceAll(",", "");
  if (!/^[0-9a-f]+$/i.test(digits) || digits.length > MOST_CORES / 4)
    throw new RangeError(`"${text.trim()}" is no mask of cores; 00000001,ffffffff is the form`);
  const mask = BigInt(`0x${digits}`);
  return Array.from({ length: digits.length * 4 }, (_, core) => core).filter(
    (core) => ((mask >> BigInt(core)) & 1n) === 1n,
  );
}

/** Writes a mask of cores as the kernel reads it. */
export function writeCoreMask(cores: readonly number[]): string {
  const mask = [...new Set(cores)].reduce((sum, core) => sum | (1n << BigInt(core)), 0n);
  const digits = mask.toString(16);
  const words = Math.ceil(digits.length / WORD_DIGITS);
  const padded = digits.padStart(words * WORD_DIGITS, "0");
  const parts = Array.from({ length: words }, (_, word) =>
    padded.slice(word * WORD_DIGITS, (word + 1) * WORD_DIGITS),
  );
  return [(parts[0] ?? "0").replace(/^0+(?=.)/, ""), ...parts.slice(1)].join(",");
}
