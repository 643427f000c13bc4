/**
 * Who executes and what travels; see docs/replication.md.
 * "active": all execute, in the order that the primary gave. "semi-active": the primary executes first, the others
 * after it, with its decisions. "warm-passive": only the primary executes, the others get state updates.
 * "cold-passive": only the primary executes; the others keep the log and a checkpoint.
 */
export type Style = (typeof STYLES)[number];
export const STYLES = ["active", "semi-active", "warm-passive", "cold-passive"] as const;

/** Whose logs must hold an update before its reply leaves: those of all members, of a majority, or the primary's. */
export type Acknowledgement = "all" | "quorum" | "one";

/** What a group is run with; the same at all its members. */
export interface GroupSettings {
  readonly style: Style;
  readonly ack: Acknowledgement;
  /**
   * What a primary does that cannot reach a majority of its view: "fence" stops replying, "serve" goes on. Matters only
   * where replies do not wait for a majority anyway: `ack` "one" and warm passive with a period.
   */
  readonly partition: "fence" | "serve";
  /** Warm passive: whether updates travel at once with each reply, or later, and replies do not wait for them. */
  readonly isDeferred: boolean;
  /** Operations that may be ordered and not yet held by a majority; also, twice this, what a member is sent unasked. */
  readonly windowCount: number;
  /** Requests that may wait for their turn; further ones are refused. */
  readonly queueCount: number;
  /** Entries that one message carries at most. */
  readonly batchCount: number;
  /**
   * What stays of the log once it is executed, so that who was away for a moment needs no whole state. Whoever the group
   * went on without needs that anyway; and what lives long costs the collector of garbage more than the operation itself.
   */
  readonly log: {
    readonly count: number;
    readonly octets: number;
    readonly ageMs: number;
  };
  /**
   * Replies kept for repetitions, each until its client says that it has its answer, or the request expires. Beyond
   * `octets` the oldest are forgotten and their repetitions refused; beyond `count` new requests are refused, for a
   * repetition must never execute again.
   */
  readonly replies: { readonly count: number; readonly octets: number };
  /** Part of a state that one message carries. */
  readonly chunkOctets: number;
  /** Parts on their way at once. */
  readonly chunkCount: number;
  /** Members on their way into the group at once. */
  readonly learnerCount: number;
  /** Cold passive: whether what a member holds and has promised is in its store before it says so. */
  readonly isDurable: boolean;
}

export const GROUP_DEFAULTS: GroupSettings = {
  style: "semi-active",
  ack: "quorum",
  partition: "fence",
  isDeferred: false,
  windowCount: 256,
  queueCount: 4_096,
  batchCount: 64,
  log: { count: 1_000, octets: 16 << 20, ageMs: 60_000 },
  replies: { count: 100_000, octets: 16 << 20 },
  chunkOctets: 256 << 10,
  chunkCount: 4,
  learnerCount: 8,
  isDurable: false,
};

/** The settings of a group whose style was changed since it was founded: only warm passive ones are deferred. */
export function withStyle(founded: GroupSettings, style: Style): GroupSettings {
  return { ...founded, style, isDeferred: founded.isDeferred && style === "warm-passive" };
}

/** Whether the primary executes a request before it is in the log. */
export function executesFirst({ style }: GroupSettings): boolean {
  return style === "semi-active" || style === "warm-passive";
}
