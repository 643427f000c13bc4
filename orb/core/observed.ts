import type { Clock, Logger } from "../base/index.ts";
import { messageTrace, type Observe, ObservedTransport, type OrbMetrics } from "../trace/index.ts";
import {
  holderBy,
  newTcpTransport,
  optionsBy,
  resetterBy,
  type Transport,
} from "../transport/index.ts";
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

/** The transport where none is given: `node:net`, with what the addon has for it. */
export function tcpOf(
  { keepAliveMs, resetOnCrash }: OrbSettings,
  { native }: OrbInitOptions,
  log: Logger,
): Transport {
  const sockets = native?.sockets;
  const setOption = sockets === undefined ? undefined : optionsBy(sockets);
  if (!resetOnCrash || sockets !== undefined) {
    const setReset = resetOnCrash && sockets !== undefined ? resetterBy(sockets) : undefined;
    const hold = resetOnCrash && sockets !== undefined ? holderBy(sockets) : undefined;
    return newTcpTransport({ keepAliveMs, setReset, hold, setOption });
  }
  log.warn(
    "orb.resetOnCrash does nothing: the option `native` of ORB_init is to be loadNative() of orbweaver/native",
  );
  return newTcpTransport({ keepAliveMs });
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
