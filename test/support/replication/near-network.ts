import { type Clock, systemClock } from "../../../orb/base/index.ts";
import {
  foundingView,
  type Message,
  type Standing,
  type Style,
} from "../../../services/group/index.ts";
import {
  type Divergence,
  type Group,
  type GroupHost,
  type GroupNews,
  GroupReplica,
  type GroupView,
  type JoinOptions,
  type MemberCard,
  type MemberProfile,
} from "../../../services/replication/index.ts";
import { carried } from "./carried.ts";

/** Hosts of groups in one process: what members say to each other are function calls, one turn of the event loop later. */
export class NearNetwork {
  readonly clock: Clock;
  /** Members that are there, by their ids. */
  readonly members: Map<string, NearGroup> = new Map();
  readonly #cards = new Map<string, MemberCard>();
  readonly #cut = new Set<string>();
  readonly #started = new Set<string>();
  #starts = 0;

  constructor(clock: Clock = systemClock) {
    this.clock = clock;
  }

  host(address: string): NearHost {
    return new NearHost(this, address);
  }

  /** From now on nothing passes between the host and the others. */
  cut(address: string): void {
    this.#cut.add(address);
  }

  heal(address: string): void {
    this.#cut.delete(address);
  }

  /** The first start at an address founds the group of a list; a later one joins it. */
  idFor(group: string, address: string): string {
    const name = `${group} at ${address}`;
    if (this.#started.has(name)) return `${++this.#starts}@${address}`;
    this.#started.add(name);
    return `${FIRST}@${address}`;
  }

  tell(card: MemberCard): void {
    this.#cards.set(card.id, card);
    for (const member of this.members.values()) member.told();
  }

  card(id: string): MemberCard {
    return this.#cards.get(id) ?? { id, site: id, profiles: [] };
  }

  send(from: NearGroup, to: string, message: Message): void {
    // What is sent is sent: the sender may go on changing its own.
    const copy = carried(message);
    setImmediate(() => {
      const target = this.members.get(to);
      if (target === undefined || this.members.get(from.self) !== from) return;
      if (target.name !== from.name) return;
      if (this.#cut.has(addressOf(from.self)) || this.#cut.has(addressOf(to))) return;
      target.replica.receive(from.self, copy);
    });
  }

  /** The process of a host is gone: the others see their connections to it break. */
  kill(address: string): void {
    for (const member of this.members.values()) {
      if (addressOf(member.self) !== address) continue;
      this.members.delete(member.self);
      for (const other of this.members.values()) other.replica.reset(member.self);
    }
  }
}

/** Begins the ids of the members that the group begins with. */
const FIRST = "first";

function addressOf(id: string): string {
  return id.slice(id.indexOf("@") + 1);
}

class NearGroup implements Group {
  readonly name: string;
  readonly self: string;
  readonly replica: GroupReplica;
  readonly #network: NearNetwork;
  readonly #watchers = new Set<(news: GroupNews) => void>();
  #view: GroupView["view"] | undefined;

  constructor(network: NearNetwork, address: string, options: JoinOptions) {
    const { group, entry, profiles = [], witness: _witness, ...rest } = options;
    this.name = group;
    this.#network = network;
    const addresses = entry.by === "founding" ? [address] : entry.addresses;
    const there = [...network.members.values()].find(({ name }) => name === group);
    this.self = network.idFor(group, address);
    const founders = addresses.map((each) => `${FIRST}@${each}`);
    const isFounder = entry.by !== "contacts" && founders.includes(this.self);
    this.replica = new GroupReplica({
      ...rest,
      self: this.self,
      clock: network.clock,
      carrier: { send: (to, message) => network.send(this, to, message) },
      heard: (standing) => this.#heard(standing),
      ...(isFounder ? { founding: foundingView(founders) } : {}),
    });
    network.members.set(this.self, this);
    network.tell({ id: this.self, site: address, profiles });
    if (isFounder) this.#heard(this.replica.standing);
    else if (there !== undefined) setImmediate(() => this.replica.join(there.self));
  }

  get gate(): GroupReplica {
    return this.replica;
  }

  get standing(): Standing {
    return this.replica.standing;
  }

  get view(): GroupView | undefined {
    if (this.#view === undefined) return undefined;
    const { primary, members } = this.#view;
    const ordered = [primary, ...members.filter((id) => id !== primary)];
    const cards = ordered.map((id) => this.#network.card(id));
    return { group: this.name, view: this.#view, members: cards };
  }

  tell(profiles: readonly MemberProfile[]): void {
    this.#network.tell({ ...this.#network.card(this.self), profiles });
  }

  /** Somebody told something of itself. */
  told(): void {
    const { view } = this;
    if (view !== undefined) for (const heard of this.#watchers) heard({ kind: "view", view });
  }

  watch(heard: (news: GroupNews) => void): () => void {
    this.#watchers.add(heard);
    return () => this.#watchers.delete(heard);
  }

  async ready(signal: AbortSignal): Promise<void> {
    while (!["primary", "follower"].includes(this.standing.at)) {
      signal.throwIfAborted();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  handOver(to: string): void {
    this.replica.handOver(to);
  }

  get divergence(): Divergence | undefined {
    return this.replica.divergence;
  }

  restyle(style: Style | undefined): void {
    this.replica.restyle(style);
  }

  async leave(): Promise<void> {
    await this.replica.retire();
    this.#network.members.delete(this.self);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }

  #heard(standing: Standing): void {
    if ("view" in standing) this.#view = standing.view;
    for (const heard of this.#watchers) heard({ kind: "standing", standing });
    this.told();
  }
}

export class NearHost implements GroupHost {
  readonly address: string;
  readonly groups: Map<string, NearGroup> = new Map();
  readonly #network: NearNetwork;

  constructor(network: NearNetwork, address: string) {
    this.#network = network;
    this.address = address;
  }

  join(options: JoinOptions): NearGroup {
    if (this.groups.has(options.group)) throw new RangeError(`${options.group} is joined already`);
    const group = new NearGroup(this.#network, this.address, options);
    this.groups.set(options.group, group);
    return group;
  }

  async close(): Promise<void> {
    for (const group of this.groups.values()) await group.leave();
    this.groups.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
