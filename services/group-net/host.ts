import { noLogger, systemClock, systemRandom } from "../../orb/base/index.ts";
import { type Clock, type Logger, type Random, SystemException } from "../../orb/index.ts";
import type { MemberId } from "../group/index.ts";
import { decodeLetter, encodeLetter, type Letter } from "../group-wire/index.ts";
import type { Group, GroupHost, JoinOptions, WitnessStore } from "../replication/index.ts";
import { addressOf, type LetterCarrier, memberIdAt } from "./carrier.ts";
import { HostedGroup } from "./hosted-group.ts";
import { WitnessDesk } from "./witness-desk.ts";

export interface GroupHostOptions {
  /** The host's to close. */
  readonly carrier: LetterCarrier;
  /** Name of this peer, the same over restarts: for people, and so that replicas are kept apart. */
  readonly site: string;
  /** Keeps this host's votes as a witness over restarts; without it they end with the process. */
  readonly witnessStore?: WitnessStore;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
}

/** Of an address that sends what cannot be read no more is said than this often, milliseconds. */
const WARN_MS = 10_000;
const MOST_WARNED = 256;
const TOKEN_OCTETS = 9;

/** Puts groups on a way between processes. */
export function openGroupHost(options: GroupHostOptions): GroupHost {
  return new Host(options);
}

class Host implements GroupHost {
  readonly groups: Map<string, HostedGroup> = new Map();
  readonly #carrier: LetterCarrier;
  readonly #site: string;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: Logger;
  readonly #desk: WitnessDesk;
  readonly #warnedAtMs: Map<string, number> = new Map();
  #closing: Promise<void> | undefined;

  constructor({ carrier, site, witnessStore, clock, random, logger }: GroupHostOptions) {
    this.#carrier = carrier;
    this.#site = site;
    this.#clock = clock ?? systemClock;
    this.#random = random ?? systemRandom;
    this.#log = logger ?? noLogger;
    this.#desk = new WitnessDesk({
      store: witnessStore,
      newId: () => this.#newId(),
      log: this.#log,
    });
    carrier.start({
      heard: (from, octets) => this.#heard(from, octets),
      gone: (address) => {
        for (const group of this.groups.values()) group.gone(address);
      },
      patienceMs: (address) => this.#patienceMs(address),
      alive: (address, quietMs) => {
        for (const group of this.groups.values()) group.alive(address, quietMs);
      },
    });
  }

  get address(): string {
    return this.#carrier.address;
  }

  join(options: JoinOptions): Group {
    const { group: name, entry } = options;
    if (this.#closing !== undefined) throw new RangeError("the host of groups is closed");
    if (name === "") throw new RangeError("a group needs a name");
    if (this.groups.has(name)) throw new RangeError(`group "${name}" is joined here already`);
    if (entry.by === "list" && !entry.addresses.includes(this.address))
      throw new RangeError(
        `group "${name}": ${this.address}, which is this host, is not among ${entry.addresses.join(", ")}`,
      );
    if (entry.by === "contacts" && entry.addresses.length === 0)
      throw new RangeError(`group "${name}": to join it somebody who is in it must be named`);
    const group = new HostedGroup(options, {
      address: this.address,
      site: this.#site,
      clock: this.#clock,
      random: this.#random,
      log: this.#log,
      send: (to, letter) => this.#carrier.send(to, letter),
      beat: () => this.#carrier.beat(),
      ask: (to) => this.#carrier.ask(to),
      ended: (ended) => void this.groups.delete(ended),
    });
    this.groups.set(name, group);
    return group;
  }

  /** As the least patient of the groups that have somebody there. */
  #patienceMs(address: string): number {
    let least = Infinity;
    for (const group of this.groups.values())
      least = Math.min(least, group.patienceMs(address) ?? Infinity);
    return least === Infinity ? 0 : least;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    await Promise.all([...this.groups.values()].map((group) => group.leave()));
    await this.#carrier[Symbol.asyncDispose]();
  }

  #heard(address: string, octets: Uint8Array): void {
    try {
      const letter = decodeLetter(octets);
      const fault = faultOf(letter, address);
      if (fault !== undefined) return this.#refuse(address, fault);
      this.#deliver(address, letter);
    } catch (error) {
      if (!(error instanceof SystemException)) throw error;
      this.#refuse(address, error.message);
    }
  }

  #deliver(address: string, letter: Letter): void {
    const { group: name, from, to, content } = letter;
    const group = this.groups.get(name);
    if (content.kind === "who") return this.#tellWho(address, letter, group);
    const isVote = content.kind === "message" && this.#desk.isWitness(name, to);
    if (isVote)
      this.#desk.vote(name, content.message, (message) =>
        this.#answer(address, letter, { kind: "message", message }),
      );
    else if (group !== undefined) group.receive(address, letter);
    else if (content.kind === "message") this.#answer(address, letter, { kind: "absent" });
    else if (from === "") this.#refuse(address, `"${content.kind}" of a group that is not here`);
  }

  #tellWho(address: string, letter: Letter, group: HostedGroup | undefined): void {
    if (group !== undefined)
      return this.#answer(address, letter, { ...group.here, witness: undefined });
    this.#desk.idFor(letter.group, (witness) =>
      this.#answer(address, letter, { ...NOT_HERE, witness }),
    );
  }

  #answer(address: string, { group, from, to }: Letter, content: Letter["content"]): void {
    this.#carrier.send(address, encodeLetter({ group, from: to, to: from, content }));
  }

  #newId(): MemberId {
    const token = Buffer.from(this.#random.octets(TOKEN_OCTETS)).toString("base64url");
    return memberIdAt(token, this.address);
  }

  /** What cannot be acted upon harms nothing; that it came is said now and then. */
  #refuse(address: string, reason: string): void {
    const nowMs = this.#clock.nowMs();
    const warnedAtMs = this.#warnedAtMs.get(address) ?? -Infinity;
    if (nowMs - warnedAtMs < WARN_MS) return;
    if (this.#warnedAtMs.size >= MOST_WARNED) this.#warnedAtMs.clear();
    this.#warnedAtMs.set(address, nowMs);
    this.#log.warn("a message of groups was not acted upon", { from: address, reason });
  }
}

const NOT_HERE = { kind: "here", how: "not", id: undefined, view: undefined } as const;

/** A member speaks from its host, and for itself. */
function faultOf({ from, content }: Letter, address: string): string | undefined {
  if (from !== "" && addressOf(from) !== address)
    return `wrong sender: ${from} is not at ${address}`;
  if (content.kind === "card" && content.card.id !== from)
    return `wrong sender: ${from} shows the card of ${content.card.id}`;
  return undefined;
}
