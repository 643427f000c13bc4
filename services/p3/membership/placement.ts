import { type CellId, childOf, LARGEST_DEPTH, LARGEST_SPAN } from "../state/cell-id.ts";
import type { Directory, Key } from "../state/directory.ts";
import type { Joiner } from "../message.ts";
import {
  type CellRecord,
  countOf,
  memberOf,
  type PeerId,
  type PeerRef,
  type Role,
} from "../../overlay/index.ts";
import type { Promises } from "../state/promises.ts";
import { levelAt, type P3Settings, roomFor } from "../settings.ts";

/** Who wants a place. */
export interface Applicant {
  readonly id: PeerId;
  readonly joiner: Joiner;
  readonly role: Role;
  /** Levels beneath a cell that joins. */
  readonly height: number;
}

export interface Place {
  readonly cell: CellId;
  readonly isNew: boolean;
  readonly binder: PeerRef;
}

/**
 * Where the root sends an applicant: the shallowest cell with room, else a new cell under the shallowest with a
 * child to spare. "busy": there is none now, but cells are being made. "full": the tree takes no more.
 */
export function choosePlace(
  root: CellId,
  directory: Directory,
  promised: Promises,
  settings: P3Settings,
  applicant: Applicant,
): Place | "busy" | "full" {
  // A cell that joins must not be put beneath itself: what it was here is not looked at.
  const formerly = applicant.joiner === "cell" ? directory.cellOf(applicant.id) : undefined;
  let open: Key | undefined;
  let parent: Key | undefined;
  for (const [key, record] of directory.cells) {
    if (formerly !== undefined && key.startsWith(formerly)) continue;
    const depth = root.length - 1 + key.length;
    const level = levelAt(settings, depth);
    if (applicant.joiner === "peer" && (open === undefined || key.length < open.length)) {
      const taken = countOf(record, applicant.role) + promised.countAt(`${key}:${applicant.role}`);
      if (taken < roomFor(level, applicant.role)) open = key;
    }
    if (
      (parent === undefined || key.length < parent.length) &&
      depth + 1 + applicant.height <= LARGEST_DEPTH &&
      freeChild(directory, promised, key, level.span) !== undefined
    )
      parent = key;
  }
  if (open !== undefined)
    return { cell: root + open, isNew: false, binder: coordinatorOf(directory.get(open)) };
  // A leaf founds no cell: it waits for a superpeer to.
  if (parent === undefined || (applicant.joiner === "peer" && applicant.role !== "superpeer"))
    return promised.count > 0 ? "busy" : "full";
  // A cell under way will soon have room itself: the tree must not grow past it.
  if (applicant.joiner === "peer" && promised.hasNewAbove(parent.length + 1)) return "busy";
  const number = freeChild(directory, promised, parent, LARGEST_SPAN) ?? 1;
  return {
    cell: childOf(root + parent, number),
    isNew: true,
    binder: coordinatorOf(directory.get(parent)),
  };
}

/** What a promise of that place is kept under. */
export function promiseKey(root: CellId, place: Place, role: Role): string {
  const key = place.cell.slice(root.length);
  return place.isNew ? `${key}:new` : `${key}:${role}`;
}

/** The lowest number that no child has and none was promised, within `span`. */
export function freeChild(
  directory: Directory,
  promised: Promises,
  key: Key,
  span: number,
): number | undefined {
  // Most cells of a large tree are full: told by the count alone.
  if (directory.childCount(key) >= span) return undefined;
  for (let number = 1; number <= span; number++) {
    const child = key + number.toString(16);
    if (directory.get(child) === undefined && promised.countAt(`${child}:new`) === 0) return number;
  }
  return undefined;
}

function coordinatorOf(record: CellRecord | undefined): PeerRef {
  const entry = record === undefined ? undefined : memberOf(record, record.coordinator);
  if (entry === undefined) throw new TypeError("a cell's record without its coordinator");
  return entry.ref;
}
