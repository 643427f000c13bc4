import { LONGEST_DELAY_MS } from "../../orb/base/index.ts";
import type { AttributeValue } from "../overlay/index.ts";
import { type Check, describe, integer, isTable, saying, text } from "../settings/index.ts";

export const path: Check<string> = text("path", /^.+$/, "/var/lib/orbweaver/names");
/** Milliseconds of a timer. */
export function millis(least: number): Check<number> {
  return integer(least, LONGEST_DELAY_MS);
}

/** Names of services, lanes and peers: they stand in references, files and URLs. */
export const plainName: Check<string> = text(
  "letters, digits, `_`, `.`, `-`; 64 at most",
  /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/,
  "station-1",
);

/** What discovery finds things by. */
export const attributes: Check<Readonly<Record<string, AttributeValue>>> = saying(
  "table of numbers and texts",
  (value, fail) => {
    if (!isTable(value))
      return fail(`a table like { cores = 4 } is needed, not ${describe(value)}`);
    const read: Record<string, AttributeValue> = {};
    for (const [key, each] of Object.entries(value)) {
      if (typeof each !== "string" && typeof each !== "number")
        return fail(`${key}: a number or a text is needed, not ${describe(each)}`);
      read[key] = each;
    }
    return read;
  },
);
