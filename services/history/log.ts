import { type Entry, octetsOf } from "./request.ts";

/** A stretch of the group's history without gaps: the operations from `base + 1` on. */
export interface Log {
  /** Operation before the first one kept. */
  base: number;
  /** The clock of operation `base`. */
  baseMs: number;
  octets: number;
  readonly entries: Entry[];
}

export function newLog(base: number = 0, baseMs: number = 0): Log {
  return { base, baseMs, octets: 0, entries: [] };
}

/** Number of the last operation held. */
export function lastOf(log: Log): number {
  return log.base + log.entries.length;
}

/** The clock of the last operation held. */
export function clockOf(log: Log): number {
  return log.entries.at(-1)?.atMs ?? log.baseMs;
}

export function entryAt(log: Log, op: number): Entry | undefined {
  return op > log.base ? log.entries[op - log.base - 1] : undefined;
}

/** @param entry the one after the last */
export function append(log: Log, entry: Entry): void {
  if (entry.op !== lastOf(log) + 1)
    throw new RangeError(`operation ${entry.op} after ${lastOf(log)}`);
  log.entries.push(entry);
  log.octets += octetsOf(entry);
}

/** The operations from `from` up to `to`; undefined when some of them were dropped. */
export function slice(log: Log, from: number, to: number = lastOf(log)): Entry[] | undefined {
  if (from <= log.base) return undefined;
  return log.entries.slice(from - log.base - 1, to - log.base);
}

/** Forgets what comes after `op`, so that another history may follow. */
export function cutAfter(log: Log, op: number): void {
  for (const entry of log.entries.splice(Math.max(0, op - log.base))) log.octets -= octetsOf(entry);
}

/** Forgets what comes before `op` and `op` itself. */
export function dropUpTo(log: Log, op: number): void {
  const count = Math.min(op, lastOf(log)) - log.base;
  if (count <= 0) return;
  const dropped = log.entries.splice(0, count);
  log.baseMs = dropped.at(-1)?.atMs ?? log.baseMs;
  log.base += count;
  for (const entry of dropped) log.octets -= octetsOf(entry);
}

/** Begins again after `op`, holding nothing. */
export function restart(log: Log, op: number, atMs: number): void {
  log.entries.length = 0;
  log.base = op;
  log.baseMs = atMs;
  log.octets = 0;
}
