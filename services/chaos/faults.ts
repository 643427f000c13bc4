import type { Clock } from "../../orb/base/index.ts";
import { pause } from "./pause.ts";
import type { Signal } from "./process.ts";
import type { LinkMode } from "./tcp-proxy.ts";

/** A fault, with what it needs to be done again the same way. */
export type Fault =
  | { readonly kind: "crash" }
  /** Stands still, and goes on. */
  | { readonly kind: "freeze"; readonly ms: number }
  /** Stands still for a share of its time. */
  | { readonly kind: "slow"; readonly percent: number; readonly ms: number }
  /** Connections are reset. */
  | { readonly kind: "cut" }
  /** Nothing goes through a link, and nobody is told. */
  | { readonly kind: "hold"; readonly ms: number }
  /** New connections are refused, and old ones reset. */
  | { readonly kind: "refuse"; readonly ms: number }
  /** Everything takes longer, each way. */
  | { readonly kind: "delay"; readonly delayMs: number; readonly ms: number };

export type FaultKind = Fault["kind"];
export const PROCESS_FAULTS: readonly FaultKind[] = ["crash", "freeze", "slow"];
export const LINK_FAULTS: readonly FaultKind[] = ["cut", "hold", "refuse", "delay"];

/** What is harmed by signals. */
export interface SignalTarget {
  readonly isAlive: boolean;
  /** @throws ChaosError where it has ended */
  signal(signal: Signal): void;
}

/** What is harmed between two ends of a connection. */
export interface LinkTarget {
  mode: LinkMode;
  delayMs: number;
  cut(): number;
}

/** Milliseconds in which a slow process runs and stands once: shorter than most limits of time. */
const SLOW_PERIOD_MS = 20;
const PERCENT = 100;

/** `freeze for 812 ms` */
export function faultText(fault: Fault): string {
  switch (fault.kind) {
    case "crash":
    case "cut":
      return fault.kind;
    case "slow":
      return `slow by ${fault.percent} % for ${fault.ms} ms`;
    case "delay":
      return `delay of ${fault.delayMs} ms for ${fault.ms} ms`;
    case "freeze":
    case "hold":
    case "refuse":
      return `${fault.kind} for ${fault.ms} ms`;
  }
}

/**
 * Does one fault to a process; settled when it is over. Whatever ends it, the process is let go on.
 * @throws ChaosError where the process has ended before
 */
export async function harmProcess(
  target: SignalTarget,
  fault: Fault,
  clock: Clock,
  stop: AbortSignal,
): Promise<void> {
  switch (fault.kind) {
    case "crash":
      return target.signal("SIGKILL");
    case "freeze":
      return await freeze(target, fault.ms, clock, stop);
    case "slow": {
      const endMs = clock.nowMs() + fault.ms;
      const stillMs = (SLOW_PERIOD_MS * fault.percent) / PERCENT;
      while (clock.nowMs() < endMs && target.isAlive) {
        await freeze(target, stillMs, clock, stop);
        if (await pause(clock, SLOW_PERIOD_MS - stillMs, stop)) return;
      }
      return;
    }
    case "cut":
    case "hold":
    case "refuse":
    case "delay":
      throw new TypeError(`${fault.kind} is for links`);
  }
}

async function freeze(
  target: SignalTarget,
  ms: number,
  clock: Clock,
  stop: AbortSignal,
): Promise<void> {
  target.signal("SIGSTOP");
  try {
    await pause(clock, ms, stop);
  } finally {
    if (target.isAlive) target.signal("SIGCONT");
  }
}

/** Does one fault to a link; settled when it is over, and everything goes through again. */
export async function harmLink(
  target: LinkTarget,
  fault: Fault,
  clock: Clock,
  stop: AbortSignal,
): Promise<void> {
  switch (fault.kind) {
    case "cut":
      target.cut();
      return;
    case "hold":
    case "refuse":
      target.mode = fault.kind;
      if (fault.kind === "refuse") target.cut();
      break;
    case "delay":
      target.delayMs = fault.delayMs;
      break;
    case "crash":
    case "freeze":
    case "slow":
      throw new TypeError(`${fault.kind} is for processes`);
  }
  try {
    await pause(clock, fault.ms, stop);
  } finally {
    target.mode = "pass";
    target.delayMs = 0;
  }
}
