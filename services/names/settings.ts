import type { PeerRef } from "../overlay/index.ts";

/** What a peer of the names is run with; times in milliseconds. */
export interface NamesSettings {
  /** Who decides in the beginning, by lasting ids; the same everywhere. One, three or five of them. */
  readonly voters: readonly PeerRef[];
  /** A voter that does not answer is joined by the next one after this. */
  readonly hedgeMs: number;
  /** An unanswered message between voters is sent again after this. */
  readonly resendMs: number;
  /** Who was outbid waits half to one and a half times this, doubled up to five times. */
  readonly backoffMs: number;
  /** Links compare their copies this often. */
  readonly syncMs: number;
  /** A destroyed context is remembered this long; who was cut off longer than a third of it starts its copy anew. */
  readonly tombstoneMs: number;
  /** After a forced re-forming, names of before that are not known to it are still answered this long. */
  readonly staleMs: number;
  /** Voters that start for the first time, or re-form, wait this long for the others to show themselves. */
  readonly gatherMs: number;
  /** Bounds of all that is kept. */
  readonly mostContexts: number;
  readonly mostBindings: number;
  readonly mostOctets: number;
  /** Of one context; it has to fit into one message. */
  readonly mostContextOctets: number;
  /** Questions of this peer's own that are open at a time. */
  readonly mostAsked: number;
  /** Changes that wait at a voter; further ones are not heard, and asked again elsewhere. */
  readonly mostWaiting: number;
}

export const NAMES_DEFAULTS: NamesSettings = {
  voters: [],
  hedgeMs: 250,
  resendMs: 100,
  backoffMs: 20,
  syncMs: 1_000,
  tombstoneMs: 600_000,
  staleMs: 30_000,
  gatherMs: 500,
  mostContexts: 10_000,
  mostBindings: 100_000,
  mostOctets: 128 * 1024 * 1024,
  mostContextOctets: 8 * 1024 * 1024,
  mostAsked: 4_096,
  mostWaiting: 4_096,
};
