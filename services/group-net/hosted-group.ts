import type { Clock, Logger, Random, Timer } from "../../orb/base/index.ts";
import {
  type Arrival,
  type DispatchGate,
  MINOR,
  type Outcome,
  TIMEOUT,
  type Upcall,
} from "../../orb/index.ts";
import type { MemberId, Standing, Style, View } from "../group/index.ts";
import { type Content, encodeLetter, type Letter } from "../group-wire/index.ts";
import {
  type Divergence,
  type Entry,
  exceptionFor,
  type Group,
  type GroupNews,
  GroupReplica,
  type GroupView,
  type JoinOptions,
  type MemberProfile,
  type Recovered,
} from "../replication/index.ts";
import { Cards } from "./cards.ts";
import { addressOf, type LetterCarrier, memberIdAt } from "./carrier.ts";
import { Entering } from "./entering.ts";

/** What a group is given by its host. */
export interface HostSide extends Pick<LetterCarrier, "send" | "beat" | "ask"> {
  readonly address: string;
  readonly site: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** The group is no longer joined here. */
  ended(name: string): void;
}

/** How often others are asked again for what has not come, milliseconds. */
const ASK_MS = 100;
/** Each next member leaves it so much longer to the others to find out whether a host is gone, milliseconds. */
const LOOK_STAGGER_MS = 10;
const TOKEN_OCTETS = 9;

type Deadline = Parameters<Upcall>[1];

type State =
  /** No POA has it for its gate yet. */
  | { readonly at: "waiting" }
  | { readonly at: "entering"; readonly upcall: Upcall; readonly entering: Entering }
  | {
      readonly at: "in";
      readonly upcall: Upcall;
      readonly entering: Entering;
      readonly replica: GroupReplica;
    }
  /** The servants still work for the replica that was. */
  | { readonly at: "resting"; readonly upcall: Upcall }
  | { readonly at: "failed"; readonly error: unknown }
  /** Its last replica may still have to vote on the view without it. */
  | { readonly at: "left"; readonly replica: GroupReplica | undefined };

/** One group of a host: one replica after the other, behind one gate. */
export class HostedGroup implements Group, DispatchGate {
  readonly name: string;
  readonly #options: JoinOptions;
  readonly #host: HostSide;
  readonly #cards: Cards;
  readonly #watchers: Set<(news: GroupNews) => void> = new Set();
  /** Members whose processes are asked whether they live, by their addresses. */
  readonly #asked: Map<string, MemberId> = new Map();
  #self: MemberId;
  /** What the store had: for the first replica. */
  #recovered: Recovered | undefined;
  #state: State = { at: "waiting" };
  #view: View | undefined;
  /** What was told of the view last: each request asks. */
  #shown: GroupView | undefined;
  #timer: Timer | undefined;
  #leaving: Promise<void> | undefined;

  constructor(options: JoinOptions, host: HostSide) {
    this.name = options.group;
    this.#options = options;
    this.#host = host;
    this.#recovered = recover(options, host.address);
    this.#self = this.#recovered?.self ?? this.#newId();
    this.#view = this.#recovered?.stored.view;
    this.#cards = new Cards(this.#self, host.site, options.profiles ?? []);
  }

  get self(): MemberId {
    return this.#self;
  }

  get gate(): DispatchGate {
    return this;
  }

  get standing(): Standing {
    const state = this.#state;
    if (state.at === "in") return state.replica.standing;
    return { at: state.at === "left" || state.at === "failed" ? "left" : "joining" };
  }

  get view(): GroupView | undefined {
    const view = this.#view;
    if (view === undefined) return undefined;
    const members = this.#cards.of(view);
    if (this.#shown?.view !== view || this.#shown.members !== members)
      this.#shown = { group: this.name, view, members };
    return this.#shown;
  }

  attach(upcall: Upcall): void {
    if (this.#state.at !== "waiting")
      throw new TypeError(`group "${this.name}" has its POA already`);
    this.#enter(upcall, this.#options.entry);
  }

  admit(arrival: Arrival, deadline: Deadline): Outcome | Promise<Outcome> {
    const state = this.#state;
    if (state.at === "in") return state.replica.admit(arrival, deadline);
    const isOut = state.at === "left" || state.at === "failed";
    throw exceptionFor(isOut ? "left" : "joining", false, this.#self);
  }

  tell(profiles: readonly MemberProfile[]): void {
    this.#cards.tell(profiles);
    this.#showCard(this.#view?.members ?? [], false);
    this.#newsOfView();
  }

  watch(heard: (news: GroupNews) => void): () => void {
    const own = (news: GroupNews): void => heard(news);
    this.#watchers.add(own);
    return () => void this.#watchers.delete(own);
  }

  ready(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        unwatch();
        signal.removeEventListener("abort", look);
      };
      const look = (): void => {
        const { at } = this.standing;
        const state = this.#state;
        if (at === "follower" || at === "primary") resolve();
        else if (state.at === "failed") reject(state.error as Error);
        else if (state.at === "left") reject(new TypeError(`group "${this.name}" was left`));
        else if (signal.aborted) reject(this.#late(signal));
        else return;
        settle();
      };
      const unwatch = this.watch(look);
      signal.addEventListener("abort", look);
      look();
    });
  }

  #late({ reason }: AbortSignal): TIMEOUT {
    const state = this.#state;
    const isOn = state.at === "entering" || state.at === "in";
    const why = isOn ? `: ${state.entering.waitsFor}` : "";
    const text = `the replica of group "${this.name}" at ${this.#host.address} is still ${this.standing.at}${why}`;
    return new TIMEOUT(text, MINOR.gateExpired, "COMPLETED_NO", { cause: reason });
  }

  handOver(to: MemberId): void {
    if (this.#state.at === "in") this.#state.replica.handOver(to);
  }

  get divergence(): Divergence | undefined {
    return this.#state.at === "in" ? this.#state.replica.divergence : undefined;
  }

  restyle(style: Style | undefined): void {
    if (this.#state.at === "in") this.#state.replica.restyle(style);
  }

  leave(): Promise<void> {
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }

  /** What hosts of others are told of this member. */
  get here(): Omit<Extract<Content, { kind: "here" }>, "witness"> {
    const { at } = this.#state;
    const isNot = at === "waiting" || at === "failed" || at === "left";
    if (this.#view === undefined && isNot)
      return { kind: "here", how: "not", id: undefined, view: undefined };
    const how = this.#view === undefined ? "outside" : "inside";
    return { kind: "here", how, id: this.#self, view: this.#view };
  }

  /** A letter of this group. */
  receive(address: string, { from, to, content }: Letter): void {
    switch (content.kind) {
      case "who":
        return;
      case "here":
        return this.#heardHere(address, content);
      case "message":
        if (to !== this.#self) return this.#reply(address, from, to, { kind: "absent" });
        if (this.#state.at === "in" || this.#state.at === "left")
          return this.#state.replica?.receive(from, content.message);
        // Who speaks to a member by its id is in the group.
        return this.#state.at === "entering" ? this.#join(from) : undefined;
      case "card":
        if (content.isQuestion) this.#showCard([from], false);
        if (content.card.id === from && this.#view?.members.includes(from) === true)
          if (this.#cards.take(content.card)) this.#newsOfView();
        return;
      case "absent":
        if (this.#state.at === "in" || this.#state.at === "left") this.#state.replica?.reset(from);
        return;
    }
  }

  /**
   * Milliseconds until this member finds out by itself whether a host whose connection broke is gone; undefined: nobody of
   * this group is there. Who would succeed first does at once, and the others hear of it: where replicas share a core,
   * each one's look would delay what they wait for.
   */
  patienceMs(address: string): number | undefined {
    const { at } = this.#state;
    const view = this.#view;
    if (at === "entering") return 0;
    if (at !== "in" || view === undefined) return undefined;
    const order = [view.primary, ...view.members.filter((id) => id !== view.primary)];
    const left = order.filter((id) => addressOf(id) !== address);
    if (left.length === order.length) return undefined;
    return Math.max(0, left.indexOf(this.#self)) * LOOK_STAGGER_MS;
  }

  /** No process listens at that address any more. */
  gone(address: string): void {
    const state = this.#state;
    if (state.at === "entering") state.entering.gone(address);
    if (state.at !== "in" && state.at !== "left") return;
    for (const id of this.#view?.members ?? [])
      if (id !== this.#self && addressOf(id) === address) state.replica?.reset(id);
  }

  /** The process at that address lives; its thread has said nothing for so many milliseconds. */
  alive(address: string, quietMs: number): void {
    const member = this.#asked.get(address);
    this.#asked.delete(address);
    if (this.#state.at === "in" && member !== undefined) this.#state.replica.alive(member, quietMs);
  }

  // Coming in.

  #newId(): MemberId {
    const { random, address } = this.#host;
    return memberIdAt(Buffer.from(random.octets(TOKEN_OCTETS)).toString("base64url"), address);
  }

  #enter(upcall: Upcall, entry: Entry): void {
    const { witness } = this.#options;
    const { address } = this.#host;
    const entering = new Entering({ self: this.#self, address, entry, witness });
    this.#state = { at: "entering", upcall, entering };
    if (this.#recovered === undefined) this.#move();
    else this.#begin(this.#state, undefined);
    this.#arm();
  }

  #heardHere(address: string, here: Extract<Content, { kind: "here" }>): void {
    const state = this.#state;
    if (state.at !== "entering" && (state.at !== "in" || this.standing.at !== "joining")) return;
    state.entering.heard(address, here);
    if (state.at === "entering") return this.#move();
    // The first contact may be gone; asking another one does no harm.
    const { move } = state.entering;
    if (move.kind === "join") state.replica.join(move.contact);
  }

  #move(): void {
    if (this.#state.at !== "entering") return;
    const { move } = this.#state.entering;
    if (move.kind === "join") this.#join(move.contact);
    else if (move.kind === "found") this.#begin(this.#state, move.view);
  }

  #join(contact: MemberId): void {
    if (this.#state.at === "entering") this.#begin(this.#state, undefined).join(contact);
  }

  #begin(
    { upcall, entering }: Extract<State, { at: "entering" }>,
    founding: View | undefined,
  ): GroupReplica {
    const { clock, random } = this.#host;
    const { store } = this.#options;
    const recovered = this.#recovered;
    this.#recovered = undefined;
    if (recovered === undefined) store?.begin(this.#self);
    const replica = new GroupReplica({
      ...this.#options,
      clock,
      random,
      self: this.#self,
      carrier: {
        send: (to, message) => this.#sendTo(to, { kind: "message", message }),
        ask: (member) => this.#askFor(member),
        // Nobody watches one that is alone.
        beat: () => {
          if (this.#view?.members.length !== 1) this.#host.beat();
        },
      },
      ...(founding === undefined ? {} : { founding, isGathering: true }),
      ...(recovered === undefined ? {} : { recovered }),
      heard: (standing) => this.#stood(replica, standing),
      failed: (error) => this.#fail(replica, error),
    });
    this.#state = { at: "in", upcall, entering, replica };
    replica.attach(upcall);
    if (founding !== undefined || recovered !== undefined) this.#stood(replica, replica.standing);
    return replica;
  }

  /** The group went on without this member, which comes back as another. */
  async #rejoin(upcall: Upcall, replica: GroupReplica, view: View): Promise<void> {
    const former = this.#self;
    this.#state = { at: "resting", upcall };
    replica.close();
    this.#host.log.warn(`group "${this.name}" went on without this member, which joins again`, {
      former,
      view: view.number,
    });
    await replica.ended;
    if (this.#state.at !== "resting") return;
    this.#self = this.#newId();
    this.#cards.rename(this.#self);
    this.#tellAll({ kind: "rejoining", former });
    const { entry } = this.#options;
    const listed = entry.by === "founding" ? [] : entry.addresses;
    const known = view.members.flatMap((id) => addressOf(id) ?? []);
    // Never founded again: the group is there.
    this.#enter(upcall, { by: "contacts", addresses: [...new Set([...known, ...listed])] });
  }

  // What is heard of the replica.

  #stood(replica: GroupReplica, standing: Standing): void {
    if (this.#state.at !== "in" || this.#state.replica !== replica) return;
    if ("view" in standing) this.#saw(standing.view);
    this.#tellAll({ kind: "standing", standing });
    const { upcall } = this.#state;
    if (standing.at === "fenced")
      queueMicrotask(() => {
        if (this.#state.at === "in" && this.#state.replica === replica)
          void this.#rejoin(upcall, replica, standing.view);
      });
  }

  #saw(view: View): void {
    if (view === this.#view) return;
    this.#view = view;
    this.#asked.clear();
    this.#cards.keep(view);
    // All have seen the view, or soon will: those that are new to each other exchange their cards.
    if (view.members.includes(this.#self)) this.#showCard(this.#cards.missing(view), true);
    this.#newsOfView();
    this.#arm();
  }

  #newsOfView(): void {
    const { view } = this;
    if (view !== undefined) this.#tellAll({ kind: "view", view });
  }

  #tellAll(news: GroupNews): void {
    for (const watcher of this.#watchers) watcher(news);
  }

  #fail(replica: GroupReplica, error: unknown): void {
    if (this.#state.at !== "in" || this.#state.replica !== replica) return;
    this.#state = { at: "failed", error };
    this.#timer?.cancel();
    this.#host.log.error(`group "${this.name}": the replica here has ended`, { error });
    this.#tellAll({ kind: "failed", error });
  }

  async #leave(): Promise<void> {
    const state = this.#state;
    this.#timer?.cancel();
    const replica = state.at === "in" ? state.replica : undefined;
    this.#state = { at: "left", replica };
    const retired = replica?.retire();
    if (state.at !== "left") this.#tellAll({ kind: "standing", standing: { at: "left" } });
    await retired;
    this.#host.ended(this.name);
  }

  // Letters.

  /** Asks for what has not come, until nothing is wanted. */
  #arm(): void {
    this.#timer?.cancel();
    this.#ask();
    if (!this.#wantsSomething()) return;
    this.#timer = this.#host.clock.timer(ASK_MS, () => this.#arm());
    this.#timer.unref();
  }

  #wantsSomething(): boolean {
    const view = this.#view;
    const { at } = this.#state;
    if (at === "entering" || (at === "in" && this.standing.at === "joining")) return true;
    return at === "in" && view !== undefined && this.#cards.missing(view).length > 0;
  }

  #ask(): void {
    const view = this.#view;
    const state = this.#state;
    const isOutside = state.at === "entering" || this.standing.at === "joining";
    if (isOutside && (state.at === "entering" || state.at === "in")) {
      for (const to of state.entering.asked) this.#send(to, "", { kind: "who" });
    } else if (state.at === "in" && view?.members.includes(this.#self) === true)
      this.#showCard(this.#cards.missing(view), true);
  }

  #showCard(to: readonly MemberId[], isQuestion: boolean): void {
    const card = this.#cards.own;
    for (const id of to)
      if (id !== this.#self) this.#sendTo(id, { kind: "card", card, isQuestion });
  }

  #askFor(member: MemberId): void {
    const address = addressOf(member);
    if (address === undefined) return;
    this.#asked.set(address, member);
    this.#host.ask(address);
  }

  #sendTo(to: MemberId, content: Content): void {
    const address = addressOf(to);
    if (address !== undefined) this.#send(address, to, content);
  }

  #send(address: string, to: MemberId, content: Content): void {
    this.#reply(address, to, this.#self, content);
  }

  #reply(address: string, to: MemberId, from: MemberId, content: Content): void {
    this.#host.send(address, encodeLetter({ group: this.name, from, to, content }));
  }
}

/** @throws RangeError for a store without a use, or a member that was elsewhere */
function recover({ group, store, settings }: JoinOptions, address: string): Recovered | undefined {
  const isDurable = settings?.isDurable === true;
  if (isDurable !== (store !== undefined))
    throw new RangeError(
      `group "${group}": ${isDurable ? "a durable member needs a store" : "a store is for durable members alone"}`,
    );
  const recovered = store?.load();
  if (recovered === undefined || addressOf(recovered.self) === address) return recovered;
  throw new RangeError(
    `group "${group}": the store is that of a member at ${addressOf(recovered.self)}, and this host is at ${address}: others look for it there`,
  );
}
