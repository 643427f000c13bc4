import test from "ava";
import { SystemException } from "../../../orb/index.ts";
import type { Bank } from "../../support/bank/index.ts";
import { booksAt, founded, insist, SHORT_CALL_MS, TIMES } from "./support.ts";

test("the primary's process is killed: another one goes on with all that was acknowledged", async (t) => {
  const [a, b, c] = await founded(t, ["a", "b", "c"]);
  t.is(a.standing?.at, "primary");
  const [atA, atB, atC] = await Promise.all([a, b, c].map((one) => booksAt(t, one)));
  if (atA === undefined || atB === undefined || atC === undefined) throw new Error("three");
  const acknowledged: string[] = [];
  const add = async (books: Bank.Books, token: string): Promise<void> => {
    await books.add(token, "till", 1n);
    acknowledged.push(token);
  };
  for (let i = 0; i < 20; i++) await add([atA, atB, atC][i % 3] ?? atA, `before ${i}`);
  // Some are under way when it happens.
  const under = Array.from({ length: 10 }, (_, i) => add(atB, `under ${i}`));
  a.kill("SIGKILL");
  const ends = await Promise.allSettled(under);
  t.true(
    ends.every(({ status }) => status === "fulfilled"),
    "who asks a living member is answered",
  );
  await Promise.all([b.inViewOf(2), c.inViewOf(2)]);
  for (let i = 0; i < 10; i++) await add(i % 2 === 0 ? atB : atC, `after ${i}`);
  const lines = await atC.lines(1);
  t.is(lines.length, acknowledged.length);
  t.deepEqual(
    acknowledged.filter((token) => !lines.includes(token)),
    [],
    "all of them, each once",
  );
  t.is(await atB.balance("till"), BigInt(acknowledged.length));
  t.is([b, c].filter(({ standing }) => standing?.at === "primary").length, 1);
});

test("a process that was frozen comes back as another member, and with the state", async (t) => {
  const [a, b, c] = await founded(t, ["a", "b", "c"]);
  const before = a.standing?.self;
  const atB = await booksAt(t, b);
  await atB.add("one", "till", 1n);
  a.kill("SIGSTOP");
  await Promise.all([b.inViewOf(2), c.inViewOf(2)]);
  await atB.add("two", "till", 2n);
  a.kill("SIGCONT");
  await a.until(() => a.standing?.self !== before, "come back under another id");
  await a.inViewOf(3);
  t.is(a.standing?.at, "follower");
  const atA = await booksAt(t, a);
  t.deepEqual(await atA.lines(1), ["one", "two"]);
  t.is((await atA.add("three", "till", 3n)).balance, 6n);
});

test("a servant that keeps its thread for longer than silence may last does not cost its member its place", async (t) => {
  const all = await founded(t, ["a", "b", "c"], () => ({
    stallMs: 900,
    // A machine that is busy with other tests is late.
    times: { ...TIMES, doubtMs: 300, busyMs: 10_000 },
    settings: { style: "semi-active" },
  }));
  const [atA, atB] = await Promise.all([booksAt(t, all[0]), booksAt(t, all[1])]);
  await atA.add("one", "till", 1n);
  await Promise.all([atA.add("two", "till", 1n), atB.add("three", "till", 1n)]);
  t.is(await atA.balance("till"), 3n);
  await Promise.all(
    all.map(async (one) => {
      await one.books();
      t.deepEqual([one.standing?.view, one.standing?.members.length], [1, 3], one.site);
    }),
  );
});

test("one of three that is left refuses, and goes on when another one comes", async (t) => {
  const [a, b, c] = await founded(t, ["a", "b", "c"]);
  const atA = await booksAt(t, a, SHORT_CALL_MS);
  await insist(() => atA.add("one", "till", 1n));
  b.kill("SIGSTOP");
  c.kill("SIGSTOP");
  const refused = await (async () => {
    for (;;) {
      // Until the silence is noticed a call waits, and its deadline may end it.
      const error = await atA.add("lost", "till", 1n).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error instanceof SystemException && error.name === "TRANSIENT") return error;
    }
  })();
  t.is(refused.name, "TRANSIENT");
  b.kill("SIGCONT");
  c.kill("SIGCONT");
  const atB = await booksAt(t, b);
  await insist(() => atB.add("two", "till", 1n));
  const lines = await insist(() => atB.lines(1));
  t.is(lines[0], "one");
  t.is(lines.filter((token) => token === "two").length, 1);
});
