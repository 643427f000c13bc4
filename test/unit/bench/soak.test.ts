import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import test from "ava";
import { seededRandom } from "../../../orb/base/index.ts";
import { messagesIn, mutate } from "../../bench/fuzz/mutate.ts";
import { changesOf, growthOf, type State } from "../../bench/soak/state.ts";

const MAIN: string = fileURLToPath(new URL("../../bench/main.js", import.meta.url));

const still: State = { heap: 50e6, rss: 90e6, descriptors: 20, timers: 1, listeners: 4 };

function grown(states: readonly State[]): string[] {
  return changesOf(states).flatMap(({ what, isGrown }) => (isGrown ? [what] : []));
}

test("the growth is that of a straight line", (t) => {
  t.is(growthOf([1, 2, 3, 4]), 3);
  t.is(growthOf([5, 5, 5]), 0);
  t.is(growthOf([7]), 0);
  t.true(Math.abs(growthOf([0, 10, 0, 10, 0])) < 1e-9);
});

test("a process that stays as it is has not grown, whatever its warm-up was", (t) => {
  const states = Array.from({ length: 12 }, (_, i) =>
    i < 4 ? { ...still, heap: i * 10e6 } : still,
  );
  t.deepEqual(grown(states), []);
  const busy = states.map((state, i) => (i % 2 === 0 ? { ...state, descriptors: 23 } : state));
  t.deepEqual(grown(busy), [], "what is open for a moment is no leak");
});

test("a leak of each kind is found", (t) => {
  for (const [what, by] of [
    ["heap", 3e6],
    ["descriptors", 1],
    ["timers", 1],
    ["listeners", 1],
  ] as const) {
    const states = Array.from({ length: 12 }, (_, i) => ({
      ...still,
      [what]: still[what] + i * by,
    }));
    t.deepEqual(grown(states), [what]);
  }
});

test("messages are cut out of a stream, and mutants are others with the header they had", (t) => {
  const one = Buffer.from("47494f50010200000000000401020304", "hex");
  const two = Buffer.from("47494f500102010004000000ffffffff", "hex");
  t.deepEqual(messagesIn(Buffer.concat([one, two, one.subarray(0, 14)])), [one, two]);
  const random = seededRandom(1);
  let changed = 0;
  for (let i = 0; i < 200; i++) {
    const mutant = mutate(two, random, false);
    t.is(mutant.subarray(0, 8).toString("hex"), "47494f5001020100");
    t.is(mutant.readUInt32LE(8), mutant.length - 12, "the size is right");
    if (!mutant.equals(two)) changed++;
  }
  t.true(changed > 150);
  t.deepEqual(
    mutate(one, seededRandom(3), true),
    mutate(one, seededRandom(3), true),
    "by its seed",
  );
});

for (const args of [
  ["soak", "--minutes", "0.05"],
  ["fuzz", "--messages", "1000", "--seed", "5"],
]) {
  test.serial(`npm run bench -- ${args.join(" ")} ends well`, (t) => {
    t.timeout(120_000);
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
      encoding: "utf8",
      timeout: 110_000,
    });
    t.is(status, 0, stderr);
    t.regex(stdout, /descriptors \d+ → \d+/);
  });
}
