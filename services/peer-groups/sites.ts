import { availableParallelism, loadavg } from "node:os";
import type { Clock, Timer } from "../../orb/base/index.ts";
import type { Answer, AttributeValue, Discovery, Found, Query } from "../overlay/index.ts";

/** Under this name each peer that replicas can be at is found; the instance is the peer's id. */
const SITE_SERVICE = "orbweaver.replica-site";
/** Peers that are looked at for one replica. */
const MOST_SITES = 64;
/** Milliseconds between two looks at the host's load, and what must have changed to be told. */
const LOAD_MS = 5_000;
const LOAD_STEP = 0.1;

/** A peer that a replica can be at. */
export interface SitePlace {
  readonly name: string;
  /** `HOST:PORT` of its ORB. */
  readonly orb: string;
}

/** What such a peer tells of itself. */
export interface SiteCard extends SitePlace {
  /** Where its groups are reached. */
  readonly groups: string;
  readonly zone: AttributeValue | undefined;
  /** Of its host: 1 and more where all cores are busy. */
  readonly load: number;
}

export interface SiteNoticeOptions {
  readonly discovery: Discovery;
  /** The peer's id. */
  readonly instance: string;
  readonly card: Omit<SiteCard, "load">;
  /** Where the operator says it; else that of the host, as it changes. */
  readonly load: AttributeValue | undefined;
  readonly clock: Clock;
}

/** Makes known that replicas can be at this peer. */
export class SiteNotice implements Disposable {
  readonly #options: SiteNoticeOptions;
  #timer: Timer | undefined;
  #told = Number.NaN;

  constructor(options: SiteNoticeOptions) {
    this.#options = options;
    this.#look();
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
    this.#options.discovery.withdraw(SITE_SERVICE, this.#options.instance);
  }

  #look(): void {
    const { load: fixed, clock } = this.#options;
    const load = typeof fixed === "number" ? fixed : hostLoad();
    if (!(Math.abs(load - this.#told) < LOAD_STEP)) this.#tell(load);
    if (typeof fixed === "number") return;
    this.#timer = clock.timer(LOAD_MS, () => this.#look());
    this.#timer.unref();
  }

  #tell(load: number): void {
    const { discovery, instance, card } = this.#options;
    const { name, orb, groups, zone } = card;
    this.#told = load;
    discovery.publish({
      name: SITE_SERVICE,
      instance,
      reference: `corbaloc::${orb}/Peer`,
      attributes: { name, orb, groups, load, ...(zone === undefined ? {} : { zone }) },
    });
  }
}

function hostLoad(): number {
  const [lastMinute = 0] = loadavg();
  return Math.round((lastMinute / availableParallelism()) * 10) / 10;
}

/** All peers of the overlay that replicas can be at, wherever in the tree; those with the fewest services first. */
export async function findSites(discovery: Discovery): Promise<readonly SiteCard[]> {
  // So many are not there: the question goes up to the root, which knows all.
  const peers = await foundBy(discovery, { of: "peer", count: MOST_SITES });
  const found = await Promise.all(
    peers.map(({ peer }) =>
      foundBy(discovery, { of: "service", name: SITE_SERVICE, instance: peer.id }),
    ),
  );
  return found.flat().flatMap((one) => cardOf(one) ?? []);
}

async function foundBy(discovery: Discovery, query: Query): Promise<readonly Found[]> {
  const answer = await new Promise<Answer>((resolve) => discovery.ask(query, resolve));
  return answer.kind === "found" ? answer.found : [];
}

function cardOf({ service }: Found): SiteCard | undefined {
  const { name, orb, groups, zone, load } = service?.attributes ?? {};
  if (typeof orb !== "string" || typeof groups !== "string") return undefined;
  return {
    name: String(name ?? orb),
    orb,
    groups,
    zone,
    load: typeof load === "number" ? load : 0,
  };
}

/**
 * Peers without a replica, the best first: those in zones that have none, then the least loaded, then as they were found.
 * @param taken addresses of the hosts of groups that have one
 */
export function bestSites(
  sites: readonly SiteCard[],
  taken: ReadonlySet<string>,
): readonly SiteCard[] {
  const zones = new Set(sites.filter(({ groups }) => taken.has(groups)).map(({ zone }) => zone));
  const isCrowded = ({ zone }: SiteCard): number => (zone !== undefined && zones.has(zone) ? 1 : 0);
  return sites
    .filter(({ groups }) => !taken.has(groups))
    .toSorted((a, b) => isCrowded(a) - isCrowded(b) || a.load - b.load);
}
