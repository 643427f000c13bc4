import type { Named } from "./request.ts";

/** What is known of a request that was executed. */
export interface Reply {
  readonly id: string;
  readonly op: number;
  readonly expiresMs: number;
  /** undefined: forgotten for want of room; a repetition can only be refused. */
  readonly outcome: Uint8Array | undefined;
}

/**
 * Replies kept so that no request is executed twice: part of the group's state, equal at all members at the same
 * operation, for it changes only with operations and by the clock they carry.
 */
export interface Replies {
  readonly byId: Map<string, Reply>;
  /** Ids by the second in which they expire. */
  readonly bySecond: Map<number, string[]>;
  octets: number;
}

export function newReplies(): Replies {
  return { byId: new Map(), bySecond: new Map(), octets: 0 };
}

/** @param mostOctets outcomes beyond these are forgotten, the oldest first */
export function keepReply(
  replies: Replies,
  { id, expiresMs }: Named,
  op: number,
  outcome: Uint8Array,
  mostOctets: number,
): void {
  put(replies, { id, op, expiresMs, outcome });
  if (replies.octets <= mostOctets) return;
  for (const reply of replies.byId.values()) {
    if (reply.outcome === undefined) continue;
    replies.byId.set(reply.id, { ...reply, outcome: undefined });
    replies.octets -= reply.outcome.length;
    if (replies.octets <= mostOctets) return;
  }
}

/** Forgets what expired by the clock of the log: to the second, for that is looked up at once. */
export function dropExpired(replies: Replies, clockMs: number): void {
  const { byId, bySecond } = replies;
  for (const [second, ids] of bySecond) {
    if (secondOf(clockMs) <= second) continue;
    bySecond.delete(second);
    for (const id of ids) {
      replies.octets -= byId.get(id)?.outcome?.length ?? 0;
      byId.delete(id);
    }
  }
}

/** How many are left when the next operation has this clock. */
export function countAt({ byId, bySecond }: Replies, clockMs: number): number {
  let count = byId.size;
  for (const [second, ids] of bySecond) if (second < secondOf(clockMs)) count -= ids.length;
  return count;
}

/** Takes over what another member had. */
export function takeReplies(from: readonly Reply[]): Replies {
  const replies = newReplies();
  for (const reply of from) put(replies, reply);
  return replies;
}

function put(replies: Replies, reply: Reply): void {
  const { byId, bySecond } = replies;
  byId.set(reply.id, reply);
  replies.octets += reply.outcome?.length ?? 0;
  const second = secondOf(reply.expiresMs);
  const ids = bySecond.get(second);
  if (ids === undefined) bySecond.set(second, [reply.id]);
  else ids.push(reply.id);
}

function secondOf(instantMs: number): number {
  return Math.floor(instantMs / 1_000);
}
