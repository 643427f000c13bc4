import test from "ava";
import fc from "fast-check";

import {
  type BindingTable,
  ContextTree,
  MemoryStore,
  NameFault,
  type Fault,
  type Name,
  nameFromString,
  nameToString,
  type SwapStore,
  SwappedStore,
  type Target,
} from "../../../services/naming/index.ts";

const ROOT = "root";
const object = (ior: string): Target => ({ type: "object", ior });
const id = (text: string): { id: string; kind: string } => ({ id: text, kind: "" });

async function treeOver(swaps: SwapStore, attempts?: number): Promise<ContextTree> {
  let count = 0;
  const newId = (): string => `c${++count}`;
  const store = new SwappedStore(swaps, attempts === undefined ? {} : { attempts });
  const tree = new ContextTree({ store, newId });
  await tree.ensure(ROOT);
  return tree;
}

async function faultOf(work: Promise<unknown>): Promise<Fault | undefined> {
  try {
    await work;
  } catch (thrown) {
    if (thrown instanceof NameFault) return thrown.fault;
    throw thrown;
  }
  return undefined;
}

test("what is bound is resolved, unchanged, until unbound", async (t) => {
  const tree = await treeOver(new MemoryStore());
  await tree.bind(ROOT, id("a"), object("IOR:0011"));
  t.deepEqual(await tree.resolve(ROOT, id("a")), object("IOR:0011"));
  await tree.unbind(ROOT, id("a"));
  t.deepEqual(await faultOf(tree.resolve(ROOT, id("a"))), {
    kind: "NotFound",
    why: "missing_node",
    rest: [id("a")],
  });
});

test("names are compared in both parts and case", async (t) => {
  const tree = await treeOver(new MemoryStore());
  await tree.bind(ROOT, { id: "a", kind: "b" }, object("1"));
  await tree.bind(ROOT, { id: "a", kind: "B" }, object("2"));
  await tree.bind(ROOT, { id: "ab", kind: "" }, object("3"));
  await tree.bind(ROOT, { id: "", kind: "ab" }, object("4"));
  t.deepEqual(await tree.resolve(ROOT, { id: "a", kind: "b" }), object("1"));
  t.deepEqual(await tree.resolve(ROOT, { id: "", kind: "ab" }), object("4"));
  t.is((await tree.list(ROOT)).length, 4);
});

test("binding twice is AlreadyBound, for objects and contexts alike", async (t) => {
  const tree = await treeOver(new MemoryStore());
  const contextId = await tree.bindNew(ROOT, id("c"));
  await tree.bind(ROOT, id("a"), object("1"));
  for (const name of ["a", "c"]) {
    t.deepEqual(await faultOf(tree.bind(ROOT, id(name), object("2"))), { kind: "AlreadyBound" });
    const again = tree.bind(ROOT, id(name), { type: "context", contextId });
    t.deepEqual(await faultOf(again), { kind: "AlreadyBound" });
  }
});

test("rebinding keeps to the kind of binding", async (t) => {
  const tree = await treeOver(new MemoryStore());
  const contextId = await tree.bindNew(ROOT, id("c"));
  await tree.rebind(ROOT, id("a"), object("1"));
  await tree.rebind(ROOT, id("a"), object("2"));
  t.deepEqual(await tree.resolve(ROOT, id("a")), object("2"));
  t.deepEqual(await faultOf(tree.rebind(ROOT, id("c"), object("3"))), {
    kind: "NotFound",
    why: "not_object",
    rest: [id("c")],
  });
  t.deepEqual(await faultOf(tree.rebind(ROOT, id("a"), { type: "context", contextId })), {
    kind: "NotFound",
    why: "not_context",
    rest: [id("a")],
  });
  await tree.rebind(ROOT, id("c"), { type: "foreign-context", ior: "IOR:22" });
  t.deepEqual(await tree.resolve(ROOT, id("c")), { type: "foreign-context", ior: "IOR:22" });
});

test("a name is followed through contexts of this server", async (t) => {
  const tree = await treeOver(new MemoryStore());
  const lines = await tree.bindNew(ROOT, id("lines"));
  const yellow = await tree.bindNew(lines, id("D"));
  t.deepEqual(await tree.locate(ROOT, nameFromString("lines/D/trindade")), {
    at: "here",
    contextId: yellow,
    component: id("trindade"),
  });
});

test("the rest of a name that fails begins where it failed", async (t) => {
  const tree = await treeOver(new MemoryStore());
  await tree.bindNew(ROOT, id("c"));
  await tree.bind(ROOT, id("o"), object("1"));
  t.deepEqual(await faultOf(tree.locate(ROOT, nameFromString("c/x/y"))), {
    kind: "NotFound",
    why: "missing_node",
    rest: [id("x"), id("y")],
  });
  t.deepEqual(await faultOf(tree.locate(ROOT, nameFromString("o/x"))), {
    kind: "NotFound",
    why: "not_context",
    rest: [id("o"), id("x")],
  });
  t.deepEqual(await faultOf(tree.locate(ROOT, [])), { kind: "InvalidName" });
});

test("a context bound as an object is not walked through", async (t) => {
  const tree = await treeOver(new MemoryStore());
  await tree.create();
  await tree.bind(ROOT, id("c"), object("IOR of a context"));
  t.like(await faultOf(tree.locate(ROOT, nameFromString("c/x"))), { why: "not_context" });
});

test("a context elsewhere gets what is left of the name", async (t) => {
  const tree = await treeOver(new MemoryStore());
  await tree.bind(ROOT, id("far"), { type: "foreign-context", ior: "IOR:33" });
  t.deepEqual(await tree.locate(ROOT, nameFromString("far/x/y")), {
    at: "elsewhere",
    ior: "IOR:33",
    rest: [id("x"), id("y")],
  });
  t.deepEqual(await tree.locate(ROOT, nameFromString("far")), {
    at: "here",
    contextId: ROOT,
    component: id("far"),
  });
});

test("a destroyed context: gone for those who ask it, CannotProceed on the way", async (t) => {
  const tree = await treeOver(new MemoryStore());
  const contextId = await tree.bindNew(ROOT, id("c"));
  await tree.bind(contextId, id("x"), object("1"));
  t.deepEqual(await faultOf(tree.destroy(contextId)), { kind: "NotEmpty" });
  await tree.unbind(contextId, id("x"));
  await tree.destroy(contextId);
  const gone = { kind: "NoSuchContext", contextId };
  t.deepEqual(await faultOf(tree.resolve(contextId, id("x"))), gone as Fault);
  t.deepEqual(await faultOf(tree.bind(contextId, id("x"), object("1"))), gone as Fault);
  t.deepEqual(await faultOf(tree.destroy(contextId)), gone as Fault);
  t.deepEqual(await faultOf(tree.locate(ROOT, nameFromString("c/x/y"))), {
    kind: "CannotProceed",
    contextId,
    rest: nameFromString("x/y"),
  });
});

test("bind_new_context over a bound name leaves no context behind", async (t) => {
  const store = new MemoryStore();
  const tree = await treeOver(store);
  await tree.bindNew(ROOT, id("c"));
  const before = store.size;
  t.deepEqual(await faultOf(tree.bindNew(ROOT, id("c"))), { kind: "AlreadyBound" });
  t.is(store.size, before);
});

test("a hundred changes of one context at once all happen", async (t) => {
  const tree = await treeOver(new MemoryStore(), 1);
  const numbers = Array.from({ length: 100 }, (_, n) => `${n}`);
  await Promise.all(numbers.map((n) => tree.bind(ROOT, id(n), object(n))));
  t.is((await tree.list(ROOT)).length, 100);
});

/** A store in which another server binds a name right before each of the first `count` changes. */
class BusyStore extends MemoryStore {
  #left: number;

  constructor(count: number) {
    super();
    this.#left = count;
  }

  override async compareAndSet(
    contextId: string,
    version: number,
    next: BindingTable | undefined,
  ): Promise<boolean> {
    if (version > 0 && this.#left-- > 0) {
      const now = await this.read(contextId);
      const component = id(`other ${this.#left}`);
      const bindings = now?.bindings.with({ component, target: object("0") });
      await super.compareAndSet(contextId, version, bindings);
    }
    return super.compareAndSet(contextId, version, next);
  }
}

test("a change is tried again when another server came in between, and loses nothing", async (t) => {
  const tree = await treeOver(new BusyStore(3), 4);
  await tree.bind(ROOT, id("mine"), object("1"));
  const names = (await tree.list(ROOT)).map((binding) => binding.component.id);
  t.deepEqual(names.toSorted(), ["mine", "other 0", "other 1", "other 2"]);
});

test("a change that never gets through says so, and changed nothing", async (t) => {
  const tree = await treeOver(new BusyStore(3), 3);
  t.deepEqual(await faultOf(tree.bind(ROOT, id("mine"), object("1"))), {
    kind: "Contention",
    contextId: ROOT,
    attempts: 3,
  });
  t.like(await faultOf(tree.resolve(ROOT, id("mine"))), { why: "missing_node" });
});

test("what a store throws comes out, and the next change has its turn", async (t) => {
  const failing = new MemoryStore();
  const tree = await treeOver(failing);
  const compareAndSet = failing.compareAndSet.bind(failing);
  failing.compareAndSet = () => Promise.reject(new RangeError("no majority"));
  await t.throwsAsync(tree.bind(ROOT, id("a"), object("1")), { message: "no majority" });
  failing.compareAndSet = compareAndSet;
  await tree.bind(ROOT, id("a"), object("1"));
  t.deepEqual(await tree.resolve(ROOT, id("a")), object("1"));
});

type Step = readonly ["bind" | "rebind" | "unbind" | "resolve", string, string];

/** What a Map would do, for any sequence of operations on two levels of names. */
test("the tree behaves like a map of texts", async (t) => {
  const step: fc.Arbitrary<Step> = fc.tuple(
    fc.constantFrom("bind" as const, "rebind" as const, "unbind" as const, "resolve" as const),
    fc.constantFrom("a", "b", "c/a", "c/b", "c/a.k"),
    fc.constantFrom("1", "2"),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const tree = await treeOver(new MemoryStore());
      await tree.bindNew(ROOT, id("c"));
      const model = new Map<string, string>();
      for (const [operation, text, ior] of steps) {
        const place = await tree.locate(ROOT, nameFromString(text));
        if (place.at === "elsewhere") throw new TypeError("nothing here is elsewhere");
        const { contextId, component } = place;
        if (operation === "resolve") {
          const fault = await faultOf(tree.resolve(contextId, component));
          t.is(fault === undefined, model.has(text));
          if (fault === undefined)
            t.deepEqual(await tree.resolve(contextId, component), object(model.get(text) ?? ""));
        } else if (operation === "unbind") {
          const fault = await faultOf(tree.unbind(contextId, component));
          t.is(fault === undefined, model.delete(text));
        } else {
          const fault = await faultOf(tree[operation](contextId, component, object(ior)));
          t.is(fault?.kind, operation === "bind" && model.has(text) ? "AlreadyBound" : undefined);
          if (fault === undefined) model.set(text, ior);
        }
      }
      const text = (name: Name): string => nameToString(name);
      const here = (await tree.list(ROOT)).map((b) => text([b.component])).filter((n) => n !== "c");
      t.deepEqual(here.toSorted(), [...model.keys()].filter((n) => !n.includes("/")).toSorted());
    }),
    { numRuns: 50 },
  );
});
