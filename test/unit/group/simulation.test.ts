import test from "ava";
import type { GroupSettings, Style } from "../../../services/group/index.ts";
import { GroupSimulation } from "../../support/group/index.ts";
import { QUIET_NETWORK } from "../../support/overlay/index.ts";

/** Where the seeds begin: any run that failed is run again exactly by its seed. */
const FIRST_SEED = Number(process.env["ORBWEAVER_SEED"] ?? 1);
const SEED_COUNT = Number(process.env["ORBWEAVER_SEEDS"] ?? 3);

const STYLES: readonly Partial<GroupSettings>[] = [
  { style: "active" },
  { style: "active", ack: "all" },
  { style: "semi-active" },
  { style: "warm-passive", ack: "all" },
  { style: "cold-passive", log: { count: 20, octets: 1 << 20, ageMs: 60_000 } },
  // These lose by definition what was not sent: what is left must still be one history, and nothing in it twice.
  { style: "active", ack: "one" },
  { style: "warm-passive", isDeferred: true },
];

function nameOf({ style, ack, isDeferred }: Partial<GroupSettings>): string {
  return `${style}${isDeferred === true ? ", deferred" : ""}, acknowledged by ${ack ?? "quorum"}`;
}

/** What happens to the group every now and then. */
function disturb(group: GroupSimulation): void {
  const serving = group.serving.map(({ id }) => id);
  const victim = serving[Math.floor(group.random.number() * serving.length)];
  if (victim === undefined) return;
  const what = group.random.number();
  if (what < 0.4) {
    group.kill(victim);
    group.join();
  } else if (what < 0.7) group.freeze(victim, 100 + 600 * group.random.number());
  else {
    const sides = new Map([...group.processes.keys()].map((id) => [id, 0]));
    sides.set(victim, 1);
    group.network.partition(sides);
    group.run(300 + 500 * group.random.number());
    group.network.partition(new Map());
  }
}

for (const settings of STYLES)
  test.serial(
    `five replicas through kills, freezes, partitions and a rough network: ${nameOf(settings)}`,
    async (t) => {
      // Lets the result of the test before be told.
      await new Promise((resolve) => setImmediate(resolve));
      for (let seed = FIRST_SEED; seed < FIRST_SEED + SEED_COUNT; seed++) {
        const group = new GroupSimulation({ seed, members: 5, settings });
        const says = (): string => `seed ${seed}: ${group.chronicle.fault ?? "stuck"}`;
        for (let i = 0; i < 3; i++) group.addClient(40, 4_000);
        for (let i = 0; i < 6; i++) {
          // One trouble at a time, so that a majority of each view is there.
          group.runUntil(() => group.serving.length >= 5, 3_000);
          disturb(group);
          group.run(200);
        }
        const isWell = group.runUntil(() => group.serving.length === 5, 5_000);
        t.is(group.chronicle.fault, undefined, says());
        t.true(isWell, `${says()}: ${group.serving.length} of 5 serve`);
        group.runUntil(() => group.nowMs > 4_000 && group.waitingCount === 0, 8_000);
        t.is(group.chronicle.fault, undefined, says());
        t.is(group.waitingCount, 0, says());
        t.true(group.answeredCount > 30, `${says()}: ${group.answeredCount} answered`);
      }
    },
  );

const WARM: readonly Style[] = ["active", "semi-active", "warm-passive"];

for (const settings of [{}, { style: "warm-passive", isDeferred: true }] as const)
  test.serial(
    `the style is changed again and again, through all of that: ${nameOf({ style: "semi-active", ...settings })}`,
    async (t) => {
      await new Promise((resolve) => setImmediate(resolve));
      for (let seed = FIRST_SEED; seed < FIRST_SEED + SEED_COUNT; seed++) {
        const group = new GroupSimulation({ seed, members: 5, settings });
        const says = (): string => `seed ${seed}: ${group.chronicle.fault ?? "stuck"}`;
        for (let i = 0; i < 3; i++) group.addClient(40, 6_000);
        let changedCount = 0;
        for (let i = 0; i < 12; i++) {
          group.runUntil(() => group.serving.length >= 5, 3_000);
          const style = WARM[Math.floor(group.random.number() * WARM.length)] ?? "active";
          const isOther = !group.styles.has(style);
          group.restyle(style);
          if (i % 3 === 0) disturb(group);
          group.run(300);
          if (isOther && group.styles.has(style) && group.styles.size === 1) changedCount++;
        }
        t.true(
          group.runUntil(() => group.serving.length === 5, 5_000),
          says(),
        );
        group.runUntil(() => group.nowMs > 6_000 && group.waitingCount === 0, 8_000);
        t.is(group.chronicle.fault, undefined, says());
        t.is(group.waitingCount, 0, says());
        t.true(changedCount > 2, `${says()}: changed ${changedCount} times`);
        t.true(group.answeredCount > 30, `${says()}: ${group.answeredCount} answered`);
      }
    },
  );

test("the same seed gives the same run, another one another", (t) => {
  const digest = (seed: number): number => {
    const group = new GroupSimulation({ seed, members: 3 });
    group.addClient(10, 1_000);
    group.run(300);
    group.kill("m0");
    group.run(700);
    return group.digest;
  };
  t.is(digest(7), digest(7));
  t.not(digest(7), digest(8));
});

test("a primary that is killed is followed within 20 ms, one that freezes within 400 ms", (t) => {
  for (const [trouble, mostMs] of [
    ["kill", 20],
    ["freeze", 400],
  ] as const) {
    const group = new GroupSimulation({ seed: 3, members: 3, network: QUIET_NETWORK });
    group.run(1_000);
    if (trouble === "kill") group.kill("m0");
    else group.freeze("m0", 5_000);
    const atMs = group.nowMs;
    group.runUntil(
      () => group.serving.some(({ id, member }) => id !== "m0" && member.standing.at === "primary"),
      2_000,
    );
    const tookMs = group.nowMs - atMs;
    t.true(tookMs <= mostMs, `${trouble}: ${tookMs} ms`);
  }
});

test("where messages take long the next view is decided as well, by few attempts", (t) => {
  for (const [leastDelayMs, mostDelayMs] of [
    [35, 45],
    [55, 65],
    [85, 95],
  ] as const)
    for (const trouble of ["kill", "freeze"] as const)
      for (let seed = FIRST_SEED; seed < FIRST_SEED + 10 * SEED_COUNT; seed++) {
        const network = { ...QUIET_NETWORK, leastDelayMs, mostDelayMs };
        const group = new GroupSimulation({ seed, members: 3 + 2 * (seed % 2), network });
        group.run(1_000 + seed);
        if (trouble === "kill") group.kill("m0");
        else group.freeze("m0", 60_000);
        let attempts = 0;
        const isFollowed = (): boolean => {
          for (const { member } of group.processes.values())
            attempts = Math.max(attempts, member.state.promised?.round ?? 0);
          return group.serving.some(
            ({ id, member }) => id !== "m0" && member.standing.at === "primary",
          );
        };
        const says = `${trouble}, ${mostDelayMs} ms, seed ${seed}`;
        t.true(group.runUntil(isFollowed, 2_000), `${says}: nobody follows`);
        t.true(attempts <= 4, `${says}: ${attempts} attempts`);
      }
});

test("durable members that all crash at once come back with every acknowledged update", (t) => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEED_COUNT; seed++) {
    const settings = { style: "cold-passive", isDurable: true } as const;
    const log = { count: 20, octets: 1 << 20, ageMs: 60_000 };
    const group = new GroupSimulation({ seed, members: 3, settings: { ...settings, log } });
    group.addClient(20, 4_000);
    group.addClient(20, 4_000);
    group.run(2_000);
    const before = group.answeredCount;
    const ids = [...group.processes.keys()];
    for (const id of ids) group.kill(id);
    for (const id of ids) group.restart(id);
    const isWell = group.runUntil(() => group.serving.length === 3, 3_000);
    t.true(
      isWell,
      `seed ${seed}: ${group.chronicle.fault ?? `${group.serving.length} of 3 serve`}`,
    );
    group.runUntil(() => group.nowMs > 4_000 && group.waitingCount === 0, 4_000);
    t.is(group.chronicle.fault, undefined, `seed ${seed}`);
    t.is(group.waitingCount, 0, `seed ${seed}`);
    t.true(before > 20 && group.answeredCount > before, `seed ${seed}: ${before} answered`);
  }
});

test("of two members with a witness the one that is left goes on, and takes in another", (t) => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEED_COUNT; seed++) {
    const group = new GroupSimulation({ seed, members: 2, hasWitness: true });
    const says = (): string => `seed ${seed}: ${group.chronicle.fault ?? "stuck"}`;
    group.addClient(20, 6_000);
    for (let i = 0; i < 4; i++) {
      group.run(300);
      const victim = group.serving[Math.floor(group.random.number() * 2)];
      if (victim !== undefined && i % 2 === 0) group.kill(victim.id);
      else if (victim !== undefined) group.freeze(victim.id, 2_000);
      t.true(
        group.runUntil(() => group.serving.length === 1, 2_000),
        says(),
      );
      // Who froze comes back by itself, fenced, and joins anew.
      if (i % 2 === 0) group.join();
      t.true(
        group.runUntil(() => group.serving.length === 2, 5_000),
        says(),
      );
    }
    t.true(
      group.runUntil(() => group.nowMs > 6_000 && group.waitingCount === 0, 9_000),
      says(),
    );
    t.is(group.chronicle.fault, undefined, says());
  }
});

test("of two members without a witness the one that is left can be read, and refuses updates", (t) => {
  const group = new GroupSimulation({ seed: 5, members: 2, network: QUIET_NETWORK });
  group.addClient(10, 500);
  group.run(1_000);
  const answered = group.answeredCount;
  t.true(answered > 5);
  group.kill("m0");
  group.run(500);
  t.is(group.submit("m1", 9_000, true), "released");
  t.is(group.submit("m1", 9_001, false), "no majority");
  t.is(group.chronicle.fault, undefined);
});

test("of two members without a witness one leaves in good order, and the other goes on alone and takes in another", (t) => {
  for (const leaver of ["m0", "m1"])
    for (let seed = FIRST_SEED; seed < FIRST_SEED + 4 * SEED_COUNT; seed++) {
      const group = new GroupSimulation({ seed, members: 2 });
      const says = `${leaver}, seed ${seed}`;
      group.addClient(10, 1_500);
      group.run(300);
      group.retire(leaver);
      const isGone = group.runUntil(() => !group.processes.has(leaver), 1_500);
      t.true(isGone, `${says}: it has not left`);
      const isAlone = group.runUntil(
        () => group.serving.some(({ member }) => member.standing.at === "primary"),
        1_500,
      );
      t.true(isAlone, `${says}: ${group.chronicle.fault ?? "nobody serves"}`);
      t.is(group.submit(group.serving[0]?.id ?? "", 9_000, false), "released", says);
      group.join();
      t.true(
        group.runUntil(() => group.serving.length === 2, 5_000),
        `${says}: nobody joined`,
      );
      group.runUntil(() => group.nowMs > 1_500 && group.waitingCount === 0, 8_000);
      t.is(group.chronicle.fault, undefined, says);
      t.is(group.waitingCount, 0, says);
    }
});

test("a durable member that left in good order comes back from its store, and joins the one that went on", (t) => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEED_COUNT; seed++) {
    const settings = { style: "cold-passive", isDurable: true } as const;
    const group = new GroupSimulation({ seed, members: 2, settings });
    group.addClient(20, 3_000);
    group.run(300);
    group.retire("m0");
    const isAlone = (): boolean => group.serving[0]?.member.state.view?.members.length === 1;
    t.true(group.runUntil(isAlone, 2_000), `seed ${seed}`);
    group.run(300);
    group.restart("m0");
    t.true(
      group.runUntil(() => group.serving.length === 2, 5_000),
      `seed ${seed}: ${group.chronicle.fault ?? "it has not come back"}`,
    );
    t.false(group.processes.has("m0"), "it is another member");
    group.runUntil(() => group.nowMs > 3_000 && group.waitingCount === 0, 8_000);
    t.is(group.chronicle.fault, undefined, `seed ${seed}`);
    t.is(group.waitingCount, 0, `seed ${seed}`);
  }
});

test("a member that reaches no majority says so, and refuses what waits there and what comes", (t) => {
  const ids = ["m0", "m1", "m2"];
  for (const alone of ids) {
    const group = new GroupSimulation({ seed: 3, members: 3, network: QUIET_NETWORK });
    group.run(500);
    group.network.partition(new Map(ids.map((id) => [id, id === alone ? 1 : 0])));
    // It does not know yet that it is alone.
    t.is(group.submit(alone, 9_000, false), "no majority", alone);
    t.is(group.submit(alone, 9_001, false), "no majority", alone);
    const at = (id: string): string => group.processes.get(id)?.member.standing.at ?? "";
    t.is(at(alone), "wedged", alone);
    t.deepEqual(
      ids
        .filter((id) => id !== alone)
        .map(at)
        .toSorted(),
      ["follower", "primary"],
      alone,
    );
    group.network.partition(new Map());
    t.true(
      group.runUntil(() => group.serving.length === 3, 5_000),
      alone,
    );
    t.is(group.chronicle.fault, undefined);
  }
});

test("what is asked while the founders of a group still gather is answered", (t) => {
  for (const style of WARM)
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEED_COUNT; seed++) {
      const group = new GroupSimulation({
        seed,
        members: 3,
        isGathering: true,
        settings: { style },
      });
      for (let i = 0; i < 3; i++) group.addClient(10, 500);
      group.runUntil(() => group.nowMs > 500 && group.waitingCount === 0, 5_000);
      const says = `${style}, seed ${seed}: ${group.chronicle.fault ?? "stuck"}`;
      t.is(group.chronicle.fault, undefined, says);
      t.is(group.waitingCount, 0, says);
      t.is(group.serving.length, 3, says);
    }
});

test("one that dies while it joins a single one does not stop it", (t) => {
  let wentOn = 0;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + 10 * SEED_COUNT; seed++) {
    const group = new GroupSimulation({ seed, members: 1, network: QUIET_NETWORK });
    group.run(100);
    const id = group.join();
    group.run(60 * group.random.number());
    group.kill(id);
    group.run(2_000);
    const member = group.processes.get("m0")?.member;
    // Once both are members the one that is left is one of two, and may not go on alone.
    const isAlone = member?.state.view?.members.length === 1;
    t.is(member?.standing.at, isAlone ? "primary" : "wedged", `seed ${seed}`);
    if (!isAlone) continue;
    wentOn++;
    t.is(group.submit("m0", 9_000, false), "released", `seed ${seed}`);
  }
  t.true(wentOn > 0);
});
