import type { PeerId } from "../../../services/overlay/index.ts";
import type { SimulatedPeer } from "./simulated-peer.ts";
import type { Simulation } from "./simulation.ts";

/**
 * What is wrong with an overlay that should be quiet: one tree, one coordinator a cell, links that both ends agree
 * on, copies that are equal, nobody missing and nobody dead. Empty: all is well.
 */
export function faultsOf(simulation: Simulation): readonly string[] {
  const live = new Map<PeerId, SimulatedPeer>(
    simulation.staying.map((peer) => [peer.ref.id, peer]),
  );
  const faults: string[] = [];
  const roots: SimulatedPeer[] = [];
  const coordinators = new Map<string, PeerId>();
  for (const [id, peer] of live) {
    const { standing, cell } = peer.machine;
    if (cell === undefined) faults.push(`${id} is ${standing.at}`);
    else if (cell.seat.at === "follower") faults.push(...faultsOfFollower(peer, live));
    else {
      if (cell.seat.up.at === "root") roots.push(peer);
      const other = coordinators.get(cell.id);
      if (other !== undefined) faults.push(`${id} and ${other} coordinate cell ${cell.id}`);
      coordinators.set(cell.id, id);
      faults.push(...faultsOfCoordinator(peer, live));
    }
  }
  if (roots.length !== 1 && live.size > 0)
    faults.push(`${roots.length} roots: ${roots.map(({ ref }) => ref.id).join(", ")}`);
  for (const root of roots) faults.push(...faultsOfRoot(root, live));
  return faults;
}

type Live = ReadonlyMap<PeerId, SimulatedPeer>;

function faultsOfFollower(peer: SimulatedPeer, live: Live): readonly string[] {
  const { machine, ref } = peer;
  const { cell, self } = machine;
  if (cell?.seat.at !== "follower") return [];
  const faults: string[] = [];
  const there = live.get(cell.seat.coordinator.ref.id)?.machine.cell;
  if (there?.seat.at !== "coordinator" || !there.seat.members.has(ref.id))
    return [`${ref.id} follows ${cell.seat.coordinator.ref.id}, which does not know it`];
  if (there.id !== cell.id)
    faults.push(`${ref.id} is in ${cell.id}, its coordinator in ${there.id}`);
  if (
    self.role === "superpeer" &&
    there.directory.changesTo("", cell.directory.snapshot()).length > 0
  )
    faults.push(`${ref.id} has another state of ${cell.id} than its coordinator`);
  return faults;
}

function faultsOfCoordinator(peer: SimulatedPeer, live: Live): readonly string[] {
  const { cell } = peer.machine;
  const { id } = peer.ref;
  if (cell?.seat.at !== "coordinator") return [];
  const { seat } = cell;
  const faults: string[] = [];
  const own = cell.directory.get("");
  if (own?.coordinator !== id) faults.push(`${id} coordinates ${cell.id}, its record says another`);
  if (own?.members.length !== seat.members.size + 1)
    faults.push(
      `${id} has ${seat.members.size} links in ${cell.id} for ${own?.members.length} members`,
    );
  if (seat.up.at === "root") {
    if (cell.id !== "1") faults.push(`root ${id} is in ${cell.id}`);
    return faults;
  }
  if (seat.up.at !== "linked") return [...faults, `${id} of ${cell.id} is ${seat.up.at}`];
  const above = live.get(seat.up.link.ref.id)?.machine.cell;
  const link = above?.seat.at === "coordinator" ? above.seat.children.get(id) : undefined;
  if (above === undefined || link === undefined)
    return [
      ...faults,
      `${id} of ${cell.id} has a parent ${seat.up.link.ref.id} that does not know it`,
    ];
  if (above.id + link.digit !== cell.id)
    faults.push(`${id} is in ${cell.id}, its parent says ${above.id + link.digit}`);
  const missing = above.directory.changesTo(link.digit, cell.directory.snapshot());
  if (missing.length > 0) faults.push(`parent of ${cell.id} misses ${missing.length} changes`);
  return faults;
}

/** The root knows exactly those that live, so every name of a live peer is found from everywhere. */
function faultsOfRoot(root: SimulatedPeer, live: Live): readonly string[] {
  const known = root.machine.cell?.directory;
  const faults: string[] = [];
  for (const [id, { machine }] of live) {
    const key = known?.cellOf(id);
    if (key === undefined) {
      faults.push(`the root does not know ${id}`);
      continue;
    }
    const entry = known?.get(key)?.members.find(({ ref }) => ref.id === id);
    if (entry?.version !== machine.self.version) faults.push(`the root knows an old ${id}`);
  }
  for (const id of known?.peers ?? [])
    if (!live.has(id)) faults.push(`the root knows ${id}, which is gone`);
  return faults;
}
