import test from "ava";
import {
  foundingView,
  GROUP_DEFAULTS,
  type MemberId,
  Replica,
  type Stored,
} from "../../../services/group/index.ts";
import { type Entry, lastOf, NOTHING_KEPT } from "../../../services/history/index.ts";
import { octets } from "../../support/group/servant.ts";

const IDS: readonly MemberId[] = ["a", "b", "c"];

function entryOf(op: number): Entry {
  const request = { id: `r${op}`, expiresMs: 9_000, answered: undefined, isRead: false } as const;
  return {
    op,
    view: 1,
    atMs: op,
    work: { kind: "request", request: { ...request, body: octets("") }, decisions: undefined },
  };
}

/** What a member of the founding view had stored: its checkpoint, and the log from `base + 1` to `last`. */
function storedOf(checkpoint: number, base: number, last: number): Stored {
  const entries = Array.from({ length: last - base }, (_, i) => entryOf(base + 1 + i));
  return {
    stored: {
      view: foundingView(IDS),
      installed: 1,
      promised: undefined,
      accepted: undefined,
      from: base + 1,
      entries,
      base,
      checkpoint: { op: checkpoint, atMs: checkpoint, kept: NOTHING_KEPT, state: octets("s") },
    },
    entries,
  };
}

/** Durable members that have all come back from their stores; what they send arrives at once. */
class Recovered {
  readonly replicas: ReadonlyMap<MemberId, Replica>;

  constructor(stores: Readonly<Record<MemberId, Stored>>) {
    const settings = { ...GROUP_DEFAULTS, style: "cold-passive", isDurable: true } as const;
    this.replicas = new Map(
      Object.entries(stores).map(([self, recovered]) => [
        self,
        new Replica({ self, settings, recovered }, 1_000),
      ]),
    );
  }

  stand(id: MemberId): void {
    const queue = [
      { to: id, event: { kind: "stand", without: [] } as Parameters<Replica["step"]>[0] },
    ];
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      for (const effect of this.replicas.get(next.to)?.step(next.event, 1_000) ?? [])
        if (effect.kind === "send")
          queue.push({
            to: effect.to,
            event: { kind: "message", from: next.to, message: effect.message },
          });
  }

  /** Of each member: where it stands, and the operations it holds. */
  get held(): readonly string[] {
    return [...this.replicas].map(([id, { standing, state }]) => {
      const { base, entries } = state.log;
      const isWhole = entries.every(({ op }, i) => op === base + 1 + i);
      return `${id} ${standing.at} ${base + 1}-${lastOf(state.log)}${isWhole ? "" : " with gaps"}`;
    });
  }
}

// What was committed is not stored: a member knows it up to its checkpoint only, and others have dropped more than that.
const FAR = storedOf(14, 12, 20);
const NEAR = storedOf(10, 8, 19);
const LONG = storedOf(10, 8, 20);

test("any of those that crashed at once can be the next primary, whatever the others dropped of their logs", (t) => {
  for (const stander of IDS) {
    const group = new Recovered({ a: FAR, b: NEAR, c: LONG });
    group.stand(stander);
    const at = (id: MemberId): string => (id === stander ? "primary" : "follower");
    t.deepEqual(
      group.held,
      [`a ${at("a")} 13-20`, `b ${at("b")} 9-20`, `c ${at("c")} 9-20`],
      `${stander} stands`,
    );
  }
});

test("what was agreed to is found by those who know less to be committed, and whose logs are longer", (t) => {
  for (const stander of ["b", "c"]) {
    const group = new Recovered({ a: storedOf(14, 12, 18), b: NEAR, c: LONG });
    const { replicas } = group;
    const [a, b] = [replicas.get("a"), replicas.get("b")];
    // The first proposal is agreed to by its proposer, and nobody learns of it.
    a?.step({ kind: "stand", without: ["b"] }, 1_000);
    const ballot = { round: 1, proposer: "a" };
    const wedge = { kind: "wedge", view: 1, current: foundingView(IDS), ballot, from: 19 } as const;
    for (const effect of b?.step({ kind: "message", from: "a", message: wedge }, 1_000) ?? [])
      if (effect.kind === "send")
        a?.step({ kind: "message", from: "b", message: effect.message }, 1_000);
    t.is(a?.state.accepted?.next.start, 19);
    group.stand(stander);
    t.deepEqual(
      group.held,
      ["a primary 13-19", "b fenced 9-19", "c follower 9-19"],
      `${stander} stands`,
    );
  }
});

test("one that is too far behind to have a view decided does not bind those that are not", (t) => {
  const group = new Recovered({ a: FAR, b: storedOf(6, 4, 9), c: LONG });
  const a = group.replicas.get("a");
  a?.step({ kind: "stand", without: [] }, 1_000);
  const ballot = { round: 1, proposer: "a" };
  const promise = {
    kind: "promise",
    view: 1,
    ballot,
    installed: 1,
    op: 19,
    entries: [],
    accepted: undefined,
  } as const;
  a?.step({ kind: "message", from: "c", message: promise }, 1_000);
  t.is(a?.state.accepted?.next.start, 20);
  group.stand("b");
  t.is(group.replicas.get("b")?.state.accepted, undefined);
  group.stand("c");
  t.deepEqual(
    group.held.filter((one) => one.startsWith("a ") || one.startsWith("c ")),
    ["a primary 13-20", "c follower 9-20"],
  );
});

test("one that came back from its store serves when it hears that it is still a member, and asks whether it is", (t) => {
  const { replicas } = new Recovered({ a: FAR, b: NEAR, c: LONG });
  const b = replicas.get("b");
  t.is(b?.standing.at, "wedged", "the group may have gone on without it");
  const asked = b?.step({ kind: "resend" }, 1_000) ?? [];
  t.deepEqual(
    asked.flatMap((one) => (one.kind === "send" ? [`${one.message.kind} ${one.to}`] : [])),
    ["ask a", "ask c"],
  );
  const life = { kind: "append", view: 1, entries: [], commit: 14, stable: 14, round: 0 } as const;
  b?.step({ kind: "message", from: "a", message: { ...life, from: 20 } }, 1_000);
  t.is(b?.standing.at, "follower");
  t.deepEqual(
    b?.step({ kind: "resend" }, 1_000).filter(({ kind }) => kind === "send"),
    [],
  );
});

test("one whose store says that the group went on without it is out, whatever its log holds", (t) => {
  const view = { ...foundingView(["a", "b"]), number: 2 };
  const { stored, entries } = storedOf(6, 4, 9);
  const { replicas } = new Recovered({ c: { stored: { ...stored, view }, entries } });
  const c = replicas.get("c");
  t.is(c?.standing.at, "fenced");
  const said = c?.step({ kind: "resend" }, 1_000).filter(({ kind }) => kind === "send");
  t.deepEqual(said, []);
});
