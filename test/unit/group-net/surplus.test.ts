import test from "ava";
import { noLogger, TestClock } from "../../../orb/base/index.ts";
import { Surplus } from "../../../services/group-net/index.ts";
import type { Group } from "../../../services/replication/index.ts";
import { ToldGroup } from "./told-group.ts";

const GRACE_MS = 1_000;

interface Dismissed {
  readonly id: string;
  readonly done: () => void;
  readonly fail: (error: Error) => void;
}

function scene(group: ToldGroup): {
  readonly dismissed: Dismissed[];
  readonly clock: TestClock;
  readonly surplus: Surplus;
} {
  const dismissed: Dismissed[] = [];
  const clock = new TestClock();
  const surplus = new Surplus({
    group: group as unknown as Group,
    replicas: 3,
    dismiss: ({ id }) =>
      new Promise<void>((done, fail) => {
        dismissed.push({ id, done, fail });
      }),
    clock,
    log: noLogger,
    graceMs: GRACE_MS,
  });
  return { dismissed, clock, surplus };
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const idsOf = (dismissed: readonly Dismissed[]): readonly string[] => dismissed.map(({ id }) => id);

test("of four where there are to be three the one that came last is dismissed, after a while", async (t) => {
  const group = new ToldGroup(["a@h:1", "b@h:2", "c@h:3"], true);
  const { dismissed, clock } = scene(group);
  clock.advanceMs(10 * GRACE_MS);
  t.deepEqual(dismissed, []);
  group.become(["a@h:1", "b@h:2", "c@h:3", "d@h:4"], true);
  clock.advanceMs(GRACE_MS - 1);
  t.deepEqual(dismissed, [], "it may be a move, and another one leave at once");
  clock.advanceMs(1);
  t.deepEqual(idsOf(dismissed), ["d@h:4"]);
  group.become(["a@h:1", "b@h:2", "c@h:3"], true);
  dismissed[0]?.done();
  await settled();
  clock.advanceMs(10 * GRACE_MS);
  t.is(dismissed.length, 1);
});

test("the primary is never dismissed, also where it came last; one goes after the other", async (t) => {
  const members = ["a@h:1", "b@h:2", "c@h:3", "d@h:4", "e@h:5"];
  const group = new ToldGroup(members, true, "e@h:5");
  const { dismissed, clock } = scene(group);
  clock.advanceMs(GRACE_MS);
  t.deepEqual(idsOf(dismissed), ["d@h:4"]);
  clock.advanceMs(10 * GRACE_MS);
  t.is(dismissed.length, 1, "not before the first is gone");
  group.become(
    members.filter((id) => id !== "d@h:4"),
    true,
    "e@h:5",
  );
  dismissed[0]?.done();
  await settled();
  clock.advanceMs(GRACE_MS);
  t.deepEqual(idsOf(dismissed), ["d@h:4", "c@h:3"]);
});

test("followers leave it to the primary, and so does who is primary no more", async (t) => {
  const four = ["a@h:1", "b@h:2", "c@h:3", "d@h:4"];
  const group = new ToldGroup(four, false);
  const { dismissed, clock } = scene(group);
  clock.advanceMs(10 * GRACE_MS);
  group.become(four, true);
  clock.advanceMs(GRACE_MS - 1);
  group.become(four, false);
  clock.advanceMs(10 * GRACE_MS);
  await settled();
  t.deepEqual(dismissed, []);
});

test("one that cannot be dismissed now is asked again, and nobody after the end", async (t) => {
  const group = new ToldGroup(["a@h:1", "b@h:2", "c@h:3", "d@h:4"], true);
  const { dismissed, clock, surplus } = scene(group);
  clock.advanceMs(GRACE_MS);
  dismissed[0]?.fail(new Error("nobody there"));
  await settled();
  clock.advanceMs(GRACE_MS);
  t.deepEqual(idsOf(dismissed), ["d@h:4", "d@h:4"]);
  surplus[Symbol.dispose]();
  dismissed[1]?.fail(new Error("nobody there"));
  await settled();
  clock.advanceMs(10 * GRACE_MS);
  t.is(dismissed.length, 2);
});
