import test from "ava";
import fc from "fast-check";
import type { PeerRef } from "../../../services/overlay/index.ts";
import type { Message } from "../../../services/p3/index.ts";
import { PAPER_PEERS, startPeers, untilQuiet } from "../../support/overlay/index.ts";
import type { Delivery, SimulatedPeer, Simulation } from "../../support/overlay/index.ts";
import { anyMessageOf } from "../p3-wire/messages.ts";

const RUNS = 150;
/** After the last bad message the tree is as it should be within this, milliseconds. */
const HEALED_MS = 6_000;

const STRANGERS: readonly PeerRef[] = ["x0", "x1", "x2"].map((id) => ({ id, address: id }));
const PEERS: readonly PeerRef[] = Array.from({ length: PAPER_PEERS }, (_, i) => ({
  id: `p${i}`,
  address: `p${i}`,
}));
const anyRef = fc.constantFrom(...STRANGERS, ...PEERS);
const anyCell = fc.constantFrom("1", "11", "12", "111", "112", "121", "122", "13", "1111", "2", "");

/** Something that should not have been said: by whom, to which peer, how long after the one before. */
interface Injection {
  readonly from: PeerRef;
  readonly to: number;
  readonly what: Forged | Message;
  readonly gapMs: number;
}

/** A message of this run, as if another one had sent it; its numbers are so much higher. */
interface Forged {
  readonly which: number;
  readonly more: number;
}

function injections(from: fc.Arbitrary<PeerRef>): fc.Arbitrary<readonly Injection[]> {
  const forged = fc.record({ which: fc.nat(), more: fc.constantFrom(-1, 0, 0, 1, 2, 100) });
  const injection = fc.record({
    from,
    to: fc.nat(PAPER_PEERS - 1),
    what: fc.oneof({ weight: 3, arbitrary: forged }, anyMessageOf(anyRef, anyCell)),
    gapMs: fc.nat(300),
  });
  return fc.array(injection, { maxLength: 25 });
}

const COUNTED = ["epoch", "version", "from", "to", "entryVersion"] as const;

/** The message of that letter in another one's name, wherever the sender is named. */
function forge({ from, message }: Delivery, as: PeerRef, more: number): Message {
  const text = JSON.stringify(message).replaceAll(`"${from.id}"`, `"${as.id}"`);
  const forged = JSON.parse(text) as Record<string, unknown>;
  for (const name of COUNTED)
    if (typeof forged[name] === "number" && (message.kind !== "where" || name !== "version"))
      forged[name] = Math.max(0, forged[name] + more);
  return forged as unknown as Message;
}

/** A tree of the paper that has had an election and a newcomer, with all that its peers said: one of each kind at least. */
function storied(seed: number): { simulation: Simulation; said: Map<string, Delivery[]> } {
  const said = new Map<string, Delivery[]>();
  const simulation = startPeers({
    seed,
    delivered: (letter) => {
      const { kind } = letter.message;
      const letters = said.get(kind) ?? [];
      said.set(kind, letters);
      if (letters.length < 50) letters.push(letter);
    },
  });
  untilQuiet(simulation, 3_000);
  simulation.kill(peerAt(simulation, PAPER_PEERS - 1));
  const coordinator = simulation.alive.find(
    ({ machine: { standing } }) => standing.at === "coordinator" && standing.up === "linked",
  );
  if (coordinator !== undefined) simulation.freeze(coordinator);
  simulation.run(1_000);
  if (coordinator !== undefined) simulation.thaw(coordinator);
  simulation.start("p18");
  untilQuiet(simulation, 3_000);
  return { simulation, said };
}

/** Says what is injected. */
function inject(
  simulation: Simulation,
  said: ReadonlyMap<string, readonly Delivery[]>,
  { from, to, what, gapMs }: Injection,
): void {
  const peer = peerAt(simulation, to);
  const kinds = [...said.values()];
  let message: Message | undefined;
  if ("kind" in what) message = what;
  else {
    const letters = kinds[what.which % kinds.length] ?? [];
    const letter = letters[Math.floor(what.which / kinds.length) % letters.length];
    if (letter !== undefined) message = forge(letter, from, what.more);
  }
  // What a neighbour says of its own state is believed: there is nobody else to ask.
  const isBelieved =
    ["feed", "snapshot", "claim"].includes(message?.kind ?? "") && isLink(peer, from.id);
  if (message !== undefined && !isBelieved && peer.state === "alive" && peer.ref.id !== from.id)
    simulation.step(peer, { kind: "message", from, message });
  simulation.run(gapMs);
}

function isLink({ machine: { cell } }: SimulatedPeer, id: string): boolean {
  const seat = cell?.seat;
  if (seat === undefined) return false;
  if (seat.at === "follower") return seat.coordinator.ref.id === id;
  const isAbove = seat.up.at === "linked" && seat.up.link.ref.id === id;
  return isAbove || seat.members.has(id) || seat.children.has(id);
}

function peerAt(simulation: Simulation, number: number): SimulatedPeer {
  const peer = simulation.peers.get(`p${number}`);
  if (peer === undefined) throw new Error(`no peer ${number}`);
  return peer;
}

test("nothing that strangers say, true messages in their name among it, changes where anybody stands", (t) => {
  fc.assert(
    fc.property(fc.nat(50), injections(fc.constantFrom(...STRANGERS)), (seed, all) => {
      const { simulation, said } = storied(seed);
      const standings = (): string =>
        JSON.stringify(simulation.alive.map(({ machine }) => machine.standing));
      const before = standings();
      for (const injection of all) inject(simulation, said, injection);
      // A stranger may have asked for a place and got it; that it is silent is found out.
      const healed = untilQuiet(simulation, 3_000);
      if (typeof healed !== "number") throw new Error(healed.slice(0, 5).join("\n"));
      return standings() === before;
    }),
    { numRuns: RUNS },
  );
  t.pass();
});

test("whatever peers say to each other in their own name, it is one tree again in the end", (t) => {
  fc.assert(
    fc.property(fc.nat(50), injections(anyRef), (seed, all) => {
      const { simulation, said } = storied(seed);
      for (const injection of all) inject(simulation, said, injection);
      const healed = untilQuiet(simulation, HEALED_MS);
      if (typeof healed !== "number") throw new Error(healed.slice(0, 5).join("\n"));
    }),
    { numRuns: RUNS },
  );
  t.pass();
});

test("messages that come again late, or to the wrong peer, do no lasting harm", (t) => {
  const again = fc.record({
    which: fc.nat(),
    to: fc.option(fc.nat(PAPER_PEERS - 1)),
    gapMs: fc.nat(300),
  });
  fc.assert(
    fc.property(fc.nat(50), fc.array(again, { maxLength: 40 }), (seed, all) => {
      const letters: Delivery[] = [];
      const simulation = startPeers({ seed, delivered: (letter) => letters.push(letter) });
      simulation.run(200);
      for (const { which, to, gapMs } of all) {
        const letter = letters[which % Math.max(1, letters.length)];
        if (letter !== undefined) {
          const peer = to === null ? letter.to : peerAt(simulation, to);
          simulation.step(peer, { kind: "message", from: letter.from, message: letter.message });
        }
        simulation.run(gapMs);
      }
      const healed = untilQuiet(simulation, HEALED_MS);
      if (typeof healed !== "number") throw new Error(healed.slice(0, 5).join("\n"));
    }),
    { numRuns: RUNS },
  );
  t.pass();
});
