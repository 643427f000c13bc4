import { fileURLToPath } from "node:url";
import test from "ava";
import { runToEnd } from "../../support/process.ts";
import type { Holdings } from "./exercise.ts";

test("threads that used all of the addon leave no descriptor and no thread", async (t) => {
  const program = fileURLToPath(new URL("exercise.js", import.meta.url));
  const { code, output, errors } = await runToEnd(process.execPath, [program, "6"]);
  t.is(errors, "");
  t.is(code, 0);
  const found = JSON.parse(output) as readonly Holdings[];
  t.is(found.length, 6);
  // The first round starts what the process then keeps.
  for (const later of found.slice(1)) t.deepEqual(later, found[1]);
});
