import type { AttributeValue, KnownCell } from "../overlay/index.ts";

/** Attributes of a peer's entry: where its groups and its ORB are reached, its name, its zone and its load. */
export const GROUPS_ATTRIBUTE = "groups";
const ORB_ATTRIBUTE = "orb";
const NAME_ATTRIBUTE = "peer";
const ZONE_ATTRIBUTE = "zone";
const LOAD_ATTRIBUTE = "load";

/** A peer that a replica can be at. */
export interface SitePlace {
  readonly name: string;
  /** `HOST:PORT` of its ORB. */
  readonly orb: string;
}

interface Candidate extends SitePlace {
  readonly address: string;
  readonly zone: AttributeValue | undefined;
  readonly load: number;
  readonly services: number;
}

/**
 * Peers without a replica, the best first: those in zones that have none, then the least loaded, then those with the
 * fewest services.
 * @param taken addresses of the hosts of groups that have one
 */
export function sitesIn(
  tree: readonly KnownCell[],
  taken: ReadonlySet<string>,
): readonly SitePlace[] {
  const candidates = tree.flatMap(({ members }) =>
    members.flatMap(({ attributes, services }): readonly Candidate[] => {
      const address = attributes[GROUPS_ATTRIBUTE];
      const orb = attributes[ORB_ATTRIBUTE];
      if (typeof address !== "string" || typeof orb !== "string") return [];
      const name = attributes[NAME_ATTRIBUTE];
      const load = attributes[LOAD_ATTRIBUTE];
      return [
        {
          name: String(name ?? address),
          orb,
          address,
          zone: attributes[ZONE_ATTRIBUTE],
          load: typeof load === "number" ? load : 0,
          services: services.length,
        },
      ];
    }),
  );
  const zones = new Set(
    candidates.filter(({ address }) => taken.has(address)).map(({ zone }) => zone),
  );
  const isCrowded = ({ zone }: Candidate): number =>
    zone !== undefined && zones.has(zone) ? 1 : 0;
  return candidates
    .filter(({ address }) => !taken.has(address))
    .toSorted((a, b) => isCrowded(a) - isCrowded(b) || a.load - b.load || a.services - b.services)
    .map(({ name, orb }) => ({ name, orb }));
}
