import { readdir, readFile } from "node:fs/promises";
import { totalmem } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import type { Resource } from "./predictor.ts";

/** Measures a resource. */
export interface Gauge extends Resource {
  /** In the unit of `limit`. What it throws counts as not measured. */
  read(): number | Promise<number>;
  close?(): void;
}

const NANOSECONDS = 1e6;
const EVENT_LOOP_RESOLUTION_MS = 10;

/** Octets of the JavaScript heap that are in use, of those that V8 will take. */
export function heapGauge(limit: number = getHeapStatistics().heap_size_limit): Gauge {
  return { name: "heap", limit, read: () => process.memoryUsage().heapUsed };
}

/**
 * Octets of the process that are in memory, of what its control group allows or the machine has.
 * @param limit overrides both
 */
export async function rssGauge(limit?: number): Promise<Gauge> {
  const read = (): number => process.memoryUsage.rss();
  return { name: "rss", limit: limit ?? (await memoryLimit()), read };
}

async function memoryLimit(): Promise<number> {
  const given = process.constrainedMemory?.() ?? 0;
  const all = totalmem();
  return given > 0 && given < all ? given : all;
}

/** Open descriptors, of those that the process may have. Linux alone. @throws RangeError elsewhere, where `limit` is left out */
export async function descriptorGauge(limit?: number): Promise<Gauge> {
  return {
    name: "descriptors",
    limit: limit ?? (await descriptorLimit()),
    // The one that reads the directory is none of the program's.
    read: async () => (await readdir("/proc/self/fd")).length - 1,
  };
}

async function descriptorLimit(): Promise<number> {
  const text = await readFile("/proc/self/limits", "utf8").catch(() => "");
  const [, soft] = /^Max open files\s+(\d+)/m.exec(text) ?? [];
  if (soft !== undefined) return Number(soft);
  throw new RangeError(
    "the limit of descriptors is not known here: /proc/self/limits has none; give it",
  );
}

/** What keeps the event loop alive: sockets, timers, requests of the system. @param limit as many as the program has when it is well, and more */
export function handleGauge(limit: number): Gauge {
  return { name: "handles", limit, read: () => process.getActiveResourcesInfo().length };
}

/** Milliseconds that the event loop is late, the mean since it was asked last. @param limit what clients can bear */
export function eventLoopGauge(limit: number): Gauge {
  const delay = monitorEventLoopDelay({ resolution: EVENT_LOOP_RESOLUTION_MS });
  delay.enable();
  return {
    name: "event-loop delay",
    limit,
    read: () => {
      const { mean } = delay;
      delay.reset();
      const lateMs = mean / NANOSECONDS - EVENT_LOOP_RESOLUTION_MS;
      return Number.isFinite(lateMs) ? Math.max(0, lateMs) : 0;
    },
    close: () => void delay.disable(),
  };
}
