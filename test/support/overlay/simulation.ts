import { seededRandom } from "../../../orb/base/index.ts";
import type { Random } from "../../../orb/base/index.ts";
import type {
  Answer,
  OverlayEvent,
  PeerId,
  PeerRef,
  Query,
  Role,
} from "../../../services/overlay/index.ts";
import { type Effect, P3_DEFAULTS, P3Machine } from "../../../services/p3/index.ts";
import type { Message, P3Settings, PeerEvent, Turn } from "../../../services/p3/index.ts";
import { Agenda } from "./agenda.ts";
import { Fetcher } from "./fetcher.ts";
import { type NetworkSettings, QUIET_NETWORK, SimulatedNetwork } from "./network.ts";
import { SimulatedPeer } from "./simulated-peer.ts";

export interface SimulationOptions {
  readonly seed: number;
  readonly network?: NetworkSettings;
  readonly settings?: Partial<P3Settings>;
  /** Called with every event of every peer, for tests that look closely. */
  readonly heard?: (peer: PeerId, event: OverlayEvent, atMs: number) => void;
  /** Called with every message that arrives, before it is acted upon. */
  readonly delivered?: (letter: Delivery) => void;
}

/** A message that arrived. */
export interface Delivery {
  readonly from: PeerRef;
  readonly to: SimulatedPeer;
  readonly message: Message;
}

/** A message on its way, which is what happens to its receiver when it is there. */
interface Letter {
  readonly kind: "message";
  readonly from: SimulatedPeer;
  readonly to: PeerRef;
  readonly message: Message;
}

/** A peer whose next period begins, a message that arrives, or something to do. */
type Happening = SimulatedPeer | Letter | (() => void);

const TICK: PeerEvent = { kind: "tick" };

/** Messages that a frozen peer's sockets keep. */
const KEPT_EVENTS = 1_000;
/** After a process ends its connections are reset this much later, milliseconds. */
const RESET_DELAY_MS = 0.5;

/** Many peers on virtual time: the same seed gives the same run, event by event. */
export class Simulation {
  readonly network: SimulatedNetwork;
  readonly random: Random;
  readonly peers: Map<PeerId, SimulatedPeer> = new Map();
  readonly #delivered: Map<Message["kind"], { n: number; readonly number: number }> = new Map();
  readonly #agenda: Agenda<Happening> = new Agenda((slot) => this.#fetch(slot));
  readonly #options: SimulationOptions;
  readonly #settings: P3Settings;
  readonly #turn: Turn = { nowMs: 0, effects: [] };
  readonly #fetcher = new Fetcher();
  readonly #answers: Map<number, (answer: Answer) => void> = new Map();
  #asked = 0;
  #digest = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.random = seededRandom(options.seed);
    this.#settings = { ...P3_DEFAULTS, ...options.settings };
    this.network = new SimulatedNetwork(
      options.network ?? QUIET_NETWORK,
      seededRandom(options.seed + 1),
    );
  }

  get nowMs(): number {
    return this.#agenda.nowMs;
  }

  /** A number that two runs have in common only when the same messages arrived in the same order. */
  get digest(): number {
    return this.#digest;
  }

  /** Messages delivered, by kind. */
  get delivered(): ReadonlyMap<Message["kind"], number> {
    return new Map([...this.#delivered].map(([kind, { n }]) => [kind, n]));
  }

  /** Those whose process runs. */
  get alive(): readonly SimulatedPeer[] {
    return [...this.peers.values()].filter(({ state }) => state === "alive");
  }

  /** Those of them that were not told to leave. */
  get staying(): readonly SimulatedPeer[] {
    return this.alive.filter(({ hasLeft }) => !hasLeft);
  }

  /** Starts a peer, which joins at once. */
  start(id: PeerId, role: Role = "superpeer", settings: Partial<P3Settings> = {}): SimulatedPeer {
    const isUsual = Object.keys(settings).length === 0;
    const peer = new SimulatedPeer(
      id,
      this.peers.size,
      (ref) =>
        new P3Machine({
          ref,
          role,
          settings: isUsual ? this.#settings : { ...this.#settings, ...settings },
          random: seededRandom(this.random.uint32()),
          turn: this.#turn,
        }),
    );
    this.peers.set(id, peer);
    this.step(peer, { kind: "join" });
    const phaseMs = this.random.number() * this.#settings.heartbeatMs;
    this.#agenda.enter(phaseMs, peer);
    return peer;
  }

  /** The process ends, as by SIGKILL: whoever it is linked to sees a reset when it reaches that host. */
  kill(peer: SimulatedPeer): void {
    peer.state = "dead";
    const { id } = peer.ref;
    for (const other of this.peers.values())
      if (
        other.machine.suspicion(id) !== undefined &&
        other.state !== "dead" &&
        this.network.isReachable(id, other.ref.id)
      )
        this.#agenda.enter(RESET_DELAY_MS, () =>
          this.#arrive(other, peer, { kind: "reset", peer }),
        );
  }

  /** The machine goes dark: nothing is reset, nothing is answered. */
  unplug(peer: SimulatedPeer): void {
    peer.isPlugged = false;
    peer.state = "dead";
  }

  /** The process stands still, as by SIGSTOP. */
  freeze(peer: SimulatedPeer): void {
    if (peer.state === "alive") peer.state = "frozen";
  }

  /** It goes on, with what came in the meantime. */
  thaw(peer: SimulatedPeer): void {
    if (peer.state !== "frozen") return;
    peer.state = "alive";
    for (const event of peer.kept.splice(0)) this.step(peer, event);
    this.#agenda.enter(0, peer);
  }

  leave(peer: SimulatedPeer): void {
    peer.hasLeft = true;
    this.step(peer, { kind: "leave" });
  }

  ask(peer: SimulatedPeer, query: Query, done: (answer: Answer) => void): void {
    const id = ++this.#asked;
    this.#answers.set(id, done);
    this.step(peer, { kind: "ask", id, query });
  }

  /** Does something at a later instant. */
  after(delayMs: number, action: () => void): void {
    this.#agenda.enter(delayMs, action);
  }

  /** Lets the time pass. */
  run(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const happening = this.#agenda.next(endMs);
      if (happening === undefined) return;
      if (typeof happening === "function") happening();
      else if (happening instanceof SimulatedPeer) this.#tick(happening);
      else this.#deliver(happening);
    }
  }

  /** @returns milliseconds until the condition held; undefined when it did not within `mostMs` */
  runUntil(holds: () => boolean, mostMs: number, everyMs: number = 50): number | undefined {
    const startMs = this.nowMs;
    while (this.nowMs - startMs < mostMs) {
      if (holds()) return this.nowMs - startMs;
      this.run(everyMs);
    }
    return holds() ? this.nowMs - startMs : undefined;
  }

  step(peer: SimulatedPeer, event: PeerEvent): void {
    for (const effect of peer.machine.step(event, this.nowMs)) this.#perform(peer, effect);
  }

  /** All that are about to be stepped. */
  #fetch(slot: readonly Happening[]): void {
    const fetcher = this.#fetcher;
    for (const happening of slot) {
      if (typeof happening === "function") continue;
      const peer = happening instanceof SimulatedPeer ? happening : happening.to;
      if (peer instanceof SimulatedPeer) fetcher.add(peer);
    }
    fetcher.fetch();
  }

  #tick(peer: SimulatedPeer): void {
    if (peer.state !== "alive") return;
    this.#agenda.enter(this.#settings.heartbeatMs, peer);
    this.step(peer, TICK);
  }

  #deliver(letter: Letter): void {
    const { to, from } = letter;
    const peer = to instanceof SimulatedPeer ? to : this.peers.get(to.id);
    if (peer === undefined) return;
    this.#arrive(peer, from, letter);
    // The machine takes no connection for a process that is gone, and says so.
    if (peer.state === "dead" && peer.isPlugged)
      this.#agenda.enter(RESET_DELAY_MS, () => this.#arrive(from, peer, { kind: "reset", peer }));
  }

  #arrive(peer: SimulatedPeer, from: SimulatedPeer, event: PeerEvent): void {
    if (peer.state === "dead" || !this.network.isReachable(from.id, peer.id)) return;
    if (peer.state === "frozen") {
      if (peer.kept.length < KEPT_EVENTS) peer.kept.push(event);
      return;
    }
    if (event.kind === "message") {
      const { kind } = event.message;
      const count = this.#delivered.get(kind);
      if (count === undefined) this.#delivered.set(kind, { n: 1, number: this.#delivered.size });
      else count.n++;
      this.#options.delivered?.({ from, to: peer, message: event.message });
      this.#digest = mixed(this.#digest, from.number, peer.number, count?.number ?? 0);
    }
    this.step(peer, event);
  }

  #perform(peer: SimulatedPeer, effect: Effect): void {
    if (effect.kind === "event")
      return this.#options.heard?.(peer.ref.id, effect.event, this.nowMs);
    if (effect.kind === "answer") {
      this.#answers.get(effect.id)?.(effect.answer);
      this.#answers.delete(effect.id);
      return;
    }
    const letter: Letter = { kind: "message", from: peer, to: effect.to, message: effect.message };
    const delayMs = this.network.delayMs();
    if (delayMs !== undefined) this.#agenda.enter(delayMs, letter);
    const copyMs = this.network.copyDelayMs();
    if (copyMs !== undefined) this.#agenda.enter(copyMs, letter);
  }
}

/** A step of FNV over what makes a message. */
function mixed(digest: number, from: number, to: number, kind: number): number {
  let hash = Math.imul(digest ^ from, 0x0100_0193);
  hash = Math.imul(hash ^ to, 0x0100_0193);
  return Math.imul(hash ^ kind, 0x0100_0193) >>> 0;
}
