import { loadNative, nativeFault } from "orbweaver/native";
import { newTcpTransport, type Transport } from "orbweaver/orb";

/** The transport that an argument of a bench program names: `net` or `reactor`. */
export function transportOf(name: string | undefined): Transport {
  if (name === "net") return newTcpTransport({ keepAliveMs: 0 });
  if (name !== "reactor") throw new TypeError(`transport "${name}"; allowed: net, reactor`);
  const addon = loadNative();
  if (addon === undefined) throw new Error(nativeFault());
  return addon.createReactor();
}
