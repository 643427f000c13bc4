import { type Random, seededRandom } from "../../../orb/base/index.ts";
import type { ContextChange, Target } from "../../../services/bindings/index.ts";
import {
  type ContextState,
  MemoryVoterStore,
  NAMES_DEFAULTS,
  type NamesEffect,
  type NamesEvent,
  type NamesInput,
  NamesMachine,
  type NamesMessage,
  type NamesOutcome,
  type NamesSettings,
  type VoterWrite,
  type Wish,
} from "../../../services/names/index.ts";
import type { PeerId, PeerRef } from "../../../services/overlay/index.ts";
import { Agenda, type NetworkSettings, QUIET_NETWORK, SimulatedNetwork } from "../overlay/index.ts";

export interface NamesSimulationOptions {
  readonly seed: number;
  readonly peers: number;
  readonly voters: number;
  readonly network?: NetworkSettings;
  readonly settings?: Partial<NamesSettings>;
  readonly heard?: (peer: PeerId, event: NamesEvent, atMs: number) => void;
  /** How long a disk takes, milliseconds: a fifth of it to twice as long. */
  readonly diskMs?: number;
  /** What a message becomes on its way. */
  readonly carry?: (message: NamesMessage) => NamesMessage;
  /** Told what is on a peer's disk from now on. */
  readonly written?: (peer: PeerId, write: VoterWrite) => void;
}

type Kept =
  | { readonly write: VoterWrite }
  | { readonly to: PeerRef; readonly message: NamesMessage };

/** One peer of a simulation; its disk outlives its process. */
export interface SimulatedNames {
  readonly ref: PeerRef;
  readonly number: number;
  machine: NamesMachine;
  isAlive: boolean;
  disk: MemoryVoterStore;
  /** Starts of the process: what an earlier one began is not finished by a later one. */
  life: number;
  /** What waits for the disk. */
  kept: Kept[];
  isWriting: boolean;
}

/** A disk takes about this long, milliseconds, where nothing else is said. */
const DISK_MS = 1;
/** The tree is mended this long after a peer is gone. */
const RELINK_MS = 400;
const BUSY_TICK_MS = 10;
const IDLE_TICK_MS = 100;

/** Peers that keep names, on virtual time: the same seed gives the same run. */
export class NamesSimulation {
  readonly network: SimulatedNetwork;
  readonly random: Random;
  readonly peers: SimulatedNames[] = [];
  readonly settings: NamesSettings;
  /** Everything that ever was in anybody's copy, by context and version. */
  readonly seen: Map<string, string> = new Map();
  /** Two contents of one version, ever. */
  readonly contradictions: string[] = [];
  readonly #agenda: Agenda<() => void> = new Agenda();
  readonly #options: NamesSimulationOptions;
  readonly #done: Map<number, (outcome: NamesOutcome) => void> = new Map();
  #sides: ReadonlyMap<PeerId, number> = new Map();
  #asked = 0;

  constructor(options: NamesSimulationOptions) {
    this.#options = options;
    this.random = seededRandom(options.seed);
    this.network = new SimulatedNetwork(
      options.network ?? QUIET_NETWORK,
      seededRandom(options.seed + 1),
    );
    const voters = Array.from({ length: options.voters }, (_, i) => refOf(i));
    this.settings = { ...NAMES_DEFAULTS, voters, ...options.settings };
    for (let i = 0; i < options.peers; i++) this.#start(i);
    this.#relink();
  }

  get nowMs(): number {
    return this.#agenda.nowMs;
  }

  get alive(): readonly SimulatedNames[] {
    return this.peers.filter(({ isAlive }) => isAlive);
  }

  peer(number: number): SimulatedNames {
    const peer = this.peers[number];
    if (peer === undefined) throw new RangeError(`no peer ${number}`);
    return peer;
  }

  /** SIGKILL: what was not on disk is lost. */
  kill(peer: SimulatedNames): void {
    peer.isAlive = false;
    peer.kept = [];
    peer.isWriting = false;
    this.#agenda.enter(RELINK_MS, () => this.#relink());
  }

  /** The process starts again; without its disk when that is lost. */
  restart(peer: SimulatedNames, isDiskLost: boolean = false): void {
    if (isDiskLost) peer.disk = new MemoryVoterStore();
    peer.machine = this.#machineOf(peer.ref, peer.disk);
    peer.isAlive = true;
    peer.life++;
    this.#tick(peer, peer.life);
    this.#agenda.enter(RELINK_MS, () => this.#relink());
  }

  /** Peers of different sides do not reach each other, and each side mends its own tree. */
  partition(sides: ReadonlyMap<PeerId, number>): void {
    this.#sides = sides;
    this.network.partition(sides);
    this.#agenda.enter(RELINK_MS, () => this.#relink());
  }

  wish(
    peer: SimulatedNames,
    wish: Wish,
    done: (outcome: NamesOutcome) => void,
    leftMs: number = 2_000,
  ): void {
    const id = ++this.#asked;
    this.#done.set(id, done);
    this.step(peer, { kind: "wish", id, wish, leftMs });
  }

  /** Asks, and lets the time pass until the answer is there. */
  ask(peer: SimulatedNames, wish: Wish, leftMs: number = 2_000): NamesOutcome {
    let outcome: NamesOutcome | undefined;
    this.wish(peer, wish, (told) => void (outcome = told), leftMs);
    for (let i = 0; i < 2 * leftMs && outcome === undefined; i++) this.run(1);
    if (outcome === undefined) throw new Error(`no outcome of ${JSON.stringify(wish)}`);
    return outcome;
  }

  change(peer: SimulatedNames, contextId: string, change: ContextChange): NamesOutcome {
    return this.ask(peer, { kind: "change", contextId, change });
  }

  /** What a name stands for through that peer: its target, or how it failed. */
  resolve(peer: SimulatedNames, contextId: string, id: string): Target | string {
    const wanted = { id, kind: "" };
    const outcome = this.ask(peer, { kind: "read", contextId, wanted });
    if (outcome.kind !== "done") return outcome.kind;
    return outcome.context?.bindings.get(wanted)?.target ?? "missing";
  }

  reform(
    peer: SimulatedNames,
    voters: readonly SimulatedNames[],
    force: boolean,
    leftMs: number = 10_000,
  ): NamesOutcome {
    const id = ++this.#asked;
    let outcome: NamesOutcome | undefined;
    this.#done.set(id, (told) => void (outcome = told));
    const refs = voters.map(({ ref }) => ref);
    this.step(peer, { kind: "reform", id, voters: refs, leftMs, force });
    for (let i = 0; i < leftMs + 100 && outcome === undefined; i++) this.run(1);
    if (outcome === undefined) throw new Error("no outcome of the re-forming");
    return outcome;
  }

  after(delayMs: number, action: () => void): void {
    this.#agenda.enter(delayMs, action);
  }

  run(ms: number): void {
    const endMs = this.nowMs + ms;
    for (let next = this.#agenda.next(endMs); next !== undefined; next = this.#agenda.next(endMs))
      next();
  }

  /** @returns milliseconds until it held; undefined when it did not */
  runUntil(holds: () => boolean, mostMs: number): number | undefined {
    const startMs = this.nowMs;
    while (!holds()) {
      if (this.nowMs - startMs >= mostMs) return undefined;
      this.run(20);
    }
    return this.nowMs - startMs;
  }

  /** Whether all that live have the same copy of everything. */
  get isEqual(): boolean {
    const [first, ...others] = this.alive.map(({ machine }) =>
      JSON.stringify(machine.copies.digest),
    );
    return others.every((one) => one === first);
  }

  step(peer: SimulatedNames, input: NamesInput): void {
    if (!peer.isAlive) return;
    for (const effect of peer.machine.step(input, this.nowMs)) this.#perform(peer, effect);
  }

  #start(number: number): void {
    const ref = refOf(number);
    const disk = new MemoryVoterStore();
    const peer: SimulatedNames = {
      ref,
      number,
      machine: this.#machineOf(ref, disk),
      isAlive: true,
      disk,
      life: 1,
      kept: [],
      isWriting: false,
    };
    this.peers.push(peer);
    this.#agenda.enter(IDLE_TICK_MS * this.random.number(), () => this.#tick(peer, 1));
  }

  #machineOf(self: PeerRef, disk: MemoryVoterStore): NamesMachine {
    return new NamesMachine({
      self,
      settings: this.settings,
      random: seededRandom(this.random.uint32()),
      stored: disk.stored,
    });
  }

  #tick(peer: SimulatedNames, life: number): void {
    if (!peer.isAlive || peer.life !== life) return;
    this.step(peer, { kind: "tick" });
    const nextMs = peer.machine.isBusy ? BUSY_TICK_MS : IDLE_TICK_MS;
    this.#agenda.enter(nextMs, () => this.#tick(peer, life));
  }

  /** A binary tree of those that live, one on each side of a partition. */
  #relink(): void {
    const trees = new Map<number, SimulatedNames[]>();
    for (const peer of this.alive) {
      const side = this.#sides.get(peer.ref.id) ?? 0;
      trees.set(side, [...(trees.get(side) ?? []), peer]);
    }
    for (const tree of trees.values())
      for (const [i, peer] of tree.entries()) {
        const near = [i === 0 ? -1 : (i - 1) >> 1, 2 * i + 1, 2 * i + 2];
        const peers = near.flatMap((at) => (at < 0 ? [] : (tree[at]?.ref ?? [])));
        this.step(peer, { kind: "links", peers });
      }
  }

  #perform(peer: SimulatedNames, effect: NamesEffect): void {
    switch (effect.kind) {
      case "send":
        return this.#send(peer, effect.to, effect.message);
      case "write":
        peer.kept.push({ write: effect.write });
        return this.#flush(peer);
      case "reply":
        if (peer.kept.length === 0 && !peer.isWriting)
          return this.#send(peer, effect.to, effect.message);
        peer.kept.push({ to: effect.to, message: effect.message });
        return this.#flush(peer);
      case "outcome":
        this.#note(peer);
        this.#done.get(effect.id)?.(effect.outcome);
        this.#done.delete(effect.id);
        return;
      case "event":
        this.#options.heard?.(peer.ref.id, effect.event, this.nowMs);
    }
  }

  #flush(peer: SimulatedNames): void {
    if (peer.isWriting) return;
    peer.isWriting = true;
    const { life } = peer;
    const diskMs = this.#options.diskMs ?? DISK_MS;
    this.#agenda.enter(diskMs * (0.2 + 2 * this.random.number()), () => {
      if (!peer.isAlive || peer.life !== life) return;
      peer.isWriting = false;
      for (const one of peer.kept.splice(0))
        if ("write" in one) {
          peer.disk.put(one.write);
          this.#options.written?.(peer.ref.id, one.write);
        } else this.#send(peer, one.to, one.message);
    });
  }

  #send(from: SimulatedNames, ref: PeerRef, message: NamesMessage): void {
    const to = this.peers.find((peer) => peer.ref.id === ref.id);
    if (to === undefined) return;
    if (to === from) {
      const { life } = from;
      this.#agenda.enter(0, () => life === from.life && this.#arrive(from, from, message));
      return;
    }
    for (const delayMs of [this.network.delayMs(), this.network.copyDelayMs()]) {
      if (delayMs === undefined) continue;
      const carried = this.#options.carry?.(message) ?? message;
      this.#agenda.enter(delayMs, () => this.#arrive(from, to, carried));
    }
  }

  #arrive(from: SimulatedNames, to: SimulatedNames, message: NamesMessage): void {
    if (!to.isAlive || !this.network.isReachable(from.ref.id, to.ref.id)) return;
    this.step(to, { kind: "message", from: from.ref, message });
    if (message.kind === "news" || message.kind === "told") this.#note(to);
  }

  /** Of one version of a context there is one content, wherever and whenever it is seen. */
  #note({ machine, ref }: SimulatedNames): void {
    for (const [contextId, state] of machine.copies.entries()) {
      const key = `${contextId} ${state.version.era}.${state.version.count}`;
      const text = textOf(state);
      const before = this.seen.get(key);
      if (before === undefined) this.seen.set(key, text);
      else if (before !== text)
        this.contradictions.push(`${key} at ${ref.id}: ${before} | ${text}`);
    }
  }
}

function refOf(number: number): PeerRef {
  const id = `p${number}`;
  return { id, address: id };
}

const texts: WeakMap<ContextState, string> = new WeakMap();

function textOf(state: ContextState): string {
  const known = texts.get(state);
  if (known !== undefined) return known;
  const bindings = [...(state.bindings?.values() ?? [])].map((one) => JSON.stringify(one));
  const text = `${state.bindings === undefined ? "gone" : bindings.toSorted().join(" ")} after ${state.recent.at(-1)?.id}`;
  texts.set(state, text);
  return text;
}
