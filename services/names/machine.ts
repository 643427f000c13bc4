import type { Random } from "../../orb/base/index.ts";
import type { PeerRef } from "../overlay/index.ts";
import { Acceptor } from "./acceptor.ts";
import { Asker, type Wish } from "./asking.ts";
import { firstConfig, type VoterConfig, voterOf } from "./config.ts";
import { type ContextState, deltaSince, type Room } from "./context-state.ts";
import { Copies } from "./copies.ts";
import { Decider } from "./deciding.ts";
import { type NamesMessage, SUCCESSOR, type Told } from "./message.ts";
import { type NamesEffect, Outbox } from "./outbox.ts";
import { Reformer } from "./reforming.ts";
import type { NamesSettings } from "./settings.ts";
import { Spreader } from "./spreading.ts";
import type { StoredVoter } from "./voter-store.ts";

/** What happens to a peer of the names. */
export type NamesInput =
  /** Some time is over: at least every 250 ms, every 10 ms while {@link NamesMachine.isBusy}. */
  | { readonly kind: "tick" }
  | { readonly kind: "message"; readonly from: PeerRef; readonly message: NamesMessage }
  /** The neighbours in the tree: a member's coordinator; a coordinator's members, parent and children. */
  | { readonly kind: "links"; readonly peers: readonly PeerRef[] }
  | { readonly kind: "wish"; readonly id: number; readonly wish: Wish; readonly leftMs: number }
  /** An operator's command: who votes from now on. With force no majority is asked. */
  | {
      readonly kind: "reform";
      readonly id: number;
      readonly voters: readonly PeerRef[];
      readonly leftMs: number;
      readonly force: boolean;
    };

export interface NamesOptions {
  /** With an id that lasts: the same after a restart. */
  readonly self: PeerRef;
  readonly settings: NamesSettings;
  readonly random: Random;
  /** What this peer's store holds; `undefined` when it is new. */
  readonly stored: StoredVoter | undefined;
}

/** How the names stand, for people and for tests. */
export interface NamesStatus {
  readonly config: VoterConfig;
  /** One of the voters of `config`: it votes, or is to as soon as it has taken over what was decided. */
  readonly isVoter: boolean;
  readonly isVoting: boolean;
  readonly contexts: number;
  readonly bindings: number;
  readonly octets: number;
}

/** Registers that are read again in one tick, and how long each may take. */
const READ_AT_ONCE = 32;
const READ_MS = 5_000;

/** A nonce of 64 bits as text. */
function nonceOf(random: Random): string {
  return Buffer.from(random.octets(8)).toString("base64url");
}

/**
 * The names as one peer keeps them: a copy of everything decided, a vote if it is one of the voters, and the way to
 * them. No clock, no socket, no disk: a step takes what happened and its instant, and gives back what is to be done.
 */
export class NamesMachine {
  readonly #settings: NamesSettings;
  readonly #out: Outbox = new Outbox();
  readonly #copies: Copies;
  readonly #acceptor: Acceptor;
  readonly #decider: Decider;
  readonly #asker: Asker;
  readonly #spreader: Spreader;
  readonly #reformer: Reformer;
  readonly #self: PeerRef;
  readonly #nonce: string;
  /** Registers voted for that this peer's copy may lack. */
  #unread: string[] = [];
  #lastRead = 0;

  constructor({ self, settings, random, stored }: NamesOptions) {
    const out = this.#out;
    this.#self = self;
    this.#settings = settings;
    const nonce = nonceOf(random);
    this.#nonce = nonce;
    this.#copies = new Copies(settings);
    this.#acceptor = new Acceptor(self, out, stored ?? this.#blank(random));
    const copies = this.#copies;
    const acceptor = this.#acceptor;
    const decided = (contextId: string, state: ContextState): void =>
      this.#learnState(contextId, state);
    const room = (): Room => this.#room();
    this.#decider = new Decider({
      settings,
      random,
      out,
      acceptor,
      proposer: `${self.id}/${nonce}`,
      room,
      decided,
    });
    this.#asker = new Asker({
      settings,
      out,
      copies,
      nonce,
      config: () => acceptor.head.known,
      learn: (from, told) => this.#learnTold(from, told),
    });
    this.#spreader = new Spreader({
      settings,
      out,
      copies,
      isVoting: () => acceptor.isVoting && acceptor.head.known.epoch > 0,
      epoch: () => acceptor.head.known.epoch,
    });
    this.#reformer = new Reformer({
      self,
      settings,
      random,
      out,
      acceptor,
      copies,
      proposer: `${self.id}/${nonce}`,
      changed: () => this.#configChanged(),
    });
    this.#copies.enter(acceptor.head.known.era, 0);
    this.#unread = acceptor.registers().map(({ register }) => register);
  }

  /** @param nowMs monotonic; never before that of the last step */
  step(input: NamesInput, nowMs: number): readonly NamesEffect[] {
    this.#out.nowMs = nowMs;
    switch (input.kind) {
      case "tick":
        this.#tick();
        break;
      case "message":
        this.#receive(input.from, input.message);
        break;
      case "links":
        this.#spreader.link(input.peers.filter(({ id }) => id !== this.#self.id));
        break;
      case "wish":
        this.#asker.wish(input.id, input.wish, input.leftMs);
        break;
      case "reform":
        this.#reformer.reform(input.id, input.voters, input.leftMs, input.force);
    }
    return this.#out.take();
  }

  /** Whether it waits for something that will not come by itself. */
  get isBusy(): boolean {
    return (
      this.#asker.isBusy ||
      this.#decider.isBusy ||
      this.#reformer.isBusy ||
      (this.#unread.length > 0 && this.#acceptor.isVoting)
    );
  }

  get status(): NamesStatus {
    const { known } = this.#acceptor.head;
    return {
      config: known,
      isVoter: voterOf(known, this.#self.id) !== undefined,
      isVoting: this.#acceptor.isVoting && known.epoch > 0,
      contexts: this.#copies.liveCount,
      bindings: this.#copies.bindingCount,
      octets: this.#copies.octets,
    };
  }

  /** This peer's copy of everything. */
  get copies(): Copies {
    return this.#copies;
  }

  #blank(random: Random): StoredVoter {
    const known = firstConfig(this.#settings.voters);
    const isVoter = voterOf(known, this.#self.id) !== undefined;
    const head = {
      store: nonceOf(random),
      active: isVoter ? known : undefined,
      isSealed: false,
      known,
    };
    this.#out.write({ what: "head", head });
    return { head, registers: new Map() };
  }

  /**
   * What a voter finds in its store may have been decided, or not: the voters are asked, so that after a restart of
   * all of them every name is known again before anybody asks for it.
   */
  #read(): void {
    const { known } = this.#acceptor.head;
    if (!this.#acceptor.isVoting || known.epoch === 0) return;
    for (const contextId of this.#unread.splice(0, READ_AT_ONCE)) {
      if (this.#copies.get(contextId) !== undefined) continue;
      this.#decider.ask(this.#self, {
        id: `${this.#nonce}.read${++this.#lastRead}`,
        contextId,
        change: undefined,
        since: 0,
        isAgain: false,
        have: undefined,
        leftMs: READ_MS,
      });
    }
  }

  #tick(): void {
    this.#acceptor.forgetGone(this.#settings.tombstoneMs);
    this.#reformer.tick();
    this.#decider.tick();
    this.#read();
    this.#asker.tick();
    this.#spreader.tick();
  }

  #receive(from: PeerRef, message: NamesMessage): void {
    switch (message.kind) {
      case "ask":
        return this.#onAsk(from, message);
      case "told":
        return this.#asker.told(from, message);
      case "waiting":
        return this.#asker.waiting(from, message.id);
      case "config":
        if (this.#acceptor.learn(message.config)) this.#configChanged();
        return;
      case "prepare":
      case "accept":
      case "peek":
        return this.#acceptor.receive(from, message);
      case "peeked":
      case "behind":
        return this.#decider.receive(from, message);
      case "promised":
      case "accepted":
      case "outbid":
        return message.register === SUCCESSOR
          ? this.#reformer.receive(from, message)
          : this.#decider.receive(from, message);
      case "who":
      case "present":
      case "seal":
      case "sealed":
      case "fetch":
      case "fetched":
        return this.#reformer.receive(from, message);
      case "digest":
        this.#onEpoch(from, message.epoch);
        return this.#spreader.receive(from, message);
      case "news":
      case "parts":
      case "inventory":
      case "want":
        return this.#spreader.receive(from, message);
    }
  }

  #onAsk(from: PeerRef, message: Extract<NamesMessage, { kind: "ask" }>): void {
    const { known, active } = this.#acceptor.head;
    if (message.contextId === SUCCESSOR) return;
    if (known.epoch > 0 && this.#acceptor.isVoting && active?.epoch === known.epoch)
      return this.#decider.ask(from, message);
    // Who took another one for a voter learns better; one that will have a vote soon is silent.
    if (voterOf(known, this.#self.id) === undefined)
      this.#out.send(from, { kind: "config", config: known });
  }

  /** A neighbour knows an older configuration. */
  #onEpoch(from: PeerRef, epoch: number): void {
    const { known } = this.#acceptor.head;
    if (epoch < known.epoch) this.#out.send(from, { kind: "config", config: known });
    else if (epoch > known.epoch) this.#out.send(from, { kind: "who" });
  }

  #configChanged(): void {
    const { known } = this.#acceptor.head;
    this.#copies.enter(known.era, this.#out.nowMs);
    this.#decider.clear();
    this.#asker.again();
    this.#unread = this.#acceptor.registers().map(({ register }) => register);
  }

  #learnState(contextId: string, state: ContextState): void {
    const before = this.#copies.get(contextId);
    if (!this.#copies.put(contextId, state, this.#out.nowMs)) return;
    this.#spreader.spread(contextId, deltaSince(before?.version, state));
  }

  #learnTold(from: PeerRef, { contextId, news }: Told): void {
    if (news === undefined) return;
    const before = this.#copies.get(contextId);
    if (this.#copies.learn(contextId, news, this.#out.nowMs) !== "news") return;
    const state = this.#copies.get(contextId);
    if (state !== undefined)
      this.#spreader.spread(contextId, deltaSince(before?.version, state), from.id);
  }

  #room(): Room {
    const { mostContexts, mostBindings, mostOctets, mostContextOctets } = this.#settings;
    return {
      contexts: mostContexts - this.#copies.liveCount,
      bindings: mostBindings - this.#copies.bindingCount,
      octets: mostOctets - this.#copies.octets,
      contextOctets: mostContextOctets,
    };
  }
}
