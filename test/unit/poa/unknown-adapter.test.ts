import test from "ava";
import {
  AdapterNonExistent,
  MINOR,
  OBJ_ADAPTER,
  OBJECT_NOT_EXIST,
  type ObjectReference,
  type POA,
  string_to_ObjectId,
  TRANSIENT,
} from "../../../orb/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { pair, type Pair, refused, Signal } from "./support.ts";

const PERSISTENT = { lifespan: "PERSISTENT", idAssignment: "USER_ID" } as const;

/** A reference to object "x" of a POA that is not there any more. */
async function orphan({ server, far }: Pair, path: readonly string[]): Promise<ObjectReference> {
  let poa: POA = server.rootPOA;
  for (const name of path) poa = await poa.createPoa(name, PERSISTENT);
  const reference = poa.create_reference_with_id(string_to_ObjectId("x"), "IDL:Sample:1.0");
  await server.rootPOA.find_POA(path[0] ?? "").destroy(false, true);
  return await far(reference);
}

async function make(parent: POA, name: string): Promise<POA> {
  const poa = await parent.createPoa(name, PERSISTENT);
  await poa.activate("x", new Sample());
  return poa;
}

test("for each missing child the parent's unknown_adapter is called, from the root on", async (t) => {
  const orbs = await pair(t);
  const { server } = orbs;
  const reference = await orphan(orbs, ["a", "b"]);
  const asked: string[] = [];
  const activator = {
    unknown_adapter: async (parent: POA, name: string): Promise<boolean> => {
      asked.push(`${parent.the_name} ${name}`);
      const child = await make(parent, name);
      child.the_activator = activator;
      return true;
    },
  };
  server.rootPOA.the_activator = activator;
  t.is(await sample.echo(reference, "1"), "1");
  t.is(await sample.echo(reference, "2"), "2");
  t.deepEqual(asked, ["RootPOA a", "a b"]);
});

test("concurrent requests for the same name are held, and unknown_adapter is called once", async (t) => {
  const orbs = await pair(t);
  const reference = await orphan(orbs, ["a"]);
  const go = new Signal();
  let asked = 0;
  orbs.server.rootPOA.the_activator = {
    unknown_adapter: async (parent, name) => {
      asked++;
      await go.given;
      await make(parent, name);
      return true;
    },
  };
  const calls = ["1", "2", "3"].map((text) => sample.echo(reference, text));
  const found = orbs.server.rootPOA.find_POA("a", true);
  await new Promise((resolve) => setImmediate(resolve));
  go.give();
  t.deepEqual(await Promise.all(calls), ["1", "2", "3"]);
  t.is((await found).the_name, "a");
  t.is(asked, 1);
});

test("FALSE or no activator: OBJECT_NOT_EXIST OMG|2; TRUE without a child: the same", async (t) => {
  const orbs = await pair(t);
  const reference = await orphan(orbs, ["a"]);
  const call = (): Promise<string> => sample.echo(reference, "x");
  await refused(t, call(), OBJECT_NOT_EXIST, MINOR.adapterNotFound);
  for (const answer of [false, true]) {
    orbs.server.rootPOA.the_activator = { unknown_adapter: () => answer };
    await refused(t, call(), OBJECT_NOT_EXIST, MINOR.adapterNotFound);
  }
});

test("unknown_adapter raises a system exception: OBJ_ADAPTER OMG|1", async (t) => {
  const orbs = await pair(t);
  const reference = await orphan(orbs, ["a"]);
  orbs.server.rootPOA.the_activator = {
    unknown_adapter: () => {
      throw new TRANSIENT("not now");
    },
  };
  await refused(t, sample.echo(reference, "x"), OBJ_ADAPTER, MINOR.unknownAdapterFailed);
  const found = orbs.server.rootPOA.find_POA("a", true);
  await refused(t, found, OBJ_ADAPTER, MINOR.unknownAdapterFailed);
});

test("creation of a child via its activator is held while the parent's manager is HOLDING", async (t) => {
  const orbs = await pair(t);
  const { rootPOA } = orbs.server;
  const reference = await orphan(orbs, ["a"]);
  let asked = 0;
  rootPOA.the_activator = {
    unknown_adapter: async (parent, name) => {
      asked++;
      await make(parent, name);
      return true;
    },
  };
  await rootPOA.the_POAManager.hold_requests();
  const call = sample.echo(reference, "held");
  await new Promise((resolve) => setImmediate(resolve));
  t.is(asked, 0);
  rootPOA.the_POAManager.activate();
  t.is(await call, "held");
});

test("find_POA(name, TRUE) uses the activator; without one: AdapterNonExistent", async (t) => {
  const { server } = await pair(t);
  const { rootPOA } = server;
  await t.throwsAsync(rootPOA.find_POA("a", true), { instanceOf: AdapterNonExistent });
  rootPOA.the_activator = { unknown_adapter: () => false };
  await t.throwsAsync(rootPOA.find_POA("a", true), { instanceOf: AdapterNonExistent });
  rootPOA.the_activator = {
    unknown_adapter: async (parent, name) => (await make(parent, name)).the_name === name,
  };
  const made = await rootPOA.find_POA("a", true);
  t.is(made.the_parent, rootPOA);
  t.is(await rootPOA.find_POA("a", true), made);
});

test("a LocateRequest makes no POA: the object may be here", async (t) => {
  const orbs = await pair(t);
  const reference = await orphan(orbs, ["a"]);
  await t.throwsAsync(reference._validate_connection(), { instanceOf: OBJECT_NOT_EXIST });
  orbs.server.rootPOA.the_activator = {
    unknown_adapter: () => {
      throw new TypeError("asked");
    },
  };
  t.true(await reference._validate_connection());
});

test("a transient POA of an older process incarnation: OBJECT_NOT_EXIST OMG|4", async (t) => {
  const { server, client, transport } = await pair(t);
  const reference = await server.rootPOA.activate(new Sample());
  const text = server.object_to_string(reference);
  const endpoint = server.endpoints[0];
  await server.destroy();
  const { ORB_init } = await import("../../../orb/index.ts");
  const listen = [`iiop://${endpoint?.host}:${endpoint?.port}`];
  await using again = await ORB_init([], { transport, config: { orb: { listen } } });
  again.rootPOA.the_POAManager.activate();
  const there = await client.string_to_object(text);
  if (there === null) throw new TypeError("nil");
  await refused(t, sample.echo(there, "x"), OBJECT_NOT_EXIST, MINOR.adapterInactive);
});

test("PERSISTENT: keys survive a restart on the same endpoint, also those of SYSTEM_ID", async (t) => {
  const { server, client, transport } = await pair(t);
  const { ORB_init } = await import("../../../orb/index.ts");
  const user = await server.rootPOA.createPoa("user", PERSISTENT);
  const system = await server.rootPOA.createPoa("system", { lifespan: "PERSISTENT" });
  const byUser = server.object_to_string(await user.activate("x", new Sample()));
  const systemId = system.activate_object(new Sample());
  const bySystem = server.object_to_string(system.id_to_reference(systemId));
  const endpoint = server.endpoints[0];
  await server.destroy();
  const listen = [`iiop://${endpoint?.host}:${endpoint?.port}`];
  await using again = await ORB_init([], { transport, config: { orb: { listen } } });
  again.rootPOA.the_POAManager.activate();
  await (await again.rootPOA.createPoa("user", PERSISTENT)).activate("x", new Sample());
  const later = await again.rootPOA.createPoa("system", { lifespan: "PERSISTENT" });
  t.notDeepEqual(later.activate_object(new Sample()), systemId, "ids of two runs do not meet");
  later.activate_object_with_id(systemId, new Sample());
  for (const text of [byUser, bySystem]) {
    const there = await client.string_to_object(text);
    if (there === null) throw new TypeError("nil");
    t.is(await sample.echo(there, "still"), "still");
  }
});
