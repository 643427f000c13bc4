import type { Logger } from "../../orb/base/index.ts";
import { type MemberId, type Message, Witness } from "../group/index.ts";
import type { WitnessStore } from "../replication/index.ts";

export interface WitnessDeskOptions {
  readonly store: WitnessStore | undefined;
  readonly newId: () => MemberId;
  readonly log: Logger;
}

/** Groups that a host votes for. */
const MOST_GROUPS = 1_000;

/** The votes of a host for groups that have no member here: it remembers no more than these. */
export class WitnessDesk {
  readonly #options: WitnessDeskOptions;
  readonly #witnesses: Map<string, Witness> = new Map();

  constructor(options: WitnessDeskOptions) {
    this.#options = options;
  }

  /** @param told with the id under which this host votes for the group; undefined where it votes for too many */
  idFor(group: string, told: (id: MemberId | undefined) => void): void {
    const known = this.#find(group);
    if (known !== undefined) return told(known.self);
    if (this.#witnesses.size >= MOST_GROUPS) return told(undefined);
    const made = new Witness(this.#options.newId());
    this.#witnesses.set(group, made);
    this.#keep(group, made, () => told(made.self));
  }

  isWitness(group: string, id: MemberId): boolean {
    return id !== "" && this.#find(group)?.self === id;
  }

  /** @param answer called when the vote is safe */
  vote(group: string, message: Message, answer: (message: Message) => void): void {
    const witness = this.#find(group);
    const answered = witness?.step(message);
    if (witness !== undefined && answered !== undefined)
      this.#keep(group, witness, () => answer(answered));
  }

  #keep(group: string, { self, state }: Witness, kept: () => void): void {
    const { store, log } = this.#options;
    if (store === undefined) return kept();
    store.save({ group, self, state }).then(kept, (error: unknown) => {
      // A vote that is not safe must not be told, and the next one may not forget it.
      log.error(`the vote for group "${group}" cannot be kept: this host votes for it no more`, {
        error,
      });
      this.#witnesses.set(group, new Witness(this.#options.newId()));
    });
  }

  #find(group: string): Witness | undefined {
    const known = this.#witnesses.get(group);
    const stored = known === undefined ? this.#options.store?.load(group) : undefined;
    if (stored === undefined) return known;
    const found = new Witness(stored.self, stored.state);
    this.#witnesses.set(group, found);
    return found;
  }
}
