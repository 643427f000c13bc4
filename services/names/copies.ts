import type { ContextRecord } from "../bindings/index.ts";
import {
  applyDelta,
  compareVersions,
  type ContextState,
  type Delta,
  type Version,
} from "./context-state.ts";
import type { CopyHead } from "./message.ts";

/** Parts that two copies are compared by when they differ. */
export const PARTS: number = 64;

interface Kept {
  readonly state: ContextState;
  readonly hash: number;
  /** When it was learned that the context is gone, or that it is of before a forced re-forming. */
  endedAtMs: number | undefined;
  /** Whether it counts when copies are compared. */
  isCompared: boolean;
}

export interface CopiesOptions {
  readonly tombstoneMs: number;
  readonly staleMs: number;
}

/** "gap": the difference starts at a later state than the one that is kept. */
export type Learned = "news" | "known" | "gap";

/** Everything decided, as far as this peer knows: each context in the latest state it heard of. */
export class Copies {
  readonly #contexts: Map<string, Kept> = new Map();
  readonly #sums: number[] = Array.from({ length: PARTS }, () => 0);
  readonly #options: CopiesOptions;
  #era = 0;
  #compared = 0;
  #live = 0;
  #bindings = 0;
  #octets = 0;

  constructor(options: CopiesOptions) {
    this.#options = options;
  }

  /** Contexts that are there. */
  get liveCount(): number {
    return this.#live;
  }

  get bindingCount(): number {
    return this.#bindings;
  }

  get octets(): number {
    return this.#octets;
  }

  /** What is compared with others. */
  get digest(): { readonly count: number; readonly sum: number } {
    let sum = 0;
    for (const one of this.#sums) sum = (sum + one) >>> 0;
    return { count: this.#compared, sum };
  }

  get partSums(): readonly number[] {
    return this.#sums;
  }

  get(contextId: string): ContextState | undefined {
    return this.#contexts.get(contextId)?.state;
  }

  record(contextId: string): ContextRecord | undefined {
    const state = this.get(contextId);
    if (state?.bindings === undefined) return undefined;
    return { version: state.version.count, bindings: state.bindings };
  }

  entries(): Iterable<readonly [contextId: string, state: ContextState]> {
    return [...this.#contexts].map(([contextId, { state }]) => [contextId, state] as const);
  }

  learn(contextId: string, delta: Delta, nowMs: number): Learned {
    const before = this.get(contextId);
    if (before !== undefined && compareVersions(before.version, delta.to) >= 0) return "known";
    const state = applyDelta(before, delta);
    if (state === undefined) return "gap";
    this.put(contextId, state, nowMs);
    return "news";
  }

  /** @returns whether it is later than what was kept */
  put(contextId: string, state: ContextState, nowMs: number): boolean {
    const before = this.get(contextId);
    if (before !== undefined && compareVersions(before.version, state.version) >= 0) return false;
    this.forget(contextId);
    const isGone = state.bindings === undefined;
    const isOld = state.version.era < this.#era;
    const kept: Kept = {
      state,
      hash: hashOf(contextId, state.version),
      endedAtMs: isGone || isOld ? nowMs : undefined,
      isCompared: false,
    };
    this.#contexts.set(contextId, kept);
    if (!isGone) this.#live++;
    this.#bindings += state.bindings?.size ?? 0;
    this.#octets += state.octets;
    if (!isOld) this.#compare(kept, true);
    return true;
  }

  forget(contextId: string): void {
    const kept = this.#contexts.get(contextId);
    if (kept === undefined) return;
    this.#compare(kept, false);
    this.#contexts.delete(contextId);
    if (kept.state.bindings !== undefined) this.#live--;
    this.#bindings -= kept.state.bindings?.size ?? 0;
    this.#octets -= kept.state.octets;
  }

  /** A forced re-forming: what is of an earlier era is answered for a while, and told to nobody. */
  enter(era: number, nowMs: number): void {
    if (era <= this.#era) return;
    this.#era = era;
    for (const kept of this.#contexts.values()) {
      if (kept.state.version.era >= era) continue;
      kept.endedAtMs ??= nowMs;
      this.#compare(kept, false);
    }
  }

  /**
   * Lets go what has ended. A destroyed context is compared for a third of its life only: who learns of it last does
   * not teach it to who has forgotten it.
   */
  expire(nowMs: number): void {
    const { tombstoneMs, staleMs } = this.#options;
    for (const [contextId, kept] of this.#contexts) {
      if (kept.endedAtMs === undefined) continue;
      const ageMs = nowMs - kept.endedAtMs;
      const isOld = kept.state.version.era < this.#era;
      if (ageMs > (isOld ? staleMs : tombstoneMs)) this.forget(contextId);
      else if (ageMs > tombstoneMs / 3) this.#compare(kept, false);
    }
  }

  /** What is compared in these parts. */
  inventory(parts: ReadonlySet<number>): readonly CopyHead[] {
    const heads: CopyHead[] = [];
    for (const [contextId, { state, hash, isCompared }] of this.#contexts)
      if (isCompared && parts.has(partOf(hash))) heads.push({ contextId, version: state.version });
    return heads;
  }

  #compare(kept: Kept, isCompared: boolean): void {
    if (kept.isCompared === isCompared) return;
    kept.isCompared = isCompared;
    const part = partOf(kept.hash);
    const sum = this.#sums[part] ?? 0;
    this.#sums[part] = (isCompared ? sum + kept.hash : sum - kept.hash) >>> 0;
    this.#compared += isCompared ? 1 : -1;
  }
}

/** FNV-1a of the id, which gives the part, mixed with the version. */
function hashOf(contextId: string, { era, count }: Version): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < contextId.length; at++)
    hash = Math.imul(hash ^ contextId.charCodeAt(at), 0x0100_0193) >>> 0;
  const part = hash % PARTS;
  let mixed = Math.imul(hash ^ era, 0x85eb_ca6b) ^ Math.imul(count + 1, 0xc2b2_ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b_3c6d) >>> 0;
  // The lowest bits name the part: a context stays in it whatever its version.
  return (mixed - (mixed % PARTS) + part) >>> 0;
}

function partOf(hash: number): number {
  return hash % PARTS;
}
