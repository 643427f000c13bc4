import type { ContextRecord, Refusal } from "../bindings/index.ts";
import type { PeerRef } from "../overlay/index.ts";
import type { VoterConfig } from "./config.ts";
import type { NamesMessage } from "./message.ts";
import type { VoterWrite } from "./voter-store.ts";

/** How something that was asked of this peer ended. */
export type NamesOutcome =
  /** For a question: the context, or `undefined` when there is none. */
  | { readonly kind: "done"; readonly context: ContextRecord | undefined }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** There is no room for it. */
  | { readonly kind: "full" }
  /** No majority of the voters answered in time; `isOpen`: a change may yet happen, or have happened. */
  | { readonly kind: "late"; readonly elapsedMs: number; readonly isOpen: boolean };

/** What happens to the names as this peer sees it; for the log. */
export type NamesEvent =
  | { readonly kind: "voting"; readonly config: VoterConfig }
  | { readonly kind: "sealed"; readonly config: VoterConfig }
  | { readonly kind: "config"; readonly config: VoterConfig }
  /** This peer is named as a voter, but with another store: its own has lost what it promised. */
  | { readonly kind: "forgotten"; readonly config: VoterConfig }
  /** Cut off from the voters for so long that its copy is made anew. */
  | { readonly kind: "cut-off" }
  | { readonly kind: "renewed" };

/** What is to be done after a step. */
export type NamesEffect =
  | { readonly kind: "send"; readonly to: PeerRef; readonly message: NamesMessage }
  /** To be sent when everything that was to be written before is on disk. */
  | { readonly kind: "reply"; readonly to: PeerRef; readonly message: NamesMessage }
  | { readonly kind: "write"; readonly write: VoterWrite }
  | { readonly kind: "outcome"; readonly id: number; readonly outcome: NamesOutcome }
  | { readonly kind: "event"; readonly event: NamesEvent };

/** Collects the effects of one step, whose instant it knows. */
export class Outbox {
  nowMs: number = 0;
  #effects: NamesEffect[] = [];

  send(to: PeerRef, message: NamesMessage): void {
    this.#effects.push({ kind: "send", to, message });
  }

  reply(to: PeerRef, message: NamesMessage): void {
    this.#effects.push({ kind: "reply", to, message });
  }

  write(write: VoterWrite): void {
    this.#effects.push({ kind: "write", write });
  }

  outcome(id: number, outcome: NamesOutcome): void {
    this.#effects.push({ kind: "outcome", id, outcome });
  }

  event(event: NamesEvent): void {
    this.#effects.push({ kind: "event", event });
  }

  take(): readonly NamesEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
