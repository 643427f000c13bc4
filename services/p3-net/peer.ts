import { lookup } from "node:dns/promises";
import { noLogger, systemClock, systemRandom } from "../../orb/base/index.ts";
import type { Clock, Logger, Random } from "../../orb/index.ts";
import type { Overlay, OverlayEvent, PeerId, PeerRef } from "../overlay/index.ts";
import { P3_DEFAULTS, P3Overlay, type P3Settings } from "../p3/index.ts";
import { type Beat, isBeat } from "../p3-wire/index.ts";
import { plainHost, printPlace } from "./address.ts";
import { BeatLane } from "./beat-lane.ts";
import { Bootstrap, readSeeds } from "./bootstrap.ts";
import { type Carrier, Carriers } from "./carriers.ts";
import { HeartbeatThread } from "./heartbeat-thread.ts";
import type { HeardBeat } from "./lane-messages.ts";
import {
  ANY_PORTS,
  DEFAULT_PRIORITIES,
  DEFAULT_STALL_PATIENCE_MS,
  type OpenPeerOptions,
} from "./options.ts";
import { PeerServices } from "./services.ts";

/** Milliseconds for the words of farewell to leave. */
const FAREWELL_MS = 500;
const ID_OCTETS = 12;
/** What was heard longer ago than this is not so any more. */
const STALE_MS = 1_000;

/** A peer of P3 on the network. It joins when its `overlay.membership` is told to. */
export interface PeerNode extends AsyncDisposable {
  readonly overlay: Overlay;
  readonly ref: PeerRef;
  /** Neighbours whose process lives and whose main thread does not run, and for how long, in milliseconds. */
  readonly stalled: ReadonlyMap<PeerId, number>;
  /** The channel of that name to all peers; the same name on each. */
  carrier(channel: string): Carrier;
  /** Leaves in order, and gives everything back. */
  close(): Promise<void>;
}

/**
 * Opens the three endpoints of a peer, finds its seeds, and puts the machine of P3 upon them.
 * @throws RangeError for options that are wrong; INITIALIZE or Error for an endpoint that cannot be had
 */
export async function openPeer(options: OpenPeerOptions): Promise<PeerNode> {
  const { signal, logger: log = noLogger, clock = systemClock } = options;
  signal?.throwIfAborted();
  const node = new Node(log, clock);
  try {
    await node.open(options);
    signal?.throwIfAborted();
    return node;
  } catch (error) {
    await node.close();
    throw error;
  }
}

class Node implements PeerNode {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #stalled: Map<PeerId, { readonly forMs: number; readonly atMs: number }> = new Map();
  #patienceMs: number = DEFAULT_STALL_PATIENCE_MS;
  #ref: PeerRef = { id: "", address: "" };
  #lane: BeatLane | undefined;
  #services: PeerServices | undefined;
  #bootstrap: Bootstrap | undefined;
  #overlay: P3Overlay | undefined;
  #carriers: Carriers | undefined;
  #isFlushing = false;
  #closing: Promise<void> | undefined;

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  get overlay(): Overlay {
    if (this.#overlay === undefined) throw new TypeError("the peer is not open");
    return this.#overlay;
  }

  get ref(): PeerRef {
    return this.#ref;
  }

  get stalled(): ReadonlyMap<PeerId, number> {
    const sinceMs = this.#clock.nowMs() - STALE_MS;
    const stalled = new Map<PeerId, number>();
    // Of one that is no neighbour any more nothing else is heard.
    for (const [id, { forMs, atMs }] of this.#stalled)
      if (atMs < sinceMs) this.#stalled.delete(id);
      else stalled.set(id, forMs);
    return stalled;
  }

  carrier(channel: string): Carrier {
    if (this.#carriers === undefined) throw new TypeError("the peer is not open");
    return this.#carriers.carrier(channel);
  }

  async open(options: OpenPeerOptions): Promise<void> {
    const { host, ports = ANY_PORTS, checksHosts = true, random = systemRandom } = options;
    const listenHost = options.listenHost ?? host;
    const settings: P3Settings = { ...P3_DEFAULTS, ...options.settings };
    const priorities = { ...DEFAULT_PRIORITIES, ...options.priorities };
    const places = readSeeds(options.seeds);
    this.#patienceMs = options.stallPatienceMs ?? DEFAULT_STALL_PATIENCE_MS;
    const address = plainHost((await lookup(host)).address);
    const { lane, port: faultTolerance } = await BeatLane.start({
      birth: {
        listenHost,
        listenPort: ports.faultTolerance,
        heartbeatMs: settings.heartbeatMs,
        priority: priorities.faultTolerance,
        checksHosts,
      },
      thread: options.heartbeats ?? new HeartbeatThread(),
      ears: { heard: (beat) => this.#heard(beat), gone: (peer) => this.#gone(peer) },
      clock: this.#clock,
      log: this.#log,
    });
    this.#lane = lane;
    const services = await PeerServices.open(
      {
        listenHost,
        ports,
        priorities,
        checksHosts,
        transport: options.transport,
        clock: this.#clock,
        log: this.#log,
      },
      {
        receive: (sender, message) => this.#overlay?.receive(sender, message),
        carried: (sender, channel, message) => this.#carried(sender, channel, message),
        gone: (peer) => this.#gone(peer),
      },
    );
    this.#services = services;
    this.#ref = {
      id: options.id ?? newId(random),
      address: printPlace({
        host: address,
        ...(options.publishedPorts ?? { ...services.ports, faultTolerance }),
      }),
    };
    lane.introduce(this.#ref);
    this.#carriers = new Carriers(this.#ref, (to, channel, message) =>
      services.carry(this.#ref, to, channel, message),
    );
    const bootstrap = new Bootstrap({
      seeds: places,
      multicast: options.multicast,
      checksHosts,
      self: this.#ref,
      changed: (seeds) => this.#overlay?.setSeeds(seeds),
      clock: this.#clock,
      log: this.#log,
    });
    this.#bootstrap = bootstrap;
    const seeds = await bootstrap.first();
    this.#overlay = new P3Overlay({
      ref: this.#ref,
      role: options.role ?? "superpeer",
      settings: { ...settings, seeds },
      random,
      clock: this.#ticks(),
      send: (to, message) => {
        if (isBeat(message)) this.#send(to, message);
        else services.send(this.#ref, to, message);
      },
    });
    this.#overlay.watch((event) => this.#note(event));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    if (this.#overlay !== undefined && this.#services !== undefined) {
      this.#overlay.leave();
      await this.#farewell(this.#services);
    }
    await Promise.all([
      this.#bootstrap?.[Symbol.asyncDispose](),
      this.#services?.[Symbol.asyncDispose](),
      this.#lane?.[Symbol.asyncDispose](),
    ]);
  }

  async #farewell(services: PeerServices): Promise<void> {
    let late!: () => void;
    const timer = this.#clock.timer(FAREWELL_MS, () => late());
    await Promise.race([services.idle(), new Promise<void>((resolve) => (late = resolve))]);
    timer.cancel();
  }

  /** The machine's clock: before each period what came is heard, after it what is to be sent leaves. */
  #ticks(): Clock {
    const clock = this.#clock;
    return {
      nowMs: () => clock.nowMs(),
      wallMs: () => clock.wallMs(),
      timer: (delayMs, fire) =>
        clock.timer(delayMs, () => {
          this.#lane?.drain();
          fire();
          this.#lane?.flush();
        }),
    };
  }

  #send(to: PeerRef, beat: Beat): void {
    this.#lane?.add({ to, beat });
    // Those of a period leave with its end; others, of a new link, with the turn.
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.#lane?.flushAdded();
    });
  }

  #heard({ from, beat, stalledMs }: HeardBeat): void {
    if (stalledMs === 0) this.#stalled.delete(from.id);
    else this.#stalled.set(from.id, { forMs: stalledMs, atMs: this.#clock.nowMs() });
    // Beyond that its links are as silent as those of the dead.
    if (stalledMs <= this.#patienceMs) this.#overlay?.receive(from, beat);
  }

  /** What the machine does not act upon is for people; it tells of no more than so many in each period. */
  #note(event: OverlayEvent): void {
    if (event.kind === "rejected") {
      const { from, message, reason } = event;
      this.#log.info("a message was not acted upon", { from, message, reason });
    } else if (event.kind === "refused") {
      const { by, reason } = event;
      this.#log.info("joining was refused", { by, reason });
    } else if (event.kind === "shunned") {
      this.#log.warn("this peer was taken for dead, and joins again");
    }
  }

  #gone(peer: PeerRef): void {
    this.#stalled.delete(peer.id);
    this.#overlay?.broken(peer);
  }

  #carried(sender: PeerRef, channel: string, message: Uint8Array): void {
    if (this.#carriers?.receive(sender, channel, message) === false)
      this.#log.debug("a message of an unknown channel", { channel, peer: sender });
  }
}

function newId(random: Random): PeerId {
  return Buffer.from(random.octets(ID_OCTETS)).toString("base64url");
}
