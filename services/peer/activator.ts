import type { CosNaming } from "../../idl/index.ts";
import type { Clock, Logger } from "../../orb/base/index.ts";
import {
  makeServant,
  type ModuleServant,
  type ObjectReference,
  type ORB,
  type RTPOA,
  string_to_ObjectId,
} from "../../orb/index.ts";
import * as Peers from "./gen/Peers.ts";
import { beginService, endService } from "./service-hooks.ts";
import type { Discovery } from "../overlay/index.ts";
import type { Site } from "../group-net/index.ts";
import {
  bestSites,
  findSites,
  type PeerGroups,
  type Placing,
  type ReplicationTable,
  type Reserved,
  reserveReplica,
  type Reserver,
  type SiteCard,
  type SitePlace,
} from "../peer-groups/index.ts";
import { qosFaultText } from "../qos/index.ts";
import type { Group } from "../replication/index.ts";
import type { LaneConfig } from "../lanes/index.ts";
import type { Names } from "./names.ts";
import type { Activation, ServiceSpec } from "./service-runner.ts";

export interface ActivatorOptions {
  readonly orb: ORB;
  readonly lanes: Readonly<Record<string, LaneConfig>>;
  /** The pool of those lanes; undefined where there are none. */
  readonly pool: number | undefined;
  readonly names: Pick<Names, "bind" | "unbind">;
  /** The naming service of this peer, for services that bind more. */
  readonly naming: CosNaming.NamingContext | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Name of this peer. */
  readonly peer: string;
  /** Where services are made known; undefined: nowhere. */
  readonly discovery: Discovery | undefined;
  /** Where replicas live; undefined: there can be none. */
  readonly groups: PeerGroups | undefined;
  /** The QoS daemon's client; undefined: replicas are not admitted by anybody. */
  readonly qos: Reserver | undefined;
  readonly placing: (event: Placing) => void;
  /** Tells the instances of one name apart: the peer's own. */
  readonly instance: string;
}

interface Adapter {
  readonly lane: string | undefined;
  readonly made: Promise<RTPOA>;
}

/** Where services are that name no adapter. */
export function standardPath(lane: string | undefined): string {
  return lane === undefined ? "services" : `services-${lane}`;
}

const LASTING = { lifespan: "PERSISTENT", idAssignment: "USER_ID" } as const;
/** Milliseconds for a replica to come into its group: the others may have to start first. */
const JOIN_MS = 60_000;
/** Milliseconds for another peer to have a replica in the group. */
const DEPLOY_MS = 5_000;

function moduleOf({ module, export: name, args }: ServiceSpec): ModuleServant {
  return { module, export: name, args };
}

function laneText(lane: string | undefined): string {
  return lane === undefined ? "the main thread" : `lane "${lane}"`;
}

/** Why a peer does not start a replica. */
function reasonOf(error: unknown): string {
  const { NotAllowed, BadDemand, ServiceFault } = Peers;
  const isTold =
    error instanceof NotAllowed || error instanceof BadDemand || error instanceof ServiceFault;
  return isTold ? error.reason : qosFaultText(error);
}

/** Brings services to life in object adapters of their own. */
export class Activator {
  readonly #options: ActivatorOptions;
  /** By path. */
  readonly #adapters: Map<string, Adapter> = new Map();
  /** Of replicas that have ended, by their names: they send clients that come late to the others of the group. */
  readonly #signposts: Map<string, RTPOA> = new Map();

  constructor(options: ActivatorOptions) {
    this.#options = options;
  }

  /** @param signal aborted: a replica that waits for the others of its group gives up */
  async activate(spec: ServiceSpec, signal: AbortSignal): Promise<Activation> {
    if (spec.replication !== undefined)
      return await this.#replicated(spec, spec.replication, signal);
    const poa = await this.#adapter(spec);
    return spec.lane === undefined ? this.#here(spec, poa) : this.#inLane(spec, poa);
  }

  /** In this thread: the servant is told where it lives. */
  async #here(spec: ServiceSpec, poa: RTPOA): Promise<Activation> {
    const { orb, discovery, naming, logger, peer } = this.#options;
    const { id = spec.name, name } = spec;
    const servant = await makeServant(moduleOf(spec));
    const oid = string_to_ObjectId(id);
    poa.activate_object_with_id(oid, servant);
    const reference = poa.id_to_reference(oid);
    const end = async (): Promise<void> => {
      poa.deactivate_object(oid);
      await endService(servant);
    };
    const context = { name, peer, orb, poa, reference, naming, discovery, logger };
    try {
      await beginService(servant, context);
    } catch (thrown) {
      await end().catch(() => undefined);
      throw thrown;
    }
    return this.#activation(spec, reference, end);
  }

  /** In an adapter of its own, whose gate is the group's; what it reserved is given back when it ends, or never is. */
  async #replicated(
    spec: ServiceSpec,
    table: ReplicationTable,
    signal: AbortSignal,
  ): Promise<Activation> {
    const { groups, peer, placing } = this.#options;
    if (groups === undefined)
      throw new Error("replicas need groups.enabled in the peer's configuration");
    if (spec.lane !== undefined || spec.poa !== undefined)
      throw new Error(
        "a replicated service has an adapter of its own: it names no poa and no lane",
      );
    if (table.joins !== true) placing({ kind: "requested", group: spec.name, site: peer });
    const reserved = await this.#admit(spec, table);
    try {
      const activation = await this.#replica(spec, table, groups, signal);
      const deactivate = async (): Promise<void> => {
        try {
          await activation.deactivate();
        } finally {
          await reserved?.release();
        }
      };
      return { ...activation, deactivate };
    } catch (thrown) {
      await reserved?.release();
      throw thrown;
    }
  }

  async #replica(
    spec: ServiceSpec,
    table: ReplicationTable,
    groups: PeerGroups,
    signal: AbortSignal,
  ): Promise<Activation> {
    const { orb, naming, discovery, logger, peer } = this.#options;
    const { id = spec.name, name } = spec;
    const joins = table.joins === true;
    const servant = await makeServant(moduleOf(spec));
    let poa: RTPOA | undefined;
    const end = async (): Promise<void> => {
      const sendsAway = await groups.leave(name);
      if (sendsAway && poa !== undefined) this.#signposts.set(name, poa);
      else await poa?.destroy(true, true);
      await endService(servant);
    };
    try {
      await this.#signposts.get(name)?.destroy(true, true);
      this.#signposts.delete(name);
      const replication = groups.expect(name, table);
      poa = await orb.rootPOA.createPoa(`replicated-${name}`, { ...LASTING, replication });
      const oid = string_to_ObjectId(id);
      poa.activate_object_with_id(oid, servant);
      poa.the_POAManager.activate();
      const group = await this.#ready(name, groups, signal);
      const reference = poa.id_to_reference(oid);
      await beginService(servant, { name, peer, orb, poa, reference, naming, discovery, logger });
      const isFounder = !joins && group.view?.view.primary === group.self;
      const kind = isFounder ? "founded" : "joined";
      this.#options.placing({ kind, group: name, site: peer });
      const replicas = table.replicas ?? (joins ? 0 : table.members.length);
      groups.keep(group, {
        replicas,
        sites: async (taken) => {
          const found = bestSites(await this.#sites(), taken);
          const names = found.map((place) => place.name);
          this.#options.placing({ kind: "sites", group: name, sites: names });
          return found.map((place) => this.#siteAt(place, spec, { ...table, replicas }));
        },
        dismiss: (address) => this.#dismiss(name, address),
      });
      return this.#leading(spec, group, poa, oid, end);
    } catch (thrown) {
      await end().catch(() => undefined);
      throw thrown;
    }
  }

  /** @throws TIMEOUT saying whom it waits for, after a time or when the signal ends it */
  async #ready(name: string, groups: PeerGroups, signal: AbortSignal): Promise<Group> {
    // By a timer: AbortSignal.any does not keep an AbortSignal.timeout (Node.js 20).
    const late = new AbortController();
    const timer = this.#options.clock.timer(JOIN_MS, () => late.abort());
    try {
      return await groups.ready(name, AbortSignal.any([signal, late.signal]));
    } finally {
      timer.cancel();
    }
  }

  /** Nothing is begun where there is not enough for it. @throws Error that says what is free */
  async #admit(spec: ServiceSpec, table: ReplicationTable): Promise<Reserved | undefined> {
    const { qos, peer, placing } = this.#options;
    const { name } = spec;
    const there = table.joins === true;
    const at = { group: name, site: peer };
    try {
      const wanted = table.qos;
      const reserved =
        qos === undefined || wanted === undefined
          ? undefined
          : await reserveReplica(name, wanted, qos);
      placing({ kind: there ? "admitted there" : "admitted", ...at });
      const words = reserved?.path ?? (wanted === undefined ? "nothing asked" : "no QoS daemon");
      placing({ kind: there ? "reserved there" : "reserved", ...at, reserved: words });
      return reserved;
    } catch (error) {
      const reason = qosFaultText(error);
      placing({ kind: "refused", ...at, reason });
      throw new Error(`${peer} cannot have a replica: ${reason}`, { cause: error });
    }
  }

  async #sites(): Promise<readonly SiteCard[]> {
    const { discovery } = this.#options;
    return discovery === undefined ? [] : await findSites(discovery);
  }

  /** The peer that has one replica too many is asked to end it, as an operator would ask it. */
  async #dismiss(group: string, address: string): Promise<void> {
    const place = (await this.#sites()).find(({ groups }) => groups === address);
    if (place === undefined)
      throw new Error(`nobody knows the peer whose groups are at ${address}`);
    const peer = await this.#peerAt(place);
    await peer.stop(group, { timeoutMs: DEPLOY_MS });
    this.#options.placing({ kind: "dismissed", group, site: place.name });
  }

  async #peerAt({ orb: at }: SitePlace): Promise<Peers.Peer> {
    const { orb } = this.#options;
    const peer = Peers.Peer.uncheckedNarrow(await orb.string_to_object(`corbaloc::${at}/Peer`));
    if (peer === null) throw new TypeError(`${at} is nil`);
    return peer;
  }

  /** Another peer, which is asked to run a replica as an operator would ask it. */
  #siteAt(place: SitePlace, spec: ServiceSpec, table: ReplicationTable): Site {
    const { placing } = this.#options;
    const at = { group: spec.name, site: place.name };
    return {
      name: place.name,
      start: async (contacts) => {
        const peer = await this.#peerAt(place);
        placing({ kind: "asked", ...at });
        const demand = {
          name: spec.name,
          servant_module: spec.module,
          servant_export: spec.export,
          arguments_json: JSON.stringify(spec.args),
          adapter: "",
          lane: "",
          names: spec.names,
          replication_json: JSON.stringify({ ...table, members: contacts, joins: true }),
        };
        try {
          await peer.deploy(demand, { timeoutMs: DEPLOY_MS });
        } catch (error) {
          const reason = reasonOf(error);
          placing({ kind: "refused", ...at, reason });
          throw error;
        }
        placing({ kind: "acknowledged", ...at });
      },
    };
  }

  /** Made known anew by each new primary: the reference names the members, and there are others. */
  #leading(
    spec: ServiceSpec,
    group: Group,
    poa: RTPOA,
    oid: Uint8Array,
    end: () => Promise<void>,
  ): Activation {
    const { orb, logger } = this.#options;
    const now = (): ObjectReference => poa.id_to_reference(oid);
    const announce = (): Promise<void> => this.#announce(spec, now(), orb.object_to_string(now()));
    const unwatch = group.watch((news) => {
      if (news.kind !== "view" || news.view.view.primary !== group.self) return;
      announce().catch((error: unknown) =>
        logger.warn(`service "${spec.name}": its new members are not made known`, { error }),
      );
    });
    return {
      reference: orb.object_to_string(now()),
      announce,
      // The names lead to the others from now on.
      withdraw: () => {
        unwatch();
        this.#options.discovery?.withdraw(spec.name, this.#options.instance);
        return Promise.resolve();
      },
      deactivate: end,
    };
  }

  async #inLane(spec: ServiceSpec, poa: RTPOA): Promise<Activation> {
    const { id = spec.name } = spec;
    const reference = await poa.activateModule(id, moduleOf(spec));
    return this.#activation(spec, reference, () => poa.deactivateModule(id));
  }

  #activation(
    spec: ServiceSpec,
    reference: ObjectReference,
    deactivate: () => Promise<void>,
  ): Activation {
    const text = this.#options.orb.object_to_string(reference);
    return {
      reference: text,
      announce: () => this.#announce(spec, reference, text),
      withdraw: () => this.#withdraw(spec, text),
      deactivate,
    };
  }

  async #announce(spec: ServiceSpec, reference: ObjectReference, text: string): Promise<void> {
    const { names, discovery, instance } = this.#options;
    for (const each of spec.names) await names.bind(each, reference);
    if (spec.publish)
      discovery?.publish({
        name: spec.name,
        instance,
        reference: text,
        attributes: spec.attributes,
      });
  }

  async #withdraw(spec: ServiceSpec, text: string): Promise<void> {
    const { names, discovery, instance } = this.#options;
    if (spec.publish) discovery?.withdraw(spec.name, instance);
    const results = await Promise.allSettled(spec.names.map((each) => names.unbind(each, text)));
    const failed = results.flatMap((each) =>
      each.status === "rejected" ? [(each.reason as Error).message] : [],
    );
    if (failed.length > 0) throw new Error(failed.join("; "));
  }

  /** `a/b`, made where it is not there. @throws Error for one that is in another lane */
  async #adapter({ poa: path, lane }: ServiceSpec): Promise<RTPOA> {
    const steps = (path ?? standardPath(lane)).split("/");
    let adapter = this.#options.orb.rootPOA;
    for (const [at, name] of steps.entries()) {
      const own = at === steps.length - 1 ? lane : undefined;
      adapter = await this.#child(adapter, steps.slice(0, at + 1).join("/"), name, own);
    }
    return adapter;
  }

  async #child(
    parent: RTPOA,
    path: string,
    name: string,
    lane: string | undefined,
  ): Promise<RTPOA> {
    let known = this.#adapters.get(path);
    if (known === undefined) {
      known = { lane, made: this.#make(parent, name, lane) };
      this.#adapters.set(path, known);
      // The next service that needs it tries again.
      known.made.catch(() => this.#adapters.delete(path));
    }
    if (known.lane !== lane)
      throw new Error(
        `poa "${path}" is in ${laneText(known.lane)}, and cannot be in ${laneText(lane)}, too: give the service another poa`,
      );
    return await known.made;
  }

  async #make(parent: RTPOA, name: string, lane: string | undefined): Promise<RTPOA> {
    const { pool, lanes } = this.#options;
    if (lane === undefined) {
      const made = await parent.createPoa(name, LASTING);
      made.the_POAManager.activate();
      return made;
    }
    const config = lanes[lane];
    if (pool === undefined || config === undefined) {
      const there = Object.keys(lanes).join(", ");
      throw new Error(`there is no lane "${lane}"; there are: ${there === "" ? "none" : there}`);
    }
    const made = await parent.createPoa(name, {
      ...LASTING,
      threadpool: pool,
      priorityModel: { model: "SERVER_DECLARED", priority: config.priority ?? 0 },
    });
    made.the_POAManager.activate();
    return made;
  }
}
