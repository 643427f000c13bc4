// What `orb/transport/tcp.ts` exports, by the reactor.
import { loadNative, nativeFault } from "../../../native/index.ts";
import type { TcpOptions, Transport } from "../../../orb/transport/index.ts";

/** Messages up to this come whole; limits of tests are smaller, and the ORB's to judge by the header alone. */
const WHOLE_OCTETS = 16_384;

export function newTcpTransport({ keepAliveMs, setReset }: TcpOptions): Transport {
  const addon = loadNative();
  if (addon === undefined) throw new Error(nativeFault());
  return addon.createReactor({
    keepAliveMs,
    wholeOctets: WHOLE_OCTETS,
    resetOnCrash: setReset !== undefined,
  });
}

export const tcpTransport: Transport = newTcpTransport({ keepAliveMs: 0 });
