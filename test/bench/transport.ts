import { loadNative, nativeFault } from "../../native/index.ts";
import { newTcpTransport, type Transport } from "../../orb/index.ts";

export type TransportName = "net" | "reactor";

/** For people. */
export const TRANSPORTS: Readonly<Record<TransportName, string>> = {
  net: "node:net",
  reactor: "the native reactor",
};

/** @throws TypeError that says what is allowed */
export function transportName(text: string | undefined): TransportName {
  if (text === "net" || text === "reactor") return text;
  throw new TypeError(`a transport is net or reactor, not "${text ?? ""}"`);
}

/** The reactor where the addon is there, as lanes do by themselves. */
export function usualTransport(): TransportName {
  return loadNative() === undefined ? "net" : "reactor";
}

/** For a program that was given the name. @throws Error of the reactor without the addon, TypeError of a name that is none */
export function transportOf(name: string | undefined): Transport {
  if (transportName(name) === "net") return newTcpTransport({ keepAliveMs: 0 });
  const addon = loadNative();
  if (addon === undefined) throw new Error(nativeFault());
  return addon.createReactor();
}
