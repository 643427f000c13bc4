import type { Logger } from "../../orb/index.ts";
import { openPeer, type PeerNode } from "../p3-net/index.ts";
import type { OverlayTable } from "./overlay-options.ts";

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
