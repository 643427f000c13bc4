import { rm, writeFile } from "node:fs/promises";
import { collectDefaultMetrics } from "prom-client";
import { loadNative } from "../../../native/index.ts";
import { systemClock } from "../../../orb/base/index.ts";
import { type Logger, ORB_init, type Replicator } from "../../../orb/index.ts";
import {
  News,
  type PeerOrb,
  type RunningPeer,
  startPeer,
  tellingMetrics,
} from "../../peer/index.ts";
import type { QosClient } from "../../qos/index.ts";
import { PrometheusMetrics } from "../prometheus.ts";
import { qosGroups } from "../qos-groups.ts";
import { measureBeforeScrape, threadpoolLanes, wire } from "../wire.ts";
import type { PeerConfig } from "./config.ts";
import { Notifier } from "./notifier.ts";

/** Requests that the lanes keep, and octets of them, where `[lanes.NAME]` does not say. */
const BUFFERED_REQUESTS = 1_000;
const BUFFERED_OCTETS = 1_048_576;

/** What one peer is run with. */
export interface RunPeerOptions {
  readonly config: PeerConfig;
  readonly logger: Logger;
  /** Aborted: the peer ends in order. */
  readonly stop: AbortSignal;
  /** Called when all parts have started, though the overlay may still be joining. */
  readonly started: (peer: RunningPeer) => void;
}

/** How a peer ended. */
export interface PeerEnd {
  /** Parts that had not ended within `peer.stopMs`. */
  readonly unfinished: readonly string[];
}

/** Wires a peer: lanes that are threads, metrics of prom-client, reservations of the QoS daemon. */
export async function openPeerProcess({
  config,
  logger,
  stop,
}: Pick<RunPeerOptions, "config" | "logger" | "stop">): Promise<RunningPeer> {
  const news = new News();
  const prometheus = new PrometheusMetrics();
  collectDefaultMetrics({ register: prometheus.registry });
  const metrics = tellingMetrics(prometheus, news);
  const openOrb = async (
    qos: QosClient | undefined,
    replicator: Replicator | undefined,
  ): Promise<PeerOrb> => {
    const groups = qos === undefined ? {} : { groups: qosGroups(qos) };
    const wired = wire(config, { logger, metrics, ...groups });
    measureBeforeScrape(prometheus, wired.lanes);
    const orb = await ORB_init([], {
      ...wired,
      ...(replicator === undefined ? {} : { replicator }),
    });
    const lanes = threadpoolLanes(config.lanes);
    if (lanes.length === 0) return { orb, pool: undefined };
    try {
      const pool = await orb.rt.create_threadpool_with_lanes(
        0,
        lanes,
        false,
        true,
        BUFFERED_REQUESTS,
        BUFFERED_OCTETS,
      );
      return { orb, pool };
    } catch (thrown) {
      await orb.destroy();
      throw thrown;
    }
  };
  const { name, settings, lanes, services } = config;
  return await startPeer({
    name,
    settings,
    lanes,
    services,
    clock: systemClock,
    logger,
    news,
    measures: metrics,
    metrics: async () => ({
      contentType: prometheus.registry.contentType,
      text: await prometheus.scrape(),
    }),
    openOrb,
    signal: stop,
  });
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** @throws Error when it cannot be written, and then the peer has ended */
async function writePid(file: string, end: () => Promise<unknown>): Promise<void> {
  try {
    await writeFile(file, `${process.pid}\n`);
  } catch (cause) {
    await end();
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new Error(`peer.pidFile: ${file} cannot be written: ${code}`, { cause });
  }
}

/** Runs a peer until it is told to stop. @throws PartFailed when it does not start */
export async function runPeer(options: RunPeerOptions): Promise<PeerEnd> {
  const { config, stop, started, logger } = options;
  const { pidFile, stopMs } = config.settings.process;
  const sockets = loadNative()?.sockets;
  using notifier = new Notifier({
    environment: process.env,
    processId: process.pid,
    send: sockets === undefined ? undefined : (path, octets) => sockets.sendDatagram(path, octets),
    clock: systemClock,
    logger,
  });
  const peer = await openPeerProcess(options);
  // Not before: where a peer of the same configuration runs the file stays that one's, for this one does not come so far.
  if (pidFile !== undefined) await writePid(pidFile, () => peer.stop(stopMs));
  try {
    started(peer);
    notifier.ready("joining");
    void peer.whenReady(stop).then((isReady) => {
      if (isReady) notifier.status("ready");
    });
    await untilAborted(stop);
    notifier.stopping();
    return { unfinished: await peer.stop(stopMs) };
  } finally {
    if (pidFile !== undefined) await rm(pidFile, { force: true });
  }
}
