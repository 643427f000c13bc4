import test from "ava";
import {
  countAt,
  dropExpired,
  findReply,
  keepReply,
  listReplies,
  newReplies,
  type Replies,
  takeReplies,
} from "../../../services/history/index.ts";

const OCTETS = 4;
const PER_SECOND = 1_000;
const COUNT = 20 * PER_SECOND;
/** Of this many a map is grown within the time of one call. */
const MOST_TOGETHER = 1_000;

/** So many, a thousand for each second in which they expire. */
function filled(mostOctets = Infinity): Replies {
  const replies = newReplies();
  for (let op = 1; op <= COUNT; op++) {
    const expiresMs = Math.floor((op - 1) / PER_SECOND) * 1_000;
    keepReply(replies, { id: `r${op}`, expiresMs }, op, Buffer.alloc(OCTETS), mostOctets);
  }
  return replies;
}

const opsOf = (replies: Replies): readonly number[] => listReplies(replies).map(({ op }) => op);

test("twenty thousand replies are found, and listed as they came; no map of them grows large", (t) => {
  const replies = filled();
  t.is(replies.count, COUNT);
  t.is(replies.octets, COUNT * OCTETS);
  for (const op of [1, 512, 513, COUNT]) t.is(findReply(replies, `r${op}`)?.op, op);
  t.is(findReply(replies, "r0"), undefined);
  const ops = Array.from({ length: COUNT }, (_, i) => i + 1);
  t.deepEqual(opsOf(replies), ops);
  for (const same of replies.byHash.values()) t.true(same.size <= MOST_TOGETHER);
  const taken = takeReplies(listReplies(replies));
  t.deepEqual(opsOf(taken), ops);
  t.deepEqual([taken.count, taken.octets], [replies.count, replies.octets]);
});

test("as many as a group keeps lie in small maps, whoever named them", (t) => {
  const names = [
    (n: number): string => `ft 3f9c1d7a-${n % 7} ${n}`,
    (n: number): string => `AbC${n % 3}dEfGhIjK ${n}`,
  ];
  for (const name of names) {
    const replies = newReplies();
    for (let op = 1; op <= 5 * COUNT; op++)
      keepReply(replies, { id: name(op), expiresMs: op }, op, Buffer.alloc(OCTETS), Infinity);
    const sizes = [...replies.byHash.values()].map(({ size }) => size);
    t.true(Math.max(...sizes) <= MOST_TOGETHER, name(1));
  }
});

test("a few that last do not keep the names of all the others, and stay in their order", (t) => {
  const replies = newReplies();
  const isLasting = (op: number): boolean => op % 100 === 0;
  for (let op = 1; op <= COUNT; op++)
    keepReply(
      replies,
      { id: `r${op}`, expiresMs: isLasting(op) ? 1e9 : 0 },
      op,
      Buffer.alloc(OCTETS),
      Infinity,
    );
  for (let round = 0; round < COUNT; round++) dropExpired(replies, 10_000);
  const lasting = Array.from({ length: COUNT / 100 }, (_, i) => (i + 1) * 100);
  t.deepEqual(opsOf(replies), lasting);
  const names = replies.stretches.flatMap(({ ids }) => ids);
  t.true(names.length <= 2 * lasting.length, `${names.length}`);
  keepReply(replies, { id: "last", expiresMs: 1e9 }, COUNT + 1, Buffer.alloc(OCTETS), 2 * OCTETS);
  const whole = listReplies(replies).filter(({ outcome }) => outcome !== undefined);
  t.deepEqual(
    whole.map(({ op }) => op),
    [COUNT, COUNT + 1],
  );
});

test("beyond the octets that may be kept the oldest outcomes are forgotten, and that they were executed is not", (t) => {
  const replies = filled(1_500 * OCTETS);
  t.is(replies.octets, 1_500 * OCTETS);
  t.is(replies.count, COUNT);
  t.is(findReply(replies, `r${COUNT - 1_500}`)?.outcome, undefined);
  t.is(findReply(replies, `r${COUNT - 1_500}`)?.op, COUNT - 1_500);
  t.is(findReply(replies, `r${COUNT - 1_499}`)?.outcome?.length, OCTETS);
});

test("what has expired is dropped little by little, faster than it comes, and takes no room until then", (t) => {
  const replies = filled();
  const clockMs = 10_000;
  t.is(countAt(replies, clockMs), COUNT - 10 * PER_SECOND);
  let most = 0;
  let rounds = 0;
  while (replies.count > COUNT - 10 * PER_SECOND) {
    const before = replies.count;
    dropExpired(replies, clockMs);
    t.true(replies.count < before);
    most = Math.max(most, before - replies.count);
    t.is(countAt(replies, clockMs), COUNT - 10 * PER_SECOND);
    rounds++;
  }
  t.true(most <= 100 && rounds < COUNT / 10, `${rounds} rounds of at most ${most}`);
  t.is(replies.octets, replies.count * OCTETS);
  t.deepEqual(opsOf(replies)[0], 10 * PER_SECOND + 1);
  dropExpired(replies, clockMs);
  t.is(replies.count, COUNT - 10 * PER_SECOND);
  for (let round = 0; replies.count > 0 && round < COUNT; round++) dropExpired(replies, 1e9);
  t.deepEqual([replies.count, replies.octets, replies.stretches.length], [0, 0, 0]);
  t.is(replies.bySecond.size, 0);
});
