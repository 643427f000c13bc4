import type { PeerId } from "../../../services/overlay/index.ts";
import type { SimulatedPeer } from "./simulated-peer.ts";
import type { Simulation } from "./simulation.ts";

/** How often the watch looks, milliseconds. */
const LOOK_MS = 20;

/** What has to hold at every instant; milliseconds. */
export interface WatchBounds {
  /** A live peer without a way up to a root has one again within this. */
  readonly orphanMs: number;
  /** Whoever has had a way up for this long is known to that root as it is; and one that is dead as long is not. */
  readonly knownMs: number;
  /** Two that both coordinate a cell of one tree are one again within this. */
  readonly rivalsMs: number;
}

/**
 * Looks at a simulation all the while it runs, and notes what lasts longer than it may: peers without a way up to a
 * root, peers that their root does not know, cells with two coordinators.
 */
export class Watch {
  readonly faults: string[] = [];
  /** How long each peer that had lost its way up was without one, milliseconds. */
  readonly orphanedMs: number[] = [];
  readonly #simulation: Simulation;
  readonly #bounds: WatchBounds;
  readonly #lostAtMs: Map<PeerId, number> = new Map();
  readonly #strangeAtMs: Map<string, number> = new Map();

  constructor(simulation: Simulation, bounds: WatchBounds) {
    this.#simulation = simulation;
    this.#bounds = bounds;
    this.#look();
  }

  #look(): void {
    const simulation = this.#simulation;
    if (simulation.network.isPartitioned) {
      // Nothing has to hold across the cut; afterwards all times count anew.
      this.#lostAtMs.clear();
      this.#strangeAtMs.clear();
    } else {
      const peers = simulation.staying;
      const strange = new Set<string>();
      const coordinators = new Map<string, PeerId>();
      for (const peer of peers) this.#lookAt(peer, coordinators, strange);
      for (const what of this.#strangeAtMs.keys())
        if (!strange.has(what)) this.#strangeAtMs.delete(what);
    }
    simulation.after(LOOK_MS, () => this.#look());
  }

  #lookAt(peer: SimulatedPeer, coordinators: Map<string, PeerId>, strange: Set<string>): void {
    const { id } = peer.ref;
    const { machine } = peer;
    const root = rootOf(this.#simulation, peer);
    if (root === undefined) {
      this.#orphan(peer);
      return;
    }
    this.#found(id);
    const { cell } = machine;
    if (cell?.seat.at === "coordinator") {
      const key = `${root.ref.id} ${cell.id}`;
      const other = coordinators.get(key);
      coordinators.set(key, id);
      if (other !== undefined)
        this.#note(strange, `${id} and ${other} coordinate ${cell.id}`, this.#bounds.rivalsMs);
    }
    const directory = root.machine.cell?.directory;
    const key = directory?.cellOf(id);
    const entry =
      key === undefined ? undefined : directory?.get(key)?.members.find(({ ref }) => ref.id === id);
    if (entry?.version !== machine.self.version)
      this.#note(strange, `root ${root.ref.id} does not know ${id} as it is`, this.#bounds.knownMs);
    if (root !== peer) return;
    for (const known of directory?.peers ?? [])
      if (this.#simulation.peers.get(known)?.state === "dead")
        this.#note(strange, `root ${id} knows ${known}, which is dead`, this.#bounds.knownMs);
  }

  #note(strange: Set<string>, what: string, mostMs: number): void {
    const { nowMs } = this.#simulation;
    strange.add(what);
    const sinceMs = this.#strangeAtMs.get(what);
    if (sinceMs === undefined) this.#strangeAtMs.set(what, nowMs);
    else if (nowMs - sinceMs > mostMs) {
      this.faults.push(`at ${nowMs}: ${what} since ${sinceMs}`);
      this.#strangeAtMs.set(what, Infinity);
    }
  }

  #orphan(peer: SimulatedPeer): void {
    const { nowMs } = this.#simulation;
    const { id } = peer.ref;
    const lostAtMs = this.#lostAtMs.get(id);
    if (lostAtMs === undefined) this.#lostAtMs.set(id, nowMs);
    else if (nowMs - lostAtMs > this.#bounds.orphanMs && lostAtMs >= 0) {
      const { standing } = peer.machine;
      this.faults.push(
        `at ${nowMs}: ${id} is an orphan since ${lostAtMs}: ${JSON.stringify(standing)}`,
      );
      this.#lostAtMs.set(id, -Infinity);
    }
  }

  #found(id: PeerId): void {
    const lostAtMs = this.#lostAtMs.get(id);
    if (lostAtMs === undefined) return;
    this.#lostAtMs.delete(id);
    if (lostAtMs >= 0) this.orphanedMs.push(this.#simulation.nowMs - lostAtMs);
  }
}

/** The root that a peer's links lead up to, each of which the other end must agree to; undefined when there is none. */
export function rootOf(simulation: Simulation, peer: SimulatedPeer): SimulatedPeer | undefined {
  let at: SimulatedPeer = peer;
  for (let hops = 0; hops <= simulation.peers.size; hops++) {
    const seat = at.machine.cell?.seat;
    if (seat?.at === "coordinator" && seat.up.at === "root") return at;
    const above = aboveOf(at);
    const next = above === undefined ? undefined : simulation.peers.get(above);
    if (next?.state !== "alive" || !knows(next, at.ref.id)) return undefined;
    at = next;
  }
  return undefined;
}

function aboveOf({ machine }: SimulatedPeer): PeerId | undefined {
  const seat = machine.cell?.seat;
  if (seat === undefined) return undefined;
  if (seat.at === "follower") return seat.coordinator.ref.id;
  return seat.up.at === "linked" ? seat.up.link.ref.id : undefined;
}

function knows({ machine }: SimulatedPeer, id: PeerId): boolean {
  const seat = machine.cell?.seat;
  return seat?.at === "coordinator" && (seat.members.has(id) || seat.children.has(id));
}
