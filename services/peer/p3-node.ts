import { lookup } from "node:dns/promises";
import { type Clock, systemRandom } from "../../orb/base/index.ts";
import type { Logger } from "../../orb/index.ts";
import { MemoryVoterStore, type NamesEvent, type NamesNode } from "../names/index.ts";
import { LmdbVoterStore, openNames } from "../names-node/index.ts";
import type { PartState } from "../health/index.ts";
import { openPeer, type PeerNode } from "../p3-net/index.ts";
import type { NamingTable } from "./options.ts";
import type { OverlayTable } from "./overlay-options.ts";

/** The channel of the overlay that names are talked about on. */
const NAMES_CHANNEL = "names";

/**
 * Opens a peer of the tree of cells.
 * @throws RangeError, INITIALIZE, or Error for an endpoint that cannot be had
 */
export function openP3Node(
  settings: OverlayTable,
  logger: Logger,
  signal: AbortSignal,
): Promise<PeerNode> {
  const { span, superpeers, leaves, monitors, heartbeatMs, suspicionPhi, leastDeviationMs } =
    settings;
  const { mayFound, staggerMs, rebindMs, seekMs, graceMs, deadlineMs, cacheMs } = settings;
  return openPeer({
    host: settings.host,
    ...(settings.listenHost === undefined ? {} : { listenHost: settings.listenHost }),
    ports: {
      membership: settings.port,
      discovery: settings.discoveryPort,
      faultTolerance: settings.faultTolerancePort,
    },
    seeds: settings.seeds,
    ...(settings.multicast ? { multicast: {} } : {}),
    role: settings.role,
    settings: {
      levels: [{ span, superpeers, leaves, monitors }],
      mayFound,
      heartbeatMs,
      detector: { threshold: suspicionPhi, expectedMs: heartbeatMs, leastDeviationMs },
      staggerMs,
      rebindMs,
      seekMs,
      graceMs,
      deadlineMs,
      cacheMs,
    },
    stallPatienceMs: settings.stallPatienceMs,
    checksHosts: settings.checksHosts,
    logger,
    signal,
  });
}

/** `HOST:PORT,PORT,PORT` as the overlay prints it: with the host's address. @throws Error for a host that is not found */
async function resolvedPlace(place: string): Promise<string> {
  const at = place.lastIndexOf(":");
  const { address } = await lookup(place.slice(0, at).replaceAll(/[[\]]/g, ""));
  return `${address.includes(":") ? `[${address}]` : address}${place.slice(at)}`;
}

/**
 * Opens the names of all peers, which a majority of the voters decides on.
 * @throws Error for a voter whose host is not found; VoterStoreError when the store cannot be used
 */
export async function openNamesNode(
  { voters, store }: NamingTable,
  node: PeerNode,
  clock: Clock,
  logger: Logger,
  heard: (event: NamesEvent) => void,
): Promise<NamesNode> {
  return await openNames({
    self: node.ref,
    overlay: node.overlay,
    carrier: node.carrier(NAMES_CHANNEL),
    voters: await Promise.all(voters.map(resolvedPlace)),
    store: store === undefined ? new MemoryVoterStore() : LmdbVoterStore.open(store),
    clock,
    random: systemRandom,
    log: logger,
    heard,
  });
}

/** Whether a majority of the voters has met, now or once. */
export function isDecided({ status }: NamesNode): boolean {
  return status.config.epoch > 0;
}

/** How the names of a peer stand: a voter is ready when it votes, for before that another one's end may stop them all. */
export function namesState(names: NamesNode, voters: readonly string[]): PartState {
  const { bindings, isVoter, isVoting } = names.status;
  if (!isDecided(names))
    return { ready: false, state: `no majority of the voters has met: ${voters.join(" ")}` };
  if (!isVoter) return { ready: true, state: `${bindings} names` };
  const state = isVoting ? "a voter" : "a voter that has not yet taken over what was decided";
  return { ready: isVoting, state: `${bindings} names, ${state}` };
}
