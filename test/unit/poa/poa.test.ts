import test, { type ExecutionContext } from "ava";
import {
  AdapterAlreadyExists,
  AdapterInactive,
  AdapterNonExistent,
  BAD_PARAM,
  InvalidPolicy,
  MemoryTransport,
  MINOR,
  NoContext,
  NoServant,
  OBJ_ADAPTER,
  OBJECT_NOT_EXIST,
  ObjectAlreadyActive,
  type ObjectReference,
  ORB_init,
  ObjectId_to_string,
  ObjectNotActive,
  POAManager,
  ServantAlreadyActive,
  ServantNotActive,
  string_to_ObjectId,
  TRANSIENT,
  WrongAdapter,
  WrongPolicy,
} from "../../../orb/index.ts";
import { Sample, sample } from "../../support/sample.ts";

type Orb = Awaited<ReturnType<typeof ORB_init>>;

async function orbPair(
  t: ExecutionContext,
): Promise<{ server: Orb; far: (r: ObjectReference) => Promise<ObjectReference> }> {
  const transport = new MemoryTransport();
  const server = await ORB_init([], { transport });
  const client = await ORB_init([], { transport });
  server.rootPOA.the_POAManager.activate();
  t.teardown(async () => {
    await client.destroy();
    await server.destroy();
  });
  const far = async (reference: ObjectReference): Promise<ObjectReference> => {
    const there = await client.string_to_object(server.object_to_string(reference));
    if (there === null) throw new TypeError("nil");
    return there;
  };
  return { server, far };
}

test("create_POA: names, parents, children, doubles", async (t) => {
  const { server } = await orbPair(t);
  const child = await server.rootPOA.createPoa("child");
  t.is(child.the_name, "child");
  t.is(child.the_parent, server.rootPOA);
  t.is(server.rootPOA.the_parent, null);
  t.deepEqual(server.rootPOA.the_children, [child]);
  t.is(server.rootPOA.find_POA("child"), child);
  t.is(child.the_POAManager, server.rootPOA.the_POAManager, "ours shares the manager");
  const omg = await server.rootPOA.create_POA("omg");
  t.not(omg.the_POAManager, server.rootPOA.the_POAManager, "the OMG form makes one");
  t.is(omg.the_POAManager.get_state(), "HOLDING");
  await t.throwsAsync(server.rootPOA.createPoa("child"), { instanceOf: AdapterAlreadyExists });
  await t.throwsAsync(server.rootPOA.createPoa(""), { instanceOf: BAD_PARAM });
  t.throws(() => server.rootPOA.find_POA("none"), { instanceOf: AdapterNonExistent });
});

test("policies: what is unknown or forbidden is InvalidPolicy with its position", async (t) => {
  const { server } = await orbPair(t);
  const root = server.rootPOA;
  await t.throwsAsync(root.createPoa("a", { lifespan: "FOREVER" as "TRANSIENT" }), {
    instanceOf: InvalidPolicy,
    message: /FOREVER; allowed: TRANSIENT, PERSISTENT/,
  });
  await t.throwsAsync(root.createPoa("a", { lifetime: 1 } as object), {
    instanceOf: InvalidPolicy,
    message: /"lifetime"/,
  });
  await t.throwsAsync(
    root.createPoa("a", { implicitActivation: "IMPLICIT_ACTIVATION", idAssignment: "USER_ID" }),
    { instanceOf: InvalidPolicy, message: /SYSTEM_ID/ },
  );
  await t.throwsAsync(root.createPoa("a", { requestProcessing: "USE_DEFAULT_SERVANT" }), {
    instanceOf: InvalidPolicy,
    message: /MULTIPLE_ID/,
  });
  const error = await t.throwsAsync(
    root.create_POA("a", null, [
      { policy_type: 17, value: "PERSISTENT" },
      { policy_type: 4711, value: "x" },
    ]),
    { instanceOf: InvalidPolicy },
  );
  t.is(error?.index, 1);
  const twice = await t.throwsAsync(
    root.create_POA("a", null, [
      { policy_type: 17, value: "PERSISTENT" },
      { policy_type: 17, value: "TRANSIENT" },
    ]),
    { instanceOf: InvalidPolicy },
  );
  t.is(twice?.index, 1);
  const made = await root.create_POA("a", new POAManager("mine"), [
    { policy_type: 17, value: "PERSISTENT" },
    { policy_type: 19, value: "USER_ID" },
  ]);
  t.is(made.policies.lifespan, "PERSISTENT");
  t.is(made.the_POAManager.get_id(), "mine");
});

test("SYSTEM_ID: the POA makes ids; UNIQUE_ID: a servant once", async (t) => {
  const { server } = await orbPair(t);
  const poa = await server.rootPOA.createPoa("system");
  const servant = new Sample();
  const id = poa.activate_object(servant);
  t.deepEqual(poa.servant_to_id(servant), Buffer.from(id));
  t.is(poa.id_to_servant(id), servant);
  t.throws(() => poa.activate_object(servant), { instanceOf: ServantAlreadyActive });
  const error = t.throws(
    () => poa.activate_object_with_id(Buffer.from("mine" + "x"), new Sample()),
    {
      instanceOf: BAD_PARAM,
    },
  );
  t.is(error?.minor, MINOR.invalidObjectId);
  t.throws(() => poa.servant_to_id(new Sample()), { instanceOf: ServantNotActive });
  poa.deactivate_object(id);
  t.throws(() => poa.deactivate_object(id), { instanceOf: ObjectNotActive });
  t.throws(() => poa.id_to_servant(id), { instanceOf: ObjectNotActive });
  poa.activate_object_with_id(id, servant);
  t.is(poa.id_to_servant(id), servant);
});

test("USER_ID: the caller gives ids", async (t) => {
  const { server, far } = await orbPair(t);
  const poa = await server.rootPOA.createPoa("user", { idAssignment: "USER_ID" });
  const servant = new Sample();
  t.throws(() => poa.activate_object(servant), { instanceOf: WrongPolicy });
  const reference = await poa.activate("trindade", servant);
  t.is(ObjectId_to_string(poa.reference_to_id(reference)), "trindade");
  t.is(poa.reference_to_servant(reference), servant);
  t.is(await sample.echo(await far(reference), "hello"), "hello");
  await t.throwsAsync(poa.activate("trindade", new Sample()), { instanceOf: ObjectAlreadyActive });
  t.throws(() => server.rootPOA.reference_to_id(reference), { instanceOf: WrongAdapter });
  t.throws(() => poa.create_reference("IDL:Sample:1.0"), { instanceOf: WrongPolicy });
  const later = poa.create_reference_with_id(string_to_ObjectId("later"), "IDL:Sample:1.0");
  const there = await far(later);
  t.true(await there._non_existent());
  await poa.activate("later", new Sample());
  t.is(await sample.echo(there, "now"), "now");
});

test("MULTIPLE_ID: one servant under many ids", async (t) => {
  const { server, far } = await orbPair(t);
  const poa = await server.rootPOA.createPoa("many", {
    idAssignment: "USER_ID",
    idUniqueness: "MULTIPLE_ID",
  });
  const servant = new Sample();
  const one = await poa.activate("one", servant);
  const two = await poa.activate("two", servant);
  t.false(one._is_equivalent(two));
  await sample.echo(await far(one), "1");
  await sample.echo(await far(two), "2");
  t.deepEqual(servant.calls, ["echo 1", "echo 2"]);
});

test("IMPLICIT_ACTIVATION: servant_to_reference activates; without it that is ServantNotActive", async (t) => {
  const { server, far } = await orbPair(t);
  const reference = server.rootPOA.servant_to_reference(new Sample());
  t.is(await sample.echo(await far(reference), "implicit"), "implicit");
  const strict = await server.rootPOA.createPoa("strict");
  t.throws(() => strict.servant_to_reference(new Sample()), { instanceOf: ServantNotActive });
});

test("USE_DEFAULT_SERVANT: it serves what is not in the map, and POACurrent tells for which object", async (t) => {
  const { server, far } = await orbPair(t);
  const poa = await server.rootPOA.createPoa("default", {
    idAssignment: "USER_ID",
    idUniqueness: "MULTIPLE_ID",
    requestProcessing: "USE_DEFAULT_SERVANT",
  });
  t.throws(() => poa.get_servant(), { instanceOf: NoServant });
  t.throws(() => server.rootPOA.get_servant(), { instanceOf: WrongPolicy });
  const current = await server.resolve_initial_references("POACurrent");
  t.throws(() => current.get_object_id(), { instanceOf: NoContext });
  const reference = await far(
    poa.create_reference_with_id(string_to_ObjectId("seven"), "IDL:Sample:1.0"),
  );
  const none = await t.throwsAsync(sample.echo(reference, "x"), { instanceOf: OBJ_ADAPTER });
  t.is(none?.minor, MINOR.noDefaultServant);
  class Everything extends Sample {
    override async echo(text: string): Promise<string> {
      await Promise.resolve();
      return `${ObjectId_to_string(current.get_object_id())}: ${text}`;
    }
  }
  const servant = new Everything();
  poa.set_servant(servant);
  t.is(poa.get_servant(), servant);
  t.is(await sample.echo(reference, "x"), "seven: x");
  await poa.activate("eight", new Sample());
  const eight = await far(
    poa.create_reference_with_id(string_to_ObjectId("eight"), "IDL:Sample:1.0"),
  );
  t.is(await sample.echo(eight, "mapped"), "mapped");
});

test("SINGLE_THREAD_MODEL: a call begins when the one before has ended, awaits included", async (t) => {
  const { server, far } = await orbPair(t);
  const poa = await server.rootPOA.createPoa("single", { thread: "SINGLE_THREAD_MODEL" });
  const servant = new Sample();
  const reference = await far(await poa.activate(servant));
  const parked = sample.park(reference);
  await servant.called(1);
  const behind = [sample.echo(reference, "a"), sample.echo(reference, "b")];
  t.deepEqual(servant.calls, ["park"]);
  servant.parked[0]?.();
  await parked;
  t.deepEqual(await Promise.all(behind), ["a", "b"]);
  t.deepEqual(servant.calls, ["park", "echo a", "echo b"]);
});

test("POAManager: HOLDING keeps, DISCARDING refuses, INACTIVE is final", async (t) => {
  const { server, far } = await orbPair(t);
  const manager = new POAManager("mine", 2);
  const poa = await server.rootPOA.createPoa("managed", { manager });
  const servant = new Sample();
  const reference = await far(await poa.activate(servant));
  const held = [sample.echo(reference, "1"), sample.echo(reference, "2")];
  const overflow = await t.throwsAsync(sample.echo(reference, "3"), { instanceOf: TRANSIENT });
  t.is(overflow?.minor, MINOR.requestDiscarded);
  t.is(overflow?.completed, "COMPLETED_NO");
  t.is(manager.heldCount, 2);
  t.deepEqual(servant.calls, []);
  manager.activate();
  t.deepEqual(await Promise.all(held), ["1", "2"]);

  const running = sample.park(reference);
  await servant.called(3);
  let isComplete = false;
  const completion = manager.discard_requests(true).then(() => {
    isComplete = true;
  });
  await t.throwsAsync(sample.echo(reference, "4"), { instanceOf: TRANSIENT });
  t.false(isComplete);
  servant.parked[0]?.();
  await running;
  await completion;
  t.true(isComplete);

  await manager.hold_requests();
  const waiting = sample.echo(reference, "5");
  const settled = t.throwsAsync(waiting, { instanceOf: OBJ_ADAPTER });
  // The request must have arrived to be refused by the deactivation itself; either way it is OBJ_ADAPTER.
  await manager.deactivate();
  await settled;
  t.throws(() => manager.activate(), { instanceOf: AdapterInactive });
  await t.throwsAsync(manager.deactivate(), { instanceOf: AdapterInactive });
  t.is(manager.get_state(), "INACTIVE");
});

test("destroy: children too, and requests find no object", async (t) => {
  const { server, far } = await orbPair(t);
  const parent = await server.rootPOA.createPoa("parent");
  const child = await parent.createPoa("child");
  const servant = new Sample();
  const reference = await far(await child.activate(servant));
  const parked = sample.park(reference);
  await servant.called(1);
  let isDestroyed = false;
  const destroyed = parent.destroy(false, true).then(() => {
    isDestroyed = true;
  });
  const during = await t.throwsAsync(sample.echo(reference, "x"), { instanceOf: TRANSIENT });
  t.is(during?.minor, MINOR.poaDestroyed);
  t.false(isDestroyed);
  servant.parked[0]?.();
  await parked;
  await destroyed;
  const error = await t.throwsAsync(sample.echo(reference, "x"), { instanceOf: OBJECT_NOT_EXIST });
  t.is(error?.minor, MINOR.adapterNotFound);
  t.deepEqual(server.rootPOA.the_children, []);
  t.throws(() => child.activate_object(new Sample()), { instanceOf: OBJECT_NOT_EXIST });
  const again = await server.rootPOA.createPoa("parent");
  t.is(again.the_name, "parent");
});
