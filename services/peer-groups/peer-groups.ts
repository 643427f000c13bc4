import type { Clock, Logger } from "../../orb/base/index.ts";
import type { ReplicationOptions } from "../../orb/index.ts";
import {
  addressOf,
  DegreeKeeper,
  openTcpCarrier,
  openGroupHost,
  type Site,
  Surplus,
} from "../group-net/index.ts";
import { LmdbGroupStores } from "../group-store/index.ts";
import {
  DegreeBound,
  type DegreeFault,
  type Group,
  type GroupHost,
  type GroupReplicator,
  replicator,
  retire,
} from "../replication/index.ts";
import { GroupWatch, type GroupWatchOptions } from "./group-watch.ts";
import type { GroupsTable, ReplicationTable } from "./options.ts";

export interface PeerGroupsOptions extends GroupWatchOptions {
  readonly table: GroupsTable;
  /** Where the table names no host. */
  readonly host: string;
  /** Name of the peer. */
  readonly site: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How further replicas of a service come to other peers. */
export interface Spreading {
  readonly replicas: number;
  /** Peers without a replica, by the addresses of the hosts that have one, the best first. */
  readonly sites: (taken: ReadonlySet<string>) => Promise<readonly Site[]>;
  /** Has the peer whose host of groups is at that address end its replica. @throws why not */
  readonly dismiss: (address: string) => Promise<void>;
}

/** For a replica that leaves to hand over, and to answer what it has, milliseconds. */
const RETIRE_MS = 2_000;

/** The replicas of a peer: one host for all of their groups. */
export class PeerGroups implements AsyncDisposable {
  /** For the peer's ORB. */
  readonly replicator: GroupReplicator;
  readonly #options: PeerGroupsOptions;
  readonly #host: GroupHost;
  readonly #stores: LmdbGroupStores | undefined;
  /** Of services that are being started. */
  readonly #expected: Map<string, ReplicationTable> = new Map();
  readonly #keepers: Map<string, readonly Disposable[]> = new Map();

  private constructor(
    options: PeerGroupsOptions,
    host: GroupHost,
    stores: LmdbGroupStores | undefined,
  ) {
    this.#options = options;
    this.#host = host;
    this.#stores = stores;
    const watch = new GroupWatch(options);
    this.replicator = replicator({
      host,
      joined: (door) => watch.add(door),
      entry: (group) => {
        const { members, joins } = this.#wanted(group);
        return { by: joins === true ? "contacts" : "list", addresses: members };
      },
      witness: (group) => this.#wanted(group).witness,
      ...(stores === undefined ? {} : { store: (group: string) => stores.member(group) }),
    });
  }

  /** @throws INITIALIZE for an endpoint that cannot be had, GroupStoreError for a store */
  static async open(options: PeerGroupsOptions): Promise<PeerGroups> {
    const { table, site, clock, logger } = options;
    const stores = table.store === undefined ? undefined : await LmdbGroupStores.open(table.store);
    try {
      const carrier = await openTcpCarrier({
        host: table.host ?? options.host,
        ...(table.listenHost === undefined ? {} : { listenHost: table.listenHost }),
        port: table.port,
        checksHosts: table.checksHosts,
        clock,
        logger,
      });
      const host = openGroupHost({
        carrier,
        site,
        clock,
        logger,
        ...(stores === undefined ? {} : { witnessStore: stores.witness }),
      });
      return new PeerGroups(options, host, stores);
    } catch (error) {
      await stores?.[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where other hosts reach this one's replicas. */
  get address(): string {
    return this.#host.address;
  }

  /** A service is about to be made: its POA is to ask for this. */
  expect(group: string, table: ReplicationTable): ReplicationOptions {
    this.#expected.set(group, table);
    const { members: _, joins: __, witness: ___, replicas: ____, qos: _____, ...rest } = table;
    // Kept by `keep`, which knows how many there are to be.
    const { restoreWithinMs: ______, ...policy } = rest;
    return { ...policy, group };
  }

  /**
   * Settled when the replica here is in its group.
   * @throws TIMEOUT when the signal ends it
   */
  async ready(group: string, signal: AbortSignal): Promise<Group> {
    await this.replicator.ready(group, signal);
    const joined = this.#host.groups.get(group);
    if (joined === undefined) throw new TypeError(`group ${group} is not joined here`);
    return joined;
  }

  /** From now on the group's number of replicas is restored from here, while the primary is. */
  keep(group: Group, { replicas, sites, dismiss }: Spreading): void {
    if (replicas === 0) return;
    const { clock, logger: log } = this.#options;
    const withinMs = this.#wanted(group.name).restoreWithinMs;
    if (withinMs !== undefined)
      void new DegreeBound({
        group,
        replicas,
        withinMs,
        clock,
        missed: (fault) => this.#missed(fault, withinMs),
      });
    const keeper = new DegreeKeeper({
      group,
      replicas,
      sites: (taken) => sites(new Set(taken.flatMap(({ id }) => addressOf(id) ?? []))),
      clock,
      log,
    });
    const surplus = new Surplus({
      group,
      replicas,
      dismiss: ({ id }) => dismiss(addressOf(id) ?? id),
      clock,
      log,
    });
    this.#keepers.set(group.name, [keeper, surplus]);
  }

  /**
   * The replica here leaves its group; clients are sent to the others.
   * @returns whether there are any: then its POA sends them also those that come later
   */
  async leave(group: string): Promise<boolean> {
    for (const keeper of this.#keepers.get(group) ?? []) keeper[Symbol.dispose]();
    this.#keepers.delete(group);
    this.#expected.delete(group);
    const door = this.replicator.doors.get(group);
    if (door !== undefined) await retire(door, AbortSignal.timeout(RETIRE_MS));
    await this.#host.groups.get(group)?.leave();
    return door?.sendsAway === true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const keeper of [...this.#keepers.values()].flat()) keeper[Symbol.dispose]();
    await this.#host.close();
    await this.#stores?.[Symbol.asyncDispose]();
  }

  #missed({ group, replicas, members, missingMs }: DegreeFault, withinMs: number): void {
    const { logger, tell } = this.#options;
    logger.warn(
      `group "${group}" has ${members} of ${replicas} replicas after ${Math.round(missingMs)} ms: restoreWithinMs is ${withinMs}`,
    );
    tell?.({ kind: "degree", group, replicas, members, missingMs: Math.round(missingMs) });
  }

  #wanted(group: string): ReplicationTable {
    const table = this.#expected.get(group);
    if (table === undefined)
      throw new RangeError(
        `group "${group}": replicated services of a peer are those of [[service]] tables with replication`,
      );
    return table;
  }
}
