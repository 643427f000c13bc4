import { lookup } from "node:dns/promises";
import { networkInterfaces } from "node:os";
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
  readonly ask: (question: ProbeQuestion, limits: ProbeLimits) => Promise<ProbeAnswer>;
}

/** The system's resolver and sockets. */
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
  ask: askAddress,
};
