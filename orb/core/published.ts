import { hostname, networkInterfaces } from "node:os";
import type { Endpoint, ListenEndpoint } from "../transport/index.ts";
import { isWildcard, type PublishTemplate } from "./endpoints.ts";

/** An address of this machine. */
export interface MachineAddress {
  readonly address: string;
  readonly family: "IPv4" | "IPv6";
  /** Reached from this machine alone. */
  readonly internal: boolean;
}

/** What is known of the machine an ORB runs on. */
export interface Machine {
  readonly hostname: string;
  readonly addresses: readonly MachineAddress[];
}

export function thisMachine(): Machine {
  const addresses = Object.values(networkInterfaces()).flatMap((of) => of ?? []);
  return { hostname: hostname(), addresses };
}

const LOOPBACK = /^(?:127\.|(?:::ffff:)?127\.|::1$|localhost$)/i;
/** Means nothing without the name of an interface of the reader. */
const LINK_LOCAL = /^fe[89ab]/i;
const DEFAULT_TEMPLATES: readonly PublishTemplate[] = [{ host: "{host}", port: undefined }];

function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

function familiesOf({ host, ipv6Only = false }: ListenEndpoint): readonly ("IPv4" | "IPv6")[] {
  if (host !== "::") return ["IPv4"];
  // IPv4 first: a client that knows no IPv6 reads the first address alone.
  return ipv6Only ? ["IPv6"] : ["IPv4", "IPv6"];
}

/** Every address at which an endpoint is reached, those of the machine itself last. */
export function hostsOf(listened: ListenEndpoint, machine: Machine): readonly string[] {
  if (!isWildcard(listened.host)) return [listened.host];
  const families = familiesOf(listened);
  const known = families.flatMap((family) =>
    machine.addresses.filter((of) => of.family === family && !LINK_LOCAL.test(of.address)),
  );
  const outside = known.filter(({ internal }) => !internal).map(({ address }) => address);
  const inside = families.map((family) => (family === "IPv4" ? "127.0.0.1" : "::1"));
  return [...outside, ...inside];
}

/** One address of each family that the endpoint has. */
function firstHostsOf(listened: ListenEndpoint, machine: Machine): readonly string[] {
  const hosts = hostsOf(listened, machine);
  const isV6 = (host: string): boolean => host.includes(":");
  const firsts = [hosts.find((host) => !isV6(host)), hosts.find(isV6)];
  return firsts.filter((host) => host !== undefined);
}

function fill(
  template: PublishTemplate,
  listened: ListenEndpoint,
  machine: Machine,
): readonly string[] {
  switch (template.host) {
    case "{host}":
      return firstHostsOf(listened, machine);
    case "{hosts}":
      return hostsOf(listened, machine);
    case "{hostname}":
      return [machine.hostname];
    default:
      return [template.host];
  }
}

/** What references say of endpoints. */
export interface PublishedAddresses {
  readonly addresses: readonly Endpoint[];
  /** Nobody asked for it, and yet no address is reached from another machine. */
  readonly isOnlyLoopback: boolean;
}

/**
 * The addresses references name: one for each endpoint listened on, or what the templates say. Loopback
 * addresses are left out where there is another one, unless a template spells them.
 */
export function publishedAddresses(
  listened: readonly ListenEndpoint[],
  templates: readonly PublishTemplate[],
  machine: Machine,
): PublishedAddresses {
  const found = new Map<string, Endpoint & { readonly isAsked: boolean }>();
  for (const template of templates.length > 0 ? templates : DEFAULT_TEMPLATES) {
    const isAsked = !template.host.startsWith("{");
    const isFixed = isAsked && template.port !== undefined;
    for (const of of isFixed ? [{ host: template.host, port: 0 }] : listened) {
      for (const host of fill(template, of, machine)) {
        const port = template.port ?? of.port;
        const name = `${host} ${port}`;
        if (!found.has(name)) found.set(name, { host, port, isAsked });
      }
    }
  }
  const all = [...found.values()];
  const seen = all.filter(({ host, isAsked }) => isAsked || !isLoopback(host));
  const chosen = seen.length > 0 ? seen : all;
  return {
    addresses: chosen.map(({ host, port }) => ({ host, port })),
    isOnlyLoopback: seen.length === 0 && all.length > 0,
  };
}
