import test from "ava";
import type { OpenPeerOptions, PeerNode, PeerPorts } from "../../../services/p3-net/index.ts";
import { TcpProxy } from "../../support/network/index.ts";
import { HOST, joined, until, untilStanding } from "./support.ts";

/** A process that does everything at once is late: silence counts from about 0.7 s on. */
const DETECTOR = { threshold: 8, expectedMs: 100, leastDeviationMs: 100 };

/** A peer that others reach through proxies alone. */
interface Hidden {
  readonly peer: PeerNode;
  readonly proxies: readonly TcpProxy[];
}

const SERVICES = ["membership", "discovery", "faultTolerance"] as const;

function portsFrom(first: number): PeerPorts {
  return { membership: first, discovery: first + 1, faultTolerance: first + 2 };
}

/** Two peers behind proxies, one cell: `first` coordinates it. */
class Two implements AsyncDisposable {
  readonly first: Hidden;
  readonly second: Hidden;

  private constructor(first: Hidden, second: Hidden) {
    this.first = first;
    this.second = second;
  }

  /** @param number other ports for each test, of those that the system does not give out */
  static async open(number: number): Promise<Two> {
    const base = 12_000 + (process.pid % 1_000) * 20;
    const at = base + number * 12;
    const first = await Two.#hide(at, { seeds: [] });
    const seeds = [`${HOST}:${at + 3}`];
    const settings = { detector: DETECTOR, mayFound: false };
    return new Two(first, await Two.#hide(at + 6, { seeds, settings }));
  }

  static async #hide(at: number, options: Partial<OpenPeerOptions>): Promise<Hidden> {
    const ports = portsFrom(at);
    const publishedPorts = portsFrom(at + 3);
    const proxies = await Promise.all(
      SERVICES.map((service) => TcpProxy.open(HOST, publishedPorts[service], ports[service])),
    );
    const settings = { detector: DETECTOR };
    return { peer: await joined({ settings, ...options, ports, publishedPorts }), proxies };
  }

  get proxies(): readonly TcpProxy[] {
    return [...this.first.proxies, ...this.second.proxies];
  }

  /** What the second peer has heard of since. */
  heard(): string[] {
    const kinds: string[] = [];
    this.second.peer.overlay.watch(({ kind }) => void kinds.push(kind));
    return kinds;
  }

  get isOne(): boolean {
    return [this.first, this.second].every(
      ({ peer }) => peer.overlay.membership.cell().length === 2,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.first.peer.close(), this.second.peer.close()]);
    await Promise.all(this.proxies.map((proxy) => proxy[Symbol.asyncDispose]()));
  }
}

test("connections that are cut depose nobody: each is a question, which the process answers", async (t) => {
  await using two = await Two.open(0);
  const heard = two.heard();
  const beats = [two.first, two.second].flatMap(({ proxies }) => proxies.slice(2));
  for (let round = 0; round < 5; round++) {
    t.true(await until(() => beats.every(({ connectionCount }) => connectionCount > 0)));
    for (const proxy of beats) proxy.cut();
  }
  t.true(await until(() => beats.every(({ connectionCount }) => connectionCount > 0)));
  t.deepEqual(heard, []);
  t.true(two.isOne);
});

test("a tree lives with a network that is slow", async (t) => {
  await using two = await Two.open(1);
  const heard = two.heard();
  for (const proxy of two.proxies) proxy.delayMs = 60;
  const { peer } = two.first;
  peer.overlay.discovery.publish({ name: "Camera", instance: "1", reference: "IOR:00" });
  let found = false;
  const ask = (): void =>
    two.second.peer.overlay.discovery.ask({ of: "service", name: "Camera" }, (answer) => {
      if (answer.kind === "found") found = true;
      else ask();
    });
  ask();
  t.true(await until(() => found));
  t.deepEqual(heard, []);
  t.true(two.isOne);
});

test("a network that holds everything back makes two trees, and one again when it lets go", async (t) => {
  await using two = await Two.open(2);
  for (const proxy of two.proxies) proxy.mode = "hold";
  await untilStanding(two.second.peer, ({ at }) => at === "coordinator");
  for (const proxy of two.proxies) proxy.mode = "pass";
  t.true(await until(() => two.isOne, 30_000));
});
