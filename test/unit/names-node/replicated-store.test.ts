import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { systemClock, systemRandom } from "../../../orb/base/index.ts";
import { TRANSIENT } from "../../../orb/index.ts";
import { NameFault } from "../../../services/bindings/index.ts";
import {
  MemoryVoterStore,
  NamesNode,
  type VoterStore,
  VoterStoreError,
  type VoterWrite,
} from "../../../services/names/index.ts";
import {
  decodeNamesMessage,
  encodeNamesMessage,
  LmdbVoterStore,
  ReplicatedStore,
} from "../../../services/names-node/index.ts";

const REFS = ["a", "b", "c", "d"].map((id) => ({ id, address: `host-${id}` }));
const SETTINGS = { voters: REFS.slice(0, 3), gatherMs: 20, hedgeMs: 100, syncMs: 50 };

/** Peers of one process, each with its own store; messages are octets on the way. */
class Company implements AsyncDisposable {
  readonly nodes: Map<string, NamesNode> = new Map();
  readonly failures: unknown[] = [];

  async start(id: string, store: VoterStore): Promise<ReplicatedStore> {
    const self = REFS.find((ref) => ref.id === id);
    if (self === undefined) throw new RangeError(id);
    const node = await NamesNode.open({
      self,
      settings: SETTINGS,
      clock: systemClock,
      random: systemRandom,
      store,
      send: (to, message) => {
        const octets = encodeNamesMessage(message);
        setImmediate(() => this.nodes.get(to.id)?.receive(self, decodeNamesMessage(octets)));
      },
      failed: (error) => this.failures.push(error),
    });
    this.nodes.set(id, node);
    node.link(REFS);
    return new ReplicatedStore(node, 3_000);
  }

  async stop(id: string): Promise<void> {
    await this.nodes.get(id)?.close();
    this.nodes.delete(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of this.nodes.keys()) await this.stop(id);
  }
}

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), "names-"));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const component = { id: "doors", kind: "" };
const target = { type: "object", ior: "IOR:1" } as const;

test("names on disk survive the restart of all peers", async (t) => {
  const path = folder(t);
  {
    await using company = new Company();
    const stores = await Promise.all(
      REFS.map(({ id }) => company.start(id, LmdbVoterStore.open(join(path, id)))),
    );
    const [first, , , last] = stores;
    await last?.change("root", { kind: "create" });
    await last?.change("root", { kind: "bind", component, target });
    t.deepEqual((await first?.read("root", component))?.bindings.get(component)?.target, target);
    await t.throwsAsync(
      async () => await first?.change("root", { kind: "bind", component, target }),
      {
        instanceOf: NameFault,
        message: /"doors" is bound already/,
      },
    );
  }
  await using company = new Company();
  const [store] = await Promise.all(
    ["d", "b", "c"].map((id) => company.start(id, LmdbVoterStore.open(join(path, id)))),
  );
  t.deepEqual((await store?.read("root", component))?.bindings.get(component)?.target, target);
});

test("without a majority a bind is TRANSIENT, and says who did not answer", async (t) => {
  await using company = new Company();
  const store = await company.start("a", new MemoryVoterStore());
  const error = await t.throwsAsync(store.change("root", { kind: "create" }), {
    instanceOf: TRANSIENT,
    message: /no majority of the voters of names \(a, b, c\) answered within 3\d\d\d ms/,
  });
  t.is((error as TRANSIENT).completed, "COMPLETED_MAYBE");
});

/** A disk that fails from some write on. */
class FailingStore extends MemoryVoterStore {
  left = Infinity;

  override write(writes: readonly VoterWrite[]): Promise<void> {
    if (this.left-- > 0) return super.write(writes);
    return Promise.reject(new VoterStoreError("the disk is full"));
  }
}

test("a voter whose disk fails says nothing more, and the others decide without it", async (t) => {
  await using company = new Company();
  const failing = new FailingStore();
  const store = await company.start("a", failing);
  const other = await company.start("b", new MemoryVoterStore());
  await company.start("c", new MemoryVoterStore());
  await other.change("root", { kind: "create" });
  failing.left = 0;
  await store.change("root", { kind: "bind", component, target });
  t.deepEqual((await other.read("root", component))?.bindings.get(component)?.target, target);
  t.deepEqual(company.failures.map(String), ["VoterStoreError: the disk is full"]);
});
