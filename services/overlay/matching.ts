import type { AttributeValue, PeerEntry } from "./peer.ts";
import type { Found, Query, Wanted } from "./port.ts";

type Attributes = Readonly<Record<string, AttributeValue>>;

/** Whether attributes are as wanted: equal, or numbers within the range. */
export function matches(
  attributes: Attributes | undefined,
  wanted: Readonly<Record<string, Wanted>> | undefined,
): boolean {
  return Object.entries(wanted ?? {}).every(([name, want]) => {
    const value = attributes?.[name];
    if (typeof want !== "object") return value === want;
    const { least = -Infinity, most = Infinity } = want;
    return typeof value === "number" && value >= least && value <= most;
  });
}

/** The services of one peer that a question is after. A peer's own attributes stand in for those a service lacks. */
export function servicesOf(
  entry: PeerEntry,
  query: Extract<Query, { of: "service" }>,
): readonly Found[] {
  return entry.services
    .filter(
      ({ name, instance, attributes }) =>
        name === query.name &&
        (query.instance === undefined || instance === query.instance) &&
        matches({ ...entry.attributes, ...attributes }, query.attributes),
    )
    .map((service) => ({ peer: entry.ref, service }));
}

/** Whether a peer is one that a question for peers may be answered with; its level is the asker's affair. */
export function isWanted(entry: PeerEntry, query: Extract<Query, { of: "peer" }>): boolean {
  return (
    (query.role === undefined || entry.role === query.role) &&
    query.except?.includes(entry.ref.id) !== true &&
    matches(entry.attributes, query.attributes)
  );
}
