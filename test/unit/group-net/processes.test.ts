import test, { type ExecutionContext } from "ava";
import { ORB_init, SystemException } from "../../../orb/index.ts";
import { Bank } from "../../support/bank/index.ts";
import { GroupProcess, type ProgramOptions } from "../../support/group-process/index.ts";

/** A machine that is busy with other tests is late: silence counts from about 0.7 s on. A dead process is told by the kernel. */
const TIMES = {
  heartbeatMs: 50,
  detector: { threshold: 8, expectedMs: 100, leastDeviationMs: 100 },
  patienceMs: 1_000,
  resendMs: 200,
};
/** Longer than any view change takes on a busy machine; a call that waits so long has failed. */
const CALL_MS = 20_000;
/** Where it is expected that calls are not answered. */
const SHORT_CALL_MS = 2_000;

async function founded(
  t: ExecutionContext,
  sites: readonly string[],
  options: Partial<ProgramOptions> = {},
): Promise<readonly GroupProcess[]> {
  const started = await Promise.all(
    sites.map(async (site) => {
      const one = await GroupProcess.start({ site, times: TIMES, ...options });
      t.teardown(() => one[Symbol.asyncDispose]());
      return one;
    }),
  );
  const addresses = started.map(({ host }) => host);
  await Promise.all(started.map((one) => one.join({ by: "list", addresses })));
  await Promise.all(started.map((one) => one.inViewOf(sites.length)));
  return started;
}

/** Books that are called at one replica alone. */
async function booksAt(
  t: ExecutionContext,
  { reference }: GroupProcess,
  deadlineMs: number = CALL_MS,
): Promise<Bank.Books> {
  const orb = await ORB_init([], { config: { orb: { listen: [], deadlineMs } } });
  t.teardown(() => orb.destroy());
  const books = Bank.Books.uncheckedNarrow(await orb.string_to_object(reference));
  if (books === null) throw new TypeError("nil");
  return books;
}

/** Calls again while the replica says that it did nothing, for it has no group to do it with. */
async function insist<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const isRefused = error instanceof SystemException && error.completed === "COMPLETED_NO";
      if (!isRefused || error.name !== "TRANSIENT") throw error;
    }
  }
}

test("the primary's process is killed: another one goes on with all that was acknowledged", async (t) => {
  const [a, b, c] = await founded(t, ["a", "b", "c"]);
  if (a === undefined || b === undefined || c === undefined) throw new Error("three");
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

test("a process that was frozen comes back as another member, with the state", async (t) => {
  const [a, b, c] = await founded(t, ["a", "b", "c"]);
  if (a === undefined || b === undefined || c === undefined) throw new Error("three");
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

test("one of three that is left refuses, and goes on when another one comes", async (t) => {
  const [a, b, c] = await founded(t, ["a", "b", "c"]);
  if (a === undefined || b === undefined || c === undefined) throw new Error("three");
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
