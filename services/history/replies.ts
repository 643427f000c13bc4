import type { Named } from "./request.ts";

/** What is known of a request that was executed. */
export interface Reply {
  readonly id: string;
  readonly op: number;
  readonly expiresMs: number;
  /** undefined: forgotten for want of room; a repetition can only be refused. */
  readonly outcome: Uint8Array | undefined;
}

/** Ids of replies that came one after the other, those of one operation in the same stretch. */
interface Stretch {
  /** Some of them, not most, are no longer kept. */
  ids: string[];
  /** Operation of the last of them. */
  lastOp: number;
  /** How many of them are still kept. */
  count: number;
  /** Outcomes of those before this one are forgotten. */
  whole: number;
}

/**
 * Replies kept so that no request is executed twice: part of the group's state, equal at all members at the same
 * operation, for it changes only with operations and by the clock they carry.
 */
export interface Replies {
  /**
   * By a hash of their ids, and then by the ids: each request is looked for among all. One map of all doubles when it is
   * full, and with some ten thousand replies that takes milliseconds, in which a client waits. None is empty.
   */
  readonly byHash: Map<number, Map<string, Reply>>;
  /** In the order in which they came; none is empty. */
  readonly stretches: Stretch[];
  count: number;
  /** Ids by the second in which they expire. */
  readonly bySecond: Map<number, string[]>;
  octets: number;
}

/** Hashes: of 100,000 replies some 400 have the same. */
const HASHES = 256;
const STRETCH_COUNT = 512;
/** Replies that are dropped for each that is kept: those of a whole second at once are milliseconds, too. */
const MOST_DROPPED = 32;

export function newReplies(): Replies {
  return { byHash: new Map(), stretches: [], count: 0, bySecond: new Map(), octets: 0 };
}

export function findReply({ byHash }: Replies, id: string): Reply | undefined {
  return byHash.get(hashOf(id))?.get(id);
}

/** All of them, in the order in which they came. */
export function listReplies(replies: Replies): readonly Reply[] {
  return replies.stretches.flatMap(({ ids }) => ids.flatMap((id) => findReply(replies, id) ?? []));
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
  for (const stretch of replies.stretches) {
    const { ids } = stretch;
    while (stretch.whole < ids.length) {
      if (replies.octets <= mostOctets) return;
      const reply = findReply(replies, ids[stretch.whole++] ?? "");
      if (reply?.outcome === undefined) continue;
      store(replies, { ...reply, outcome: undefined });
      replies.octets -= reply.outcome.length;
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
  const { byHash, stretches } = replies;
  const hash = hashOf(id);
  const same = byHash.get(hash);
  const reply = same?.get(id);
  if (same === undefined || reply === undefined) return;
  same.delete(id);
  if (same.size === 0) byHash.delete(hash);
  replies.count--;
  replies.octets -= reply.outcome?.length ?? 0;
  // What came first mostly expires first.
  const at = stretches.findIndex(({ lastOp }) => lastOp >= reply.op);
  const stretch = stretches[at];
  if (stretch === undefined) return;
  stretch.count--;
  if (stretch.count === 0) stretches.splice(at, 1);
  else if (stretch.count * 2 < stretch.ids.length) tidy(replies, stretch);
}

/** One that lasts does not keep the names of all that came with it. */
function tidy(replies: Replies, stretch: Stretch): void {
  const kept = stretch.ids.flatMap((id) => findReply(replies, id) ?? []);
  stretch.ids = kept.map(({ id }) => id);
  stretch.whole = kept.filter(({ outcome }) => outcome === undefined).length;
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

/** Of an id that is not kept already, and of no earlier operation than the one before. */
function put(replies: Replies, reply: Reply): void {
  const { id, op, expiresMs, outcome } = reply;
  const { stretches, bySecond } = replies;
  store(replies, reply);
  let stretch = stretches.at(-1);
  if (stretch === undefined || (stretch.ids.length >= STRETCH_COUNT && stretch.lastOp < op)) {
    stretch = { ids: [], lastOp: op, count: 0, whole: 0 };
    stretches.push(stretch);
  }
  stretch.ids.push(id);
  stretch.lastOp = op;
  stretch.count++;
  replies.count++;
  replies.octets += outcome?.length ?? 0;
  const second = secondOf(expiresMs);
  const ids = bySecond.get(second);
  if (ids === undefined) bySecond.set(second, [id]);
  else ids.push(id);
}

function store({ byHash }: Replies, reply: Reply): void {
  const hash = hashOf(reply.id);
  const same = byHash.get(hash);
  if (same === undefined) byHash.set(hash, new Map([[reply.id, reply]]));
  else same.set(reply.id, reply);
}

/** Digits in which the ids of one client's requests differ, when they come one behind the other. */
const LAST_DIGITS = 2;

/**
 * From 0 up to {@link HASHES}. Ids are a name and a number: a hundred of one client have the same hash, and are kept where
 * the processor has just been. Elsewhere each look takes it microseconds.
 */
function hashOf(id: string): number {
  let hash = 0;
  for (let i = 0; i < id.length - LAST_DIGITS; i++) hash = Math.imul(hash, 31) + id.charCodeAt(i);
  return (hash ^ (hash >>> 16)) & (HASHES - 1);
}

function secondOf(instantMs: number): number {
  return Math.floor(instantMs / 1_000);
}
