import type { Clock } from "../../orb/base/index.ts";
import {
  faultText,
  harmLink,
  harmProcess,
  type LinkTarget,
  PROCESS_FAULTS,
  type SignalTarget,
} from "./faults.ts";
import { pause } from "./pause.ts";
import type { Planned } from "./plan.ts";
import { ChaosError } from "./process.ts";

/** A thing with a name for people. */
export interface Named<T> {
  readonly name: string;
  readonly target: T;
}

export interface DrillOptions {
  readonly plan: readonly Planned[];
  readonly processes: readonly Named<SignalTarget>[];
  readonly links: readonly Named<LinkTarget>[];
  readonly clock: Clock;
  readonly stop: AbortSignal;
  /** Told of each fault as it begins, or why it is passed over. */
  readonly tell: (line: string) => void;
}

const MS_PER_SECOND = 1_000;

/**
 * Does what is planned, one fault after the other; what comes while one lasts begins behind it.
 * @returns how many were done: those to what has ended are passed over
 */
export async function drill({
  plan,
  processes,
  links,
  clock,
  stop,
  tell,
}: DrillOptions): Promise<number> {
  const startMs = clock.nowMs();
  let done = 0;
  for (const { atMs, target, fault } of plan) {
    if (await pause(clock, Math.max(0, startMs + atMs - clock.nowMs()), stop)) break;
    const ofProcess = PROCESS_FAULTS.includes(fault.kind);
    const seconds = ((clock.nowMs() - startMs) / MS_PER_SECOND).toFixed(3);
    const name = (ofProcess ? processes : links)[target]?.name ?? "nothing";
    const line = `${seconds.padStart(9)} s  ${name}: ${faultText(fault)}`;
    try {
      const harmed = ofProcess ? processes[target] : undefined;
      const link = ofProcess ? undefined : links[target];
      if (harmed?.target.isAlive === false) throw new ChaosError("it has ended");
      tell(line);
      if (harmed !== undefined) await harmProcess(harmed.target, fault, clock, stop);
      if (link !== undefined) await harmLink(link.target, fault, clock, stop);
      done++;
    } catch (thrown) {
      if (!(thrown instanceof ChaosError)) throw thrown;
      tell(`${line}: passed over, ${thrown.message}`);
    }
  }
  return done;
}
