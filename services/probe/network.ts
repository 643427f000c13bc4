import { lookup } from "node:dns/promises";
import { hostname, networkInterfaces } from "node:os";
import {
  askAddress,
  type ProbeAnswer,
  type ProbeLimits,
  type ProbeQuestion,
} from "../../orb/index.ts";

/** What a probe asks of the machine that it runs on. */
export interface Network {
  /** Addresses of a name, in the system's order. @throws the system's error, with `code` */
  readonly lookup: (name: string) => Promise<readonly string[]>;
  /** Whether the machine has an IPv6 address that others could have given it. */
  readonly hasIpv6: () => boolean;
  /** What this machine calls itself. */
  readonly hostname: () => string;
  /** @param url of a WebSocket, which is entered in place of the question's address */
  readonly ask: (
    question: ProbeQuestion,
    limits: ProbeLimits,
    url?: string,
  ) => Promise<ProbeAnswer>;
}

/** The system's resolver and sockets, and WebSockets. */
export const systemNetwork: Network = {
  lookup: async (name) => {
    const found = await lookup(name, { all: true, order: "verbatim" });
    return found.map(({ address }) => address);
  },
  hasIpv6: () =>
    Object.values(networkInterfaces()).some((addresses) =>
      addresses?.some(
        ({ family, internal, scopeid }) => family === "IPv6" && !internal && scopeid === 0,
      ),
    ),
  hostname,
  ask: async (question, limits, url) => {
    if (url === undefined) return await askAddress(question, limits);
    // Here and not at the top: hardly any probe needs it.
    const { newWebSocketTransport } = await import("../websocket/index.ts");
    const transport = newWebSocketTransport({ urlOf: () => url });
    return await askAddress(question, limits, { transport });
  },
};
