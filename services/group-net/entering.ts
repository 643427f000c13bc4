import { foundingView, type MemberId, type View } from "../group/index.ts";
import type { Content } from "../group-wire/index.ts";
import type { Entry } from "../replication/index.ts";
import { addressOf } from "./carrier.ts";

type Here = Extract<Content, { kind: "here" }>;

/** What is to be done about coming in. */
export type Move =
  /** Nothing is known yet: these are asked again. */
  | { readonly kind: "ask"; readonly addresses: readonly string[] }
  /** The group begins now. */
  | { readonly kind: "found"; readonly view: View }
  /** Somebody is in it. */
  | { readonly kind: "join"; readonly contact: MemberId };

export interface EnteringOptions {
  readonly self: MemberId;
  /** Of this member's host. */
  readonly address: string;
  readonly entry: Entry;
  readonly witness: string | undefined;
}

/**
 * How one member comes into its group: decides from what other hosts say. A group that is founded though it is there
 * would be a second one of the name; so only one may found it, and only when all the others say that they know of none.
 */
export class Entering {
  readonly #options: EnteringOptions;
  readonly #said: Map<string, Here> = new Map();

  constructor(options: EnteringOptions) {
    this.#options = options;
  }

  /** What a host says of its member. */
  heard(address: string, here: Here): void {
    if (this.asked.includes(address)) this.#said.set(address, here);
  }

  /** That host's process has ended, and with it what was said of it. */
  gone(address: string): void {
    this.#said.delete(address);
  }

  get move(): Move {
    const contact = this.#contact();
    if (contact !== undefined) return { kind: "join", contact };
    const founders = this.#founders();
    const witness = this.#witness();
    if (founders !== undefined && witness !== undefined)
      return { kind: "found", view: foundingView(founders, ...witness) };
    return { kind: "ask", addresses: this.asked };
  }

  /** Hosts that are asked: those that were named, and those that hosts which know the group name. */
  get asked(): readonly string[] {
    const { entry, address, witness } = this.#options;
    const named = entry.by === "founding" ? [] : entry.addresses;
    const told = [...this.#said.values()].flatMap(({ view }) => view?.members ?? []);
    const all = [...named, ...told.flatMap((id) => addressOf(id) ?? []), ...maybe(witness)];
    return [...new Set(all)].filter((one) => one !== address);
  }

  /** Why it is not in yet, for people. */
  get waitsFor(): string {
    const silent = this.asked.filter((one) => !this.#said.has(one));
    if (silent.length > 0) return `no answer of ${silent.join(", ")}`;
    const without = [...this.#said].filter(
      ([, { id, witness }]) => id === undefined && witness === undefined,
    );
    if (without.length > 0) return `no replica yet at ${without.map(([at]) => at).join(", ")}`;
    return "the group has not taken it in";
  }

  /** Who is in the latest view that was told. */
  #contact(): MemberId | undefined {
    let latest = 0;
    let contact: MemberId | undefined;
    for (const { id, view } of this.#said.values()) {
      // One that the group went on without knows of it, and is as much outside as this one.
      if (view === undefined || id === undefined || !view.members.includes(id)) continue;
      if (view.number <= latest) continue;
      latest = view.number;
      contact = id;
    }
    return contact;
  }

  /** Undefined while this one may not found. */
  #founders(): readonly MemberId[] | undefined {
    const { entry, self, address } = this.#options;
    if (entry.by === "founding") return [self];
    if (entry.by === "contacts" || entry.addresses[0] !== address) return undefined;
    const founders: MemberId[] = [];
    for (const one of entry.addresses) {
      const said = this.#said.get(one);
      // Without an id its host is there, and its member is not yet.
      const id = one === address ? self : said?.id;
      if (id === undefined || said?.how === "inside") return undefined;
      founders.push(id);
    }
    return founders;
  }

  /** None or one; undefined while it has not answered. */
  #witness(): readonly MemberId[] | undefined {
    const { witness } = this.#options;
    if (witness === undefined) return [];
    const id = this.#said.get(witness)?.witness;
    return id === undefined ? undefined : [id];
  }
}

function maybe<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}
