import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { ControlGroups, type GroupUse } from "../../native/index.ts";

/** Looks how busy a processor was since it looked last: 0 to 1; undefined the first time, or when no time has passed. */
export type UtilizationSource = () => number | undefined;

/** Jiffies since the machine was started. */
export interface Jiffies {
  readonly idle: number;
  readonly all: number;
}

/** The source cannot be had on this machine; the message says what is missing. */
export class MonitorError extends Error {
  override readonly name: string = "MonitorError";
}

/** Words of a line of /proc/stat behind its name: user nice system idle iowait irq softirq steal; guest times are in user and nice. */
const COUNTED = 8;
const IDLE = 3;
const IOWAIT = 4;

/**
 * The first line of /proc/stat, of all cores together. A processor that waits for its disk is idle, as the kernel has it.
 * @throws MonitorError
 */
export function readJiffies(text: string): Jiffies {
  const [line = ""] = text.split("\n", 1);
  const [name, ...words] = line.trim().split(/\s+/);
  const counts = words.slice(0, COUNTED).map(Number);
  if (name !== "cpu" || counts.length < IOWAIT || counts.some((count) => !(count >= 0)))
    throw new MonitorError(
      `/proc/stat begins with "${line.slice(0, 80)}", not with "cpu" and its times`,
    );
  const all = counts.reduce((sum, count) => sum + count, 0);
  return { idle: (counts[IDLE] ?? 0) + (counts[IOWAIT] ?? 0), all };
}

/** 1 minus the share of idle jiffies; undefined when none has passed. */
export function utilizationBetween(before: Jiffies, after: Jiffies): number | undefined {
  const passed = after.all - before.all;
  // The kernel takes idle time back, now and then.
  return passed <= 0 ? undefined : within(1 - Math.max(0, after.idle - before.idle) / passed);
}

/** The whole machine, by /proc/stat. @throws MonitorError where there is none */
export function machineUtilization(
  read: () => string = () => readFileSync("/proc/stat", "utf8"),
): UtilizationSource {
  const look = (): Jiffies => {
    try {
      return readJiffies(read());
    } catch (cause) {
      if (cause instanceof MonitorError) throw cause;
      throw new MonitorError(`/proc/stat cannot be read: ${String(cause)}`, { cause });
    }
  };
  let before = look();
  return () => {
    const now = look();
    const share = utilizationBetween(before, now);
    if (share !== undefined) before = now;
    return share;
  };
}

/**
 * A control group, by the processor time of its processes over what it may have: its quota, or all cores.
 * @param path from the root of the tree, e.g. `orbweaver/runtimes/a`
 * @throws MonitorError when there is no such group, or the kernel counts no time for it
 */
export function groupUtilization(
  path: string,
  groups: ControlGroups = ControlGroups.find(),
  nowMs: () => number = () => performance.now(),
): UtilizationSource {
  const group = groups.existing(path, ["cpu", "cpuacct"]);
  if (group === undefined) throw new MonitorError(`there is no control group "${path}"`);
  const look = (): { readonly use: GroupUse; readonly atMs: number } | undefined => {
    const use = group.use();
    return use === undefined ? undefined : { use, atMs: nowMs() };
  };
  let before = look();
  if (before === undefined)
    throw new MonitorError(
      `the control group "${path}" counts no processor time: cpu.stat (version 2) or cpuacct.usage (version 1) is needed`,
    );
  return () => {
    const now = look();
    if (now === undefined || before === undefined) return undefined;
    const passedMs = now.atMs - before.atMs;
    if (passedMs <= 0) return undefined;
    const most = now.use.mostShare ?? availableParallelism();
    const share = (now.use.usedUs - before.use.usedUs) / 1_000 / passedMs / most;
    before = now;
    return within(share);
  };
}

function within(share: number): number {
  return Math.min(1, Math.max(0, share));
}
