import {
  type CellRecord,
  type Found,
  isWanted,
  type PeerEntry,
  type Query,
  servicesOf,
} from "../../overlay/index.ts";
import type { Directory } from "../state/directory.ts";

/** What a directory has for a question; `base` is the depth of the cell that keeps it. */
export function search(directory: Directory, base: number, query: Query): readonly Found[] {
  if (query.of === "service")
    return [...directory.cellsWith(query.name)].flatMap((key) =>
      (directory.get(key)?.members ?? [])
        // One that moved may still be told where it was.
        .filter(({ ref }) => directory.cellOf(ref.id) === key)
        .flatMap((entry) => servicesOf(entry, query)),
    );
  const entries: PeerEntry[] = [];
  for (const [key, record] of directory.cells) {
    if (query.level !== undefined && base + key.length !== query.level) continue;
    for (const entry of record.members)
      if (directory.cellOf(entry.ref.id) === key && isWanted(entry, query)) entries.push(entry);
  }
  return entries
    .toSorted((a, b) => a.services.length - b.services.length)
    .slice(0, query.count)
    .map(({ ref }) => ({ peer: ref, service: undefined }));
}

/** Whether what was found settles the question where the rest of the tree is not known. */
export function suffices(query: Query, found: readonly Found[]): boolean {
  return query.of === "service" ? found.length > 0 : found.length >= query.count;
}

/** Services of a cell that another state of it no longer has, by name. */
export function lostServices(
  before: CellRecord | undefined,
  after: CellRecord | undefined,
): ReadonlySet<string> {
  const kept = new Set(
    (after?.members ?? []).flatMap(({ services }) => services.map(({ reference }) => reference)),
  );
  return new Set(
    (before?.members ?? []).flatMap(({ services }) =>
      services.filter(({ reference }) => !kept.has(reference)).map(({ name }) => name),
    ),
  );
}
