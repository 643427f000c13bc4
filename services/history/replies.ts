import type { Named } from "./request.ts";

/** What is known of a request that was executed. */
export interface Reply {
  readonly id: string;
  readonly op: number;
  readonly expiresMs: number;
  /** undefined: forgotten for want of room; a repetition can only be refused. */
  readonly outcome: Uint8Array | undefined;
}

/** Some replies, and how many of them have an outcome. */
interface Piece {
  readonly byId: Map<string, Reply>;
  outcomes: number;
}

/**
 * Replies kept so that no request is executed twice: part of the group's state, equal at all members at the same
 * operation, for it changes only with operations and by the clock they carry.
 */
export interface Replies {
  /**
   * In the order in which they came; none is empty. One map of all doubles when it is full, and with some ten thousand
   * replies that takes milliseconds, in which a client waits.
   */
  readonly pieces: Piece[];
  count: number;
  /** Ids by the second in which they expire. */
  readonly bySecond: Map<number, string[]>;
  octets: number;
}

/** Replies of one piece. */
const PIECE_COUNT = 512;
/** Replies that are dropped for each that is kept: those of a whole second at once are milliseconds, too. */
const MOST_DROPPED = 32;

export function newReplies(): Replies {
  return { pieces: [], count: 0, bySecond: new Map(), octets: 0 };
}

export function findReply({ pieces }: Replies, id: string): Reply | undefined {
  // Who repeats a request does so soon.
  for (let at = pieces.length - 1; at >= 0; at--) {
    const reply = pieces[at]?.byId.get(id);
    if (reply !== undefined) return reply;
  }
  return undefined;
}

/** All of them, in the order in which they came. */
export function listReplies({ pieces }: Replies): readonly Reply[] {
  return pieces.flatMap(({ byId }) => [...byId.values()]);
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
  if (replies.octets > mostOctets) forget(replies, mostOctets);
}

function forget(replies: Replies, mostOctets: number): void {
  for (const piece of replies.pieces) {
    if (piece.outcomes === 0) continue;
    for (const reply of piece.byId.values()) {
      if (reply.outcome === undefined) continue;
      piece.byId.set(reply.id, { ...reply, outcome: undefined });
      piece.outcomes--;
      replies.octets -= reply.outcome.length;
      if (replies.octets <= mostOctets) return;
    }
  }
}

/**
 * Drops some of what expired by the clock of the log, to the second: to be called for each request that was executed, by
 * all members alike.
 */
export function dropExpired(replies: Replies, clockMs: number): void {
  let left = MOST_DROPPED;
  for (const [second, ids] of replies.bySecond) {
    if (secondOf(clockMs) <= second) continue;
    const dropped = ids.splice(0, left);
    for (const id of dropped) drop(replies, id);
    if (ids.length > 0) return;
    replies.bySecond.delete(second);
    left -= dropped.length;
  }
}

function drop(replies: Replies, id: string): void {
  const { pieces } = replies;
  const at = pieces.findIndex(({ byId }) => byId.has(id));
  const piece = pieces[at];
  const reply = piece?.byId.get(id);
  if (piece === undefined || reply === undefined) return;
  piece.byId.delete(id);
  replies.count--;
  if (reply.outcome !== undefined) {
    piece.outcomes--;
    replies.octets -= reply.outcome.length;
  }
  if (piece.byId.size === 0) pieces.splice(at, 1);
}

/** How many are left when the next operation has this clock. */
export function countAt({ count, bySecond }: Replies, clockMs: number): number {
  let left = count;
  for (const [second, ids] of bySecond) if (second < secondOf(clockMs)) left -= ids.length;
  return left;
}

/** Takes over what another member had. */
export function takeReplies(from: readonly Reply[]): Replies {
  const replies = newReplies();
  for (const reply of from) put(replies, reply);
  return replies;
}

/** Of an id that is not kept already. */
function put(replies: Replies, reply: Reply): void {
  const { pieces, bySecond } = replies;
  let piece = pieces.at(-1);
  if (piece === undefined || piece.byId.size >= PIECE_COUNT) {
    piece = { byId: new Map(), outcomes: 0 };
    pieces.push(piece);
  }
  piece.byId.set(reply.id, reply);
  replies.count++;
  if (reply.outcome !== undefined) {
    piece.outcomes++;
    replies.octets += reply.outcome.length;
  }
  const second = secondOf(reply.expiresMs);
  const ids = bySecond.get(second);
  if (ids === undefined) bySecond.set(second, [reply.id]);
  else ids.push(reply.id);
}

function secondOf(instantMs: number): number {
  return Math.floor(instantMs / 1_000);
}
