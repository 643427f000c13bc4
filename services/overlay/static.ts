import type { Clock, Timer } from "../../orb/base/index.ts";
import { type DetectorSettings, PhiDetector } from "./detector.ts";
import { isWanted, servicesOf } from "./matching.ts";
import type { AttributeValue, PeerEntry, PeerId, PeerRef, Service } from "./peer.ts";
import type {
  Answer,
  Discovery,
  FaultTolerance,
  Found,
  KnownCell,
  Membership,
  Overlay,
  OverlayEvent,
  Query,
  Standing,
} from "./port.ts";
import { Watchers } from "./watchers.ts";

/** What the peers of a fixed list say to each other. */
export type StaticMessage =
  | { readonly kind: "here"; readonly entry: PeerEntry }
  | { readonly kind: "leave" };

export interface StaticOptions {
  readonly self: PeerRef;
  /** Every peer there can be, this one among them, in the same order everywhere. */
  readonly peers: readonly PeerRef[];
  readonly heartbeatMs: number;
  readonly detector: DetectorSettings;
  readonly clock: Clock;
  /** Sends without waiting; what is lost is not told. */
  readonly send: (to: PeerRef, message: StaticMessage) => void;
}

interface Neighbour {
  readonly entry: PeerEntry;
  readonly detector: PhiDetector;
}

/** The cell that all are in. */
const ONLY_CELL = "1";

/**
 * An overlay for a handful of peers that are known beforehand: each tells all others what it is, with every
 * heartbeat. One cell, whose coordinator is the first of the list that lives; every question is answered at home.
 */
export class StaticOverlay implements Overlay, Membership, Discovery, FaultTolerance, Disposable {
  readonly #options: StaticOptions;
  readonly #watchers = new Watchers();
  readonly #neighbours: Map<PeerId, Neighbour> = new Map();
  #self: PeerEntry;
  #phase: "out" | "in" | "left" = "out";
  #timer: Timer | undefined;
  #reported = "";

  /** @throws RangeError when the list does not name this peer */
  constructor(options: StaticOptions) {
    if (!options.peers.some(({ id }) => id === options.self.id))
      throw new RangeError(`peer ${options.self.id} is not in the list of peers`);
    this.#options = options;
    this.#self = {
      ref: options.self,
      role: "superpeer",
      version: 1,
      services: [],
      attributes: {},
    };
  }

  get membership(): Membership {
    return this;
  }

  get discovery(): Discovery {
    return this;
  }

  get faultTolerance(): FaultTolerance {
    return this;
  }

  watch(heard: (event: OverlayEvent) => void): () => void {
    return this.#watchers.add(heard);
  }

  join(): void {
    if (this.#phase !== "out") return;
    this.#phase = "in";
    this.#beat();
  }

  leave(): void {
    if (this.#phase === "in") this.#tellAll({ kind: "leave" });
    this.#phase = "left";
    this.#neighbours.clear();
    this.#report();
    this[Symbol.dispose]();
  }

  standing(): Standing {
    if (this.#phase !== "in") return { at: this.#phase };
    const [first] = this.cell();
    return first === undefined || first.ref.id === this.#self.ref.id
      ? { at: "coordinator", cell: ONLY_CELL, up: "root" }
      : { at: "member", cell: ONLY_CELL, coordinator: first.ref };
  }

  links(): readonly PeerRef[] {
    const [first, ...others] = this.cell().map(({ ref }) => ref);
    const { id } = this.#self.ref;
    return first === undefined || first.id === id ? others : [first];
  }

  cell(): readonly PeerEntry[] {
    if (this.#phase !== "in") return [];
    return this.#options.peers.flatMap(({ id }) => {
      if (id === this.#self.ref.id) return [this.#self];
      return this.#neighbours.get(id)?.entry ?? [];
    });
  }

  tree(): readonly KnownCell[] {
    const members = this.cell();
    const [first] = members;
    return first === undefined ? [] : [{ cell: ONLY_CELL, coordinator: first.ref.id, members }];
  }

  publish(service: Service): void {
    this.#change({ services: [...this.#without(service), service] });
  }

  withdraw(name: string, instance: string): void {
    this.#change({ services: this.#without({ name, instance }) });
  }

  describe(attributes: Readonly<Record<string, AttributeValue>>): void {
    this.#change({ attributes });
  }

  ask(query: Query, done: (answer: Answer) => void): void {
    const found = this.#search(query);
    done(found.length > 0 ? { kind: "found", found, hops: 0 } : { kind: "none", hops: 0 });
  }

  /** Nothing is remembered beyond what the peers themselves tell. */
  discredit(): void {}

  sites(count: number, except: readonly PeerId[], done: (answer: Answer) => void): void {
    this.ask({ of: "peer", role: "superpeer", except, count }, done);
  }

  suspicion(peer: PeerId): number | undefined {
    return this.#neighbours.get(peer)?.detector.phi(this.#options.clock.nowMs());
  }

  /** A message came. Peers that are not in the list are not heard. */
  receive(from: PeerRef, message: StaticMessage): void {
    const isListed = this.#options.peers.some(
      ({ id, address }) => id === from.id && address === from.address,
    );
    if (this.#phase !== "in" || !isListed || from.id === this.#self.ref.id) return;
    if (message.kind === "leave") return this.#lose(from, "left");
    if (message.entry.ref.id !== from.id) return;
    const nowMs = this.#options.clock.nowMs();
    const known = this.#neighbours.get(from.id);
    const detector = known?.detector ?? new PhiDetector(this.#options.detector, nowMs);
    detector.heard(nowMs);
    // One that was overtaken must not undo a later one.
    const isNews = known === undefined || message.entry.version > known.entry.version;
    this.#neighbours.set(from.id, { entry: isNews ? message.entry : known.entry, detector });
    if (known !== undefined) return;
    this.#watchers.tell({ kind: "joined", peer: from, role: message.entry.role });
    this.#options.send(from, { kind: "here", entry: this.#self });
    this.#report();
  }

  /** The connection to a peer broke. */
  broken(peer: PeerRef): void {
    this.#lose(peer, "reset");
  }

  /** Ends the heartbeats; nobody is told. */
  [Symbol.dispose](): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #beat(): void {
    const nowMs = this.#options.clock.nowMs();
    for (const { entry, detector } of this.#neighbours.values())
      if (detector.isSuspect(nowMs)) this.#lose(entry.ref, "suspected");
    this.#tellAll({ kind: "here", entry: this.#self });
    this.#report();
    this.#timer = this.#options.clock.timer(this.#options.heartbeatMs, () => this.#beat());
  }

  #tellAll(message: StaticMessage): void {
    for (const peer of this.#options.peers)
      if (peer.id !== this.#self.ref.id) this.#options.send(peer, message);
  }

  #lose(peer: PeerRef, why: "left" | "suspected" | "reset"): void {
    if (!this.#neighbours.delete(peer.id)) return;
    this.#watchers.tell({ kind: "gone", peer, why });
    this.#report();
  }

  #without({ name, instance }: Pick<Service, "name" | "instance">): readonly Service[] {
    return this.#self.services.filter((one) => one.name !== name || one.instance !== instance);
  }

  #change(news: Partial<Pick<PeerEntry, "services" | "attributes">>): void {
    this.#self = { ...this.#self, ...news, version: this.#self.version + 1 };
    if (this.#phase === "in") this.#tellAll({ kind: "here", entry: this.#self });
  }

  #search(query: Query): readonly Found[] {
    if (query.of === "service") return this.cell().flatMap((entry) => servicesOf(entry, query));
    if (query.level !== undefined && query.level !== 0) return [];
    return this.cell()
      .filter((entry) => isWanted(entry, query))
      .toSorted((a, b) => a.services.length - b.services.length)
      .slice(0, query.count)
      .map(({ ref }) => ({ peer: ref, service: undefined }));
  }

  #report(): void {
    const standing = this.standing();
    const text = JSON.stringify(standing);
    if (text === this.#reported) return;
    this.#reported = text;
    this.#watchers.tell({ kind: "standing", standing });
  }
}
