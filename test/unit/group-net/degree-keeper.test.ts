import test from "ava";
import { TestClock, noLogger } from "../../../orb/base/index.ts";
import { DegreeKeeper, type Site } from "../../../services/group-net/index.ts";
import { DegreeBound, type DegreeFault, type Group } from "../../../services/replication/index.ts";
import { ToldGroup } from "./told-group.ts";

interface Started {
  readonly site: string;
  readonly contacts: readonly string[];
  readonly done: () => void;
  readonly fail: (error: Error) => void;
}

function scene(
  group: ToldGroup,
  names: readonly string[],
): { readonly started: Started[]; readonly clock: TestClock; readonly keeper: DegreeKeeper } {
  const started: Started[] = [];
  const clock = new TestClock();
  const siteOf = (site: string): Site => ({
    name: site,
    start: (contacts) =>
      new Promise<void>((resolve, reject) => {
        started.push({ site, contacts, done: resolve, fail: reject });
      }),
  });
  const keeper = new DegreeKeeper({
    group: group as unknown as Group,
    replicas: 3,
    sites: (taken) =>
      Promise.resolve(names.filter((name) => taken.every(({ site }) => site !== name)).map(siteOf)),
    clock,
    log: noLogger,
    attemptMs: 1_000,
  });
  return { started, clock, keeper };
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test("what is missing is started at the best site that is not taken, and is told where the members are", async (t) => {
  const group = new ToldGroup(["a@h:1", "b@h:2", "c@h:3"], true);
  const { started, keeper } = scene(group, ["a", "d", "e"]);
  await settled();
  t.deepEqual(started, []);
  group.become(["a@h:1", "b@h:2"], true);
  await settled();
  t.deepEqual(
    started.map(({ site, contacts }) => ({ site, contacts })),
    [{ site: "d", contacts: ["h:1", "h:2"] }],
  );
  group.become(["a@h:1", "b@h:2", "d@h:4"], true);
  started[0]?.done();
  await settled();
  t.is(started.length, 1);
  keeper[Symbol.dispose]();
});

test("a site that fails, or takes too long, is followed by the next one", async (t) => {
  const group = new ToldGroup(["a@h:1", "b@h:2"], true);
  const { started, clock, keeper } = scene(group, ["d", "e", "f"]);
  await settled();
  started[0]?.fail(new Error("no room"));
  await settled();
  t.deepEqual(
    started.map(({ site }) => site),
    ["d", "e"],
  );
  clock.advanceMs(1_000);
  await settled();
  t.deepEqual(
    started.map(({ site }) => site),
    ["d", "e", "f"],
  );
  keeper[Symbol.dispose]();
});

test("followers leave it to the primary, and so does who is primary no more", async (t) => {
  const group = new ToldGroup(["a@h:1"], false);
  const { started, clock, keeper } = scene(group, ["d", "e", "f"]);
  await settled();
  clock.advanceMs(10_000);
  await settled();
  t.deepEqual(started, []);
  group.become(["a@h:1"], true);
  await settled();
  t.deepEqual(
    started.map(({ site }) => site),
    ["d", "e"],
    "two are missing",
  );
  group.become(["a@h:1"], false);
  await settled();
  clock.advanceMs(10_000);
  await settled();
  t.is(started.length, 2);
  keeper[Symbol.dispose]();
});

test("without a site it is looked for again, and at the end no more", async (t) => {
  const group = new ToldGroup(["a@h:1", "b@h:2"], true);
  const names: string[] = [];
  const { started, clock, keeper } = scene(group, names);
  await settled();
  names.push("d");
  clock.advanceMs(100);
  await settled();
  t.is(started.length, 1);
  keeper[Symbol.dispose]();
  await settled();
  clock.advanceMs(100_000);
  await settled();
  t.is(started.length, 1);
});

test("restoreWithinMs: a group that has not its replicas back in time is told of once, by its primary", (t) => {
  const clock = new TestClock();
  const group = new ToldGroup(["a@h:1", "b@h:2", "c@h:3"], true);
  const faults: DegreeFault[] = [];
  using _bound = new DegreeBound({
    group: group as unknown as Group,
    replicas: 3,
    withinMs: 2_000,
    clock,
    missed: (fault) => faults.push(fault),
  });
  clock.advanceMs(10_000);
  group.become(["a@h:1", "b@h:2"], true);
  clock.advanceMs(1_999);
  group.become(["a@h:1", "b@h:2", "d@h:4"], true);
  clock.advanceMs(10_000);
  t.deepEqual(faults, []);
  group.become(["a@h:1", "b@h:2"], true);
  clock.advanceMs(1_000);
  // Another one gone: it is still the same time that is over.
  group.become(["a@h:1"], true);
  clock.advanceMs(1_000);
  const fault = { group: "bank", replicas: 3, members: 1, missingMs: 2_000 };
  t.deepEqual(faults, [fault]);
  clock.advanceMs(10_000);
  group.become(["a@h:1", "d@h:4", "e@h:5"], true);
  group.become(["a@h:1", "d@h:4"], false);
  clock.advanceMs(10_000);
  t.deepEqual(faults, [fault], "not a follower's affair");
});
