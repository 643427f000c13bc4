import { systemClock } from "../../orb/base/index.ts";
import {
  type Clock,
  type ConnectionEnd,
  type Logger,
  newTcpTransport,
  type ORB,
  ORB_init,
  type Timer,
  type Transport,
  type WatchedConnection,
} from "../../orb/index.ts";
import type { PeerId, PeerRef } from "../overlay/index.ts";
import { type Beat, BeatReceiver, P3, tellBeat } from "../p3-wire/index.ts";
import { parsePlace, printEndpoint } from "./address.ts";
import { examine } from "./examination.ts";
import type { AddressedBeat, FromLane, HeardBeat, LaneBirth, ToLane } from "./lane-messages.ts";
import { type Sender, Senders } from "./senders.ts";
import { KEYS, Ways } from "./ways.ts";

const CONNECT_TIMEOUT_MS = 500;
const IDLE_MS = 10_000;
const MOST_CONNECTIONS = 1_000;
const MOST_QUEUED_OCTETS = 65_536;
const LARGEST_MESSAGE_OCTETS = 262_144;
const KEEP_ALIVE_MS = 10_000;
/** Heartbeats without one of the main thread before this one speaks for it, and says so. */
const QUIET_BEATS = 1.5;
/** A main thread that does not take what came for so many beats is told the latest of each neighbour alone, later. */
const DEAF_BEATS = 5;
/** A link that the main thread does not name any more. */
const OLD_LINK_BEATS = 20;

/** A neighbour that is sent heartbeats. */
interface Link {
  readonly ref: PeerRef;
  number: number;
  text: string;
  /** The connection to it does not know the beat of that number. */
  isNews: boolean;
  namedAtMs: number;
  sentAtMs: number;
}

/** The last beat that a connection brought. */
interface LastBeat {
  readonly number: number;
  readonly beat: Beat;
}

export interface BeatThreadParts {
  readonly birth: LaneBirth;
  readonly post: (message: FromLane) => void;
  readonly log: Logger;
  readonly clock?: Clock;
  readonly transport?: Transport;
}

/**
 * P3::FaultTolerance of a peer: sends and answers its heartbeats in a thread that does nothing else. A main thread that
 * stands still is told to the neighbours; a process that is gone is told to the main thread.
 */
export class BeatThread {
  readonly #parts: BeatThreadParts;
  readonly #clock: Clock;
  readonly #transport: Transport;
  readonly #links: Map<PeerId, Link> = new Map();
  readonly #senders: Senders<LastBeat>;
  readonly #examined: Set<string> = new Set();
  /** What came while the main thread was deaf: the latest of each. */
  readonly #kept: Map<PeerId, HeardBeat> = new Map();
  #orb: ORB | undefined;
  #ways: Ways<P3.FaultTolerance> | undefined;
  #self: PeerRef | undefined;
  #spokenAtMs: number;
  #timer: Timer | undefined;

  constructor(parts: BeatThreadParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
    this.#transport = parts.transport ?? newTcpTransport({ keepAliveMs: KEEP_ALIVE_MS });
    this.#spokenAtMs = this.#clock.nowMs();
    this.#senders = new Senders({
      log: parts.log,
      checksHosts: parts.birth.checksHosts,
      closed: (sender) => this.#lost(sender),
    });
  }

  /** @returns the port it listens on. @throws INITIALIZE when it cannot be had */
  async open(): Promise<number> {
    const { birth, log } = this.#parts;
    const orb = await ORB_init([], {
      transport: this.#senders.transport(this.#transport),
      logger: log,
      connectionWatch: {
        opened: (connection) => this.#opened(connection),
        broken: (connection, end) => this.#broken(connection, end),
      },
      config: {
        orb: {
          listen: [`iiop://${printEndpoint(birth.listenHost, birth.listenPort)}`],
          publish: [`${birth.listenHost}:{port}`],
          deadlineMs: CONNECT_TIMEOUT_MS,
          connectTimeoutMs: CONNECT_TIMEOUT_MS,
          openedIdleMs: IDLE_MS,
          acceptedIdleMs: IDLE_MS * 3,
          maxConnections: MOST_CONNECTIONS,
          maxMessageOctets: LARGEST_MESSAGE_OCTETS,
          maxQueuedOctets: MOST_QUEUED_OCTETS,
        },
      },
    });
    this.#orb = orb;
    this.#ways = new Ways({
      orb,
      service: "faultTolerance",
      repositoryId: P3.FaultTolerance.repositoryId,
      narrow: (reference) => P3.FaultTolerance.uncheckedNarrow(reference),
      // While one is on its way the next is due already: a later one will say more.
      mostWaiting: 1,
      gone: (peer) => this.#parts.post({ kind: "gone", peer }),
      clock: this.#clock,
      log,
    });
    const servant = new BeatReceiver({
      beat: (sender, number, beat) => this.#beat(sender, number, beat),
      again: (number, stalledMs) => this.#again(number, stalledMs),
    });
    const poa = await orb.rootPOA.createPoa("faultTolerance", {
      idAssignment: "USER_ID",
      gate: this.#senders.gate(servant._descriptor, ["again"]),
    });
    orb.bindPlainKey(KEYS.faultTolerance, await poa.activate("faultTolerance", servant));
    orb.rootPOA.the_POAManager.activate();
    this.#watchMain();
    return orb.endpoints[0]?.port ?? 0;
  }

  take(message: ToLane): void {
    switch (message.kind) {
      case "self":
        this.#self = message.ref;
        return;
      case "beats":
        return this.#send(message.beats);
      case "close":
        return void this.close();
    }
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.#orb?.destroy();
    this.#parts.post({ kind: "closed" });
  }

  // Sending.

  #send(beats: readonly AddressedBeat[]): void {
    const nowMs = this.#clock.nowMs();
    this.#spokenAtMs = nowMs;
    for (const [id, heard] of this.#kept) {
      this.#kept.delete(id);
      this.#parts.post({ kind: "heard", ...heard });
    }
    for (const { to, beat } of beats) this.#sendOne(this.#link(to, nowMs), beat, nowMs);
    const oldMs = nowMs - OLD_LINK_BEATS * this.#parts.birth.heartbeatMs;
    for (const [id, link] of this.#links) if (link.namedAtMs < oldMs) this.#links.delete(id);
  }

  #link(to: PeerRef, nowMs: number): Link {
    const known = this.#links.get(to.id);
    if (known !== undefined) {
      known.namedAtMs = nowMs;
      return known;
    }
    const link = { ref: to, number: 0, text: "", isNews: true, namedAtMs: nowMs, sentAtMs: nowMs };
    this.#links.set(to.id, link);
    return link;
  }

  #sendOne(link: Link, beat: Beat, nowMs: number): void {
    const self = this.#self;
    if (self === undefined) return;
    const text = JSON.stringify(beat);
    if (text === link.text && !link.isNews) return this.#sendAgain(link, 0, nowMs);
    const number = (link.number + 1) >>> 0;
    const isTaken = this.#ways?.send(link.ref, (to) => tellBeat(to, self, number, beat)) ?? false;
    if (!isTaken) return;
    link.number = number;
    link.text = text;
    link.isNews = false;
    link.sentAtMs = nowMs;
  }

  #sendAgain(link: Link, stalledMs: number, nowMs: number): void {
    const { number, ref } = link;
    link.sentAtMs = nowMs;
    this.#ways?.send(ref, (to) => to.again(number, Math.round(stalledMs)));
  }

  /** Speaks for the main thread while that does not. */
  #watchMain(): void {
    const { heartbeatMs } = this.#parts.birth;
    this.#timer = this.#clock.timer(heartbeatMs / 2, () => {
      this.#watchMain();
      const nowMs = this.#clock.nowMs();
      const quietMs = nowMs - this.#spokenAtMs;
      if (quietMs < heartbeatMs * QUIET_BEATS) return;
      for (const link of this.#links.values())
        if (link.number > 0 && nowMs - link.sentAtMs >= heartbeatMs)
          this.#sendAgain(link, quietMs, nowMs);
    });
  }

  // Receiving.

  #beat(from: PeerRef, number: number, beat: Beat): void {
    const { current } = this.#senders;
    if (current === undefined) return;
    current.kept = { number, beat };
    this.#heard({ from, beat, stalledMs: 0 });
  }

  #again(number: number, stalledMs: number): void {
    const { current } = this.#senders;
    // The connection is new, and the beat was lost with the one before: the next one is whole.
    if (current?.ref === undefined || current.kept?.number !== number) return;
    this.#heard({ from: current.ref, beat: current.kept.beat, stalledMs });
  }

  #heard(heard: HeardBeat): void {
    const deafMs = this.#clock.nowMs() - this.#spokenAtMs;
    if (deafMs < DEAF_BEATS * this.#parts.birth.heartbeatMs)
      this.#parts.post({ kind: "heard", ...heard });
    else this.#kept.set(heard.from.id, heard);
  }

  // Connections.

  #opened({ route }: WatchedConnection): void {
    for (const link of this.#linksAt(route)) link.isNews = true;
  }

  #broken({ route }: WatchedConnection, end: ConnectionEnd): void {
    if (end.kind === "left") return;
    for (const { ref } of this.#linksAt(route)) this.#examine(ref);
  }

  #lost({ ref }: Sender<LastBeat>): void {
    if (ref !== undefined && this.#links.has(ref.id)) this.#examine(ref);
  }

  #linksAt({ host, port }: { readonly host: string; readonly port: number }): readonly Link[] {
    return [...this.#links.values()].filter(({ ref }) => {
      const place = parsePlace(ref.address);
      return place?.host === host && place.faultTolerance === port;
    });
  }

  #examine(peer: PeerRef): void {
    const place = parsePlace(peer.address);
    if (place?.faultTolerance === undefined || this.#examined.has(peer.id)) return;
    this.#examined.add(peer.id);
    const at = { host: place.host, port: place.faultTolerance };
    void examine(at, this.#transport, this.#clock).then((finding) => {
      this.#examined.delete(peer.id);
      const { log, post } = this.#parts;
      log.debug("the connection of a neighbour broke", { peer, finding });
      if (finding === "gone") post({ kind: "gone", peer });
    });
  }
}
