import type { CellRecord, PeerEntry, PeerId } from "../../overlay/index.ts";
import { LARGEST_DEPTH } from "./cell-id.ts";
import type { Change } from "./directory.ts";

const VALID_KEY = /^[1-9a-f]*$/;

/**
 * Whether changes are ones that a coordinator in its right mind sends of its cell: keys of cells beneath one at `depth`,
 * records with their coordinator among the members, nobody twice in a cell, and the own record its own.
 */
export function areValid(
  changes: readonly Change[],
  { coordinator, depth }: { readonly coordinator: PeerId; readonly depth: number },
): boolean {
  for (const [key, record] of changes) {
    if (depth + key.length > LARGEST_DEPTH || !VALID_KEY.test(key)) return false;
    if (record === undefined) {
      if (key === "") return false;
    } else if (!isValidRecord(record) || (key === "" && record.coordinator !== coordinator))
      return false;
  }
  return true;
}

/** One pass over the members: every feed of every peer is looked at by each that hears it. */
function isValidRecord({ coordinator, epoch, members }: CellRecord): boolean {
  if (!Number.isSafeInteger(epoch)) return false;
  let isLed = false;
  for (const { ref, version } of members) {
    if (ref.id === "" || !Number.isSafeInteger(version)) return false;
    isLed ||= ref.id === coordinator;
  }
  return isLed && isEachOnce(members);
}

/** Whether changes are a whole state: the cell's own record is among them. */
export function isWhole(changes: readonly Change[]): boolean {
  return changes.some(([key]) => key === "");
}

function isEachOnce(members: readonly PeerEntry[]): boolean {
  if (members.length < 2) return true;
  const [one, other] = members;
  // Most cells of a wide tree have two: no set is made for them.
  if (members.length === 2) return one?.ref.id !== other?.ref.id;
  return new Set(members.map(({ ref }) => ref.id)).size === members.length;
}
