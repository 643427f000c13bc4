import type { Clock, Timer } from "../../orb/base/index.ts";
import {
  type Answer,
  type AttributeValue,
  type Discovery,
  type FaultTolerance,
  type KnownCell,
  type Membership,
  type Overlay,
  type OverlayEvent,
  type PeerEntry,
  type PeerId,
  type PeerRef,
  type Query,
  type Service,
  type Standing,
  Watchers,
} from "../overlay/index.ts";
import { P3Machine, type PeerEvent, type PeerOptions } from "./machine.ts";
import type { Message } from "./message.ts";

export interface P3OverlayOptions extends PeerOptions {
  readonly clock: Clock;
  /** Sends without waiting; what is lost is not told. */
  readonly send: (to: PeerRef, message: Message) => void;
}

/** Questions open at a time: one more is answered "late" at once. */
const OPEN_QUESTIONS = 4_096;

/** A peer of P3 on a clock and a network: the machine's effects are carried out here, and nothing is decided. */
export class P3Overlay implements Overlay, Membership, Discovery, FaultTolerance, Disposable {
  readonly #options: P3OverlayOptions;
  readonly #machine: P3Machine;
  readonly #watchers = new Watchers();
  readonly #asked: Map<number, (answer: Answer) => void> = new Map();
  #lastAsked = 0;
  #timer: Timer | undefined;

  constructor(options: P3OverlayOptions) {
    this.#options = options;
    this.#machine = new P3Machine(options);
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
    this.#step({ kind: "join" });
    if (this.#timer === undefined) this.#schedule();
  }

  leave(): void {
    this.#step({ kind: "leave" });
    this[Symbol.dispose]();
  }

  standing(): Standing {
    return this.#machine.standing;
  }

  links(): readonly PeerRef[] {
    const seat = this.#machine.cell?.seat;
    if (seat === undefined) return [];
    if (seat.at === "follower") return [seat.coordinator.ref];
    const { members, children, up } = seat;
    const beneath = [...children.values()].map(({ ref }) => ref);
    const above = up.at === "linked" ? [up.link.ref] : [];
    return [...[...members.values()].map(({ ref }) => ref), ...beneath, ...above];
  }

  cell(): readonly PeerEntry[] {
    return this.#cell?.directory.get("")?.members ?? [];
  }

  tree(): readonly KnownCell[] {
    const cell = this.#cell;
    if (cell === undefined) return [];
    return [...cell.directory.cells]
      .map(([key, { coordinator, members }]) => ({ cell: cell.id + key, coordinator, members }))
      .toSorted((a, b) => a.cell.length - b.cell.length || (a.cell < b.cell ? -1 : 1));
  }

  publish(service: Service): void {
    this.#step({ kind: "publish", service });
  }

  withdraw(name: string, instance: string): void {
    this.#step({ kind: "withdraw", name, instance });
  }

  describe(attributes: Readonly<Record<string, AttributeValue>>): void {
    this.#step({ kind: "describe", attributes });
  }

  ask(query: Query, done: (answer: Answer) => void): void {
    if (this.#asked.size >= OPEN_QUESTIONS) {
      done({ kind: "late", elapsedMs: 0 });
      return;
    }
    const id = ++this.#lastAsked;
    this.#asked.set(id, done);
    this.#step({ kind: "ask", id, query });
  }

  discredit(service: string): void {
    this.#step({ kind: "discredit", service });
  }

  sites(count: number, except: readonly PeerId[], done: (answer: Answer) => void): void {
    this.ask({ of: "peer", role: "superpeer", except, count }, done);
  }

  suspicion(peer: PeerId): number | undefined {
    return this.#machine.suspicion(peer);
  }

  /** Other seeds than those of the settings: a name's addresses were found late, or have changed. */
  setSeeds(seeds: readonly PeerRef[]): void {
    this.#step({ kind: "seeds", seeds });
  }

  /** A message came from a peer that the network knows by that reference. */
  receive(from: PeerRef, message: Message): void {
    this.#step({ kind: "message", from, message });
  }

  /** A peer's process is gone: its connection broke, or its machine takes none for it. */
  broken(peer: PeerRef): void {
    this.#step({ kind: "reset", peer });
  }

  /** Ends the heartbeats; nobody is told, and open questions end as "late". */
  [Symbol.dispose](): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const [id, done] of this.#asked) {
      this.#asked.delete(id);
      done({ kind: "late", elapsedMs: 0 });
    }
  }

  /** Undefined while out: a machine that has left keeps its last. */
  get #cell(): P3Machine["cell"] {
    return this.#machine.standing.at === "left" ? undefined : this.#machine.cell;
  }

  #schedule(): void {
    this.#timer = this.#options.clock.timer(this.#options.settings.heartbeatMs, () => {
      this.#schedule();
      this.#step({ kind: "tick" });
    });
  }

  #step(event: PeerEvent): void {
    for (const effect of this.#machine.step(event, this.#options.clock.nowMs()))
      switch (effect.kind) {
        case "send":
          this.#options.send(effect.to, effect.message);
          break;
        case "event":
          this.#watchers.tell(effect.event);
          break;
        case "answer": {
          const done = this.#asked.get(effect.id);
          this.#asked.delete(effect.id);
          done?.(effect.answer);
        }
      }
  }
}
