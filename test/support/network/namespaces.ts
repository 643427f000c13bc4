import { execFileSync } from "node:child_process";

/** A host of its own, as far as the network goes. */
export interface NetworkHost {
  readonly namespace: string;
  readonly address: string;
  /** Its link to the others is taken down, or up. */
  setLink(isUp: boolean): void;
}

const ADDRESS_PREFIX = "10.213";

function ip(...args: readonly string[]): void {
  execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });
}

/** Removes what may not be there. */
function removed(...args: readonly string[]): void {
  try {
    ip(...args);
  } catch {
    // It was never made.
  }
}

/** Network namespaces on one bridge. */
export class NetworkHosts implements Disposable {
  readonly hosts: readonly NetworkHost[];
  readonly #bridge: string;
  readonly #namespaces: string[] = [];
  readonly #links: string[] = [];

  private constructor(bridge: string) {
    this.#bridge = bridge;
    this.hosts = [];
  }

  /** @returns why there can be none here, where that is so */
  static make(count: number): NetworkHosts | string {
    const number = process.pid % 200;
    const hosts = new NetworkHosts(`owb${process.pid}`);
    try {
      ip("link", "add", hosts.#bridge, "type", "bridge");
      ip("link", "set", hosts.#bridge, "up");
      const made = Array.from({ length: count }, (_, i) => hosts.#add(i, number));
      return Object.assign(hosts, { hosts: made });
    } catch (error) {
      hosts[Symbol.dispose]();
      return `network namespaces cannot be had: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  [Symbol.dispose](): void {
    // The kernel would take a namespace's links with it later, when its last socket is gone.
    for (const link of this.#links) removed("link", "delete", link);
    for (const namespace of this.#namespaces) removed("netns", "delete", namespace);
    removed("link", "delete", this.#bridge);
  }

  #add(i: number, number: number): NetworkHost {
    const namespace = `ow${process.pid}-${i}`;
    const outside = `owv${process.pid}-${i}`;
    const address = `${ADDRESS_PREFIX}.${number}.${i + 1}`;
    this.#namespaces.push(namespace);
    ip("netns", "add", namespace);
    ip("link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", namespace);
    this.#links.push(outside);
    ip("link", "set", outside, "master", this.#bridge, "up");
    ip("-n", namespace, "link", "set", "lo", "up");
    ip("-n", namespace, "address", "add", `${address}/24`, "dev", "eth0");
    ip("-n", namespace, "link", "set", "eth0", "up");
    return {
      namespace,
      address,
      setLink: (isUp) => ip("link", "set", outside, isUp ? "up" : "down"),
    };
  }
}
