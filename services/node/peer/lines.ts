/** A step into a tree: a key, or a place in an array of tables. */
export type Step = string | number;

const HEADER = /^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$/;
const KEY = /^\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=/;

function stepsOf(text: string): readonly string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|([\w-]+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? "",
  );
}

/**
 * Where in a TOML text a key stands; the line of the nearest table about it where it has none of its own: within an
 * inline table or an array.
 * @returns counted from 1; undefined where nothing of it is there
 */
export function lineOf(text: string, path: readonly Step[]): number | undefined {
  const counts = new Map<string, number>();
  let at: readonly Step[] = [];
  let best: { readonly depth: number; readonly line: number } | undefined;
  const consider = (found: readonly Step[], line: number): void => {
    const isOnTheWay = found.length <= path.length && found.every((step, i) => step === path[i]);
    if (isOnTheWay && (best === undefined || found.length > best.depth))
      best = { depth: found.length, line };
  };
  for (const [index, line] of text.split("\n").entries()) {
    const header = HEADER.exec(line);
    if (header !== null) {
      const steps = stepsOf(header[2] ?? "");
      at = steps;
      if (header[1] === "[[") {
        const name = steps.join(".");
        const count = counts.get(name) ?? 0;
        counts.set(name, count + 1);
        at = [...steps, count];
      }
      consider(at, index + 1);
      continue;
    }
    const key = KEY.exec(line);
    if (key !== null) consider([...at, ...stepsOf(key[1] ?? "")], index + 1);
  }
  return best?.line;
}
