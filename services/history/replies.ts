import { isBefore, type Named, nameOf, numberOf } from "./request.ts";

/** What is known of a request that was executed. */
export interface Reply {
  readonly id: string;
  readonly op: number;
  readonly expiresMs: number;
  /** undefined: forgotten for want of room; a repetition can only be refused. */
  readonly outcome: Uint8Array | undefined;
}

/** A caller that has said which of its requests need no reply any more: all with a number before this one. */
export interface Caller {
  readonly name: string;
  readonly answered: number;
}

/** All that is kept, as members give it to each other. */
export interface Kept {
  readonly replies: readonly Reply[];
  readonly callers: readonly Caller[];
}

export const NOTHING_KEPT: Kept = { replies: [], callers: [] };

/** Ids of replies that came one after the other, those of one operation in the same stretch. */
interface Stretch {
  /** Some of them, not most, are no longer kept. */
  ids: string[];
  /** Operation of the last of them. */
  lastOp: number;
  /** How many of them are still kept. */
  count: number;
  /** Outcomes of those before this one are forgotten; known where all replies are in one order. */
  whole: number;
}

/** In the order in which they came; none is empty. */
type Stretches = Stretch[];

interface Answered {
  /** Requests with a number before this one are never executed again, though their replies are gone. */
  answered: number | undefined;
  stretches: Stretches;
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
  readonly stretches: Stretches;
  count: number;
  /** By the second in which they expire; none is empty. */
  readonly bySecond: Map<number, Stretches>;
  /** By the callers' names. Each has a reply that expires no sooner than all that were dropped as answered. */
  readonly callers: Map<string, Answered>;
  octets: number;
}

/** Hashes: of 100,000 replies some 400 have the same. */
const HASHES = 256;
const STRETCH_COUNT = 512;
/** Replies that are dropped for each that is kept: those of a whole second at once are milliseconds, too. */
const MOST_DROPPED = 32;

export function newReplies(): Replies {
  return {
    byHash: new Map(),
    stretches: [],
    count: 0,
    bySecond: new Map(),
    callers: new Map(),
    octets: 0,
  };
}

export function findReply({ byHash }: Replies, id: string): Reply | undefined {
  return byHash.get(hashOf(id))?.get(id);
}

/** Whether it came after its caller had said that it needs no reply; nobody knows whether it was executed. */
export function isAnswered({ callers }: Replies, id: string): boolean {
  const answered = callers.get(nameOf(id))?.answered;
  return answered !== undefined && isBefore(numberOf(id), answered);
}

/** All of them, in the order in which they came. */
export function listReplies(replies: Replies): readonly Reply[] {
  return foundIn(replies, replies.stretches);
}

export function keptOf(replies: Replies): Kept {
  const callers: Caller[] = [];
  for (const [name, { answered }] of replies.callers)
    if (answered !== undefined) callers.push({ name, answered });
  return { replies: listReplies(replies), callers };
}

function found(replies: Replies, ids: readonly string[]): Reply[] {
  return ids.flatMap((id) => findReply(replies, id) ?? []);
}

function foundIn(replies: Replies, stretches: Stretches): Reply[] {
  return stretches.flatMap(({ ids }) => found(replies, ids));
}

/**
 * Keeps a reply, and drops those that the same request says are answered.
 * @param mostOctets outcomes beyond these are forgotten, the oldest first
 */
export function keepReply(
  replies: Replies,
  { id, expiresMs, answered }: Named,
  op: number,
  outcome: Uint8Array,
  mostOctets: number,
): void {
  const caller = put(replies, { id, op, expiresMs, outcome });
  if (answered !== undefined) {
    // Its own reply is still to be had.
    const number = numberOf(id);
    dropAnswered(replies, caller, isBefore(number, answered) ? number : answered);
  }
  if (replies.octets > mostOctets) forget(replies, mostOctets);
}

/** One stays that expires last: until then its caller's word is needed, for then repetitions have expired, too. */
function dropAnswered(replies: Replies, caller: Answered, answered: number): void {
  if (caller.answered !== undefined && !isBefore(caller.answered, answered)) return;
  caller.answered = answered;
  const all = foundIn(replies, caller.stretches);
  const last = all.reduce((a, b) => (b.expiresMs >= a.expiresMs ? b : a));
  caller.stretches = [];
  for (const reply of all)
    if (reply === last || !isBefore(numberOf(reply.id), answered)) add(caller.stretches, reply);
    else remove(replies, reply);
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
  for (const [second, stretches] of replies.bySecond) {
    if (secondOf(clockMs) <= second) continue;
    for (let first = stretches[0]; first !== undefined && left > 0; first = stretches[0]) {
      const reply = findReply(replies, first.ids.shift() ?? "");
      if (reply === undefined) continue;
      dropFromCaller(replies, reply);
      left--;
    }
    if (left === 0) return;
  }
}

function dropFromCaller(replies: Replies, reply: Reply): void {
  remove(replies, reply);
  const { callers } = replies;
  const name = nameOf(reply.id);
  const caller = callers.get(name);
  if (caller === undefined) return;
  takeOut(replies, caller.stretches, reply);
  if (caller.stretches.length === 0) callers.delete(name);
}

/** But not of its caller. */
function remove(replies: Replies, reply: Reply): void {
  const { byHash, bySecond } = replies;
  const hash = hashOf(reply.id);
  const same = byHash.get(hash);
  same?.delete(reply.id);
  if (same?.size === 0) byHash.delete(hash);
  replies.count--;
  replies.octets -= reply.outcome?.length ?? 0;
  takeOut(replies, replies.stretches, reply);
  const second = secondOf(reply.expiresMs);
  const together = bySecond.get(second);
  if (together === undefined) return;
  takeOut(replies, together, reply);
  if (together.length === 0) bySecond.delete(second);
}

/** A reply is no longer kept. */
function takeOut(replies: Replies, stretches: Stretches, { op }: Reply): void {
  // What came first mostly goes first.
  const at = stretches.findIndex(({ lastOp }) => lastOp >= op);
  const stretch = stretches[at];
  if (stretch === undefined) return;
  stretch.count--;
  if (stretch.count === 0) stretches.splice(at, 1);
  else if (stretch.count * 2 < stretch.ids.length) tidy(replies, stretch);
}

/** One that lasts does not keep the names of all that came with it. */
function tidy(replies: Replies, stretch: Stretch): void {
  const kept = found(replies, stretch.ids);
  stretch.ids = kept.map(({ id }) => id);
  stretch.whole = kept.filter(({ outcome }) => outcome === undefined).length;
}

/** How many are left when the next operation has this clock. */
export function countAt({ count, bySecond }: Replies, clockMs: number): number {
  let left = count;
  for (const [second, stretches] of bySecond)
    if (second < secondOf(clockMs)) for (const stretch of stretches) left -= stretch.count;
  return left;
}

/** Takes over what another member had. */
export function takeReplies({ replies: from, callers }: Kept): Replies {
  const replies = newReplies();
  for (const reply of from) put(replies, reply);
  for (const { name, answered } of callers) {
    const caller = replies.callers.get(name);
    if (caller !== undefined) caller.answered = answered;
  }
  return replies;
}

/** Of an id that is not kept already, and of no earlier operation than the one before. @returns whose it is */
function put(replies: Replies, reply: Reply): Answered {
  const { stretches, bySecond, callers } = replies;
  store(replies, reply);
  replies.count++;
  replies.octets += reply.outcome?.length ?? 0;
  add(stretches, reply);
  const second = secondOf(reply.expiresMs);
  let together = bySecond.get(second);
  if (together === undefined) bySecond.set(second, (together = []));
  add(together, reply);
  const name = nameOf(reply.id);
  let caller = callers.get(name);
  if (caller === undefined) callers.set(name, (caller = { answered: undefined, stretches: [] }));
  add(caller.stretches, reply);
  return caller;
}

function add(to: Stretches, { id, op }: Reply): void {
  let stretch = to.at(-1);
  if (stretch === undefined || (stretch.ids.length >= STRETCH_COUNT && stretch.lastOp < op)) {
    stretch = { ids: [], lastOp: op, count: 0, whole: 0 };
    to.push(stretch);
  }
  stretch.ids.push(id);
  stretch.lastOp = op;
  stretch.count++;
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
