import test from "ava";
import { seededRandom, TestClock } from "../../../orb/base/index.ts";
import {
  type Answer,
  type Overlay,
  type OverlayEvent,
  type PeerRef,
  type Query,
  StaticOverlay,
} from "../../../services/overlay/index.ts";
import { P3_DEFAULTS, P3Overlay } from "../../../services/p3/index.ts";

const PEERS: readonly PeerRef[] = ["a", "b", "c", "d"].map((id) => ({ id, address: `host-${id}` }));
const DELAY_MS = 1;
const { heartbeatMs, detector } = P3_DEFAULTS;

type Subject = Overlay & Disposable & { broken(peer: PeerRef): void };

/** How an overlay is made: `deliver` brings a call to the peer of an id, later. */
type Make = (
  self: PeerRef,
  clock: TestClock,
  deliver: (to: PeerRef, receive: (peer: Subject) => void) => void,
) => Subject;

const MAKERS: Readonly<Record<string, Make>> = {
  static: (self, clock, deliver) =>
    new StaticOverlay({
      self,
      peers: PEERS,
      heartbeatMs,
      detector,
      clock,
      send: (to, message) => deliver(to, (peer) => (peer as StaticOverlay).receive(self, message)),
    }),
  P3: (self, clock, deliver) =>
    new P3Overlay({
      ref: self,
      role: "superpeer",
      settings: {
        ...P3_DEFAULTS,
        levels: [{ span: 2, superpeers: PEERS.length, leaves: 0, monitors: 0 }],
        seeds: PEERS.slice(0, 2),
      },
      random: seededRandom(self.id.charCodeAt(0)),
      clock,
      send: (to, message) => deliver(to, (peer) => (peer as P3Overlay).receive(self, message)),
    }),
};

/** Four peers of one kind on one clock, joined. */
class Four implements Disposable {
  readonly clock = new TestClock();
  readonly peers: Map<string, Subject> = new Map();
  readonly heard: Map<string, OverlayEvent[]> = new Map();

  constructor(make: Make) {
    for (const ref of PEERS) {
      const peer = make(ref, this.clock, (to, receive) => {
        this.clock.timer(DELAY_MS, () => {
          const there = this.peers.get(to.id);
          if (there !== undefined && this.peers.has(ref.id)) receive(there);
        });
      });
      this.peers.set(ref.id, peer);
      const events: OverlayEvent[] = [];
      this.heard.set(ref.id, events);
      peer.watch((event) => events.push(event));
    }
    for (const peer of this.peers.values()) peer.membership.join();
    this.clock.advanceMs(5_000);
  }

  at(id: string): Subject {
    const peer = this.peers.get(id);
    if (peer === undefined) throw new Error(`no peer ${id}`);
    return peer;
  }

  /** The process ends without a word; its connections break when `isReset`. */
  kill(id: string, isReset: boolean): void {
    this.at(id)[Symbol.dispose]();
    this.peers.delete(id);
    const ref = PEERS.find((peer) => peer.id === id);
    if (isReset && ref !== undefined) for (const peer of this.peers.values()) peer.broken(ref);
  }

  coordinators(): readonly string[] {
    return [...this.peers].flatMap(([id, { membership }]) =>
      membership.standing().at === "coordinator" ? [id] : [],
    );
  }

  ask(id: string, query: Query): readonly Answer[] {
    const answers: Answer[] = [];
    this.at(id).discovery.ask(query, (answer) => answers.push(answer));
    this.clock.advanceMs(1_200);
    return answers;
  }

  [Symbol.dispose](): void {
    for (const peer of this.peers.values()) peer[Symbol.dispose]();
  }
}

/** The peers that the only answer names, in order. */
function found(answers: readonly Answer[]): readonly string[] | string {
  const [answer] = answers;
  if (answers.length !== 1 || answer?.kind !== "found") return JSON.stringify(answers);
  return answer.found.map(({ peer }) => peer.id).toSorted();
}

for (const [kind, make] of Object.entries(MAKERS)) {
  test(`${kind}: links are mutual, and hold all together`, (t) => {
    using four = new Four(make);
    const links = new Map(
      [...four.peers].map(([id, { membership }]) => [id, membership.links().map((ref) => ref.id)]),
    );
    const [coordinator = ""] = four.coordinators();
    for (const [id, linked] of links) {
      for (const other of linked) t.true(links.get(other)?.includes(id));
      t.is(linked.length, id === coordinator ? PEERS.length - 1 : 1);
    }
  });

  test(`${kind}: all are in one cell that they agree on, with one coordinator`, (t) => {
    using four = new Four(make);
    t.is(four.coordinators().length, 1);
    const orders = [...four.peers.values()].map(({ membership }) =>
      membership.cell().map(({ ref }) => ref.id),
    );
    for (const order of orders) t.deepEqual(order, orders[0]);
    t.deepEqual(orders[0]?.toSorted(), ["a", "b", "c", "d"]);
    const [coordinator] = four.coordinators();
    for (const { membership } of four.peers.values())
      t.deepEqual(membership.tree(), [{ cell: "1", coordinator, members: membership.cell() }]);
    for (const [id, { membership }] of four.peers)
      t.deepEqual(
        four.heard.get(id)?.findLast(({ kind }) => kind === "standing"),
        {
          kind: "standing",
          standing: membership.standing(),
        },
      );
  });

  test(`${kind}: a service is found by name, instance and ranges from everywhere, until it is withdrawn`, (t) => {
    using four = new Four(make);
    four.at("c").discovery.describe({ zone: "north", load: 3 });
    const service = { name: "doors", reference: "IOR:1", attributes: { speed: 7 } };
    four.at("c").discovery.publish({ ...service, instance: "1" });
    four.at("d").discovery.publish({ ...service, instance: "2", reference: "IOR:2" });
    four.clock.advanceMs(500);
    for (const id of four.peers.keys()) {
      const ask = (query: object): readonly string[] | string =>
        found(four.ask(id, { of: "service", name: "doors", ...query }));
      t.deepEqual(ask({ instance: "2" }), ["d"]);
      t.deepEqual(ask({ attributes: { speed: { least: 5, most: 7 }, zone: "north" } }), ["c"]);
      t.is(
        ask({ attributes: { speed: { least: 8 } } }),
        JSON.stringify([{ kind: "none", hops: hopsOf(four, id) }]),
      );
    }
    four.at("c").discovery.withdraw("doors", "1");
    four.clock.advanceMs(500);
    for (const id of four.peers.keys())
      t.deepEqual(found(four.ask(id, { of: "service", name: "doors" })), ["d"]);
  });

  for (const isReset of [true, false])
    test(`${kind}: a peer that dies ${isReset ? "with its connections" : "silently"} is gone from cell and answers within a second, the coordinator too`, (t) => {
      using four = new Four(make);
      for (const id of four.peers.keys())
        four.at(id).discovery.publish({ name: id, instance: "1", reference: `IOR:${id}` });
      four.clock.advanceMs(500);
      for (let left = 3; left >= 2; left--) {
        const [id] = four.coordinators();
        if (id === undefined) return t.fail("no coordinator");
        four.kill(id, isReset);
        four.clock.advanceMs(1_000);
        t.is(four.coordinators().length, 1);
        for (const [other, { membership }] of four.peers) {
          t.is(membership.cell().length, left);
          t.is(four.ask(other, { of: "service", name: id })[0]?.kind, "none");
        }
      }
    });

  test(`${kind}: one that leaves is gone at once and out for good`, (t) => {
    using four = new Four(make);
    const [id] = four.coordinators();
    if (id === undefined) return t.fail("no coordinator");
    const gone = four.at(id);
    gone.membership.leave();
    four.clock.advanceMs(200);
    t.deepEqual(gone.membership.standing(), { at: "left" });
    const { membership: left } = gone;
    t.deepEqual([left.cell(), left.tree()], [[], []]);
    gone.membership.join();
    t.deepEqual(gone.membership.standing(), { at: "left" });
    four.peers.delete(id);
    t.is(four.coordinators().length, 1);
    for (const { membership } of four.peers.values()) t.is(membership.cell().length, 3);
  });

  test(`${kind}: sites are the peers with the fewest services, without those excepted`, (t) => {
    using four = new Four(make);
    for (const [id, count] of [
      ["a", 2],
      ["b", 1],
    ] as const)
      for (let i = 0; i < count; i++)
        four.at(id).discovery.publish({ name: `s${i}`, instance: id, reference: `IOR:${id}${i}` });
    four.clock.advanceMs(500);
    const answers: Answer[] = [];
    four.at("b").faultTolerance.sites(2, ["c"], (answer) => answers.push(answer));
    four.clock.advanceMs(1_200);
    t.deepEqual(found(answers), ["b", "d"]);
  });

  test(`${kind}: suspicion of a neighbour grows while it is silent, and none is known of a stranger`, (t) => {
    using four = new Four(make);
    const [id] = four.coordinators();
    const other = PEERS.find((peer) => peer.id !== id)?.id ?? "";
    if (id === undefined) return t.fail("no coordinator");
    const { faultTolerance } = four.at(other);
    const before = faultTolerance.suspicion(id) ?? Number.NaN;
    four.kill(id, false);
    four.clock.advanceMs(100);
    t.true((faultTolerance.suspicion(id) ?? 0) > before);
    t.is(faultTolerance.suspicion("nobody"), undefined);
  });
}

/** Hops of a negative answer: a member asks its coordinator, unless it knows all itself. */
function hopsOf(four: Four, id: string): number {
  const { discovery, membership } = four.at(id);
  return discovery instanceof StaticOverlay || membership.standing().at === "coordinator" ? 0 : 1;
}
