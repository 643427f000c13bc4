import type { Clock } from "../base/index.ts";
import { messageTrace, type Observe, ObservedTransport, type OrbMetrics } from "../trace/index.ts";
import type { Transport } from "../transport/index.ts";
import type { OrbInitOptions, OrbSettings } from "./options.ts";

/** Who prints messages; undefined where nobody asked for it. */
export function traceOf(
  { trace }: OrbSettings,
  { traceTo }: OrbInitOptions,
  clock: Clock,
): Observe | undefined {
  if (trace === 0) return undefined;
  const print = traceTo ?? ((text: string) => void process.stderr.write(`${text}\n`));
  return messageTrace(trace, clock, print);
}

/** The transport with those who look at its octets; as it is where nobody does. */
export function observed(
  transport: Transport,
  metrics: OrbMetrics | undefined,
  trace: Observe | undefined,
): Transport {
  const measured =
    metrics === undefined ? transport : new ObservedTransport(transport, metrics.observe);
  return trace === undefined ? measured : new ObservedTransport(measured, trace);
}
