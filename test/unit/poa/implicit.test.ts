import test, { type ExecutionContext } from "ava";
import {
  type ClientOperation,
  type InterfaceDescriptor,
  invoke,
  Servant,
  type ServantOperation,
} from "../../../orb/generated.ts";
import {
  Completion,
  INTF_REPOS,
  MemoryTransport,
  MINOR,
  NO_IMPLEMENT,
  type ObjectReference,
  type ORB,
  ORB_init,
} from "../../../orb/index.ts";
import { Sample, sampleDescriptor } from "../../support/sample.ts";

async function orbPair(
  t: ExecutionContext,
): Promise<{ readonly server: ORB; readonly client: ORB }> {
  const transport = new MemoryTransport();
  const server = await ORB_init([], { transport });
  const client = await ORB_init([], { transport });
  server.rootPOA.the_POAManager.activate();
  t.teardown(async () => {
    await client.destroy();
    await server.destroy();
  });
  return { server, client };
}

async function seenBy(client: ORB, server: ORB, own: ObjectReference): Promise<ObjectReference> {
  const far = await client.string_to_object(server.object_to_string(own));
  if (far === null) throw new TypeError("nil");
  return far;
}

interface Repository {
  lookup_id(id: string): ObjectReference | null;
}

const lookupId: ServantOperation<Repository, readonly [string], ObjectReference | null> = {
  name: "lookup_id",
  readArguments: (input) => [input.string()],
  writeResult: (out, v) => out.context.writeObject(out, v),
  upcall: (servant, args) => servant.lookup_id(args[0]),
};

const repository: InterfaceDescriptor = {
  repositoryId: "IDL:omg.org/CORBA/Repository:1.0",
  name: "CORBA::Repository",
  bases: () => [],
  operations: [lookupId],
};

/** Knows the ids given to it. */
class KnownInterfaces extends Servant implements Repository {
  override readonly _descriptor: InterfaceDescriptor = repository;
  readonly #known: ReadonlyMap<string, ObjectReference>;

  constructor(known: ReadonlyMap<string, ObjectReference>) {
    super();
    this.#known = known;
  }

  lookup_id(id: string): ObjectReference | null {
    return this.#known.get(id) ?? null;
  }
}

test("_get_interface: INTF_REPOS 1 without a repository, 2 where it has no such interface, else what it names", async (t) => {
  const { server, client } = await orbPair(t);
  const own = await server.rootPOA.activate(new Sample());
  const far = await seenBy(client, server, own);
  const missing = await t.throwsAsync(far._get_interface(), { instanceOf: INTF_REPOS });
  t.is(missing?.minor, MINOR.interfaceRepositoryMissing);
  t.is(missing?.completed, Completion.no);

  const def = server.rootPOA.create_reference("IDL:omg.org/CORBA/InterfaceDef:1.0");
  const known = new Map<string, ObjectReference>();
  server.register_initial_reference(
    "InterfaceRepository",
    await server.rootPOA.activate(new KnownInterfaces(known)),
  );
  const unknown = await t.throwsAsync(far._get_interface(), { instanceOf: INTF_REPOS });
  t.is(unknown?.minor, MINOR.interfaceRepositoryEntryMissing);

  known.set(sampleDescriptor.repositoryId, def);
  t.true((await far._get_interface())?._is_equivalent(def));
  t.true((await own._get_interface())?._is_equivalent(def), "collocated too");
});

test("a servant may answer the implicit operations itself", async (t) => {
  const { server, client } = await orbPair(t);
  const component = server.rootPOA.create_reference("IDL:Parts/Engine:1.0");
  const def = server.rootPOA.create_reference("IDL:omg.org/CORBA/InterfaceDef:1.0");
  const seen: string[] = [];
  class Facet extends Sample {
    override async _is_a(id: string): Promise<boolean> {
      await Promise.resolve();
      return id === "IDL:Parts/Facet:1.0";
    }
    override _primary_interface(objectId: Uint8Array): string {
      return `IDL:Parts/Facet${objectId.length}:1.0`;
    }
    override _get_component(objectId: Uint8Array): ObjectReference {
      seen.push(Buffer.from(objectId).toString("utf8"));
      return component;
    }
    override async _get_interface(): Promise<ObjectReference> {
      await Promise.resolve();
      return def;
    }
  }
  const poa = await server.rootPOA.createPoa("facets", { idAssignment: "USER_ID" });
  const own = await poa.activate("wing", new Facet());
  t.is(own._core.ior.typeId, "IDL:Parts/Facet4:1.0", "_primary_interface types references");
  const far = await seenBy(client, server, own);
  t.true(await far._is_a("IDL:Parts/Facet:1.0"));
  t.false(await far._is_a("IDL:Parts/Other:1.0"));
  t.is(await far._repository_id(), "IDL:Parts/Facet4:1.0");
  t.true((await far._get_component())?._is_equivalent(component));
  t.true((await far._get_interface())?._is_equivalent(def));
  t.deepEqual(seen, ["wing"]);
});

/** An implicit operation by its wire name alone. */
function raw(name: string): ClientOperation<readonly [], boolean> {
  return { name, writeArguments: () => undefined, readResult: (input) => input.boolean() };
}

test("no component, no domain managers, and the old name of _non_existent", async (t) => {
  const { server, client } = await orbPair(t);
  const far = await seenBy(client, server, await server.rootPOA.activate(new Sample()));
  t.is(await far._get_component(), null);
  t.false(await invoke(far, raw("_not_existent"), []));
  await t.throwsAsync(invoke(far, raw("_domain_managers"), []), { instanceOf: NO_IMPLEMENT });
});
