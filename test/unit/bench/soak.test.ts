import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import test from "ava";
import { seededRandom } from "../../../orb/base/index.ts";
import { messagesIn, mutate } from "../../bench/fuzz/mutate.ts";
import { growthOf, judge, type State, stateText } from "../../bench/soak/state.ts";

const MAIN: string = fileURLToPath(new URL("../../bench/main.js", import.meta.url));

const still: State = {
  heap: 50e6,
  committed: 60e6,
  rss: 90e6,
  descriptors: 20,
  timers: 1,
  listeners: 4,
};

function grown(states: readonly State[], isRssJudged = true): string[] {
  return judge(states, isRssJudged).changes.flatMap(({ what, isGrown }) => (isGrown ? [what] : []));
}

/** What a process had whose resident memory was so many MB. */
function resident(...megabytes: readonly number[]): State[] {
  return megabytes.map((rss) => ({ ...still, rss: rss * 1e6 }));
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
    ["rss", 3e6],
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

test("the warm-up lasts until the resident memory rests, and what comes after it is judged", (t) => {
  const rising = [90, 110, 135, 142, 142, 143];
  const risen = resident(...rising, ...Array.from({ length: 12 }, (_, i) => 142 + (i % 2)));
  const { warmUp, isSettled } = judge(risen, true);
  t.true(isSettled);
  t.deepEqual([warmUp, grown(risen)], [6, []]);
  const steady = Array.from({ length: 18 }, (_, i) => 100 + 5 * i);
  t.false(judge(resident(...steady), true).isSettled);
  t.deepEqual(grown(resident(...steady)), ["rss"]);
  t.deepEqual(grown(resident(...steady), false), [], "a short run only tells it");
  const later = Array.from({ length: 18 }, (_, i) => (i < 8 ? 100 : 100 + 3 * (i - 8)));
  t.deepEqual(grown(resident(...later)), ["rss"], "a leak that begins after the rest");
});

test("a state is told in one line", (t) => {
  t.is(
    stateText({ ...still, heap: 31 << 20, committed: 60 << 20, rss: 141.2 * (1 << 20) }),
    "rss 141.2 MiB (V8 60.0, in use 31.0), 20 descriptors, 1 timers, 4 listeners",
  );
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
    if (args[0] === "soak")
      t.is(stdout.match(/^\d\d:\d\d client +rss .* checks$/gm)?.length, 18, stdout);
  });
}
