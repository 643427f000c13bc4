import test from "ava";
import { systemClock, TestClock } from "../../../orb/base/index.ts";
import { Deadline } from "../../../orb/base/index.ts";
import {
  type Arrival,
  BAD_CONTEXT,
  MINOR,
  type Outcome,
  TIMEOUT,
  TRANSIENT,
} from "../../../orb/index.ts";
import { foundingView, MEMBER_TIMES, type GroupSettings } from "../../../services/group/index.ts";
import { GroupReplica, PlainState } from "../../../services/replication/index.ts";
import { LocalGroup } from "../../support/replication/local-groups.ts";
import { sample } from "../../support/sample.ts";

const STYLES: readonly Partial<GroupSettings>[] = [
  { style: "active" },
  { style: "active", ack: "all" },
  { style: "semi-active" },
  { style: "warm-passive", ack: "all" },
  { style: "cold-passive" },
];

for (const settings of STYLES) {
  const { style, ack } = settings;
  test(`${style}, ${ack ?? "quorum"}: calls to any replica are numbered in one order, and survive the primary`, async (t) => {
    const group = new LocalGroup(t, settings);
    await group.found(["a", "b", "c"]);
    const calls = ["a", "b", "c", "a", "slowly c"].map((to, i) =>
      sample.echo(
        group.get(to.at(-1) ?? "a").reference,
        `${to === "slowly c" ? "slowly " : ""}${i}`,
      ),
    );
    const answers = await Promise.all(calls);
    const numbers = answers.map((answer) => Number(answer.split(" ")[0]));
    t.deepEqual(
      numbers.toSorted((a, b) => a - b),
      [1, 2, 3, 4, 5],
    );
    // Under way at another replica while the primary goes: its client hears nothing of that.
    const open = sample.echo(group.get("b").reference, "open");
    await group.kill("a");
    await group.until(() => group.primary !== undefined);
    t.is(await open, "6 open");
    t.is(await sample.echo(group.get("c").reference, "after"), "7 after");
    await group.until(() => group.primary?.ledger.said.length === 7);
    const said = group.primary?.ledger.said ?? [];
    t.is(said.length, 7);
    t.is(new Set(said).size, 7);
    if (style === "cold-passive") return;
    await group.until(() => group.get("c").ledger.said.length === 7);
    t.deepEqual(group.get("c").ledger.said, said);
    t.deepEqual(group.get("b").ledger.said, said);
  });

  test(`${style}, ${ack ?? "quorum"}: one that joins gets the state, and can become primary`, async (t) => {
    const group = new LocalGroup(t, settings);
    await group.found(["a", "b"]);
    await sample.echo(group.get("a").reference, "1");
    await group.join("c", "b");
    t.is(await sample.echo(group.get("c").reference, "2"), "2 2");
    group.get("a").replica.handOver("c");
    await group.until(() => group.get("c").replica.standing.at === "primary");
    t.is(await sample.echo(group.get("a").reference, "3"), "3 3");
    await group.until(() => group.get("c").ledger.said.length === 3);
    t.deepEqual(group.get("c").ledger.said, ["1", "2", "3"]);
  });
}

test("semi-active: what the primary chose, and its clock, are those of all", async (t) => {
  const group = new LocalGroup(t, { style: "semi-active" });
  await group.found(["a", "b", "c"]);
  t.regex(await sample.echo(group.get("b").reference, "choose"), /^1 a 1700000\d{6} 0\.\d+$/);
  await group.until(() => group.get("c").ledger.said.length === 1);
  t.deepEqual(group.get("c").ledger.said, group.get("a").ledger.said);
});

test("active: clock and randomness are the operation's, the same at all", async (t) => {
  const group = new LocalGroup(t, { style: "active" });
  await group.found(["a", "b", "c"]);
  await sample.echo(group.get("b").reference, "choose");
  await group.until(() => group.get("c").ledger.said.length === 1);
  const [, ...ofA] = group.get("a").ledger.said[0]?.split(" ") ?? [];
  const [, ...ofC] = group.get("c").ledger.said[0]?.split(" ") ?? [];
  t.is(ofA.length, 2);
  t.deepEqual(ofA, ofC);
});

test("a servant that draws on something of its own is found out, by its replica and the operation", async (t) => {
  for (const style of ["active", "semi-active"] as const) {
    const group = new LocalGroup(t, { style });
    await group.found(["a", "b", "c"]);
    await sample.echo(group.get("a").reference, "alike");
    await sample.echo(group.get("a").reference, "alike too");
    await group.until(() => group.get("c").ledger.said.length === 2);
    t.deepEqual(group.divergences, []);
    group.get("c").ledger.said.push("of its own");
    await sample.echo(group.get("a").reference, "third");
    await sample.echo(group.get("a").reference, "fourth");
    await group.until(() => group.divergences.length > 0);
    t.deepEqual(new Set(group.divergences.map(({ member }) => member)), new Set(["c"]));
    t.is(group.divergences[0]?.op, 4);
  }
});

test("the minority is told TRANSIENT, and the majority goes on without it", async (t) => {
  const group = new LocalGroup(t, { style: "active" });
  await group.found(["a", "b", "c"]);
  group.cut("a");
  await group.until(() => group.get("b").replica.standing.at === "primary");
  const error = await t.throwsAsync(sample.echo(group.get("a").reference, "lost"), {
    instanceOf: TRANSIENT,
  });
  t.is((error as TRANSIENT | undefined)?.minor, MINOR.groupNoMajority);
  t.is((error as TRANSIENT | undefined)?.completed, "COMPLETED_NO");
  t.is(await sample.echo(group.get("c").reference, "kept"), "1 kept");
  t.deepEqual(group.get("a").ledger.said, []);
});

/** A gate alone, with an upcall that counts, and no POA. */
function alone(): {
  readonly replica: GroupReplica;
  readonly clock: TestClock;
  readonly executed: string[];
  readonly arrival: (operation: string, retentionId?: number, expiresMs?: number) => Arrival;
} {
  const clock = new TestClock(0, 1_700_000_000_000);
  const executed: string[] = [];
  const replica = new GroupReplica({
    self: "a",
    carrier: { send: () => undefined },
    state: new PlainState(new Map()),
    settings: { style: "active" },
    founding: foundingView(["a"]),
    clock,
  });
  replica.attach(({ operation }): Outcome | Promise<Outcome> => {
    if (operation === "never") return new Promise(() => undefined);
    executed.push(operation);
    const body = new Uint8Array([executed.length]);
    return { kind: "reply", status: "NO_EXCEPTION", body, contexts: [] };
  });
  const arrival = (operation: string, retentionId?: number, expiresMs = 10_000): Arrival => ({
    adapter: ["p"],
    objectId: new Uint8Array([1]),
    operation,
    caller: {
      connectionId: "c",
      requestId: 1,
      ...(retentionId === undefined
        ? {}
        : {
            ftRequest: {
              clientId: "client",
              retentionId,
              expirationTime: BigInt(clock.wallMs() + expiresMs + 12_219_292_800_000) * 10_000n,
            },
          }),
    },
    encoding: { version: 2, littleEndian: true, charSet: 1, wcharSet: 2 },
    contexts: [{ id: 7, data: new Uint8Array([9]) }],
    body: new Uint8Array([1, 2, 3]),
    priority: 5,
    replyExpected: true,
  });
  return { replica, clock, executed, arrival };
}

test("a request repeated with its FT_REQUEST is answered again and not executed again", async (t) => {
  const { replica, executed, arrival } = alone();
  const first = await replica.admit(arrival("pay", 1), Deadline.never);
  t.deepEqual(await replica.admit(arrival("pay", 1), Deadline.never), first);
  t.notDeepEqual(await replica.admit(arrival("pay", 2), Deadline.never), first);
  t.deepEqual(executed, ["pay", "pay"]);
});

test("a request that comes after its client's last instant is BAD_CONTEXT", async (t) => {
  const { replica, executed, arrival } = alone();
  const late = await t.throwsAsync(replica.admit(arrival("pay", 1, -1), Deadline.never), {
    instanceOf: BAD_CONTEXT,
  });
  t.is((late as BAD_CONTEXT | undefined)?.minor, MINOR.groupRequestExpired);
  t.deepEqual(executed, []);
});

test("a request that is not answered by its deadline is TIMEOUT, and the replica closes with none waiting", async (t) => {
  const { replica, clock, arrival } = alone();
  const call = replica.admit(arrival("never"), Deadline.after(clock, 50));
  const other = replica.admit(arrival("pay"), Deadline.never);
  clock.advanceMs(51);
  await t.throwsAsync(call, { instanceOf: TIMEOUT });
  replica.close();
  const left = await t.throwsAsync(other, { instanceOf: TRANSIENT });
  t.is((left as TRANSIENT | undefined)?.completed, "COMPLETED_MAYBE");
});

test("a replica whose state cannot be had leaves its group, and says why", async (t) => {
  const told: unknown[] = [];
  const clock = new TestClock();
  const replica = new GroupReplica({
    self: "a",
    carrier: { send: () => undefined },
    state: {
      capture: () => Promise.reject(new Error("the disk is gone")),
      restore: () => undefined,
    },
    settings: { style: "warm-passive" },
    founding: foundingView(["a"]),
    clock,
    failed: (error) => told.push(error),
  });
  replica.attach(() => ({ kind: "none" }));
  const { arrival } = alone();
  const call = replica.admit(arrival("pay"), Deadline.never);
  await t.throwsAsync(call, { instanceOf: TRANSIENT });
  t.is(replica.standing.at, "left");
  t.is(told.map(String).join(), "Error: the disk is gone");
});

test("a replica whose servant does not end leaves its group: nothing else could begin", async (t) => {
  const told: unknown[] = [];
  const clock = new TestClock();
  const replica = new GroupReplica({
    self: "a",
    carrier: { send: () => undefined },
    state: new PlainState(new Map()),
    founding: foundingView(["a"]),
    clock,
    mostMs: 500,
    failed: (error) => told.push(error),
  });
  replica.attach(() => new Promise(() => undefined));
  const { arrival } = alone();
  const call = replica.admit(arrival("hang"), Deadline.never);
  clock.advanceMs(499);
  t.is(told.length, 0);
  clock.advanceMs(2);
  await t.throwsAsync(call, { instanceOf: TRANSIENT });
  t.true(told[0] instanceof TIMEOUT);
  t.is(replica.standing.at, "left");
});

test("a replica that can say nothing any more, not even goodbye, ends once, and says why", async (t) => {
  const told: unknown[] = [];
  const clock = new TestClock();
  const replica = new GroupReplica({
    self: "a",
    carrier: {
      send: () => {
        throw new Error("no way out");
      },
    },
    state: new PlainState(new Map()),
    founding: foundingView(["a", "b"]),
    clock,
    failed: (error) => told.push(error),
  });
  replica.attach(() => ({ kind: "none" }));
  clock.advanceMs(MEMBER_TIMES.heartbeatMs);
  t.deepEqual(told.map(String), ["Error: no way out"]);
  replica.close();
  await replica.ended;
  t.is(told.length, 1);
  t.is(clock.pendingCount, 0);
});

test("a servant that works for long lets timers and what comes go first before the next operation", async (t) => {
  const { arrival } = alone();
  let nowMs = 0;
  const begun: string[] = [];
  const replica = new GroupReplica({
    self: "a",
    carrier: { send: () => undefined },
    state: new PlainState(new Map()),
    founding: foundingView(["a"]),
    clock: { ...systemClock, nowMs: () => nowMs },
  });
  t.teardown(() => replica.close());
  replica.attach(({ operation }): Outcome => {
    begun.push(operation);
    if (operation === "long") nowMs += 500;
    return { kind: "reply", status: "NO_EXCEPTION", body: new Uint8Array(), contexts: [] };
  });
  const calls = ["short", "short", "long", "long", "short"].map((operation) =>
    replica.admit(arrival(operation), Deadline.never),
  );
  t.deepEqual(begun, ["short", "short", "long"], "what takes no time is done at once");
  setTimeout(() => begun.push("timer"), 0);
  await new Promise(setImmediate);
  await Promise.all(calls);
  t.is(begun.filter((operation) => operation === "long").length, 2);
  t.true(begun.indexOf("timer") < begun.lastIndexOf("long"), begun.join());
});
