import { keepAwake } from "../awake.ts";
import type { Row } from "../block.ts";
import type { BenchOptions } from "../options.ts";
import { TRANSPORTS, usualTransport } from "../transport.ts";
import { interceptorCost, memory } from "./flare-cost.ts";
import { deaths } from "./flare-death.ts";
import { delays } from "./flare-delay.ts";
import { experiment } from "./flare-experiment.ts";

/** The paper's, and of `--quick`. */
const CALLS = 10_000;
const QUICK_CALLS = 600;
const FAULTS = 20;
const QUICK_FAULTS = 2;
const COST_CALLS = 50_000;
const QUICK_COST_CALLS = 5_000;

/** FLARe: fail-over delay, cost of the interceptor, memory, and table 1 on emulated processors. */
export async function flare(options: BenchOptions, print: (line: string) => void): Promise<Row[]> {
  const { isQuick, transport = usualTransport() } = options;
  using awake = keepAwake();
  print(
    `FLARe, over ${TRANSPORTS[transport]}, ${awake.text}: client redirection (Balasubramanian et al.); ` +
      "the paper's figures are of 2.8 GHz Xeons, TAO 1.5.8",
  );
  if (awake.advice !== undefined) print(awake.advice);
  return [
    ...(await delays(
      transport,
      { calls: isQuick ? QUICK_CALLS : CALLS, faults: isQuick ? QUICK_FAULTS : FAULTS },
      print,
    )),
    ...(await deaths(transport, isQuick ? QUICK_FAULTS : FAULTS, print)),
    ...(await interceptorCost(transport, isQuick ? QUICK_COST_CALLS : COST_CALLS, print)),
    ...(await memory(transport, print)),
    ...(await experiment(transport, isQuick, print)),
  ];
}
