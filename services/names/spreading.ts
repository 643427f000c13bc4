import type { PeerId, PeerRef } from "../overlay/index.ts";
import { compareVersions, type ContextState, type Delta, deltaSince } from "./context-state.ts";
import { type Copies, PARTS } from "./copies.ts";
import type { NamesMessage } from "./message.ts";
import type { Outbox } from "./outbox.ts";
import type { NamesSettings } from "./settings.ts";

type Message<K extends NamesMessage["kind"]> = Extract<NamesMessage, { kind: K }>;

export type SpreadMessage = Message<"news" | "digest" | "parts" | "inventory" | "want">;

interface Link {
  readonly ref: PeerRef;
  /** Comparisons in a row that came out different. */
  differences: number;
  /** Where the next inventory begins, when one message does not hold all parts. */
  next: number;
}

export interface SpreaderOptions {
  readonly settings: NamesSettings;
  readonly out: Outbox;
  readonly copies: Copies;
  readonly isVoting: () => boolean;
  readonly epoch: () => number;
}

/** Contexts wanted or listed in one message. */
const MOST_WANTED = 128;
const MOST_LISTED = 2_048;
/** Octets of contexts sent at one request; the rest is asked for at the next comparison. */
const MOST_OCTETS = 1024 * 1024;

/**
 * The part of a peer that keeps its copy like those of its neighbours in the tree: news go on to every other link at
 * once, and all links are compared now and then, for messages are lost and links change.
 */
export class Spreader {
  readonly #options: SpreaderOptions;
  #links: Map<PeerId, Link> = new Map();
  #syncAtMs = 0;
  /** When a voter was last heard of, as far as anybody told. */
  #freshAtMs: number | undefined;
  #isCutOff = false;

  constructor(options: SpreaderOptions) {
    this.#options = options;
  }

  get linkCount(): number {
    return this.#links.size;
  }

  /** The peers that this one is linked to from now on. */
  link(refs: readonly PeerRef[]): void {
    const before = this.#links;
    this.#links = new Map(
      refs.map((ref) => [ref.id, before.get(ref.id) ?? { ref, differences: 1, next: 0 }]),
    );
    // A new neighbour is compared with at once, and believed to differ.
    for (const [id, { ref }] of this.#links) if (!before.has(id)) this.#compare(ref);
  }

  tick(): void {
    const { out, settings, copies } = this.#options;
    if (this.#options.isVoting()) this.#freshAtMs = out.nowMs;
    if (this.#ageMs > settings.tombstoneMs / 3 && !this.#isCutOff) {
      this.#isCutOff = true;
      out.event({ kind: "cut-off" });
    }
    if (out.nowMs < this.#syncAtMs) return;
    this.#syncAtMs = out.nowMs + settings.syncMs;
    copies.expire(out.nowMs);
    for (const { ref } of this.#links.values()) this.#compare(ref);
  }

  /** Tells a state that is new here to every link but the one it came by. */
  spread(contextId: string, delta: Delta, except?: PeerId): void {
    for (const { ref } of this.#links.values())
      if (ref.id !== except) this.#options.out.send(ref, { kind: "news", contextId, delta });
  }

  receive(from: PeerRef, message: SpreadMessage): void {
    // Strangers are not believed: what they know comes by the tree.
    const link = this.#links.get(from.id);
    if (link === undefined) return;
    switch (message.kind) {
      case "news":
        return this.#onNews(from, message);
      case "digest":
        return this.#onDigest(link, message);
      case "parts":
        return this.#onParts(link, message.sums);
      case "inventory":
        return this.#onInventory(from, message);
      case "want":
        return this.#onWant(from, message);
    }
  }

  /** A peer that has just started counts from then. */
  get #ageMs(): number {
    const { nowMs } = this.#options.out;
    return nowMs - (this.#freshAtMs ??= nowMs);
  }

  #compare(to: PeerRef): void {
    const { out, copies, epoch } = this.#options;
    const { count, sum } = copies.digest;
    const ageMs = Math.round(this.#ageMs);
    out.send(to, { kind: "digest", epoch: epoch(), ageMs, count, sum });
  }

  #onNews(from: PeerRef, { contextId, delta }: Message<"news">): void {
    const { copies, out } = this.#options;
    const before = copies.get(contextId);
    const learned = copies.learn(contextId, delta, out.nowMs);
    if (learned === "gap")
      return out.send(from, {
        kind: "want",
        contexts: [{ contextId, have: copies.get(contextId)?.version }],
      });
    const state = copies.get(contextId);
    if (learned === "news" && state !== undefined)
      this.spread(contextId, deltaSince(before?.version, state), from.id);
  }

  #onDigest(link: Link, { epoch, ageMs, count, sum }: Message<"digest">): void {
    const { out, copies, settings } = this.#options;
    if (epoch < this.#options.epoch()) return;
    this.#hear(ageMs);
    const mine = copies.digest;
    const isSame = mine.count === count && mine.sum === sum;
    link.differences = isSame ? 0 : link.differences + 1;
    // The first difference may be news that are on their way.
    const isNews = link.differences < 2;
    if (isSame || isNews || ageMs > settings.tombstoneMs / 3) return;
    out.send(link.ref, { kind: "parts", sums: copies.partSums });
  }

  /** Who was cut off for long forgets its copy: others may have forgotten what was destroyed since. */
  #hear(ageMs: number): void {
    const { out, settings, copies } = this.#options;
    if (ageMs > settings.tombstoneMs / 3) return;
    if (this.#isCutOff) {
      for (const [contextId] of copies.entries()) copies.forget(contextId);
      this.#isCutOff = false;
      out.event({ kind: "renewed" });
    }
    this.#freshAtMs = Math.max(out.nowMs - this.#ageMs, out.nowMs - ageMs);
  }

  #onParts(link: Link, sums: readonly number[]): void {
    if (this.#isCutOff) return;
    const { copies, out } = this.#options;
    const mine = copies.partSums;
    const parts = new Set<number>();
    const contexts: Message<"inventory">["contexts"][number][] = [];
    for (let step = 0; step < PARTS; step++) {
      const part = (link.next + step) % PARTS;
      if (mine[part] === sums[part]) continue;
      const listed = copies.inventory(new Set([part]));
      // One part is sent in any case: where the room ends the next comparison goes on.
      if (parts.size > 0 && contexts.length + listed.length > MOST_LISTED) {
        link.next = part;
        break;
      }
      parts.add(part);
      contexts.push(...listed);
    }
    if (parts.size > 0) out.send(link.ref, { kind: "inventory", parts: [...parts], contexts });
  }

  /** Sends what the other has not, or older, and asks for what it has newer. */
  #onInventory(from: PeerRef, { parts, contexts }: Message<"inventory">): void {
    const { copies, out } = this.#options;
    const theirs = new Map(contexts.map(({ contextId, version }) => [contextId, version]));
    const wanted: Message<"want">["contexts"][number][] = [];
    for (const [contextId, version] of theirs) {
      const have = copies.get(contextId)?.version;
      if (have === undefined || compareVersions(have, version) < 0)
        if (wanted.length < MOST_WANTED) wanted.push({ contextId, have });
    }
    if (wanted.length > 0) out.send(from, { kind: "want", contexts: wanted });
    let octets = 0;
    for (const { contextId, version } of copies.inventory(new Set(parts))) {
      const their = theirs.get(contextId);
      if (this.#isCutOff || octets > MOST_OCTETS) return;
      if (their !== undefined && compareVersions(their, version) >= 0) continue;
      octets += this.#tell(from, contextId, their, copies.get(contextId));
    }
  }

  #onWant(from: PeerRef, { contexts }: Message<"want">): void {
    let octets = 0;
    for (const { contextId, have } of contexts) {
      if (octets > MOST_OCTETS) return;
      octets += this.#tell(from, contextId, have, this.#options.copies.get(contextId));
    }
  }

  #tell(
    to: PeerRef,
    contextId: string,
    have: Delta["from"],
    state: ContextState | undefined,
  ): number {
    if (state === undefined) return 0;
    const delta = deltaSince(have, state);
    this.#options.out.send(to, { kind: "news", contextId, delta });
    return delta.from === undefined ? state.octets : 1_024;
  }
}
