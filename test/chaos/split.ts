import { GroupProcess, type ProgramOptions } from "../support/group-process/index.ts";
import { type NetworkHost, NetworkHosts } from "../support/network/index.ts";
import { freePorts, Links } from "./links.ts";

/** How the replicas' network is cut. */
export interface Split extends AsyncDisposable {
  /** Settings of each place's process, the first place's first. */
  readonly places: readonly Place[];
  /** That place is cut off from the others, its clients with it where they are near it. */
  cut(place: Place): void;
  heal(place: Place): void;
  /** A command line that runs where the clients of that place are. */
  near(place: Place, line: readonly string[]): readonly string[];
}

export interface Place {
  readonly site: string;
  /** Where its host of groups is reached. */
  readonly address: string;
  readonly options: Pick<ProgramOptions, "host" | "port" | "hostPort" | "publishedHostPort"> & {
    readonly namespace?: string;
  };
}

const HOST_PORT = 7_500;
const ORB_PORT = 2_809;

/** Hosts with a network of their own; each place's clients are at its host. */
export function namespaceSplit(hosts: NetworkHosts, sites: readonly string[]): Split {
  const at = (place: Place): NetworkHost => {
    const found = hosts.hosts[sites.indexOf(place.site)];
    if (found === undefined) throw new TypeError(`no host for ${place.site}`);
    return found;
  };
  const places = sites.map((site, i): Place => {
    const host = hosts.hosts[i];
    if (host === undefined) throw new TypeError(`no host for ${site}`);
    const { address, namespace } = host;
    const options = { host: address, port: ORB_PORT, hostPort: HOST_PORT, namespace };
    return { site, address: `${address}:${HOST_PORT}`, options };
  });
  return {
    places,
    cut: (place) => at(place).setLink(false),
    heal: (place) => at(place).setLink(true),
    near: (place, line) => ["ip", "netns", "exec", at(place).namespace, ...line],
    [Symbol.asyncDispose]: () => {
      for (const host of hosts.hosts) host.setLink(true);
      return Promise.resolve();
    },
  };
}

/** Without any rights: what the replicas tell each other goes by proxies; all clients reach all replicas. */
export async function proxySplit(sites: readonly string[]): Promise<Split> {
  const links = new Links();
  const ports = await freePorts(sites.length * 3);
  const places: Place[] = [];
  for (const [i, site] of sites.entries()) {
    const [port = 0, hostPort = 0, published = 0] = ports.slice(3 * i);
    await links.open(published, hostPort);
    const options = { port, hostPort, publishedHostPort: published };
    places.push({ site, address: `127.0.0.1:${published}`, options });
  }
  const portOf = ({ options }: Place): number => options.publishedHostPort ?? 0;
  return {
    places,
    cut: (place) => links.cut(portOf(place)),
    heal: (place) => links.heal(portOf(place)),
    near: (_, line) => line,
    [Symbol.asyncDispose]: () => links[Symbol.asyncDispose](),
  };
}

/** A replica of the bank at each place; the first place's is primary. */
export async function replicasAt(
  { places }: Split,
  options: Partial<ProgramOptions>,
): Promise<readonly GroupProcess[]> {
  const started: GroupProcess[] = [];
  try {
    for (const { site, options: own } of places)
      started.push(await GroupProcess.start({ ...options, ...own, site }));
    const addresses = places.map(({ address }) => address);
    await Promise.all(started.map((one) => one.join({ by: "list", addresses })));
    await Promise.all(started.map((one) => one.inViewOf(places.length)));
    return started;
  } catch (error) {
    await Promise.all(started.map((one) => one[Symbol.asyncDispose]()));
    throw error;
  }
}
