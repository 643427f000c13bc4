import type { Message, Proposed } from "./message.ts";
import { type Ballot, compareBallots, type MemberId, type View } from "./view.ts";

/** What a witness knows of one group: its vote on the view after `view`, and nothing of the service. */
export interface WitnessState {
  readonly view: View;
  readonly promised: Ballot | undefined;
  readonly accepted: Proposed | undefined;
}

/**
 * A vote for groups of an even number of members, so that one of two may go on (Pâris, "Voting with Witnesses", 1986:
 * a vote without a copy). It answers from what it remembers: one that forgot must not be taken for the one the view
 * names, and so a witness that starts anew has another id.
 */
export class Witness {
  readonly self: MemberId;
  #state: WitnessState | undefined;

  constructor(self: MemberId, state?: WitnessState) {
    this.self = self;
    this.#state = state;
  }

  /** What is to be kept, where a witness shall outlive its process: before the reply is sent. */
  get state(): WitnessState | undefined {
    return this.#state;
  }

  /** @returns the reply to the sender; undefined when there is none */
  step(message: Message): Message | undefined {
    if (message.kind === "wedge") return this.#onWedge(message);
    if (message.kind === "propose") return this.#onPropose(message);
    return undefined;
  }

  #onWedge({ current, ballot }: Extract<Message, { kind: "wedge" }>): Message | undefined {
    if (current.witness !== this.self) return undefined;
    if (this.#state === undefined || current.number > this.#state.view.number)
      this.#state = { view: current, promised: undefined, accepted: undefined };
    const { view, promised, accepted } = this.#state;
    if (current.number < view.number) return { kind: "news", view: view.number, current: view };
    if (promised !== undefined && compareBallots(ballot, promised) < 0)
      return { kind: "outbid", view: view.number, ballot: promised };
    this.#state = { view, promised: ballot, accepted };
    return {
      kind: "promise",
      view: view.number,
      ballot,
      installed: 0,
      op: 0,
      entries: undefined,
      accepted,
    };
  }

  #onPropose(message: Extract<Message, { kind: "propose" }>): Message | undefined {
    const state = this.#state;
    const { ballot, next } = message;
    // Without having promised it knows nothing of that view; the sender asks for a promise first.
    if (state === undefined || message.view !== state.view.number) return undefined;
    const { view, promised } = state;
    if (promised !== undefined && compareBallots(ballot, promised) < 0)
      return { kind: "outbid", view: view.number, ballot: promised };
    this.#state = { view, promised: ballot, accepted: { ballot, next, entries: undefined } };
    return { kind: "accept", view: view.number, ballot };
  }
}
