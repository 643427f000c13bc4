import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { booksAt, founded, insist, portOf, started } from "./support.ts";

const DURABLE = { style: "cold-passive", durable: true } as const;

async function folderOf(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "groups-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test("all processes of a durable group are killed and start again: everything acknowledged is there", async (t) => {
  const folder = await folderOf(t);
  // A checkpoint now and then: what comes back is one, and the log since.
  const log = { count: 16, octets: 1 << 20, ageMs: 60_000 };
  const options = (site: string): object => ({
    policy: DURABLE,
    settings: { log },
    folder: join(folder, site),
  });
  const before = await founded(t, ["a", "b", "c"], options);
  const books = await booksAt(t, before[1]);
  for (let i = 0; i < 50; i++) await books.add(`before ${i}`, "till", 1n);
  const addresses = before.map(({ host }) => host);
  const ids = before.map(({ standing }) => standing?.self);
  await Promise.all(before.map((one) => one.killed()));
  const after = await Promise.all(
    before.map(({ site, host }) => started(t, { site, hostPort: portOf(host), ...options(site) })),
  );
  await Promise.all(after.map((one) => one.join({ by: "list", addresses })));
  await Promise.all(after.map((one) => one.inViewOf(3)));
  t.deepEqual(
    after.map(({ standing }) => standing?.self),
    ids,
    "who has its store is who it was",
  );
  const [, b] = after;
  if (b === undefined) throw new Error("three");
  const again = await booksAt(t, b);
  t.is(await insist(() => again.balance("till")), 50n);
  t.is((await insist(() => again.add("after", "till", 1n))).place, 51);
  const lines = await again.lines(1);
  t.is(new Set(lines).size, 51, "each once");
});

test("a durable member that was away joins anew, and its store is the new member's", async (t) => {
  const folder = await folderOf(t);
  const options = (site: string): object => ({ policy: DURABLE, folder: join(folder, site) });
  const [a, b, c] = await founded(t, ["a", "b", "c"], options);
  const addresses = [a, b, c].map(({ host }) => host);
  const books = await booksAt(t, a);
  await books.add("one", "till", 1n);
  const id = c.standing?.self;
  await c.killed();
  await Promise.all([a.inViewOf(2), b.inViewOf(2)]);
  await books.add("two", "till", 1n);
  const back = await started(t, { site: "c", hostPort: portOf(c.host), ...options("c") });
  await back.join({ by: "list", addresses });
  t.not(back.standing?.self, id, "who has joined is in the group");
  await back.inViewOf(3);
  t.is(await insist(async () => (await booksAt(t, back)).balance("till")), 2n);
});

test("one of two goes on with its witness, also when the witness has started again", async (t) => {
  const folder = await folderOf(t);
  const witness = await started(t, { site: "w", folder });
  const [a, b] = await founded(t, ["a", "b"], () => ({ witness: witness.host, policy: {} }));
  const books = await booksAt(t, b);
  await books.add("one", "till", 1n);
  await witness.killed();
  const again = await started(t, { site: "w", folder, hostPort: portOf(witness.host) });
  t.is(again.host, witness.host);
  // While a busy machine starts a process one may take the other for dead, and goes on without it: then both are to be in
  // again, for who is out when the last one that is in dies has nobody to go on with.
  await Promise.all([a.inViewOf(2), b.inViewOf(2)]);
  t.is((await insist(() => books.add("two", "till", 1n))).balance, 2n);
  a.kill("SIGKILL");
  await b.inViewOf(1);
  t.is((await insist(() => books.add("three", "till", 1n))).balance, 3n);
});

test("of two processes without a witness either leaves in good order, and the other one goes on", async (t) => {
  for (const leaver of [0, 1] as const) {
    const all = await founded(t, ["a", "b"]);
    const other = all[1 - leaver] ?? all[0];
    const books = await booksAt(t, other);
    await books.add("one", "till", 1n);
    all[leaver].order({ do: "leave" });
    await other.inViewOf(1);
    t.is((await insist(() => books.add("two", "till", 1n))).balance, 2n);
  }
});

test("one of two without a witness answers what only reads, and refuses the rest", async (t) => {
  const [a, b] = await founded(t, ["a", "b"]);
  const books = await booksAt(t, b);
  await books.add("one", "till", 1n);
  a.kill("SIGKILL");
  t.is(await insist(() => books.balance("till")), 1n);
  const error = await t.throwsAsync(async () => {
    for (;;) await books.add("two", "till", 1n);
  });
  t.is(error?.name, "TRANSIENT");
  t.is(await books.balance("till"), 1n);
});
