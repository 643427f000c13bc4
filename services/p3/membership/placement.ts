import {
  type CellRecord,
  countOf,
  memberOf,
  type PeerId,
  type PeerRef,
  type Role,
} from "../../overlay/index.ts";
import type { Joiner } from "../message.ts";
import { levelAt, type P3Settings, roomFor } from "../settings.ts";
import { type CellId, childOf, LARGEST_DEPTH, ROOT_CELL } from "../state/cell-id.ts";
import type { Directory, Key } from "../state/directory.ts";
import { placeKey, type Portal } from "../state/portal.ts";
import type { Promises } from "../state/promises.ts";
import type { State } from "../state/state.ts";

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
  directory: Directory,
  portal: Portal,
  { settings, turn }: Pick<State, "settings" | "turn">,
  applicant: Applicant,
): Place | "busy" | "full" {
  const { joiner, role, height } = applicant;
  const { promised, openings } = portal;
  if (joiner === "peer") {
    const open = openings.first(role, (key) => hasRoom(directory, promised, settings, key, role));
    if (open !== undefined)
      return { cell: ROOT_CELL + open, isNew: false, binder: coordinatorOf(directory.get(open)) };
  }
  // A cell that joins must not be put beneath itself: what it was here is not looked at.
  const formerly = joiner === "cell" ? directory.cellOf(applicant.id) : undefined;
  const parent = openings.first(
    "child",
    (key) => freeChild(directory, promised, settings, key) !== undefined,
    (key) =>
      key.length + 1 + height <= LARGEST_DEPTH &&
      (formerly === undefined || !key.startsWith(formerly)),
  );
  // A leaf founds no cell: it waits for a superpeer to.
  if (parent === undefined || (joiner === "peer" && role !== "superpeer"))
    return promised.count > 0 ? "busy" : "full";
  // A cell under way will soon have room itself: the tree must not grow past it.
  if (joiner === "peer" && portal.hasNewAbove(parent.length + 1, turn.nowMs)) return "busy";
  const number = freeChild(directory, promised, settings, parent) ?? 1;
  return {
    cell: childOf(ROOT_CELL + parent, number),
    isNew: true,
    binder: coordinatorOf(directory.get(parent)),
  };
}

/** What a peer was promised and is still to be had. */
export function promisedPlace(
  directory: Directory,
  { promised }: Portal,
  id: PeerId,
): Place | undefined {
  const promise = promised.placeOf(id);
  if (promise === undefined) return undefined;
  const [key = "", what] = promise.split(":");
  const isNew = what === "new";
  const binder = directory.get(isNew ? key.slice(0, -1) : key);
  if (binder === undefined) return undefined;
  return { cell: ROOT_CELL + key, isNew, binder: coordinatorOf(binder) };
}

function hasRoom(
  directory: Directory,
  promised: Promises,
  settings: P3Settings,
  key: Key,
  role: Role,
): boolean {
  const record = directory.get(key);
  if (record === undefined) return false;
  const taken = countOf(record, role) + promised.countAt(placeKey(key, role, false));
  return taken < roomFor(levelAt(settings, key.length), role);
}

/** The lowest number of a child that is not there and was not promised, within the span of the cell's level. */
function freeChild(
  directory: Directory,
  promised: Promises,
  settings: P3Settings,
  key: Key,
): number | undefined {
  const { span } = levelAt(settings, key.length);
  // Most cells of a large tree are full: told by the count alone.
  if (directory.get(key) === undefined || directory.childCount(key) >= span) return undefined;
  for (let number = 1; number <= span; number++) {
    const child = key + number.toString(16);
    if (directory.get(child) === undefined && promised.countAt(placeKey(child, "", true)) === 0)
      return number;
  }
  return undefined;
}

function coordinatorOf(record: CellRecord | undefined): PeerRef {
  const entry = record === undefined ? undefined : memberOf(record, record.coordinator);
  if (entry === undefined) throw new TypeError("a cell's record without its coordinator");
  return entry.ref;
}
