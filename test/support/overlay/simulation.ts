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
import type { Message, P3Settings, PeerEvent } from "../../../services/p3/index.ts";
import { Agenda } from "./agenda.ts";
import { type NetworkSettings, QUIET_NETWORK, SimulatedNetwork } from "./network.ts";

export interface SimulationOptions {
  readonly seed: number;
  readonly network?: NetworkSettings;
  readonly settings?: Partial<P3Settings>;
  /** Called with every event of every peer, for tests that look closely. */
  readonly heard?: (peer: PeerId, event: OverlayEvent, atMs: number) => void;
}

/** One peer of a simulation. */
export interface SimulatedPeer {
  readonly ref: PeerRef;
  readonly machine: P3Machine;
  state: "alive" | "frozen" | "dead";
  /** What came while it was frozen. */
  readonly kept: PeerEvent[];
}

type Happening =
  | { readonly kind: "tick"; readonly peer: SimulatedPeer }
  | {
      readonly kind: "event";
      readonly peer: SimulatedPeer;
      readonly event: PeerEvent;
      readonly from: PeerId;
    }
  | { readonly kind: "do"; readonly action: () => void };

/** Messages that a frozen peer's sockets keep. */
const KEPT_EVENTS = 1_000;
/** After a process ends its connections are reset this much later, milliseconds. */
const RESET_DELAY_MS = 0.5;

/** Many peers on virtual time: the same seed gives the same run, event by event. */
export class Simulation {
  readonly network: SimulatedNetwork;
  readonly random: Random;
  readonly peers: Map<PeerId, SimulatedPeer> = new Map();
  /** Messages delivered, by kind. */
  readonly delivered: Map<Message["kind"], number> = new Map();
  readonly #agenda: Agenda<Happening> = new Agenda();
  readonly #options: SimulationOptions;
  readonly #settings: P3Settings;
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

  /** Those whose process runs. */
  get alive(): readonly SimulatedPeer[] {
    return [...this.peers.values()].filter(({ state }) => state === "alive");
  }

  /** Starts a peer, which joins at once. */
  start(id: PeerId, role: Role = "superpeer", settings: Partial<P3Settings> = {}): SimulatedPeer {
    const ref = { id, address: id };
    const machine = new P3Machine({
      ref,
      role,
      settings: { ...this.#settings, ...settings },
      random: seededRandom(this.random.uint32()),
    });
    const peer: SimulatedPeer = { ref, machine, state: "alive", kept: [] };
    this.peers.set(id, peer);
    this.step(peer, { kind: "join" });
    const phaseMs = this.random.number() * this.#settings.heartbeatMs;
    this.#agenda.enter(phaseMs, { kind: "tick", peer });
    return peer;
  }

  /** The process ends, as by SIGKILL: whoever it is linked to sees a reset when it reaches that host. */
  kill(peer: SimulatedPeer): void {
    peer.state = "dead";
    for (const other of this.peers.values())
      if (
        other !== peer &&
        other.state !== "dead" &&
        this.network.isReachable(peer.ref.id, other.ref.id)
      )
        this.#agenda.enter(RESET_DELAY_MS, {
          kind: "event",
          peer: other,
          event: { kind: "reset", peer: peer.ref },
          from: peer.ref.id,
        });
  }

  /** The machine goes dark: nothing is reset, nothing is answered. */
  unplug(peer: SimulatedPeer): void {
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
    this.#agenda.enter(0, { kind: "tick", peer });
  }

  leave(peer: SimulatedPeer): void {
    this.step(peer, { kind: "leave" });
  }

  ask(peer: SimulatedPeer, query: Query, done: (answer: Answer) => void): void {
    const id = ++this.#asked;
    this.#answers.set(id, done);
    this.step(peer, { kind: "ask", id, query });
  }

  /** Does something at a later instant. */
  after(delayMs: number, action: () => void): void {
    this.#agenda.enter(delayMs, { kind: "do", action });
  }

  /** Lets the time pass. */
  run(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const happening = this.#agenda.next(endMs);
      if (happening === undefined) return;
      if (happening.kind === "tick") this.#tick(happening.peer);
      else if (happening.kind === "do") happening.action();
      else this.#arrive(happening.peer, happening.event, happening.from);
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

  #tick(peer: SimulatedPeer): void {
    if (peer.state !== "alive") return;
    this.#agenda.enter(this.#settings.heartbeatMs, { kind: "tick", peer });
    this.step(peer, { kind: "tick" });
  }

  #arrive(peer: SimulatedPeer, event: PeerEvent, from: PeerId): void {
    if (peer.state === "dead" || !this.network.isReachable(from, peer.ref.id)) return;
    if (peer.state === "frozen") {
      if (peer.kept.length < KEPT_EVENTS) peer.kept.push(event);
      return;
    }
    if (event.kind === "message") {
      const { kind } = event.message;
      this.delivered.set(kind, (this.delivered.get(kind) ?? 0) + 1);
      this.#digest = mixed(this.#digest, from, peer.ref.id, kind);
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
    const to = this.peers.get(effect.to.id);
    if (to === undefined || to.state === "dead") return;
    const event: PeerEvent = { kind: "message", from: peer.ref, message: effect.message };
    for (const delayMs of this.network.delays())
      this.#agenda.enter(delayMs, { kind: "event", peer: to, event, from: peer.ref.id });
  }
}

/** A step of FNV over what makes a message. */
function mixed(digest: number, ...parts: readonly string[]): number {
  let hash = digest ^ 0x811c_9dc5;
  for (const part of parts)
    for (let i = 0; i < part.length; i++) hash = Math.imul(hash ^ part.charCodeAt(i), 0x0100_0193);
  return hash >>> 0;
}
