import test from "ava";
import fc from "fast-check";
import { SystemException } from "../../../orb/index.ts";
import { type Message, STYLES, type View } from "../../../services/group/index.ts";
import { type Content, decodeLetter, encodeLetter } from "../../../services/group-wire/index.ts";
import type { Entry } from "../../../services/history/index.ts";

const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const few = fc.nat({ max: 1_000_000 });
const instant = fc.double({ noNaN: true });
/** Long ones, and such with more than ASCII in them, are written in another way. */
const id = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc.string({ minLength: 60, maxLength: 600 }),
  )
  .filter((text) => !text.includes("\0"));
const octets = fc.oneof(fc.uint8Array({ maxLength: 50 }), fc.uint8Array({ maxLength: 3_000 }));
const maybe = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(one, { nil: undefined });
const ballot = fc.record({ round: count, proposer: id });

const view: fc.Arbitrary<View> = fc
  .tuple(fc.uniqueArray(id, { minLength: 1, maxLength: 6 }), fc.nat(), fc.boolean())
  .chain(([ids, at, hasWitness]) => {
    const members = hasWitness && ids.length > 1 ? ids.slice(1) : ids;
    return fc.record(
      {
        number: count.map((number) => Math.max(1, number)),
        by: ballot,
        primary: fc.constant(members[at % members.length] ?? ""),
        members: fc.constant(members),
        start: count,
        witness: fc.constant(members === ids ? undefined : ids[0]),
        style: fc.constantFrom(...STYLES),
      },
      { requiredKeys: ["number", "by", "primary", "members", "start", "witness"] },
    );
  });

const answered = maybe(fc.maxSafeInteger());
const request = fc.record({ id, expiresMs: instant, answered, isRead: fc.boolean(), body: octets });
const work: fc.Arbitrary<Entry["work"]> = fc.oneof(
  fc.record({ kind: fc.constant("request" as const), request, decisions: maybe(octets) }),
  fc.record({
    kind: fc.constant("update" as const),
    update: octets,
    done: fc.array(fc.record({ id, expiresMs: instant, answered, outcome: octets }), {
      maxLength: 3,
    }),
  }),
);
/** Operations that follow one another. */
const entries: fc.Arbitrary<readonly Entry[]> = fc
  .tuple(few, fc.array(fc.record({ view: count, atMs: instant, work }), { maxLength: 4 }))
  .map(([from, parts]) => parts.map((part, at) => ({ op: from + 1 + at, ...part })));
const proposed = fc.record({ ballot, next: view, entries: maybe(entries) });
const reply = fc.record({ id, op: count, expiresMs: instant, outcome: maybe(octets) });
const caller = fc.record({ name: id, answered: fc.maxSafeInteger() });
const kept = fc.record({
  replies: fc.array(reply, { maxLength: 3 }),
  callers: fc.array(caller, { maxLength: 3 }),
});

const refusal = fc.constantFrom(
  ...([
    "joining",
    "fenced",
    "no majority",
    "full",
    "expired",
    "retention",
    "forgotten",
    "answered",
  ] as const),
  "left" as const,
);

function kind<K extends Message["kind"]>(
  name: K,
  parts: Parameters<typeof fc.record>[0],
): fc.Arbitrary<Message> {
  return fc.record({ kind: fc.constant(name), view: count, ...parts }) as fc.Arbitrary<Message>;
}

const MESSAGES: Readonly<Record<Message["kind"], fc.Arbitrary<Message>>> = {
  append: entries.chain((all) =>
    kind("append", {
      from: fc.constant(all[0]?.op ?? 7),
      entries: fc.constant(all),
      commit: count,
      stable: count,
      round: count,
    }),
  ),
  ack: kind("ack", { op: count, round: count, digest: maybe(fc.record({ op: count, of: id })) }),
  fetch: kind("fetch", { from: count }),
  snapshot: kind("snapshot", {
    op: count,
    atMs: instant,
    kept,
    octets: count,
  }),
  pull: kind("pull", { op: count, offset: count }),
  chunk: kind("chunk", { op: count, offset: count, data: octets }),
  wedge: kind("wedge", { current: view, ballot, from: count }),
  promise: kind("promise", {
    ballot,
    installed: count,
    op: count,
    entries: maybe(entries),
    accepted: maybe(proposed),
  }),
  propose: kind("propose", { ballot, next: view, from: count, entries }),
  accept: kind("accept", { ballot }),
  lack: kind("lack", { ballot, from: count }),
  outbid: kind("outbid", { ballot }),
  news: kind("news", { current: view }),
  ask: kind("ask", {}),
  submit: kind("submit", { request }),
  answer: kind("answer", { id, outcome: octets }),
  refused: kind("refused", { id, why: refusal, maybe: fc.boolean() }),
  stand: kind("stand", {}),
  leave: kind("leave", {}),
  retire: kind("retire", {}),
};

const message = fc.oneof(...Object.values(MESSAGES));
const card = fc.record({
  id,
  site: id,
  version: count,
  profiles: fc.array(fc.record({ tag: fc.nat({ max: 0xffff_ffff }), data: octets })),
});
const content: fc.Arbitrary<Content> = fc.oneof(
  fc.record({ kind: fc.constant("message" as const), message }),
  fc.record({ kind: fc.constant("card" as const), card, isQuestion: fc.boolean() }),
  fc.constant({ kind: "who" as const }),
  fc.record({
    kind: fc.constant("here" as const),
    how: fc.constantFrom("not" as const, "outside" as const, "inside" as const),
    id: maybe(id),
    view: maybe(view),
    witness: maybe(id),
  }),
  fc.constant({ kind: "absent" as const }),
);
const letter = fc.record({ group: id, from: id, to: id, content });

test("every letter is read as it was written", (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(letter, (one) => {
        t.deepEqual(decodeLetter(encodeLetter(one)), one);
      }),
      { numRuns: 150 },
    ),
  );
});

test("a letter with octets that were changed or cut off is read or refused, and nothing else", (t) => {
  let refused = 0;
  const spoil = fc.tuple(letter, fc.nat(), fc.nat({ max: 255 }), fc.boolean());
  fc.assert(
    fc.property(spoil, ([one, where, value, isCut]) => {
      const octets = encodeLetter(one);
      const at = where % octets.length;
      const spoiled = isCut ? octets.slice(0, at) : octets.slice();
      if (!isCut) spoiled[at] = value;
      try {
        decodeLetter(spoiled);
      } catch (error) {
        if (!(error instanceof SystemException)) throw error;
        refused++;
      }
    }),
    { numRuns: 600 },
  );
  t.true(refused > 60, `${refused} were refused`);
});

const VIEW: View = {
  number: 3,
  by: { round: 1, proposer: "a" },
  primary: "a",
  members: ["a", "b"],
  start: 9,
  witness: undefined,
};

function spoiledView(change: Partial<View>): Uint8Array {
  const current: View = { ...VIEW, ...change };
  const message: Message = { kind: "news", view: 3, current };
  return encodeLetter({
    group: "g",
    from: "a",
    to: "b",
    content: { kind: "message", message },
  }).slice();
}

/** An append whose number of operations, its last 4 octets, is another one. */
function countedWrong(): Uint8Array {
  const message: Message = {
    kind: "append",
    view: 3,
    from: 1,
    entries: [],
    commit: 0,
    stable: 0,
    round: 0,
  };
  const content: Content = { kind: "message", message };
  const octets = encodeLetter({ group: "g", from: "a", to: "b", content });
  return Uint8Array.from(octets).fill(0xff, -4);
}

/** Half a request is said to be answered. */
function answeredWrong(isStreamed: boolean): Uint8Array {
  const body = new Uint8Array();
  const request = { id: "r 1", expiresMs: 1, answered: 0.5, isRead: false, body };
  const work = { kind: "request", request, decisions: undefined } as const;
  const entries = [{ op: 1, view: 3, atMs: 1, work }];
  const message: Message = isStreamed
    ? { kind: "append", view: 3, from: 1, entries, commit: 0, stable: 0, round: 0 }
    : { kind: "submit", view: 3, request };
  const content: Content = { kind: "message", message };
  return Uint8Array.from(encodeLetter({ group: "g", from: "a", to: "b", content }));
}

const WRONG: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ["a primary that is no member", spoiledView({ primary: "c" }), /primary that is no member: c/],
  ["somebody twice", spoiledView({ members: ["a", "b", "b"] }), /names somebody twice/],
  ["a witness that is a member", spoiledView({ witness: "b" }), /names somebody twice/],
  [
    "a style that there is not",
    spoiledView({ style: "tepid" as View["style"] & string }),
    /style of a view is "tepid"; allowed: active, semi-active, warm-passive, cold-passive/,
  ],
  ["view 0", spoiledView({ number: 0 }), /view 0/],
  ["half a view", spoiledView({ number: 1.5 }), /is 1\.5; allowed: whole numbers/],
  ["less than nothing", spoiledView({ start: -1 }), /start of a view is -1/],
  ["more operations than octets", countedWrong(), /4294967295 elements in 0 octets/],
  ["half a request that is answered", answeredWrong(false), /number of a request is 0\.5/],
  ["half a request, in operations", answeredWrong(true), /number of a request is 0\.5/],
  ["another form", Uint8Array.of(3, 3, 0, 0), /in the form 3/],
  ["another version", Uint8Array.of(9, 1, 0, 0), /version 9; understood: 3/],
  ["nothing", new Uint8Array(), /version undefined/],
];

for (const [what, octets, reason] of WRONG)
  test(`a letter is refused: ${what}`, (t) => {
    const error = t.throws(() => decodeLetter(octets), { message: reason });
    t.true(error instanceof SystemException);
  });
