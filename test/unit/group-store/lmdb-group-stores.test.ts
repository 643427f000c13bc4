import { readdirSync, readlinkSync } from "node:fs";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { open } from "lmdb";
import type { StoreChange, View } from "../../../services/group/index.ts";
import { GroupStoreError, LmdbGroupStores } from "../../../services/group-store/index.ts";
import { type Entry, NOTHING_KEPT } from "../../../services/history/index.ts";

const VIEW: View = {
  number: 2,
  by: { round: 1, proposer: "b@h:1" },
  primary: "b@h:1",
  members: ["b@h:1", "c@h:2"],
  start: 4,
  witness: "w@h:3",
};

async function folderOf(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "group-store-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function entry(op: number, text: string = `request ${op}`): Entry {
  const body = Buffer.from(text);
  const request = {
    id: `id ${op}`,
    expiresMs: 1_000 + op,
    answered: op - 1,
    isRead: false,
    body: new Uint8Array(body),
  };
  return { op, view: 2, atMs: op * 10, work: { kind: "request", request, decisions: undefined } };
}

function change(parts: Partial<StoreChange>): StoreChange {
  return {
    view: VIEW,
    installed: 2,
    promised: undefined,
    accepted: undefined,
    from: 1,
    entries: [],
    base: 0,
    checkpoint: undefined,
    ...parts,
  };
}

test("what was saved is loaded: appended, replaced from the middle, cut off at the head, with its checkpoint", async (t) => {
  const folder = await folderOf(t);
  const state = new Uint8Array(100_000).fill(7);
  const replies = [{ id: "id 2", op: 2, expiresMs: 9, outcome: new Uint8Array([1]) }];
  const kept = { replies, callers: [{ name: "id ", answered: 2 }] };
  const checkpoint = { op: 2, atMs: 20, kept, state };
  const accepted = { ballot: { round: 4, proposer: "c" }, next: VIEW, entries: [entry(4)] };
  {
    await using stores = await LmdbGroupStores.open(folder);
    const member = stores.member("bank");
    t.is(member.load(), undefined);
    member.begin("b@h:1");
    await member.save(change({ entries: [1, 2, 3].map((op) => entry(op)) }));
    await member.save(change({ from: 4, entries: [4, 5, 6].map((op) => entry(op)) }));
    await member.save(change({ from: 5, entries: [entry(5, "another"), entry(6)], checkpoint }));
    await member.save(
      change({ from: 7, base: 2, checkpoint, promised: { round: 4, proposer: "c" }, accepted }),
    );
    const other = stores.member("another bank");
    t.is(other.load(), undefined, "groups do not see each other");
    other.begin("x@h:1");
    await other.save(change({ entries: [entry(1)] }));
  }
  await using stores = await LmdbGroupStores.open(folder);
  const loaded = stores.member("bank").load();
  t.is(loaded?.self, "b@h:1");
  t.deepEqual(loaded?.entries, [entry(3), entry(4), entry(5, "another"), entry(6)]);
  const stored = loaded?.stored;
  t.deepEqual(stored?.view, VIEW);
  t.deepEqual(stored?.promised, { round: 4, proposer: "c" });
  t.deepEqual(stored?.accepted, accepted);
  t.is(stored?.base, 2);
  t.is(stored?.checkpoint?.op, 2);
  t.deepEqual(stored?.checkpoint?.kept, kept);
  t.deepEqual(new Uint8Array(stored?.checkpoint?.state ?? []), state);
  t.deepEqual(stores.member("another bank").load()?.entries, [entry(1)]);
});

test("a log that ends shorter than before leaves nothing of what came after", async (t) => {
  const folder = await folderOf(t);
  await using stores = await LmdbGroupStores.open(folder);
  const member = stores.member("bank");
  member.begin("b@h:1");
  await member.save(change({ entries: [1, 2, 3, 4].map((op) => entry(op)) }));
  await member.save(change({ from: 2, entries: [entry(2, "other")] }));
  t.deepEqual(stores.member("bank").load()?.entries, [entry(1), entry(2, "other")]);
});

test("another member begins with nothing of the one before", async (t) => {
  const folder = await folderOf(t);
  await using stores = await LmdbGroupStores.open(folder);
  const member = stores.member("bank");
  member.begin("b@h:1");
  const checkpoint = { op: 1, atMs: 1, kept: NOTHING_KEPT, state: new Uint8Array(10) };
  await member.save(change({ entries: [entry(1), entry(2)], checkpoint }));
  member.begin("n@h:1");
  await member.save(change({ from: 8, base: 7, entries: [entry(8)] }));
  const loaded = stores.member("bank").load();
  t.is(loaded?.self, "n@h:1");
  t.deepEqual(loaded?.entries, [entry(8)]);
  t.is(loaded?.stored.checkpoint, undefined);
});

test("the vote of a witness, and the id it is given under, outlive the process", async (t) => {
  const folder = await folderOf(t);
  const state = { view: VIEW, promised: { round: 2, proposer: "b" }, accepted: undefined };
  {
    await using stores = await LmdbGroupStores.open(folder);
    t.is(stores.witness.load("bank"), undefined);
    await stores.witness.save({ group: "bank", self: "w@h:3", state: undefined });
    await stores.witness.save({ group: "bank", self: "w@h:3", state });
  }
  await using stores = await LmdbGroupStores.open(folder);
  t.deepEqual(stores.witness.load("bank"), { group: "bank", self: "w@h:3", state });
});

test("who opened it before writes no more", async (t) => {
  const folder = await folderOf(t);
  await using first = await LmdbGroupStores.open(folder);
  const member = first.member("bank");
  member.begin("b@h:1");
  await member.save(change({}));
  await using second = await LmdbGroupStores.open(folder);
  t.is(second.member("bank").load()?.self, "b@h:1");
  await t.throwsAsync(async () => member.save(change({})), {
    instanceOf: GroupStoreError,
    message: /opened by another process/,
  });
});

test("a file that is none, or was cut short, is refused by its name", async (t) => {
  const folder = await folderOf(t);
  const file = join(folder, "groups.lmdb");
  await writeFile(file, "no LMDB file at all, but long enough to be taken for one".repeat(500));
  await t.throwsAsync(LmdbGroupStores.open(folder), {
    instanceOf: GroupStoreError,
    message: /groups\.lmdb cannot be opened: it is no LMDB file/,
  });
  await rm(file);
  {
    await using stores = await LmdbGroupStores.open(folder);
    const member = stores.member("bank");
    member.begin("b@h:1");
    await member.save(change({ entries: [entry(1, "x".repeat(100_000))] }));
  }
  await truncate(file, 9_000);
  await t.throwsAsync(LmdbGroupStores.open(folder), { message: /cut short/ });
});

/** Files of this process whose names end so. */
function openFiles(ending: string): readonly string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.endsWith(ending) ? [path] : [];
    } catch {
      return [];
    }
  });
}

test("another form is refused, and its file is not kept open", async (t) => {
  const folder = await folderOf(t);
  const stores = await LmdbGroupStores.open(folder);
  const { file } = stores;
  await stores[Symbol.asyncDispose]();
  const raw = open<Buffer, string>({ path: file, noSubdir: true, encoding: "binary" });
  await raw.put("form", Buffer.from("orbweaver groups 9"));
  await raw.close();
  t.deepEqual(openFiles(file), []);
  await t.throwsAsync(LmdbGroupStores.open(folder), {
    instanceOf: GroupStoreError,
    message: `the store ${file} cannot be opened: its form is "orbweaver groups 9", known is "orbweaver groups 1"`,
  });
  t.deepEqual(openFiles(file), []);
});
