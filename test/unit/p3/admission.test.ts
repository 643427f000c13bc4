import test from "ava";
import { seededRandom } from "../../../orb/base/index.ts";
import type { PeerId, PeerRef, Role } from "../../../services/overlay/index.ts";
import { type Message, P3_DEFAULTS, P3Machine } from "../../../services/p3/index.ts";
import { faultsOf, QUIET_NETWORK, startPeers, untilQuiet } from "../../support/overlay/index.ts";
import type { Delivery } from "../../support/overlay/index.ts";

const MOST_WAITERS = 8_192;

function ref(id: PeerId): PeerRef {
  return { id, address: id };
}

/** A root alone, in a tree that takes so many superpeers in its only cell. */
class Root {
  readonly machine: P3Machine;
  nowMs = 0;

  constructor(superpeers: number) {
    this.machine = new P3Machine({
      ref: ref("root"),
      role: "superpeer",
      random: seededRandom(1),
      settings: { ...P3_DEFAULTS, levels: [{ span: 1, superpeers, leaves: 1, monitors: 0 }] },
    });
    this.machine.step({ kind: "join" }, 0);
    this.tick(2_000);
  }

  /** Lets the time pass. @returns what is sent meanwhile, heartbeats left out */
  tick(ms: number): readonly [PeerId, Message][] {
    const sent: [PeerId, Message][] = [];
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; ) {
      this.nowMs += 100;
      for (const effect of this.machine.step({ kind: "tick" }, this.nowMs))
        if (effect.kind === "send" && !effect.message.kind.endsWith("-beat"))
          sent.push([effect.to.id, effect.message]);
    }
    return sent;
  }

  say(id: PeerId, message: Message): readonly [PeerId, Message][] {
    return this.machine
      .step({ kind: "message", from: ref(id), message }, this.nowMs)
      .flatMap((effect): [PeerId, Message][] =>
        effect.kind === "send" ? [[effect.to.id, effect.message]] : [],
      );
  }

  where(id: PeerId, role: Role = "superpeer"): Message | undefined {
    const rank = { isRoot: false, voterCount: 0, peerCount: 0, id };
    // Whoever asks again asks in the same quest.
    const quest = 1 + Number.parseInt(id.replaceAll(/\D/g, "") || "0", 10);
    return this.say(id, {
      kind: "where",
      quest,
      version: 1,
      joiner: "peer",
      role,
      height: 0,
      rank,
    })[0]?.[1];
  }

  /** Promises the place in the cell and that of a new one beneath it to two that never come. */
  fill(): void {
    for (const id of ["silent", "mute"])
      if (this.where(id)?.kind !== "place") throw new Error("no place");
  }

  get waiting(): number {
    const seat = this.machine.cell?.seat;
    return seat?.at === "coordinator" && seat.up.at === "root" ? seat.up.portal.waiting.count : -1;
  }
}

test("of a flood of peers that ask at once so many wait in line, and all others are told when to ask again", (t) => {
  const root = new Root(2);
  root.fill();
  const afterMs: number[] = [];
  for (let i = 0; i < MOST_WAITERS + 1_000; i++) {
    const answer = root.where(`peer${i}`);
    if (answer?.kind !== "refused") return t.fail(JSON.stringify(answer));
    afterMs.push(answer.afterMs);
  }
  t.is(root.waiting, MOST_WAITERS);
  t.true(afterMs.every((ms) => ms >= 100 && ms <= 4_000));
  t.true((afterMs.at(-1) ?? 0) > (afterMs[0] ?? 0), "the longer the line, the later");
});

test("promises that lapse go to the first in line, without their asking again", (t) => {
  const root = new Root(2);
  root.fill();
  // So that the places lapse before those that wait do.
  root.tick(900);
  for (const id of ["a", "b", "c"]) t.is(root.where(id)?.kind, "refused");
  // Asking again costs nobody its turn.
  t.is(root.where("a")?.kind, "refused");
  const places = root.tick(100).filter(([, { kind }]) => kind === "place");
  t.deepEqual(
    places.map(([id]) => id),
    ["a", "b"],
  );
  t.is(root.waiting, 1);
});

test("one that did not hear of its place is told the same again", (t) => {
  const root = new Root(2);
  const first = root.where("a");
  t.deepEqual(root.where("a"), first);
  t.is(root.where("b")?.kind, "place");
  t.is(root.where("c")?.kind, "refused", "one place is promised to each, once");
});

test("who waits too long is forgotten, and takes nobody's place", (t) => {
  const root = new Root(2);
  root.fill();
  root.where("gone");
  root.tick(900);
  root.where("later");
  const places = root.tick(200).filter(([, { kind }]) => kind === "place");
  t.deepEqual(
    places.map(([id]) => id),
    ["later"],
  );
});

test("leaves wait in a line of their own: superpeers that wait do not keep them out", (t) => {
  const root = new Root(1);
  t.is(root.where("a")?.kind, "place", "a new cell");
  t.is(root.where("b")?.kind, "refused");
  t.is(root.where("leaf", "leaf")?.kind, "place");
  t.is(root.where("leaf2", "leaf")?.kind, "refused");
});

test("a thousand peers that start together join in two seconds, with one refusal each and a half", (t) => {
  const count = 1_000;
  const wheres: Delivery[] = [];
  const simulation = startPeers({
    seed: 3,
    peers: count,
    delivered: (letter) => void (letter.message.kind === "where" && wheres.push(letter)),
  });
  const tookMs = untilQuiet(simulation, 3_000);
  t.is(typeof tookMs, "number", faultsOf(simulation).slice(0, 5).join("\n"));
  t.true(Number(tookMs) <= 2_000, `${String(tookMs)} ms`);
  const refused = simulation.delivered.get("refused") ?? 0;
  t.true(refused <= 1.5 * count, `${refused} refusals`);
});

test("a peer that was refused waits as long as it was told, and no longer than five seconds", (t) => {
  for (const [afterMs, leastMs, mostMs] of [
    [800, 600, 1_100],
    [1e9, 3_700, 6_400],
  ] as const) {
    const machine = new P3Machine({
      ref: ref("a"),
      role: "superpeer",
      random: seededRandom(2),
      settings: { ...P3_DEFAULTS, seeds: [ref("root")], mayFound: false },
    });
    const questIn = (effects: ReturnType<P3Machine["step"]>): number | undefined => {
      for (const effect of effects)
        if (effect.kind === "send" && effect.message.kind === "where") return effect.message.quest;
      return undefined;
    };
    const quest = questIn(machine.step({ kind: "join" }, 0)) ?? 0;
    machine.step(
      {
        kind: "message",
        from: ref("root"),
        message: { kind: "refused", quest, reason: "busy", afterMs },
      },
      1,
    );
    let nowMs = 0;
    for (let again: number | undefined; again === undefined && nowMs < 10_000; nowMs += 100)
      again = questIn(machine.step({ kind: "tick" }, nowMs + 1));
    t.true(nowMs >= leastMs && nowMs <= mostMs, `asked again after ${nowMs} ms, told ${afterMs}`);
  }
});

test("of an answer to one's own request that comes late, or twice, nobody is blamed", (t) => {
  const blamed = new Set<string>();
  for (let seed = 1; seed <= 100; seed++) {
    const simulation = startPeers({
      seed,
      peers: 1,
      // Later than a request is sent again.
      network: { ...QUIET_NETWORK, lateChance: 0.5, lateMs: 400, duplicateChance: 0.2 },
      // So late a heartbeat is no sign of death.
      settings: { detector: { ...P3_DEFAULTS.detector, leastDeviationMs: 1_000 } },
      heard: (_, event) => {
        if (event.kind === "rejected" && event.reason === "not asked for")
          blamed.add(event.message);
      },
    });
    simulation.start("late", "superpeer", { mayFound: false });
    simulation.run(3_000);
  }
  t.deepEqual([...blamed], []);
});

test("a heartbeat that overtakes the welcome of its sender is not told that it strays", (t) => {
  const root = ref("root");
  const machine = new P3Machine({
    ref: ref("a"),
    role: "superpeer",
    random: seededRandom(2),
    settings: { ...P3_DEFAULTS, seeds: [root], mayFound: false },
  });
  const sentAt = (nowMs: number, from: PeerRef, message: Message): readonly Message[] =>
    machine
      .step({ kind: "message", from, message }, nowMs)
      .flatMap((effect) => (effect.kind === "send" ? [effect.message] : []));
  const [where] = machine
    .step({ kind: "join" }, 0)
    .flatMap((effect) => (effect.kind === "send" ? [effect.message] : []));
  const quest = where?.kind === "where" ? where.quest : 0;
  const place: Message = { kind: "place", quest, cell: "11", isNew: true, binder: root };
  t.deepEqual(
    sentAt(1, root, place).map(({ kind }) => kind),
    ["bind"],
  );
  const beats: readonly Message[] = [
    { kind: "parent-beat", cell: "11", version: 1, root, kin: undefined },
    {
      kind: "coordinator-beat",
      cell: "1",
      epoch: 1,
      entryVersion: 1,
      root,
      around: undefined,
    },
  ];
  for (const beat of beats) {
    t.deepEqual(sentAt(2, root, beat), [], beat.kind);
    t.deepEqual(
      sentAt(2, ref("stranger"), beat).map(({ kind }) => kind),
      ["stray"],
      beat.kind,
    );
  }
});
