import type { Clock, Random, Timer } from "../../orb/base/index.ts";
import type { PeerRef } from "../overlay/index.ts";
import type { Wish } from "./asking.ts";
import { type NamesInput, NamesMachine, type NamesStatus } from "./machine.ts";
import type { NamesMessage } from "./message.ts";
import type { NamesEffect, NamesEvent, NamesOutcome } from "./outbox.ts";
import { NAMES_DEFAULTS, type NamesSettings } from "./settings.ts";
import { type VoterStore, VoterStoreError, type VoterWrite } from "./voter-store.ts";

export interface NamesNodeOptions {
  /** With an id that lasts: the same after a restart. */
  readonly self: PeerRef;
  readonly settings?: Partial<NamesSettings>;
  readonly clock: Clock;
  readonly random: Random;
  /** Of this peer alone; closed with the node. */
  readonly store: VoterStore;
  /** Sends without waiting; what is lost is not told. Never called for a message to this peer itself. */
  readonly send: (to: PeerRef, message: NamesMessage) => void;
  readonly heard?: (event: NamesEvent) => void;
  /** The store failed: this peer votes no more, and answers from its copy only. */
  readonly failed?: (error: unknown) => void;
  /** Called once, when the node is closed. */
  readonly closed?: () => void;
  /** Milliseconds that one write may take. */
  readonly storeMs?: number;
}

type Kept =
  | { readonly write: VoterWrite }
  | { readonly to: PeerRef; readonly message: NamesMessage };

const STORE_MS = 10_000;
const BUSY_TICK_MS = 10;
const IDLE_TICK_MS = 250;
/** What waits for the disk; a voter that falls behind so far is silent, and others take over. */
const MOST_KEPT = 10_000;

/**
 * The names of one peer on a clock, a network and a disk: the machine's effects are carried out here, and nothing is
 * decided. What is written while the disk is busy is written together.
 */
export class NamesNode implements AsyncDisposable {
  readonly #options: NamesNodeOptions;
  readonly #machine: NamesMachine;
  readonly #asked: Map<number, (outcome: NamesOutcome) => void> = new Map();
  readonly #own: NamesMessage[] = [];
  readonly #kept: Kept[] = [];
  #writing: Promise<void> | undefined;
  #isStepping = false;
  #hasFailed = false;
  #isClosed = false;
  #lastAsked = 0;
  #timer: Timer | undefined;
  #tickAtMs = Infinity;

  private constructor(options: NamesNodeOptions, machine: NamesMachine) {
    this.#options = options;
    this.#machine = machine;
    this.#step({ kind: "tick" });
  }

  /** @throws VoterStoreError when the store cannot be used; it is closed then */
  static async open(options: NamesNodeOptions): Promise<NamesNode> {
    const { self, store, random } = options;
    try {
      const stored = await within(store.load(), options, "read");
      const settings = { ...NAMES_DEFAULTS, ...options.settings };
      return new NamesNode(options, new NamesMachine({ self, settings, random, stored }));
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  get status(): NamesStatus {
    return this.#machine.status;
  }

  /** A message came from a peer that the network knows by that reference. */
  receive(from: PeerRef, message: NamesMessage): void {
    this.#step({ kind: "message", from, message });
  }

  /** The neighbours in the tree from now on: a member's coordinator; a coordinator's members, parent and children. */
  link(peers: readonly PeerRef[]): void {
    this.#step({ kind: "links", peers });
  }

  /** Asks or changes; always ends within `leftMs`. */
  wish(wish: Wish, leftMs: number): Promise<NamesOutcome> {
    return this.#ask((id) => ({ kind: "wish", id, wish, leftMs }));
  }

  /**
   * An operator's command: who votes from now on, decided by a majority of those who vote now. With force nobody is
   * asked: what was decided and has not reached this peer, or a voter that answers, is lost.
   */
  reform(
    voters: readonly PeerRef[],
    { force, leftMs }: { readonly force: boolean; readonly leftMs: number },
  ): Promise<NamesOutcome> {
    return this.#ask((id) => ({ kind: "reform", id, voters, force, leftMs }));
  }

  /** Ends everything; what is open ends as "late". */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#options.closed?.();
    for (const [id, done] of this.#asked) {
      this.#asked.delete(id);
      done({ kind: "late", elapsedMs: 0, isOpen: true });
    }
    await this.#writing;
    await this.#options.store.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #ask(input: (id: number) => NamesInput): Promise<NamesOutcome> {
    return new Promise((resolve) => {
      if (this.#isClosed) return resolve({ kind: "late", elapsedMs: 0, isOpen: false });
      const id = ++this.#lastAsked;
      this.#asked.set(id, resolve);
      this.#step(input(id));
    });
  }

  #step(input: NamesInput): void {
    if (this.#isClosed) return;
    this.#perform(this.#machine.step(input, this.#options.clock.nowMs()));
    if (this.#isStepping) return;
    // What this peer says to itself is heard after what it is hearing now.
    this.#isStepping = true;
    for (let message = this.#own.shift(); message !== undefined; message = this.#own.shift())
      this.#perform(
        this.#machine.step(
          { kind: "message", from: this.#options.self, message },
          this.#options.clock.nowMs(),
        ),
      );
    this.#isStepping = false;
    this.#schedule();
  }

  #schedule(): void {
    const { clock } = this.#options;
    const atMs = clock.nowMs() + (this.#machine.isBusy ? BUSY_TICK_MS : IDLE_TICK_MS);
    if (this.#timer !== undefined && this.#tickAtMs <= atMs) return;
    this.#timer?.cancel();
    this.#tickAtMs = atMs;
    this.#timer = clock.timer(atMs - clock.nowMs(), () => {
      this.#timer = undefined;
      this.#tickAtMs = Infinity;
      this.#step({ kind: "tick" });
    });
    // The endpoints keep a process alive, not the names.
    if (this.#asked.size === 0) this.#timer.unref();
  }

  #perform(effects: readonly NamesEffect[]): void {
    for (const effect of effects)
      switch (effect.kind) {
        case "send":
          this.#send(effect.to, effect.message);
          break;
        case "reply":
          this.#keep({ to: effect.to, message: effect.message });
          break;
        case "write":
          this.#keep({ write: effect.write });
          break;
        case "outcome": {
          const done = this.#asked.get(effect.id);
          this.#asked.delete(effect.id);
          done?.(effect.outcome);
          break;
        }
        case "event":
          this.#options.heard?.(effect.event);
      }
  }

  #send(to: PeerRef, message: NamesMessage): void {
    if (to.id === this.#options.self.id) this.#own.push(message);
    else this.#options.send(to, message);
  }

  #keep(one: Kept): void {
    if (this.#hasFailed) return;
    if ("to" in one && this.#kept.length === 0 && this.#writing === undefined)
      return this.#send(one.to, one.message);
    // A write may not be left out: without it the voter would say what it does not keep.
    if ("write" in one && this.#kept.length >= MOST_KEPT)
      return this.#fail(new VoterStoreError(`more than ${MOST_KEPT} changes wait for the store`));
    if (this.#kept.length < 2 * MOST_KEPT) this.#kept.push(one);
    this.#writing ??= this.#flush();
  }

  /** Writes what has come together, then says what was to be said after it; again until nothing is left. */
  async #flush(): Promise<void> {
    // What one step has to write goes to the disk together.
    await Promise.resolve();
    while (this.#kept.length > 0 && !this.#hasFailed) {
      const kept = this.#kept.splice(0);
      const writes = kept.flatMap((one) => ("write" in one ? one.write : []));
      try {
        if (writes.length > 0)
          await within(this.#options.store.write(writes), this.#options, "written");
      } catch (error) {
        this.#writing = undefined;
        return this.#fail(error);
      }
      if (this.#isClosed) break;
      for (const one of kept) if ("to" in one) this.#send(one.to, one.message);
      this.#hearOwn();
    }
    this.#writing = undefined;
  }

  #hearOwn(): void {
    if (this.#own.length === 0 || this.#isStepping) return;
    const message = this.#own.shift();
    if (message !== undefined) this.#step({ kind: "message", from: this.#options.self, message });
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#kept.length = 0;
    this.#options.failed?.(error);
  }
}

/** @throws VoterStoreError when the disk takes too long */
async function within<T>(
  work: Promise<T>,
  { clock, storeMs = STORE_MS }: NamesNodeOptions,
  what: string,
): Promise<T> {
  let timer: Timer | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = clock.timer(storeMs, () =>
      reject(new VoterStoreError(`the store could not be ${what} within ${storeMs} ms`)),
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer?.cancel();
  }
}
