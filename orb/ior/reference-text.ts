import { BAD_PARAM, Completion, MINOR } from "../exception/index.ts";

const SHOWN_CHARACTERS = 60;

/**
 * The error of a stringified reference, `at` being the index of the character that is wrong; `minor`
 * is one of those that string_to_object has.
 */
export function badReference(
  text: string,
  at: number,
  problem: string,
  minor: number,
  cause?: unknown,
): BAD_PARAM {
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  return new BAD_PARAM(
    `${JSON.stringify(shown)}, character ${at + 1}: ${problem}`,
    minor,
    Completion.no,
    cause === undefined ? undefined : { cause },
  );
}

/** Index after the scheme when `text` begins with it, in either case of letters. */
export function afterScheme(text: string, scheme: string): number {
  if (text.slice(0, scheme.length).toLowerCase() === scheme) return scheme.length;
  throw badReference(text, 0, `does not begin with "${scheme}"`, MINOR.badScheme);
}
