import test from "ava";
import {
  type Effect,
  foundingView,
  GROUP_DEFAULTS,
  type GroupSettings,
  type Message,
  Replica,
  type ReplicaEvent,
} from "../../../services/group/index.ts";
import { lastOf, type Request } from "../../../services/history/index.ts";
import { octets, text } from "../../support/group/servant.ts";

function requestOf(id: string, expiresMs: number = 100_000, answered?: number): Request {
  return { id, expiresMs, answered, isRead: false, body: octets("x".repeat(10)) };
}

/** An active group whose servants answer at once with what they were asked, on a clock that the test moves. */
class Bench {
  readonly replicas: Map<string, Replica> = new Map();
  readonly outcomes: Map<number, string> = new Map();
  /** Nothing reaches these. */
  readonly cut: Set<string> = new Set();
  readonly sent: Map<string, number> = new Map();
  readonly executed: string[] = [];
  nowMs = 1_000;

  constructor(ids: readonly string[], settings: Partial<GroupSettings>) {
    const founding = foundingView(ids);
    const all = { ...GROUP_DEFAULTS, style: "active", ...settings } as const;
    for (const self of ids)
      this.replicas.set(self, new Replica({ self, settings: all, founding }, this.nowMs));
  }

  get(id: string): Replica {
    const replica = this.replicas.get(id);
    if (replica === undefined) throw new TypeError(`no replica ${id}`);
    return replica;
  }

  step(id: string, first: ReplicaEvent): void {
    const queue: (readonly [string, ReplicaEvent])[] = [[id, first]];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [to, event] = next;
      if (this.cut.has(to) && event.kind === "message") continue;
      for (const effect of this.get(to).step(event, this.nowMs))
        queue.push(...this.#do(to, effect));
    }
  }

  ask(
    id: string,
    ticket: number,
    expiresMs: number = 100_000,
    name: string = `r${ticket}`,
    answered?: number,
  ): string {
    this.step(id, { kind: "submit", ticket, request: requestOf(name, expiresMs, answered) });
    return this.outcomes.get(ticket) ?? "waits";
  }

  #do(id: string, effect: Effect): readonly (readonly [string, ReplicaEvent])[] {
    switch (effect.kind) {
      case "send":
        this.sent.set(effect.message.kind, (this.sent.get(effect.message.kind) ?? 0) + 1);
        return [[effect.to, { kind: "message", from: id, message: effect.message }]];
      case "release":
        this.outcomes.set(effect.ticket, text(effect.outcome));
        return [];
      case "refuse":
        this.outcomes.set(effect.ticket, `${effect.why}${effect.maybe ? ", maybe" : ""}`);
        return [];
      case "execute": {
        const { task, run } = effect;
        if (task.kind !== "ordered" || task.work.kind !== "request") return [];
        this.executed.push(`${id} ${task.work.request.id}`);
        const outcome = octets(`did ${task.work.request.id}`);
        return [[id, { kind: "executed", run, of: task.op, outcome }]];
      }
      case "capture":
        return [[id, { kind: "captured", run: effect.run, state: octets("s".repeat(100)) }]];
      case "update":
      case "restore":
      case "diverged":
      case "store":
      case "doubt":
      case "standing":
        return [];
    }
  }
}

test("no more operations are under way than the window has, no more requests wait than the queue has", (t) => {
  const bench = new Bench(["a", "b", "c"], { windowCount: 3, queueCount: 6 });
  bench.cut.add("b").add("c");
  const answers = Array.from({ length: 8 }, (_, i) => bench.ask("a", i));
  t.is(lastOf(bench.get("a").state.log), 3);
  t.deepEqual(
    answers.slice(0, 6),
    Array.from({ length: 6 }, () => "waits"),
  );
  t.deepEqual(answers.slice(6), ["full", "full"]);
  bench.cut.clear();
  bench.step("a", { kind: "resend" });
  bench.step("b", { kind: "resend" });
  t.is(bench.outcomes.get(5), "did r5");
  t.is(lastOf(bench.get("a").state.log), 6);
});

test("who passed a request on to a primary that is full is told so, and that nothing was executed", (t) => {
  const bench = new Bench(["a", "b", "c", "d", "e"], { windowCount: 1, queueCount: 2 });
  for (const id of ["c", "d", "e"]) bench.cut.add(id);
  for (const [i, id] of ["a", "a", "b"].entries()) t.is(bench.ask(id, i), "waits");
  t.is(bench.ask("b", 3), "full");
  bench.cut.clear();
  bench.step("a", { kind: "resend" });
  t.is(bench.outcomes.get(2), "did r2");
  t.false(bench.executed.some((one) => one.endsWith(" r3")));
});

/** A follower that passed a request on and then said it again, and what becomes of the request. */
function passedTwice(): (answer: Message | "resend") => readonly string[] {
  const founding = foundingView(["a", "b", "c"]);
  const b = new Replica({ self: "b", settings: GROUP_DEFAULTS, founding }, 1_000);
  b.step({ kind: "submit", ticket: 1, request: requestOf("r1") }, 1_000);
  b.step({ kind: "resend" }, 1_000);
  return (message) => {
    const event =
      message === "resend" ? { kind: message } : { kind: "message", from: "a", message };
    return b.step(event as ReplicaEvent, 1_000).flatMap((effect) => {
      if (effect.kind === "release") return [text(effect.outcome)];
      if (effect.kind === "refuse") return [`${effect.why}${effect.maybe ? ", maybe" : ""}`];
      return effect.kind === "send" ? [effect.message.kind] : [];
    });
  };
}

const FULL: Message = { kind: "refused", view: 1, id: "r1", why: "full", maybe: false };

test("of a request that was said twice it is not known that it is not executed before both were refused", (t) => {
  const both = passedTwice();
  t.deepEqual(both(FULL), [], "the other one may yet be ordered");
  t.deepEqual(both(FULL), ["full"]);
  const second = passedTwice();
  t.deepEqual(second(FULL), []);
  t.deepEqual(second({ kind: "answer", view: 1, id: "r1", outcome: octets("did") }), ["did"]);
  const lost = passedTwice();
  t.deepEqual(lost(FULL), []);
  t.deepEqual(lost("resend"), ["full, maybe"], "one was lost, or is still on its way");
});

test("a new primary's refusal says nothing of what the one before it has done", (t) => {
  const answered = passedTwice();
  const by = { round: 1, proposer: "a" };
  const next = { ...foundingView(["a", "b", "c"]), number: 2, by };
  const propose = { kind: "propose", view: 1, ballot: by, next, from: 1, entries: [] } as const;
  t.deepEqual(answered(propose), ["accept"]);
  t.deepEqual(answered({ kind: "news", view: 2, current: next }), ["ack", "submit"]);
  t.deepEqual(answered({ ...FULL, view: 2 } as Message), ["full, maybe"]);
});

test("who waited at a primary that is cut off is told that it may be executed, also by a follower", (t) => {
  const bench = new Bench(["a", "b", "c"], { windowCount: 1 });
  bench.cut.add("b").add("c");
  for (let i = 0; i < 2; i++) t.is(bench.ask("a", i), "waits");
  bench.cut.clear();
  // It is ordered, and what b acknowledges is lost.
  const { state } = bench.get("a");
  bench.get("b").step({ kind: "submit", ticket: 5, request: requestOf("r5") }, 1_000);
  bench.step("a", {
    kind: "message",
    from: "b",
    message: { kind: "submit", view: 1, request: requestOf("r5") },
  });
  t.is(state.commit, 0);
  bench.step("a", { kind: "giveUp" });
  t.is(bench.outcomes.get(5), "no majority, maybe");
});

test("a repetition is answered from what is kept, at any member, and executed by nobody", (t) => {
  const bench = new Bench(["a", "b", "c"], {});
  t.is(bench.ask("a", 1), "did r1");
  const { length } = bench.executed;
  t.is(bench.ask("b", 2, 100_000, "r1"), "did r1");
  t.is(bench.ask("a", 3, 100_000, "r1"), "did r1");
  t.is(bench.executed.length, length);
});

test("replies beyond the limit in octets are forgotten, and their repetitions refused", (t) => {
  const bench = new Bench(["a"], { replies: { count: 100, octets: 20 } });
  for (let i = 0; i < 10; i++) t.is(bench.ask("a", i), `did r${i}`);
  t.true(bench.get("a").state.replies.octets <= 20);
  t.is(bench.ask("a", 20, 100_000, "r0"), "forgotten, maybe");
  t.is(bench.ask("a", 21, 100_000, "r9"), "did r9");
  t.is(bench.executed.length, 10);
});

test("as many replies are kept as may; when they expire there is room again, and none is executed twice", (t) => {
  const bench = new Bench(["a"], { replies: { count: 3, octets: 1_000 } });
  for (let i = 0; i < 3; i++) t.is(bench.ask("a", i, 5_000), `did r${i}`);
  t.is(bench.ask("a", 3, 5_000), "retention");
  bench.nowMs = 7_000;
  t.is(bench.ask("a", 4, 6_000), "expired");
  t.is(bench.ask("a", 5, 20_000), "did r5");
  t.is(bench.get("a").state.replies.count, 1);
  t.is(bench.ask("a", 6, 5_000, "r0"), "expired", "it is forgotten, and not executed again");
  t.is(bench.executed.length, 4);
});

test("with clients that say what is answered as many requests pass as come, through few replies", (t) => {
  const bench = new Bench(["a", "b", "c"], { replies: { count: 40, octets: 1_000 } });
  for (let i = 0; i < 2_000; i++) {
    const answered = i % 16 === 0 ? i : undefined;
    t.is(bench.ask(i % 3 === 0 ? "b" : "a", i, 100_000, `r${i}`, answered), `did r${i}`);
  }
  for (const { state } of bench.replicas.values()) t.true(state.replies.count <= 32);
  t.is(bench.executed.length, 3 * 2_000);
});

test("a copy that comes late, when its client has said that it is answered, is executed by nobody", (t) => {
  for (const at of ["a", "b"]) {
    const bench = new Bench(["a", "b", "c"], { log: { count: 4, octets: 1 << 20, ageMs: 60_000 } });
    for (let i = 0; i < 10; i++) bench.ask("a", i);
    bench.cut.add("c");
    bench.ask("a", 10, 100_000, "r10", 10);
    for (let i = 11; i < 200; i++) bench.ask("b", i, 100_000, `r${i}`, i);
    const { length } = bench.executed;
    t.is(bench.ask(at, 900, 100_000, "r5"), "answered, maybe");
    t.is(bench.executed.length, length);
    // Who is given the state knows it, too.
    bench.cut.clear();
    bench.step("a", { kind: "resend" });
    bench.step("c", { kind: "resend" });
    t.is(bench.get("c").state.applied, 200);
    bench.step("c", { kind: "stand", without: [] });
    t.is(bench.get("c").standing.at, "primary");
    t.is(bench.ask(at, 901, 100_000, "r5"), "answered, maybe");
    t.is(bench.ask("c", 902, 100_000, "r150"), "answered, maybe");
    t.false(bench.executed.slice(length).some((one) => /r(5|150)$/.test(one)));
  }
});

test("the log keeps to its limits in number, octets and age", (t) => {
  for (const log of [
    { count: 10, octets: 1 << 20, ageMs: 60_000 },
    { count: 10_000, octets: 200, ageMs: 60_000 },
  ]) {
    const bench = new Bench(["a", "b"], { log });
    for (let i = 0; i < 300; i++) t.is(bench.ask("a", i), `did r${i}`);
    for (const { state } of bench.replicas.values()) {
      t.true(state.log.entries.length <= 10 + 64, `${state.log.entries.length} entries`);
      t.true(state.log.octets <= Math.max(200, log.count * 100), `${state.log.octets} octets`);
      t.is(lastOf(state.log), 300);
    }
  }
  const bench = new Bench(["a"], { log: { count: 10_000, octets: 1 << 20, ageMs: 100 } });
  for (let i = 0; i < 50; i++) {
    bench.nowMs += 10;
    bench.ask("a", i);
  }
  t.true(bench.get("a").state.log.entries.length <= 21);
});

test("who was away for longer than the log reaches back gets the state in parts, and goes on", (t) => {
  const bench = new Bench(["a", "b", "c"], {
    log: { count: 10, octets: 1 << 20, ageMs: 60_000 },
    chunkOctets: 30,
    chunkCount: 2,
  });
  bench.cut.add("c");
  for (let i = 0; i < 200; i++) bench.ask("a", i);
  bench.cut.clear();
  bench.step("a", { kind: "resend" });
  bench.step("c", { kind: "resend" });
  const { state } = bench.get("c");
  t.is(bench.sent.get("chunk"), 4);
  t.is(state.applied, 200);
  t.is(bench.ask("c", 300), "did r300");
  t.is(state.applied, 201);
  t.is(bench.ask("c", 301, 100_000, "r150"), "did r150", "replies come with the state");
});
