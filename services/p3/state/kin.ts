import {
  type CellRecord,
  memberOf,
  type PeerId,
  type PeerRef,
  superpeersOf,
} from "../../overlay/index.ts";
import { type Kin, NO_KIN, type Surroundings } from "../message.ts";
import type { Key } from "./directory.ts";
import type { Cell, Coordinator } from "./state.ts";

/** Siblings named to a child at most. */
const SIBLINGS = 4;

/** Whom a child cell can turn to when this peer dies. */
export function kinForChild(cell: Cell, seat: Coordinator, child: PeerId): Kin {
  const own = cell.directory.get("");
  if (own === undefined) return NO_KIN;
  const parents = superpeersOf(own);
  const siblings = [...seat.children.values()]
    .filter(({ ref }) => ref.id !== child)
    .slice(0, SIBLINGS)
    .map(({ ref }) => ref);
  return { parents, siblings, roots: seat.up.at === "root" ? parents : cell.kin.roots };
}

/** Whether both name the same peers: what is known already is kept, for it is told again and again. */
export function sameKin(a: Kin, b: Kin): boolean {
  return (
    a === b ||
    (sameRefs(a.parents, b.parents) &&
      sameRefs(a.siblings, b.siblings) &&
      sameRefs(a.roots, b.roots))
  );
}

function sameRefs(a: readonly PeerRef[], b: readonly PeerRef[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ id, address }, i) => id === b[i]?.id && address === b[i].address)
  );
}

/** What a child's coordinator has to know. */
export function surroundingsOfChild(
  cell: Cell,
  seat: Coordinator,
  self: PeerRef,
  child: PeerId,
): Surroundings {
  return { parent: self, root: cell.root, kin: kinForChild(cell, seat, child), mates: [] };
}

/** What a member has to know besides the directory; one that keeps no directory also the cell's superpeers. */
export function surroundings(cell: Cell, seat: Coordinator, keepsState: boolean): Surroundings {
  const { parent, root, kin } = cell;
  const own = cell.directory.get("");
  const isRoot = seat.up.at === "root";
  const mates = own === undefined ? [] : superpeersOf(own);
  return {
    parent: isRoot ? undefined : parent,
    root,
    kin: isRoot ? { ...kin, roots: mates } : kin,
    mates: keepsState ? [] : mates,
  };
}

/** Whether `id` is of the cell that this peer follows in: for a leaf, whether it is one of its superpeers. */
export function isMate(cell: Cell, id: PeerId): boolean {
  const own = cell.directory.get("");
  return own === undefined
    ? cell.mates.some((mate) => mate.id === id)
    : memberOf(own, id) !== undefined;
}

/** The child cell that has that peer. */
export function childWith(
  cell: Cell,
  id: PeerId,
): readonly [digit: Key, record: CellRecord] | undefined {
  for (const child of cell.directory.children())
    if (memberOf(child[1], id) !== undefined) return child;
  return undefined;
}
