import type { ContextChange, NameComponent } from "../bindings/index.ts";
import type { PeerId, PeerRef } from "../overlay/index.ts";
import type { VoterConfig } from "./config.ts";
import { compareVersions } from "./context-state.ts";
import type { Copies } from "./copies.ts";
import { SUCCESSOR, type Told } from "./message.ts";
import type { Outbox } from "./outbox.ts";
import type { NamesSettings } from "./settings.ts";

/** What this peer's own servants want. */
export type Wish =
  /** A question; what the copy has of `wanted` is enough, "latest" asks the voters in any case. */
  | {
      readonly kind: "read";
      readonly contextId: string;
      readonly wanted: NameComponent | "latest" | undefined;
    }
  | { readonly kind: "change"; readonly contextId: string; readonly change: ContextChange };

interface Asked {
  readonly id: number;
  readonly contextId: string;
  change: ContextChange | undefined;
  readonly startMs: number;
  readonly lateAtMs: number;
  /** Unlike all others of all peers; another one when the change has to be started anew. */
  changeId: string;
  since: number;
  /** Place of the voter that is asked. */
  at: number;
  /** How often it was asked under this id. */
  tries: number;
  /** The change is done, and only the copy is not yet led on to it. */
  isDone: boolean;
  sentAtMs: number;
}

export interface AskerOptions {
  readonly settings: NamesSettings;
  readonly out: Outbox;
  readonly copies: Copies;
  /** Of this start of this process. */
  readonly nonce: string;
  readonly config: () => VoterConfig;
  /** Takes news that a voter told. */
  readonly learn: (from: PeerRef, told: Told) => void;
}

/** Who was silent is tried again first after this, milliseconds. */
const FORGIVE_MS = 5_000;
/** A voter that answers is asked again after so many times of patience. */
const PATIENCE = 4;

/** The part of a peer that asks the voters for its own servants, another one when one is silent, until the deadline. */
export class Asker {
  readonly #options: AskerOptions;
  readonly #asked: Map<string, Asked> = new Map();
  /** Which voter is asked first, and since when. */
  #first = 0;
  #firstAtMs = 0;
  /** When each voter was last heard. */
  readonly #heard: Map<PeerId, number> = new Map();
  #tickedAtMs = 0;
  #last = 0;

  constructor(options: AskerOptions) {
    this.#options = options;
  }

  get isBusy(): boolean {
    return this.#asked.size > 0;
  }

  /** @param leftMs after so long the outcome is "late" */
  wish(id: number, wish: Wish, leftMs: number): void {
    const { settings, out, copies } = this.#options;
    const { contextId } = wish;
    // The register of that name holds no context.
    if (contextId === SUCCESSOR)
      return out.outcome(
        id,
        wish.kind === "read"
          ? { kind: "done", context: undefined }
          : { kind: "refused", refusal: "NoSuchContext" },
      );
    if (wish.kind === "read") {
      const context = copies.record(contextId);
      const isEnough =
        context !== undefined &&
        wish.wanted !== "latest" &&
        (wish.wanted === undefined || context.bindings.get(wish.wanted) !== undefined);
      if (isEnough) return out.outcome(id, { kind: "done", context });
    }
    if (this.#asked.size >= settings.mostAsked)
      return out.outcome(id, { kind: "late", elapsedMs: 0, isOpen: false });
    const asked: Asked = {
      id,
      contextId,
      change: wish.kind === "change" ? wish.change : undefined,
      startMs: out.nowMs,
      lateAtMs: out.nowMs + leftMs,
      changeId: "",
      since: 0,
      at: 0,
      tries: 0,
      isDone: false,
      sentAtMs: 0,
    };
    this.#start(asked, copies.get(contextId)?.version.count ?? 0);
  }

  tick(): void {
    const { out, settings } = this.#options;
    const { hedgeMs } = settings;
    // After a stall of this process the answers wait to be heard: they are not missed yet.
    const isStalled = out.nowMs - this.#tickedAtMs > hedgeMs / 2;
    this.#tickedAtMs = out.nowMs;
    for (const asked of this.#asked.values()) {
      if (out.nowMs >= asked.lateAtMs) this.#late(asked);
      else if (!isStalled && out.nowMs - asked.sentAtMs >= hedgeMs) {
        // A voter that answers others may have lost this one: it is asked again, and later.
        if (out.nowMs - this.#heardAtMs(asked) < hedgeMs) {
          if (out.nowMs - asked.sentAtMs >= PATIENCE * hedgeMs) this.#send(asked);
          continue;
        }
        asked.at++;
        // Who is silent for one is silent for all: the next one is asked first from now on.
        if (asked.tries === 1) {
          this.#first = asked.at;
          this.#firstAtMs = out.nowMs;
        }
        this.#send(asked);
      }
    }
  }

  told(from: PeerRef, told: Told): void {
    const asked = this.#asked.get(told.id);
    if (asked === undefined) return;
    this.#options.learn(from, told);
    const { out } = this.#options;
    this.#heard.set(from.id, out.nowMs);
    const isHedged = asked.tries > 1;
    switch (told.result) {
      case "stale":
        // Asked of several, one may have done it so long ago that this one does not remember.
        if (isHedged || !told.isFinal) return this.#late(asked);
        // Never done under this id, and never will be: under another it is a new change.
        return this.#start(asked, told.count);
      case "refused": {
        if (told.refusal === undefined) return;
        // Another voter may still grant it, unless all are made to refuse.
        if (isHedged && !told.isFinal) return this.#send(asked);
        return this.#end(asked, () =>
          out.outcome(asked.id, { kind: "refused", refusal: told.refusal ?? "NoSuchContext" }),
        );
      }
      case "full":
        // Another voter may still find room.
        if (isHedged) return this.#late(asked);
        return this.#end(asked, () => out.outcome(asked.id, { kind: "full" }));
      case "done":
        return this.#done(asked, told);
    }
  }

  /** What was done has to be seen in the copy, by which the next question is answered. */
  #done(asked: Asked, { count, news }: Told): void {
    const { out, copies } = this.#options;
    const { contextId } = asked;
    const version = copies.get(contextId)?.version;
    const isBehind =
      news === undefined
        ? (version?.count ?? 0) < count
        : version === undefined || compareVersions(version, news.to) < 0;
    if (isBehind) {
      asked.isDone ||= asked.change !== undefined;
      asked.change = undefined;
      return this.#start(asked, 0);
    }
    this.#end(asked, () =>
      out.outcome(asked.id, { kind: "done", context: copies.record(contextId) }),
    );
  }

  /** Its voter has much to do: no other one is asked. */
  waiting(from: PeerRef, id: string): void {
    const { nowMs } = this.#options.out;
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    asked.sentAtMs = nowMs;
    this.#heard.set(from.id, nowMs);
  }

  /** When the voter that is asked last answered anything. */
  #heardAtMs({ at }: Asked): number {
    const { voters } = this.#options.config();
    const voter = voters[at % Math.max(1, voters.length)];
    return voter === undefined ? -Infinity : (this.#heard.get(voter.peer.id) ?? -Infinity);
  }

  /** Other voters: everything is asked again. */
  again(): void {
    this.#first = 0;
    this.#heard.clear();
    for (const asked of this.#asked.values()) {
      asked.at = 0;
      this.#send(asked);
    }
  }

  #start(asked: Asked, since: number): void {
    this.#asked.delete(asked.changeId);
    asked.changeId = `${this.#options.nonce}.${++this.#last}`;
    asked.since = since;
    asked.tries = 0;
    if (this.#options.out.nowMs - this.#firstAtMs > FORGIVE_MS) this.#first = 0;
    asked.at = this.#first;
    this.#asked.set(asked.changeId, asked);
    this.#send(asked);
  }

  #send(asked: Asked): void {
    const { out, config, copies } = this.#options;
    const { voters } = config();
    const voter = voters[asked.at % Math.max(1, voters.length)];
    asked.sentAtMs = out.nowMs;
    const isAgain = asked.tries > 0;
    asked.tries++;
    const { changeId: id, contextId, change, since } = asked;
    if (voter === undefined) return;
    out.send(voter.peer, {
      kind: "ask",
      id,
      contextId,
      change,
      since,
      isAgain,
      have: copies.get(contextId)?.version,
      leftMs: Math.ceil(asked.lateAtMs - out.nowMs),
    });
  }

  #late(asked: Asked): void {
    const { out, copies } = this.#options;
    const elapsedMs = out.nowMs - asked.startMs;
    const isOpen = asked.change !== undefined;
    this.#end(asked, () =>
      out.outcome(
        asked.id,
        asked.isDone
          ? { kind: "done", context: copies.record(asked.contextId) }
          : { kind: "late", elapsedMs, isOpen },
      ),
    );
  }

  #end(asked: Asked, tell: () => void): void {
    this.#asked.delete(asked.changeId);
    tell();
  }
}
