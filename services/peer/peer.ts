import { type Clock, Deadline, type Logger } from "../../orb/base/index.ts";
import type { CosNaming } from "../../idl/index.ts";
import type { Metrics, ORB, Replicator } from "../../orb/index.ts";
import {
  type HealthEndpoint,
  type HealthSource,
  openHealth,
  type PartState,
} from "../health/index.ts";
import type { LaneConfig } from "../lanes/index.ts";
import { monitorOf } from "../monitor/index.ts";
import { type NamingService, startNaming } from "../naming/index.ts";
import { QosClient, runtimeDemand } from "../qos/index.ts";
import { Activator } from "./activator.ts";
import { AllowList } from "./allow-list.ts";
import { ControlServant, serveControl } from "./control-servant.ts";
import { parseAddress } from "../group-net/index.ts";
import type { NamesNode } from "../names/index.ts";
import { ReplicatedStore } from "../names-node/index.ts";
import { PeerGroups, SiteNotice, stepOf } from "../peer-groups/index.ts";
import { type PeerNode, printEndpoint } from "../p3-net/index.ts";
import { serveFaults } from "./faults.ts";
import { Names } from "./names.ts";
import type { News } from "./news.ts";
import type { PeerSettings, QosTable } from "./options.ts";
import { isIn, type OverlayNode, standingText } from "./overlay-node.ts";
import { isDecided, namesState, openNamesNode, openP3Node } from "./p3-node.ts";
import { Parts } from "./parts.ts";
import type { ServiceRunner, ServiceSpec } from "./service-runner.ts";
import { Services } from "./services.ts";
import { openStaticNode } from "./static-node.ts";
import { topologyOf } from "./topology.ts";

/** An ORB with the lanes of the configuration. */
export interface PeerOrb {
  readonly orb: ORB;
  /** The thread pool of the lanes; undefined where there are none. */
  readonly pool: number | undefined;
}

/** What a peer is made of beside its settings. */
export interface PeerOptions {
  readonly name: string;
  readonly settings: PeerSettings;
  readonly lanes: Readonly<Record<string, LaneConfig>>;
  readonly services: readonly ServiceSpec[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly news: News;
  readonly metrics: HealthSource["metrics"];
  /** Where its groups are measured. */
  readonly measures?: Metrics;
  /**
   * @param qos the daemon's client, where one answered
   * @param replicator where POAs can be replicated
   */
  readonly openOrb: (
    qos: QosClient | undefined,
    replicator: Replicator | undefined,
  ) => Promise<PeerOrb>;
  /** Aborted: the start is given up, and what was started ends. */
  readonly signal: AbortSignal;
}

/** A peer at work. */
export interface RunningPeer {
  readonly name: string;
  readonly orb: ORB;
  /** `http://HOST:PORT`; undefined where there is no endpoint. */
  readonly health: string | undefined;
  readonly overlay: OverlayNode | undefined;
  readonly naming: NamingService | undefined;
  readonly services: Services;
  /** Each part, and whether it is ready. */
  parts(): Readonly<Record<string, PartState>>;
  /** Settled when all parts are ready, with true; false when `signal` is aborted before. */
  whenReady(signal: AbortSignal): Promise<boolean>;
  /**
   * Ends all of it in order: services, names, the place among the peers, the ORB.
   * @returns parts that had not ended when the time was over
   */
  stop(stopMs: number): Promise<readonly string[]>;
}

/** The attribute that tells where a peer's ORB is reached. */
const ORB_ADDRESS = "orb";
/** Attributes of the configuration by which a site for a replica is chosen. */
const ZONE = "zone";
const LOAD = "load";
/** Addresses beside its own that a reference to a naming context has. */
const MOST_ALTERNATES = 4;

/** An empty part: nothing is there to be closed. */
const nothing = (): Promise<void> => Promise.resolve();

function hostAndPort(text: string): { readonly host: string; readonly port: number } {
  const at = text.lastIndexOf(":");
  return { host: text.slice(0, at).replaceAll(/[[\]]/g, ""), port: Number(text.slice(at + 1)) };
}

class Peer implements RunningPeer {
  readonly name: string;
  readonly #options: PeerOptions;
  readonly #parts: Parts;
  #orb: ORB | undefined;
  #health: HealthEndpoint | undefined;
  #overlay: OverlayNode | undefined;
  #naming: NamingService | undefined;
  #services: Services | undefined;
  #p3: PeerNode | undefined;
  #groups: PeerGroups | undefined;
  #qos: QosClient | undefined;
  #site: SiteNotice | undefined;
  #names: NamesNode | undefined;
  readonly #ending: AbortController = new AbortController();
  #beginning: Promise<void> | undefined;

  constructor(options: PeerOptions) {
    this.name = options.name;
    this.#options = options;
    const { clock, logger, settings } = options;
    this.#parts = new Parts({ clock, logger, startMs: settings.process.startMs });
  }

  get orb(): ORB {
    if (this.#orb === undefined) throw new TypeError("the peer has not started");
    return this.#orb;
  }

  get health(): string | undefined {
    return this.#health?.url;
  }

  get overlay(): OverlayNode | undefined {
    return this.#overlay;
  }

  get naming(): NamingService | undefined {
    return this.#naming;
  }

  get services(): Services {
    if (this.#services === undefined) throw new TypeError("the peer has not started");
    return this.#services;
  }

  async start(): Promise<void> {
    try {
      await this.#startHealth();
      const qos = await this.#startQos();
      this.#qos = qos;
      await this.#startGroups();
      const made = await this.#startOrb(qos);
      await this.#startOverlay();
      await this.#startNaming(made.orb);
      await this.#startServices(made);
      await this.#startMonitor(made.orb);
      await this.#startControl(made.orb);
      await this.#startChaos(made.orb);
      this.#check();
      this.#beginning = this.#begin();
    } catch (thrown) {
      await this.stop(this.#options.settings.process.stopMs);
      throw thrown;
    }
  }

  parts(): Readonly<Record<string, PartState>> {
    return this.#parts.states();
  }

  whenReady(signal: AbortSignal): Promise<boolean> {
    return this.#until(() => Object.values(this.parts()).every(({ ready }) => ready), signal);
  }

  /** Settled with true when it holds, looked at whenever there is news; false when `signal` is aborted before. */
  #until(holds: () => boolean, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    if (holds()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (isSo: boolean): void => {
        unwatch();
        signal.removeEventListener("abort", onAbort);
        resolve(isSo);
      };
      const onAbort = (): void => settle(false);
      const unwatch = this.#options.news.watch(() => {
        if (holds()) settle(true);
      });
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  async stop(stopMs: number): Promise<readonly string[]> {
    this.#ending.abort();
    this.#options.news.tell("state", { kind: "ending" });
    const unfinished = await this.#parts.stop(Deadline.after(this.#options.clock, stopMs));
    if (unfinished.length === 0) await this.#beginning;
    return unfinished;
  }

  /** Starts the services when there is a way to bind their names. */
  async #begin(): Promise<void> {
    const signal = AbortSignal.any([this.#options.signal, this.#ending.signal]);
    const names = this.#names;
    if (await this.#until(() => names === undefined || isDecided(names), signal))
      await this.services.startAll();
  }

  #check(): void {
    this.#options.signal.throwIfAborted();
  }

  async #startHealth(): Promise<void> {
    this.#check();
    const { settings, news, metrics, clock } = this.#options;
    const { enabled, listen, mostClients, mostEvents, origins } = settings.health;
    if (!enabled) return;
    const source: HealthSource = {
      alive: () => true,
      parts: () => this.#parts.states(),
      metrics,
      topology: () =>
        topologyOf(this.name, {
          node: this.#overlay,
          services: this.#services,
          groups: this.#groups?.replicator.doors.values() ?? [],
        }),
      watch: (heard) => news.watch(heard),
    };
    this.#health = await this.#parts.start(
      "health",
      () =>
        openHealth({
          source,
          ...hostAndPort(listen),
          mostClients,
          mostEvents,
          allowsOrigin: (origin) => origins.includes(origin),
          wallMs: () => clock.wallMs(),
        }),
      (endpoint) => endpoint.close(),
    );
  }

  async #startQos(): Promise<QosClient | undefined> {
    this.#check();
    const { settings, logger } = this.#options;
    if (!settings.qos.use) return undefined;
    return await this.#parts.start(
      "qos",
      () =>
        QosClient.open({
          socket: settings.qos.socket,
          runtime: runtimeOf(this.name, settings.qos),
          logger,
        }),
      (client) => client?.close() ?? nothing(),
      (client) => ({
        // Lanes serve without a reservation, too.
        ready: true,
        state: client?.isConnected === true ? "reserved" : "no daemon answers",
      }),
    );
  }

  async #startGroups(): Promise<void> {
    this.#check();
    const { settings, clock, logger, news, measures } = this.#options;
    const { groups: table, overlay } = settings;
    if (!table.enabled) return;
    const options = {
      table,
      host: overlay.host,
      site: this.name,
      clock,
      logger,
      tell: (what: Readonly<Record<string, unknown>>) => news.tell("views", what),
      ...(measures === undefined ? {} : { metrics: measures }),
    };
    this.#groups = await this.#parts.start(
      "groups",
      () => PeerGroups.open(options),
      (groups) => groups[Symbol.asyncDispose](),
    );
  }

  async #startOrb(qos: QosClient | undefined): Promise<PeerOrb> {
    this.#check();
    const { clock } = this.#options;
    const made = await this.#parts.start(
      "orb",
      () => this.#options.openOrb(qos, this.#groups?.replicator),
      async ({ orb }, deadline) => {
        await orb.shutdown(Math.max(1, deadline.remainingMs(clock)));
        await orb.destroy();
      },
    );
    this.#orb = made.orb;
    return made;
  }

  async #startOverlay(): Promise<void> {
    this.#check();
    const { settings, news, logger, clock } = this.#options;
    const { kind, attributes } = settings.overlay;
    if (kind === "none") return;
    const node = await this.#parts.start(
      "overlay",
      async (): Promise<OverlayNode> => {
        if (kind === "static") return await openStaticNode({ settings: settings.overlay, logger });
        this.#p3 = await openP3Node(settings.overlay, logger, this.#options.signal);
        return this.#p3;
      },
      (open) => {
        this.#site?.[Symbol.dispose]();
        return open.close();
      },
      ({ overlay }) => {
        const standing = overlay.membership.standing();
        return { ready: isIn(standing), state: standingText(standing) };
      },
    );
    this.#overlay = node;
    const { overlay } = node;
    overlay.watch((event) => {
      news.tellOverlay(event);
      if (event.kind === "standing")
        logger.info("this peer's place has changed", { standing: standingText(event.standing) });
    });
    const [address] = this.orb.publishedAddresses;
    const at = address === undefined ? undefined : printEndpoint(address.host, address.port);
    overlay.discovery.describe({
      ...attributes,
      peer: this.name,
      ...(at === undefined ? {} : { [ORB_ADDRESS]: at }),
    });
    if (this.#groups !== undefined && at !== undefined)
      this.#site = new SiteNotice({
        discovery: overlay.discovery,
        instance: node.ref.id,
        card: {
          name: this.name,
          orb: at,
          groups: this.#groups.address,
          zone: attributes[ZONE],
        },
        load: attributes[LOAD],
        clock,
      });
    overlay.membership.join();
  }

  async #startNaming(orb: ORB): Promise<void> {
    this.#check();
    const { kind, realm, idleIteratorMs, mostIterators } = this.#options.settings.naming;
    if (kind === "none") return;
    if (kind === "replicated") await this.#startNames();
    const names = this.#names;
    this.#naming = await this.#parts.start(
      "naming",
      () =>
        startNaming({
          orb,
          idleIteratorMs,
          mostIterators,
          ...(names === undefined
            ? {}
            : {
                store: new ReplicatedStore(names),
                realm,
                others: () => this.#otherAddresses(),
              }),
        }),
      (service) => service.close(),
    );
  }

  /** Where some of the other peers' ORBs are reached: references of contexts name them, too. */
  #otherAddresses(): readonly { readonly host: string; readonly port: number }[] {
    const node = this.#overlay;
    if (node === undefined) return [];
    return node.overlay.membership
      .tree()
      .flatMap(({ members }) => members)
      .filter(({ ref }) => ref.id !== node.ref.id)
      .flatMap(({ attributes }) => parseAddress(String(attributes[ORB_ADDRESS])) ?? [])
      .slice(0, MOST_ALTERNATES);
  }

  /** The names of all peers, which a majority of the voters decides on. */
  async #startNames(): Promise<void> {
    const { settings, clock, logger, news } = this.#options;
    const { naming } = settings;
    const node = this.#p3;
    if (node === undefined)
      throw new TypeError('naming.kind "replicated" without overlay.kind "p3"');
    this.#names = await this.#parts.start(
      "names",
      () => openNamesNode(naming, node, clock, logger, (event) => news.tell("names", { ...event })),
      (names) => names.close(),
      (names) => namesState(names, naming.voters),
    );
  }

  async #startServices({ orb, pool }: PeerOrb): Promise<void> {
    this.#check();
    const { clock, logger, lanes, settings, news, services: specs } = this.#options;
    const naming = this.#naming;
    const names = new Names(orb, () =>
      Promise.resolve((naming?.root ?? null) as CosNaming.NamingContext | null),
    );
    const activator = new Activator({
      orb,
      lanes,
      pool,
      names,
      naming: naming?.root,
      logger,
      peer: this.name,
      discovery: this.#overlay?.overlay.discovery,
      instance: this.#overlay?.ref.id ?? this.name,
      groups: this.#groups,
      qos: this.#qos,
      clock,
      placing: (event) => {
        const step = stepOf(event);
        news.tell("placing", { ...event, ...(step === undefined ? {} : { step }) });
        logger.info(`group "${event.group}": ${event.kind}`, { ...event, step });
      },
    });
    const changed = ({ spec, state }: ServiceRunner): void =>
      news.tell("services", { name: spec.name, ...state });
    this.#services = await this.#parts.start(
      "services",
      () =>
        Promise.resolve(
          new Services({
            specs,
            activate: (spec, signal) => activator.activate(spec, signal),
            allowed: new AllowList(settings.control.allow, "/"),
            clock,
            logger,
            changed,
          }),
        ),
      (services) => services.close(),
      (services) => services.state(),
    );
  }

  async #startMonitor(orb: ORB): Promise<void> {
    this.#check();
    const { settings, clock, logger } = this.#options;
    if (!settings.monitor.enabled) return;
    await this.#parts.start(
      "monitor",
      () => monitorOf(orb, settings.monitor, clock, logger),
      (monitor) => monitor.close(),
    );
  }

  async #startChaos(orb: ORB): Promise<void> {
    this.#check();
    const { settings, clock, logger } = this.#options;
    if (!settings.chaos.enabled) return;
    await this.#parts.start(
      "chaos",
      () => serveFaults(orb, settings.chaos, clock, logger),
      (end) => end(),
    );
  }

  async #startControl(orb: ORB): Promise<void> {
    this.#check();
    const { access } = this.#options.settings.control;
    if (access === "none") return;
    const isFull = access === "full";
    await this.#parts.start(
      "control",
      () =>
        serveControl(orb, {
          servant: new ControlServant(this.name, access, this.services),
          services: this.services,
          names: isFull ? this.#names : undefined,
          groups: isFull ? this.#groups?.replicator.doors : undefined,
        }),
      (end) => end(),
    );
  }
}

function runtimeOf(name: string, qos: QosTable): Parameters<typeof QosClient.open>[0]["runtime"] {
  const { runtimeUs = 0, periodUs = 0 } = qos.realtime ?? {};
  return runtimeDemand({
    name: name.slice(0, 48),
    partition: qos.partition,
    cpu_percent: qos.cpuPercent,
    realtime: { runtime_us: runtimeUs, period_us: periodUs },
    own_cores: qos.ownCores,
    memory_octets: BigInt(qos.memoryOctets),
    io_weight: qos.ioWeight,
  });
}

/**
 * Starts a peer, part by part: health, QoS, the ORB with its lanes, the overlay, naming, services, control. Services
 * that fail are tried again; `/readyz` tells.
 * @throws PartFailed, or the signal's reason; what had been started has ended then
 */
export async function startPeer(options: PeerOptions): Promise<RunningPeer> {
  const peer = new Peer(options);
  await peer.start();
  return peer;
}
