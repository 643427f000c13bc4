import { type Clock, Deadline, type Logger } from "../../orb/base/index.ts";
import type { CosNaming } from "../../idl/index.ts";
import type { ORB } from "../../orb/index.ts";
import {
  type HealthEndpoint,
  type HealthSource,
  openHealth,
  type PartState,
} from "../health/index.ts";
import type { LaneConfig } from "../lanes/index.ts";
import { type NamingService, startNaming } from "../naming/index.ts";
import { QosClient, runtimeDemand } from "../qos/index.ts";
import { Activator } from "./activator.ts";
import { AllowList } from "./allow-list.ts";
import { ControlServant, PEER_KEY } from "./control-servant.ts";
import { Names } from "./names.ts";
import type { News } from "./news.ts";
import type { PeerSettings, QosTable } from "./options.ts";
import { isIn, type OverlayNode, standingText } from "./overlay-node.ts";
import { openP3Node } from "./p3-node.ts";
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
  /** @param qos the daemon's client, where one answered */
  readonly openOrb: (qos: QosClient | undefined) => Promise<PeerOrb>;
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
      const made = await this.#startOrb(qos);
      await this.#startOverlay();
      await this.#startNaming(made.orb);
      await this.#startServices(made);
      await this.#startControl(made.orb);
      await this.services.startAll();
      this.#check();
    } catch (thrown) {
      await this.stop(this.#options.settings.process.stopMs);
      throw thrown;
    }
  }

  parts(): Readonly<Record<string, PartState>> {
    return this.#parts.states();
  }

  whenReady(signal: AbortSignal): Promise<boolean> {
    const isReady = (): boolean => Object.values(this.parts()).every(({ ready }) => ready);
    if (isReady()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (ready: boolean): void => {
        unwatch();
        signal.removeEventListener("abort", onAbort);
        resolve(ready);
      };
      const onAbort = (): void => settle(false);
      // What makes a part ready is news.
      const unwatch = this.#options.news.watch(() => {
        if (isReady()) settle(true);
      });
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) settle(false);
    });
  }

  stop(stopMs: number): Promise<readonly string[]> {
    this.#options.news.tell("state", { kind: "ending" });
    return this.#parts.stop(Deadline.after(this.#options.clock, stopMs));
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
      topology: () => topologyOf(this.name, this.#overlay, this.#services),
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

  async #startOrb(qos: QosClient | undefined): Promise<PeerOrb> {
    this.#check();
    const { clock } = this.#options;
    const made = await this.#parts.start(
      "orb",
      () => this.#options.openOrb(qos),
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
    const { settings, news, logger } = this.#options;
    const { kind, attributes } = settings.overlay;
    if (kind === "none") return;
    const node = await this.#parts.start(
      "overlay",
      (): Promise<OverlayNode> =>
        kind === "p3"
          ? openP3Node(settings.overlay, logger, this.#options.signal)
          : openStaticNode({ settings: settings.overlay, logger }),
      (open) => open.close(),
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
    overlay.discovery.describe({ ...attributes, peer: this.name });
    overlay.membership.join();
  }

  async #startNaming(orb: ORB): Promise<void> {
    this.#check();
    const { kind, idleIteratorMs, mostIterators } = this.#options.settings.naming;
    if (kind === "none") return;
    this.#naming = await this.#parts.start(
      "naming",
      () => startNaming({ orb, idleIteratorMs, mostIterators }),
      (service) => service.close(),
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
      discovery: this.#overlay?.overlay.discovery,
      instance: this.#overlay?.ref.id ?? this.name,
    });
    const changed = ({ spec, state }: ServiceRunner): void =>
      news.tell("services", { name: spec.name, ...state });
    this.#services = await this.#parts.start(
      "services",
      () =>
        Promise.resolve(
          new Services({
            specs,
            activate: (spec) => activator.activate(spec),
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

  async #startControl(orb: ORB): Promise<void> {
    this.#check();
    const { access } = this.#options.settings.control;
    if (access === "none") return;
    await this.#parts.start(
      "control",
      async () => {
        const poa = await orb.rootPOA.createPoa("peer", {
          lifespan: "PERSISTENT",
          idAssignment: "USER_ID",
        });
        const servant = new ControlServant(this.name, access, this.services);
        orb.bindPlainKey(PEER_KEY, await poa.activate(PEER_KEY, servant));
        poa.the_POAManager.activate();
        return poa;
      },
      async (poa) => {
        orb.bindPlainKey(PEER_KEY, null);
        await poa.destroy(true, true);
      },
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
