import type { SimulatedPeer } from "./simulated-peer.ts";
import type { Simulation } from "./simulation.ts";

export const TROUBLES = ["kill", "unplug", "freeze", "leave", "partition"] as const;
export type Trouble = (typeof TROUBLES)[number];

/** A freeze or a partition lasts at most this long, milliseconds. */
export const LONGEST_TROUBLE_MS = 4_000;

/** Does something bad to a peer, or to the network; what passes ends by itself. */
export function makeTrouble(simulation: Simulation, trouble: Trouble, peer: SimulatedPeer): void {
  const { random, network } = simulation;
  const lengthMs = 200 + (LONGEST_TROUBLE_MS - 200) * random.number();
  switch (trouble) {
    case "kill":
      return simulation.kill(peer);
    case "unplug":
      return simulation.unplug(peer);
    case "freeze":
      simulation.freeze(peer);
      return simulation.after(lengthMs, () => simulation.thaw(peer));
    case "leave":
      return simulation.leave(peer);
    case "partition": {
      const sides = [...simulation.peers.keys()].map((id) => [id, random.uint32() & 1] as const);
      network.partition(new Map(sides));
      return simulation.after(lengthMs, () => network.partition(new Map()));
    }
  }
}

/** `count` troubles at random, each up to `gapMs` after the one before, to peers that live. */
export function makeTroubles(
  simulation: Simulation,
  {
    count,
    gapMs,
    kinds = TROUBLES,
  }: { readonly count: number; readonly gapMs: number; readonly kinds?: readonly Trouble[] },
): void {
  const { random } = simulation;
  for (let i = 0; i < count; i++) {
    const peers = simulation.staying;
    const peer = peers[Math.floor(random.number() * peers.length)];
    const trouble = kinds[Math.floor(random.number() * kinds.length)];
    if (peer === undefined || trouble === undefined || peers.length < 2) return;
    makeTrouble(simulation, trouble, peer);
    simulation.run(random.number() * gapMs);
  }
}
