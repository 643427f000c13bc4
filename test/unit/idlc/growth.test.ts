import test from "ava";
import { check, compile, memoryReader } from "../../../idlc/index.ts";
import { type Shape, SHAPES } from "../../bench/idlc/shapes.ts";
import { StepCounter } from "./steps.ts";

/** Twice the input may take twice the steps, and little more for what grows by a logarithm. */
const MOST = 2.07;

/** Nothing but the compiler runs while its steps are counted: the tests are serial, and have a thread of their own. */
const counter: StepCounter = await StepCounter.start("/dist/idlc/");
test.after.always(() => counter[Symbol.dispose]());

/** How many times the steps are that twice as much takes. */
async function growth(
  work: (shape: Shape, n: number) => unknown,
  shape: Shape,
  n: number,
): Promise<number> {
  // What happens once happens before: code that is loaded, tables that are made.
  await work(shape, 8);
  const half = await counter.stepsOf(() => work(shape, n));
  return (await counter.stepsOf(() => work(shape, 2 * n))) / half;
}

function checked(shape: Shape, n: number): void {
  const { diagnostics } = check(shape.main(n), {}, memoryReader(shape.files(n)));
  if (diagnostics.length > 0) throw new Error(`${shape.name}: ${diagnostics[0]?.message}`);
}

async function compiled(shape: Shape, n: number): Promise<void> {
  const { files } = await compile(shape.main(n), {}, memoryReader(shape.files(n)));
  if (files.length === 0) throw new Error(`${shape.name}: nothing was written`);
}

for (const shape of SHAPES) {
  test.serial(`${shape.name}: twice as much takes twice as long`, async (t) => {
    const checking = await growth(checked, shape, 80);
    t.true(checking < MOST, `to check it takes ${checking.toFixed(2)} times the steps`);
    const writing = await growth(compiled, shape, 40);
    t.true(writing < MOST, `to compile it takes ${writing.toFixed(2)} times the steps`);
  });
}

test.serial("the steps of what is quadratic are counted", async (t) => {
  // Every interface has the operations of all before it in its stub: the output is quadratic itself.
  const text = (n: number): string =>
    Array.from(
      { length: n },
      (_, i) => `interface I${i} ${i > 0 ? `: I${i - 1}` : ""} { void f${i}(); };`,
    ).join("\n");
  const shape = {
    name: "a chain",
    files: (n: number) => ({ "a.idl": text(n) }),
    main: () => ["a.idl"],
  };
  t.true((await growth(checked, shape, 80)) < MOST);
  t.true((await growth(compiled, shape, 150)) > MOST);
});
