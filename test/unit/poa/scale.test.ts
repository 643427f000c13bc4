// Memory of POAs with many objects, measured in a process of its own that may collect garbage when it likes.
import { fileURLToPath } from "node:url";
import test from "ava";
import { runToEnd } from "../../support/process.ts";

const PROGRAM = fileURLToPath(new URL("./scale-program.js", import.meta.url));
const isLong = process.env["ORBWEAVER_LONG"] === "1";
const OBJECTS = isLong ? 100_000 : 20_000;
const ACTIVATIONS = isLong ? 1_000_000 : 100_000;
/** Octets the heap may have grown by: caches and compiled code, whatever the number of objects. */
const SLACK_OCTETS = 1_500_000;

async function grown(what: string, count: number): Promise<number> {
  const { code, output, errors } = await runToEnd(
    process.execPath,
    ["--expose-gc", PROGRAM, what, String(count)],
    { timeoutMs: 50_000 },
  );
  if (code !== 0) throw new Error(errors);
  return Number(/^grown (-?\d+)$/m.exec(output)?.[1]);
}

for (const what of ["default servant", "locator"])
  test(`${OBJECTS} objects with a ${what}: memory does not grow with references handed out`, async (t) => {
    const octets = await grown(what, OBJECTS);
    t.log(`${octets} octets`);
    t.true(octets < SLACK_OCTETS, `${octets} octets more`);
  });

for (const what of ["activations", "incarnations"])
  test(`${ACTIVATIONS} ${what} and deactivations leave nothing behind`, async (t) => {
    const octets = await grown(what, ACTIVATIONS);
    t.log(`${octets} octets`);
    t.true(octets < SLACK_OCTETS, `${octets} octets more`);
  });
