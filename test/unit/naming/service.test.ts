import test, { type ExecutionContext } from "ava";

import { CosNaming } from "../../../idl/index.ts";
import { TestClock } from "../../../orb/base/index.ts";
import {
  invoke,
  type Operation,
  readObject,
  readSequence,
  writeObject,
} from "../../../orb/generated.ts";
import {
  BAD_PARAM,
  NO_PERMISSION,
  OBJECT_NOT_EXIST,
  type ObjectReference,
  type ORB,
  ORB_init,
} from "../../../orb/index.ts";
import { nameFromString, type NamingOptions, startNaming } from "../../../services/naming/index.ts";

const { NamingContext, NamingContextExt } = CosNaming;
const n = nameFromString;

/** A naming service, and a client of it in an ORB of its own: everything goes over a socket. */
interface Scene {
  readonly names: CosNaming.NamingContextExt;
  readonly client: ORB;
  readonly server: ORB;
  readonly port: number;
}

/** Neither nil nor absent. */
function need<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new TypeError("nil");
  return value;
}

const QUIET = { config: { orb: { listen: [] } } };

function portOf(orb: ORB): number {
  return need(orb.endpoints[0]).port;
}

function scene(
  title: string,
  play: (t: ExecutionContext, scene: Scene) => Promise<void>,
  options: Omit<NamingOptions, "orb"> = {},
): void {
  test(title, async (t) => {
    await using server = await ORB_init();
    await using naming = await startNaming({ orb: server, ...options });
    t.truthy(naming.root);
    const port = portOf(server);
    const reference = `NameService=corbaloc:iiop:1.2@127.0.0.1:${port}/NameService`;
    await using client = await ORB_init(["-ORBInitRef", reference], QUIET);
    const names = await NamingContextExt.narrow(
      await client.resolve_initial_references("NameService"),
    );
    await play(t, { names: need(names), client, server, port });
  });
}

/** A reference nobody needs to be behind of. */
async function some(orb: ORB, key: string): Promise<ObjectReference> {
  return need(await orb.string_to_object(`corbaloc:iiop:1.2@host.example:1/${key}`));
}

scene("an object is found again, whatever its profiles", async (t, { names, client }) => {
  const foreign = await some(client, "a");
  await names.bind(n("a.k"), foreign);
  const found = await names.resolve(n("a.k"));
  t.is(client.object_to_string(found), client.object_to_string(foreign));
  t.is(client.object_to_string(await names.resolve_str("a.k")), client.object_to_string(foreign));
});

scene("contexts are made, walked through, and destroyed", async (t, { names, client }) => {
  const lines = need(await names.bind_new_context(n("lines")));
  const fresh = need(await names.new_context());
  await lines.bind_context(n("D"), fresh);
  await names.bind(n("lines/D/trindade"), await some(client, "t"));
  t.truthy(await fresh.resolve(n("trindade")));
  t.truthy(await NamingContext.narrow(await names.resolve(n("lines/D"))));
  await t.throwsAsync(fresh.destroy(), { instanceOf: NamingContext.NotEmpty });
  await names.unbind(n("lines/D/trindade"));
  await fresh.destroy();
  await t.throwsAsync(fresh.list(1), { instanceOf: OBJECT_NOT_EXIST });
  const thrown = await t.throwsAsync(names.resolve(n("lines/D/x")), {
    instanceOf: NamingContext.CannotProceed,
  });
  t.deepEqual(thrown?.rest_of_name, n("x"));
  t.true(thrown?.cxt?._is_equivalent(fresh));
});

scene("a name that leads nowhere: why, and what is left", async (t, { names, client }) => {
  const notFound = async (work: Promise<unknown>, why: string, rest: string): Promise<void> => {
    const thrown = await t.throwsAsync(work, { instanceOf: NamingContext.NotFound });
    t.is(thrown?.why, why as typeof thrown.why);
    t.deepEqual(thrown?.rest_of_name, n(rest));
  };
  const object = await some(client, "o");
  await names.bind(n("o"), object);
  const context = await names.bind_new_context(n("c"));
  await notFound(names.resolve(n("a/b")), "missing_node", "a/b");
  await notFound(names.bind(n("c/d/e"), object), "missing_node", "d/e");
  await notFound(names.resolve(n("o/b")), "not_context", "o/b");
  await notFound(names.unbind(n("c/x")), "missing_node", "x");
  await notFound(names.rebind(n("c"), object), "not_object", "c");
  await notFound(names.rebind_context(n("o"), context), "not_context", "o");
});

scene("the other exceptions", async (t, { names, client }) => {
  const object = await some(client, "o");
  await names.bind(n("o"), object);
  await t.throwsAsync(names.bind(n("o"), object), { instanceOf: NamingContext.AlreadyBound });
  await t.throwsAsync(names.bind_new_context(n("o")), { instanceOf: NamingContext.AlreadyBound });
  await t.throwsAsync(names.resolve([]), { instanceOf: NamingContext.InvalidName });
  await t.throwsAsync(names.resolve_str("a//b"), { instanceOf: NamingContext.InvalidName });
  await t.throwsAsync(names.to_string([]), { instanceOf: NamingContext.InvalidName });
  await t.throwsAsync(names.to_name(""), { instanceOf: NamingContext.InvalidName });
  await t.throwsAsync(names.to_url("", "a"), { instanceOf: NamingContextExt.InvalidAddress });
  await t.throwsAsync(names.destroy(), { instanceOf: NamingContext.NotEmpty });
  await names.unbind(n("o"));
  await t.throwsAsync(names.destroy(), { instanceOf: NO_PERMISSION });
});

scene("names, their texts and their URLs", async (t, { names }) => {
  t.is(await names.to_string([{ id: "x.y", kind: "z/w" }]), "x\\.y.z\\/w");
  t.deepEqual(await names.to_name("x\\.y.z\\/w"), [{ id: "x.y", kind: "z/w" }]);
  t.is(await names.to_url(":host:2809", "a/b c"), "corbaname::host:2809#a/b%20c");
});

scene("nil: bound as an object, refused as a context", async (t, { names }) => {
  await names.bind(n("nothing"), null);
  t.is(await names.resolve(n("nothing")), null);
  await t.throwsAsync(names.bind_context(n("c"), null), { instanceOf: BAD_PARAM });
  await t.throwsAsync(names.rebind_context(n("c"), null), { instanceOf: BAD_PARAM });
});

scene("a list shows so many, an iterator the rest", async (t, { names, client }) => {
  t.deepEqual(await names.list(10), { bl: [], bi: null });
  await names.bind_new_context(n("c"));
  for (const id of ["a", "b", "d", "e"]) await names.bind(n(id), await some(client, id));
  const all = await names.list(10);
  t.is(all.bi, null);
  t.is(all.bl.length, 5);
  t.deepEqual(
    all.bl.filter(({ binding_type }) => binding_type === "ncontext"),
    [{ binding_name: n("c"), binding_type: "ncontext" }],
  );
  const { bl, bi: iterator } = await names.list(1);
  const bi = need(iterator);
  const one = await bi.next_one();
  const two = await bi.next_n(2);
  const last = await bi.next_n(9);
  t.deepEqual([...bl, one.b, ...two.bl, ...last.bl], [...all.bl]);
  t.deepEqual([one.result, two.result, last.result], [true, true, true]);
  t.deepEqual(await bi.next_n(1), { result: false, bl: [] });
  t.like(await bi.next_one(), { result: false });
  await t.throwsAsync(bi.next_n(0), { instanceOf: BAD_PARAM });
  await bi.destroy();
  await t.throwsAsync(bi.next_one(), { instanceOf: OBJECT_NOT_EXIST });
});

const clock = new TestClock();
scene(
  "an iterator nobody asks is destroyed",
  async (t, { names, client }) => {
    await names.bind(n("a"), await some(client, "a"));
    const { bl, bi } = await names.list(0);
    t.deepEqual(bl, []);
    clock.advanceMs(1_001);
    await t.throwsAsync(need(bi).next_one(), { instanceOf: OBJECT_NOT_EXIST });
  },
  { clock, idleIteratorMs: 1_000 },
);

scene("a context of another server does its part", async (t, { names, client }) => {
  await using server = await ORB_init();
  await using other = await startNaming({ orb: server });
  const far = `corbaloc:iiop:1.2@127.0.0.1:${portOf(server)}/NameService`;
  await names.bind_context(
    n("far"),
    NamingContext.uncheckedNarrow(await client.string_to_object(far)),
  );
  const object = await some(client, "o");
  await names.bind(n("far/o"), object);
  t.is(
    client.object_to_string(await other.root.resolve(n("o"))),
    client.object_to_string(await names.resolve(n("far/o"))),
  );
  await names.bind_new_context(n("far/c"));
  await names.rebind(n("far/c/x"), object);
  await names.unbind(n("far/c/x"));
  const thrown = await t.throwsAsync(names.resolve(n("far/c/x/y")), {
    instanceOf: NamingContext.NotFound,
  });
  t.deepEqual(thrown?.rest_of_name, n("x/y"));
  await server.destroy();
  const gone = await t.throwsAsync(names.resolve(n("far/c/x")), {
    instanceOf: NamingContext.CannotProceed,
  });
  t.deepEqual(gone?.rest_of_name, n("c/x"));
  t.true(gone?.cxt?._is_equivalent(await client.string_to_object(far)));
});

scene("the same names from inside the server's process", async (t, { names, client, server }) => {
  const inside = need(
    await NamingContext.narrow(await server.resolve_initial_references("NameService")),
  );
  await names.bind(n("a"), await some(client, "a"));
  t.truthy(await inside.resolve(n("a")));
  await t.throwsAsync(inside.resolve(n("b")), { instanceOf: NamingContext.NotFound });
});

scene("corbaname leads to the object", async (t, { names, client, port }) => {
  const object = await some(client, "o");
  await names.bind_new_context(n("c"));
  await names.bind(n("c/a b.k"), object);
  const url = await names.to_url(`iiop:1.2@127.0.0.1:${port}`, "c/a b.k");
  const found = await client.string_to_object(url);
  t.is(client.object_to_string(found), client.object_to_string(object));
});

/** As Java's ORB asks: GIOP 1.0, by the key alone. */
const GET: Operation<never, readonly [string], ObjectReference | null> = {
  name: "get",
  writeArguments: (out, [name]) => void out.string(name),
  readArguments: (input) => [input.string()],
  writeResult: writeObject,
  readResult: readObject,
  upcall: () => null,
};
const LIST: Operation<never, readonly [], readonly string[]> = {
  name: "list",
  writeArguments: () => undefined,
  readArguments: () => [],
  writeResult: () => undefined,
  readResult: (input) => readSequence(input, 5, (i) => i.string()),
  upcall: () => [],
};

scene("initial references as Java's ORB asks for them", async (t, { client, port }) => {
  const init = need(await client.string_to_object(`corbaloc:iiop:1.0@127.0.0.1:${port}/INIT`));
  t.deepEqual(await invoke(init, LIST, []), ["NameService"]);
  const names = await NamingContext.narrow(await invoke(init, GET, ["NameService"]));
  t.deepEqual(await names?.list(1), { bl: [], bi: null });
  t.is(await invoke(init, GET, ["TradingService"]), null);
});
