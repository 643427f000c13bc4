import type { MemberId, View } from "../group/index.ts";
import type { Card } from "../group-wire/index.ts";
import type { MemberCard, MemberProfile } from "../replication/index.ts";
import { addressOf } from "./carrier.ts";

/** What members tell of themselves, of those in the current view. */
export class Cards {
  readonly #site: string;
  readonly #cards: Map<MemberId, Card> = new Map();
  #own: Card;
  /** Those of the members of a view, as long as nothing changes. */
  #ordered: { readonly view: View; readonly cards: readonly MemberCard[] } | undefined;

  constructor(self: MemberId, site: string, profiles: readonly MemberProfile[]) {
    this.#site = site;
    this.#own = { id: self, site, version: 1, profiles };
  }

  get own(): Card {
    return this.#own;
  }

  tell(profiles: readonly MemberProfile[]): void {
    this.#ordered = undefined;
    this.#own = { ...this.#own, version: this.#own.version + 1, profiles };
  }

  /** This member comes back as another. */
  rename(self: MemberId): void {
    this.#ordered = undefined;
    this.#own = { id: self, site: this.#site, version: 1, profiles: this.#own.profiles };
  }

  /** @returns whether it is news */
  take(card: Card): boolean {
    const known = this.#cards.get(card.id);
    if (card.id === this.#own.id || (known !== undefined && known.version >= card.version))
      return false;
    this.#cards.set(card.id, card);
    this.#ordered = undefined;
    return true;
  }

  /** Forgets those that are not in the view. */
  keep({ members }: View): void {
    this.#ordered = undefined;
    for (const id of this.#cards.keys()) if (!members.includes(id)) this.#cards.delete(id);
  }

  /** Members whose card has not come. */
  missing({ members }: View): readonly MemberId[] {
    return members.filter((id) => id !== this.#own.id && !this.#cards.has(id));
  }

  /** The primary's first; the same array as long as nothing changes. */
  of(view: View): readonly MemberCard[] {
    if (this.#ordered?.view === view) return this.#ordered.cards;
    const { members, primary } = view;
    const ordered = [primary, ...members.filter((id) => id !== primary)];
    const cards = ordered.map((id) => this.#cardOf(id));
    this.#ordered = { view, cards };
    return cards;
  }

  #cardOf(id: MemberId): MemberCard {
    const card = id === this.#own.id ? this.#own : this.#cards.get(id);
    if (card === undefined) return { id, site: addressOf(id) ?? id, profiles: [] };
    return { id, site: card.site, profiles: card.profiles };
  }
}
