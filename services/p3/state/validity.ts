import { memberOf, type PeerEntry, type PeerId } from "../../overlay/index.ts";
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
  return changes.every(([key, record]) => {
    if (depth + key.length > LARGEST_DEPTH || !VALID_KEY.test(key)) return false;
    if (record === undefined) return key !== "";
    if (key === "" && record.coordinator !== coordinator) return false;
    return (
      memberOf(record, record.coordinator) !== undefined &&
      Number.isSafeInteger(record.epoch) &&
      record.members.every(isValidEntry) &&
      isEachOnce(record.members)
    );
  });
}

/** Whether changes are a whole state: the cell's own record is among them. */
export function isWhole(changes: readonly Change[]): boolean {
  return changes.some(([key]) => key === "");
}

function isValidEntry({ ref, version }: PeerEntry): boolean {
  return ref.id !== "" && Number.isSafeInteger(version);
}

function isEachOnce(members: readonly PeerEntry[]): boolean {
  if (members.length < 2) return true;
  const [one, other] = members;
  // Most cells of a wide tree have two: no set is made for them.
  if (members.length === 2) return one?.ref.id !== other?.ref.id;
  return new Set(members.map(({ ref }) => ref.id)).size === members.length;
}
