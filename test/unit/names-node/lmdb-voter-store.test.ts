import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { open } from "lmdb";
import type { ContextChange } from "../../../services/bindings/index.ts";
import {
  isConfig,
  MemoryVoterStore,
  type StoredVoter,
  VoterStoreError,
  type VoterWrite,
} from "../../../services/names/index.ts";
import { LmdbVoterStore } from "../../../services/names-node/index.ts";
import { NamesSimulation } from "../../support/names/index.ts";

/** In one order, whatever order it was read in. */
function sorted(stored: StoredVoter | undefined): unknown {
  if (stored === undefined) return undefined;
  const registers = [...stored.registers].map(([id, { promised, vote }]) => {
    const value = vote?.value;
    if (value === undefined || isConfig(value)) return { id, promised, vote };
    const bindings = [...(value.bindings?.values() ?? [])].map((one) => JSON.stringify(one));
    const isGone = value.bindings === undefined;
    return {
      id,
      promised,
      vote: { ...vote, value: { ...value, bindings: bindings.toSorted(), isGone } },
    };
  });
  return { head: stored.head, registers: registers.toSorted((a, b) => (a.id < b.id ? -1 : 1)) };
}

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), "names-"));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Everything that three voters write in a life with all kinds of changes. */
function written(): ReadonlyMap<string, readonly VoterWrite[]> {
  const writes = new Map<string, VoterWrite[]>();
  const simulation = new NamesSimulation({
    seed: 5,
    peers: 4,
    voters: 3,
    settings: { tombstoneMs: 3_000 },
    written: (peer, write) => writes.set(peer, [...(writes.get(peer) ?? []), write]),
  });
  simulation.run(3_000);
  const change = (contextId: string, what: ContextChange): void =>
    void simulation.change(simulation.peer(3), contextId, what);
  change("root", { kind: "create" });
  change("c", { kind: "create" });
  change("d", { kind: "create" });
  for (let i = 0; i < 300; i++) {
    const component = { id: `n${i % 40}`, kind: i % 3 === 0 ? "k" : "" };
    const target = { type: "object", ior: `IOR:${i}` } as const;
    if (i % 7 === 0) change(i % 2 === 0 ? "root" : "c", { kind: "unbind", component });
    else change(i % 2 === 0 ? "root" : "c", { kind: "rebind", component, target });
  }
  change("d", { kind: "destroy" });
  simulation.run(10_000);
  return writes;
}

const WRITES = written();

test("what was written is there after it was closed and opened, bindings and all", async (t) => {
  let isAnyFull = false;
  for (const [, writes] of WRITES) {
    const path = folder(t);
    const memory = new MemoryVoterStore();
    // In lots of different sizes, with a restart now and then.
    for (let at = 0, lot = 1; at < writes.length; at += lot, lot = (lot % 9) + 1) {
      if (at % 50 < lot) {
        const store = LmdbVoterStore.open(path);
        t.deepEqual(sorted(await store.load()), sorted(memory.stored));
        await store.write(writes.slice(at, at + lot));
        await store.close();
      } else {
        const store = LmdbVoterStore.open(path);
        await store.load();
        await store.write(writes.slice(at, at + lot));
        await store.close();
      }
      for (const write of writes.slice(at, at + lot)) memory.put(write);
    }
    const store = LmdbVoterStore.open(path);
    const stored = await store.load();
    t.deepEqual(sorted(stored), sorted(memory.stored));
    isAnyFull ||= (stored?.registers.size ?? 0) >= 2;
    await store.close();
  }
  t.true(isAnyFull);
});

/** A store with something in it, closed. */
async function filled(t: ExecutionContext): Promise<string> {
  const path = folder(t);
  const store = LmdbVoterStore.open(path);
  t.is(await store.load(), undefined);
  await store.write(WRITES.get("p0") ?? []);
  await store.close();
  return path;
}

test("a file that is no store, or half of one, is refused in words before LMDB touches it", async (t) => {
  const path = await filled(t);
  const file = join(path, "names.lmdb");
  const octets = readFileSync(file);
  for (const [content, message] of [
    [
      Buffer.from("not a database".repeat(1_000)),
      /names\.lmdb cannot be opened: it is no LMDB file/,
    ],
    [octets.subarray(0, octets.length - 4_096), /names\.lmdb cannot be opened: it was cut short/],
    [octets.subarray(0, 100), /it is no LMDB file/],
  ] as const) {
    writeFileSync(file, content);
    t.throws(() => LmdbVoterStore.open(path), { instanceOf: VoterStoreError, message });
  }
});

test("a flipped bit in what was stored is refused, and it is said what can be done", async (t) => {
  const path = await filled(t);
  const file = join(path, "names.lmdb");
  t.true(readdirSync(path).includes("names.lmdb"));
  const octets = readFileSync(file);
  const at = octets.lastIndexOf("IOR:");
  t.true(at > 0);
  // Every place where an old version of the page holds it, too.
  for (let place = octets.indexOf("IOR:"); place >= 0; place = octets.indexOf("IOR:", place + 1))
    octets[place] = "J".charCodeAt(0);
  writeFileSync(file, octets);
  const store = LmdbVoterStore.open(path);
  t.teardown(() => store.close());
  await t.throwsAsync(store.load(), {
    instanceOf: VoterStoreError,
    message: /names\.lmdb is damaged \(a checksum is wrong\).*taken in anew by a majority/,
  });
});

test("another form is refused, and so is a store without a head", async (t) => {
  const path = await filled(t);
  const database = open({ path: join(path, "names.lmdb"), noSubdir: true, encoding: "binary" });
  await database.remove("head");
  await database.close();
  const store = LmdbVoterStore.open(path);
  t.teardown(() => store.close());
  await t.throwsAsync(store.load(), { instanceOf: VoterStoreError, message: /it has no head/ });
});

test("who opened it before may write no more", async (t) => {
  const path = await filled(t);
  const [first, second] = [LmdbVoterStore.open(path), LmdbVoterStore.open(path)];
  t.teardown(() => Promise.all([first.close(), second.close()]));
  await first.load();
  await second.load();
  const drop = { what: "drop", register: "x" } as const;
  await second.write([drop]);
  await t.throwsAsync(first.write([drop]), {
    instanceOf: VoterStoreError,
    message: /opened by another process/,
  });
});
