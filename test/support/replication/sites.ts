import type { ExecutionContext } from "ava";
import { TestClock } from "../../../orb/base/index.ts";
import {
  type Channel,
  MemoryTransport,
  type ObjectReference,
  type ORB,
  ORB_init,
  type ReplicationOptions,
} from "../../../orb/index.ts";
import type { GroupSettings } from "../../../services/group/index.ts";
import { type Door, replicator } from "../../../services/replication/index.ts";
import { Ledger } from "./local-groups.ts";
import { NearHost, NearNetwork } from "./near-network.ts";

/** Where a replica of the ledger runs: an ORB and a host of groups of its own. */
export interface Site {
  readonly address: string;
  readonly orb: ORB;
  readonly host: NearHost;
  readonly door: Door;
  readonly ledger: Ledger;
  /** As the replica gives it out now. */
  reference(): string;
  /** Ends all connections of clients, as the end of a process does. */
  readonly reset: () => void;
}

const KEY = "ledger";

/** A ledger replicated by policy at several sites of one process, on scripted time, and an ORB for clients. */
export class Sites {
  readonly clock: TestClock = new TestClock(0, 1_700_000_000_000);
  readonly network: NearNetwork = new NearNetwork(this.clock);
  readonly all: Map<string, Site> = new Map();
  readonly transport: MemoryTransport = new MemoryTransport();
  readonly #t: ExecutionContext;
  readonly #addresses: readonly string[];
  readonly #policy: ReplicationOptions;
  readonly #settings: Partial<GroupSettings>;
  client: ORB | undefined;

  constructor(
    t: ExecutionContext,
    policy: ReplicationOptions,
    addresses: readonly string[] = ["a", "b", "c"],
    settings: Partial<GroupSettings> = {},
  ) {
    this.#settings = settings;
    this.#t = t;
    this.#policy = policy;
    this.#addresses = addresses;
  }

  async found(): Promise<void> {
    for (const address of this.#addresses) await this.start(address);
    this.client = await this.newClient();
    await this.until(() => this.primary !== undefined);
  }

  async newClient(): Promise<ORB> {
    const orb = await ORB_init([], { transport: this.transport });
    this.#t.teardown(() => orb.destroy());
    return orb;
  }

  /** Starts a replica; one that was there before comes back as another member. */
  async start(address: string): Promise<Site> {
    const host = this.network.host(address);
    const doors: Door[] = [];
    const accepted: Channel[] = [];
    const { transport } = this;
    const orb = await ORB_init([], {
      transport: {
        connect: (to, signal) => transport.connect(to, signal),
        listen: (at, accept) =>
          transport.listen(at, (channel) => {
            accepted.push(channel);
            accept(channel);
          }),
      },
      replicator: replicator({
        host,
        entry: { by: "list", addresses: this.#addresses },
        joined: (door) => void doors.push(door),
        details: { clock: this.clock, settings: this.#settings },
      }),
    });
    this.#t.teardown(() => orb.destroy());
    const ledger = new Ledger(address);
    const poa = await orb.rootPOA.createPoa("ledgers", { replication: this.#policy });
    const [door] = doors;
    if (door === undefined) throw new TypeError("no group was joined");
    await poa.activate(KEY, ledger);
    poa.the_POAManager.activate();
    const reference = (): string => orb.object_to_string(poa.id_to_reference(Buffer.from(KEY)));
    const reset = (): void => {
      for (const channel of accepted) channel.destroy();
    };
    const site: Site = { address, orb, host, door, ledger, reference, reset };
    this.all.set(address, site);
    return site;
  }

  get(address: string): Site {
    const site = this.all.get(address);
    if (site === undefined) throw new TypeError(`there is no site ${address}`);
    return site;
  }

  get primary(): Site | undefined {
    return [...this.all.values()].find(({ door }) => door.group.standing.at === "primary");
  }

  /** What a client makes of the reference that a site gives out. */
  async ledger(address: string): Promise<ObjectReference> {
    const reference = await this.client?.string_to_object(this.get(address).reference());
    if (reference === null || reference === undefined) throw new TypeError("nil");
    return reference;
  }

  /** The process is gone. */
  async kill(address: string): Promise<void> {
    const { orb, reset } = this.get(address);
    this.all.delete(address);
    this.network.kill(address);
    reset();
    await orb.shutdown(0);
    await orb.destroy();
  }

  /** Hands the primary's place over. */
  async migrate(to: string): Promise<void> {
    const { primary } = this;
    primary?.door.group.handOver(this.get(to).door.group.self);
    await this.until(() => this.primary?.address === to);
    // Everybody has heard of the view.
    const number = this.get(to).door.group.view?.view.number;
    await this.until(() =>
      [...this.all.values()].every(({ door }) => door.group.view?.view.number === number),
    );
  }

  /** Lets the group's time pass until it has an outcome. */
  async settled<T>(outcome: Promise<T>): Promise<T> {
    let isOver = false;
    const over = (): void => void (isOver = true);
    void outcome.then(over, over);
    await this.until(() => isOver);
    return await outcome;
  }

  /** Lets the group's time pass until it is so; at most ten seconds of it. */
  async until(isSo: () => boolean): Promise<void> {
    for (let i = 0; i < 400 && !isSo(); i++) {
      this.clock.advanceMs(25);
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (!isSo()) throw new Error("it did not become so in ten seconds");
  }
}
