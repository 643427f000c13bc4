import test from "ava";
import fc from "fast-check";
import {
  countAt,
  dropExpired,
  findReply,
  isAnswered,
  type Kept,
  keepReply,
  keptOf,
  listReplies,
  type Named,
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
    keepReply(
      replies,
      { id: `r${op}`, expiresMs, answered: undefined },
      op,
      Buffer.alloc(OCTETS),
      mostOctets,
    );
  }
  return replies;
}

function named(id: string, expiresMs: number, answered?: number): Named {
  return { id, expiresMs, answered };
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
  const taken = takeReplies(keptOf(replies));
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
      keepReply(replies, named(name(op), op), op, Buffer.alloc(OCTETS), Infinity);
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
      named(`r${op}`, isLasting(op) ? 1e9 : 0),
      op,
      Buffer.alloc(OCTETS),
      Infinity,
    );
  for (let round = 0; round < COUNT; round++) dropExpired(replies, 10_000);
  const lasting = Array.from({ length: COUNT / 100 }, (_, i) => (i + 1) * 100);
  t.deepEqual(opsOf(replies), lasting);
  const names = replies.stretches.flatMap(({ ids }) => ids);
  t.true(names.length <= 2 * lasting.length, `${names.length}`);
  keepReply(replies, named("last", 1e9), COUNT + 1, Buffer.alloc(OCTETS), 2 * OCTETS);
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

const OUTCOME = Buffer.alloc(OCTETS);
const keep = (replies: Replies, op: number, of: Named): void =>
  keepReply(replies, of, op, OUTCOME, Infinity);

test("what a caller says is answered is dropped, and known: it is not executed again", (t) => {
  const replies = newReplies();
  for (let op = 1; op <= 20; op++) keep(replies, op, named(`ft x ${op}`, op));
  keep(replies, 21, named("ft y 1", 30));
  keep(replies, 22, named("ft x 21", 21, 18));
  t.deepEqual(opsOf(replies), [18, 19, 20, 21, 22]);
  t.is(replies.octets, 5 * OCTETS);
  t.true(isAnswered(replies, "ft x 17"));
  t.true(isAnswered(replies, "ft x -3"));
  t.false(isAnswered(replies, "ft x 18"));
  t.false(isAnswered(replies, "ft y 0"), "another caller has said nothing");
  keep(replies, 23, named("ft x 22", 22, 3));
  t.true(isAnswered(replies, "ft x 17"), "what came late does not undo it");
  keep(replies, 24, named("ft x 23", 23, 1_000));
  t.is(
    findReply(replies, "ft x 23")?.op,
    24,
    "nobody says of a request that it is answered itself",
  );
  t.false(isAnswered(replies, "ft x 23"));
});

test("the numbers of FT_REQUEST begin anew at the end of 32 bits, and a caller's tickets do not", (t) => {
  for (const [first, wrap] of [
    [0x7fff_fff0, (n: number): number => n | 0],
    [0xffff_fff0, (n: number): number => n],
    [-16, (n: number): number => n | 0],
  ] as const) {
    const replies = newReplies();
    for (let n = 0; n < 32; n++)
      keep(replies, n + 1, named(`ft x ${wrap(first + n)}`, 1, wrap(first + n - 1)));
    t.deepEqual(opsOf(replies), [31, 32]);
    t.true(isAnswered(replies, `ft x ${first}`));
    t.true(isAnswered(replies, `ft x ${wrap(first + 29)}`));
    t.false(isAnswered(replies, `ft x ${wrap(first + 32)}`));
  }
});

test("that a request was answered is known until all that were dropped have expired", (t) => {
  const replies = newReplies();
  const lasting = 90_000;
  keep(replies, 1, named("c 1", 1_000));
  keep(replies, 2, named("c 2", lasting));
  keep(replies, 3, named("c 3", 2_000, 3));
  t.deepEqual(opsOf(replies), [2, 3], "the one that expires last stays, whatever its number");
  t.true(isAnswered(replies, "c 1"));
  keep(replies, 4, named("c 4", 100_000, 4));
  t.deepEqual(opsOf(replies), [4]);
  dropExpired(replies, lasting + 1_000);
  t.true(isAnswered(replies, "c 2"), "in the second of its end it may still come");
  dropExpired(replies, 102_000);
  t.false(isAnswered(replies, "c 2"));
  t.deepEqual([replies.count, replies.octets, replies.callers.size], [0, 0, 0]);
});

test("of a hundred thousand that were answered nothing is left but a few, neither replies nor names", (t) => {
  const replies = newReplies();
  for (let op = 1; op <= 5 * COUNT; op++)
    keep(replies, op, named(`AbC ${op}`, 30_000 + op / 4, op % 16 === 0 ? op - 8 : undefined));
  t.true(replies.count <= 32, `${replies.count}`);
  const ofCallers = [...replies.callers.values()].map(({ stretches }) => stretches);
  const lists = [replies.stretches, ...replies.bySecond.values(), ...ofCallers];
  const names = lists.flat().flatMap(({ ids }) => ids);
  t.true(names.length <= 3 * 2 * replies.count, `${names.length} names of ${replies.count}`);
});

test("who takes over what another member kept forgets as it does, request by request", (t) => {
  const step = fc.record({
    caller: fc.constantFrom("a ", "b "),
    lasts: fc.constantFrom(1_000, 30_000),
    isTelling: fc.boolean(),
    open: fc.nat({ max: 10 }),
    passesMs: fc.constantFrom(0, 0, 0, 5_000),
  });
  const steps = fc.array(step, { minLength: 40, maxLength: 120 });
  fc.assert(
    fc.property(steps, fc.nat({ max: 100 }), (all, takenAt) => {
      const last = new Map<string, number>();
      const executed: Named[] = [];
      const one = newReplies();
      let other = one;
      let nowMs = 0;
      for (const [i, { caller, lasts, isTelling, open, passesMs }] of all.entries()) {
        if (i === takenAt) other = takeReplies(keptOf(one));
        const number = (last.get(caller) ?? 0) + 1;
        last.set(caller, number);
        nowMs += passesMs;
        const request = named(
          `${caller}${number}`,
          nowMs + lasts,
          isTelling ? number - open : undefined,
        );
        executed.push(request);
        for (const replies of new Set([one, other])) {
          keep(replies, i + 1, request);
          dropExpired(replies, nowMs);
        }
        // What was executed and has not expired is known, in whatever way.
        for (const { id, expiresMs } of executed)
          if (expiresMs >= nowMs && findReply(one, id) === undefined && !isAnswered(one, id))
            t.fail(`${id} is not known any more`);
        t.is(other.count, one.count);
      }
      t.deepEqual(inOrder(keptOf(other)), inOrder(keptOf(one)));
    }),
  );
});

function inOrder({ replies, callers }: Kept): Kept {
  return { replies, callers: callers.toSorted((a, b) => a.name.localeCompare(b.name)) };
}
