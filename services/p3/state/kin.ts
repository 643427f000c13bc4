import { type Kin, NO_KIN, type Surroundings } from "../message.ts";
import { memberOf, type PeerId, superpeersOf } from "../../overlay/index.ts";
import type { Cell, Coordinator } from "./state.ts";

/** Siblings named to a child at most. */
const SIBLINGS = 4;

/** Whom a child cell can turn to when this peer dies. */
export function kinForChild(cell: Cell, seat: Coordinator, child: PeerId): Kin {
  const own = cell.directory.get("");
  if (own === undefined) return NO_KIN;
  const parents = superpeersOf(own);
  const siblings = [...seat.children.values()]
    .filter(({ link }) => link.ref.id !== child)
    .slice(0, SIBLINGS)
    .map(({ link }) => link.ref);
  return { parents, siblings, roots: seat.up.at === "root" ? parents : cell.kin.roots };
}

/** What a member has to know besides the directory. */
export function surroundings(cell: Cell, seat: Coordinator): Surroundings {
  const { parent, root, kin } = cell;
  const own = cell.directory.get("");
  const isRoot = seat.up.at === "root";
  // A leaf keeps no directory: the peers that may claim to be its coordinator are told as roots' kin are.
  const roots = isRoot && own !== undefined ? superpeersOf(own) : kin.roots;
  return { parent: isRoot ? undefined : parent, root, kin: { ...kin, roots } };
}

/** Whether `id` is a superpeer of the cell that this peer follows in. */
export function isMate(cell: Cell, id: PeerId): boolean {
  const own = cell.directory.get("");
  // A leaf has no directory; it takes whoever its cell's members could be.
  return own === undefined || memberOf(own, id)?.role === "superpeer";
}
