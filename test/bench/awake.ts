import {
  AwakeCores,
  type BorrowedSettings,
  processSettings,
  type SleepyCore,
} from "../../native/index.ts";
import { coresOfHost } from "../../services/qos/index.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What of this process tells of its end. */
export type Ending = Pick<NodeJS.Process, "kill" | "off" | "once" | "pid">;

export interface Wakefulness extends Disposable {
  /** For a headline: whether the cores are awake. */
  readonly text: string;
  /** What helps where they are not. */
  readonly advice: string | undefined;
}

/**
 * Keeps the machine's cores awake where that is allowed, until it is disposed of or this process ends by a signal or an
 * error. What a process left that was killed is given back first.
 */
export function keepAwake({
  settings = processSettings(),
  cores = coresOfHost(),
  ending = process,
}: {
  readonly settings?: BorrowedSettings;
  readonly cores?: readonly number[];
  readonly ending?: Ending;
} = {}): Wakefulness {
  const giveBack = (): void => {
    settings.close();
    ending.off("exit", giveBack);
    for (const signal of SIGNALS) ending.off(signal, end);
  };
  const end = (signal: NodeJS.Signals): void => {
    giveBack();
    ending.kill(ending.pid, signal);
  };
  ending.once("exit", giveBack);
  for (const signal of SIGNALS) ending.once(signal, end);
  const sleepy = new AwakeCores(settings).keep(cores);
  return { ...told(sleepy, cores.length), [Symbol.dispose]: giveBack };
}

function told(
  sleepy: readonly SleepyCore[],
  count: number,
): { readonly text: string; readonly advice: string | undefined } {
  const [first, ...others] = sleepy;
  if (first === undefined) return { text: "all cores awake", advice: undefined };
  const also =
    others.length === 0 ? "" : `; as for core ${others.map(({ core }) => core).join(", ")}`;
  return {
    text: `${sleepy.length} of ${count} cores asleep while idle`,
    advice: `a core that sleeps takes its time to wake up; core ${first.core}: ${first.reason}${also}`,
  };
}
