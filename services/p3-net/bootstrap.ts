import { lookup } from "node:dns/promises";
import type { Logger } from "../../orb/index.ts";
import type { PeerRef } from "../overlay/index.ts";
import { parsePlace, plainHost, printEndpoint, printPlace } from "./address.ts";

/** All addresses of a name, as `dns.promises.lookup` gives them. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** In an order that is the same everywhere: resolvers turn their answers round. */
export const systemLookup: Lookup = async (host) => {
  const found = await lookup(host, { all: true });
  return [...new Set(found.map(({ address }) => address))].toSorted();
};

/**
 * The peers that joining starts from. Their ids are not known yet, and theirs until they answer is their address.
 * @param self takes the place of its own address among them: the first of the list founds the tree
 * @throws RangeError for what is no `HOST:PORT`
 */
export async function findSeeds(
  seeds: readonly string[],
  self: PeerRef,
  log: Logger,
  look: Lookup = systemLookup,
): Promise<readonly PeerRef[]> {
  const places = seeds.map((seed) => {
    const place = parsePlace(seed);
    if (place === undefined)
      throw new RangeError(
        `seed "${seed}" is not understood; allowed: HOST:PORT, e.g. peers.example:7400 or [::1]:7400`,
      );
    return place;
  });
  const addresses = await Promise.all(
    places.map(async ({ host, membership }) => {
      try {
        return (await look(host)).map((each) => printEndpoint(plainHost(each), membership));
      } catch (error) {
        log.warn("a seed is not found", { seed: host, error });
        return [];
      }
    }),
  );
  const own = ownSeed(self);
  return [...new Set(addresses.flat())].map((address) =>
    address === own ? self : { id: address, address },
  );
}

function ownSeed({ address }: PeerRef): string | undefined {
  const place = parsePlace(address);
  return place === undefined
    ? undefined
    : printPlace({ host: place.host, membership: place.membership });
}
