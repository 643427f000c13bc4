import { setImmediate as turn } from "node:timers/promises";
import test from "ava";
import { replicated, supplying } from "../../../services/replication/index.ts";

/** What an operation sees at once, and after each of some turns of the event loop. */
async function seen(turns: number): Promise<readonly number[]> {
  const all = [replicated.nowMs(), replicated.random()];
  for (let i = 0; i < turns; i++) {
    await turn();
    all.push(replicated.nowMs(), replicated.random());
  }
  return all;
}

test.serial(
  "an operation that answers at once has its own clock and chance, and what follows has not",
  (t) => {
    for (const isFollowed of [true, false]) {
      const look = (): readonly number[] => [replicated.nowMs(), replicated.random()];
      const one = supplying("a request", 4711, undefined, isFollowed, look).result;
      t.is(one[0], 4711);
      t.deepEqual(supplying("a request", 4711, undefined, isFollowed, look).result, one);
      t.notDeepEqual(supplying("another one", 4711, undefined, isFollowed, look).result, one);
      t.true(replicated.nowMs() > 1_000_000);
    }
  },
);

test.serial(
  "operations that wait keep theirs beside each other, and nobody else has it",
  async (t) => {
    const alone = await supplying("x", 1, undefined, true, () => seen(3)).result;
    const [x, y] = [
      supplying("x", 1, undefined, true, () => seen(3)),
      supplying("y", 2, undefined, true, () => seen(3)),
    ];
    // One that answers at once comes between; those under way are followed all the same.
    await turn();
    supplying("z", 3, undefined, true, () => replicated.nowMs());
    t.true(replicated.nowMs() > 1_000_000);
    t.deepEqual(await x.result, alone);
    t.deepEqual(
      (await y.result).filter((_, i) => i % 2 === 0),
      [2, 2, 2, 2],
    );
    t.true(replicated.nowMs() > 1_000_000);
  },
);

test.serial(
  "one that was taken for one that answers at once, and waits after all, keeps its own",
  async (t) => {
    const alone = await supplying("x", 1, undefined, true, () => seen(4)).result;
    const stray = supplying("x", 1, undefined, false, () => seen(4));
    await turn();
    // What begins meanwhile is followed, whatever was said of it.
    const other = supplying("y", 2, undefined, false, () => seen(1));
    t.deepEqual(
      (await other.result).filter((_, i) => i % 2 === 0),
      [2, 2],
    );
    t.deepEqual(await stray.result, alone);
    t.true(replicated.nowMs() > 1_000_000);
  },
);
