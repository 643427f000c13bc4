/** Unique among all processes that ever were: a new one for each start. Compared as text. */
export type PeerId = string;

/** A peer and where it is reached; the address is the network's affair. */
export interface PeerRef {
  readonly id: PeerId;
  readonly address: string;
}

/** What a peer is in its cell: only superpeers keep the cell's state and can become its coordinator. */
export type Role = "superpeer" | "leaf" | "monitor";

export type AttributeValue = string | number;

/** A running service. */
export interface Service {
  readonly name: string;
  /** Tells instances of one name apart; the group's id for a replicated service. */
  readonly instance: string;
  /** How it is called: a stringified reference. */
  readonly reference: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

/** What a peer tells of itself; each change has the next version. */
export interface PeerEntry {
  readonly ref: PeerRef;
  readonly role: Role;
  /** Incarnation and changes of this peer: the higher one is newer. */
  readonly version: number;
  readonly services: readonly Service[];
  /** Free resources and the like, for the place of launch. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** One cell: who speaks for it since which election, and its peers in the order they joined. */
export interface CellRecord {
  readonly epoch: number;
  readonly coordinator: PeerId;
  readonly members: readonly PeerEntry[];
}

export function memberOf(record: CellRecord | undefined, id: PeerId): PeerEntry | undefined {
  for (const member of record?.members ?? []) if (member.ref.id === id) return member;
  return undefined;
}

export function countOf(record: CellRecord, role: Role): number {
  let count = 0;
  for (const member of record.members) if (member.role === role) count++;
  return count;
}

/** Those that keep the cell's state, in the order they joined. */
export function superpeersOf(record: CellRecord): readonly PeerRef[] {
  return record.members.filter(({ role }) => role === "superpeer").map(({ ref }) => ref);
}

/** Whether both say the same: entries are compared by owner and version. */
export function sameRecord(a: CellRecord | undefined, b: CellRecord | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return (
    a.epoch === b.epoch &&
    a.coordinator === b.coordinator &&
    a.members.length === b.members.length &&
    a.members.every((one, i) => {
      const other = b.members[i];
      return one === other || (one.ref.id === other?.ref.id && one.version === other.version);
    })
  );
}
