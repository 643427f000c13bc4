import test from "ava";
import {
  _get_orb,
  Any,
  BAD_INV_ORDER,
  BAD_OPERATION,
  BAD_PARAM,
  INITIALIZE,
  INV_OBJREF,
  InvalidName,
  MemoryTransport,
  MINOR,
  OBJ_ADAPTER,
  OBJECT_NOT_EXIST,
  type ObjectReference,
  ORB_init,
  PolicyError,
  tc,
  TRANSIENT,
  UNKNOWN,
} from "../../../orb/index.ts";
import { Refused, Sample, sample } from "../../support/sample.ts";

/** A server and a client ORB joined by memory. */
async function pair(): Promise<{
  server: Awaited<ReturnType<typeof ORB_init>>;
  client: Awaited<ReturnType<typeof ORB_init>>;
  servant: Sample;
  reference: NonNullable<
    Awaited<ReturnType<Awaited<ReturnType<typeof ORB_init>>["string_to_object"]>>
  >;
}> {
  const transport = new MemoryTransport();
  const server = await ORB_init([], { transport });
  const client = await ORB_init([], { transport });
  const servant = new Sample();
  const local = await server.rootPOA.activate(servant);
  server.rootPOA.the_POAManager.activate();
  const reference = await client.string_to_object(server.object_to_string(local));
  if (reference === null) throw new TypeError("the reference cannot be nil");
  return { server, client, servant, reference };
}

test("a call arrives and its result returns", async (t) => {
  const { client, server, servant, reference } = await pair();
  t.is(await sample.echo(reference, "grüße €"), "grüße €");
  t.deepEqual(servant.calls, ["echo grüße €"]);
  await client.destroy();
  await server.destroy();
});

test("a user exception arrives as its class, with its members", async (t) => {
  const { client, server, reference } = await pair();
  const error = await t.throwsAsync(sample.refuse(reference, "closed"), { instanceOf: Refused });
  t.is(error?.why, "closed");
  await client.destroy();
  await server.destroy();
});

test("what is no CORBA exception becomes UNKNOWN, COMPLETED_MAYBE", async (t) => {
  const { client, server, reference } = await pair();
  const error = await t.throwsAsync(sample.refuse(reference, "crash"), { instanceOf: UNKNOWN });
  t.is(error?.completed, "COMPLETED_MAYBE");
  await client.destroy();
  await server.destroy();
});

test("implicit operations: _is_a, _non_existent, _repository_id, and unknown ones", async (t) => {
  const { client, server, servant, reference } = await pair();
  t.true(await reference._is_a("IDL:Sample:1.0"));
  t.true(await reference._is_a("IDL:omg.org/CORBA/Object:1.0"));
  t.false(await reference._is_a("IDL:Other:1.0"));
  t.false(await reference._non_existent());
  t.is(await reference._repository_id(), "IDL:Sample:1.0");
  const id = server.rootPOA.servant_to_id(servant);
  server.rootPOA.deactivate_object(id);
  t.true(await reference._non_existent());
  const error = await t.throwsAsync(sample.echo(reference, "x"), { instanceOf: OBJECT_NOT_EXIST });
  t.is(error?.minor, MINOR.objectNotActive);
  t.is(error?.completed, "COMPLETED_NO");
  await client.destroy();
  await server.destroy();
});

test("an operation the servant does not know is BAD_OPERATION, and the message says where", async (t) => {
  const { client, server, reference } = await pair();
  const core = reference._core;
  const error = await t.throwsAsync(
    core.invoker.invoke(
      core,
      {
        name: "no_such",
        writeArguments: () => undefined,
        readResult: () => undefined,
      },
      [],
      undefined,
    ),
    { instanceOf: BAD_OPERATION },
  );
  t.is(error?.minor, MINOR.unknownOperation);
  t.regex(error?.message ?? "", /no_such on 127\.0\.0\.1:\d+ after \d+ ms/);
  await client.destroy();
  await server.destroy();
});

test("a call inside the process needs no connection and copies its arguments", async (t) => {
  await using orb = await ORB_init([], { transport: new MemoryTransport() });
  const servant = new Sample();
  const reference = await orb.rootPOA.activate(servant);
  orb.rootPOA.the_POAManager.activate();
  t.is(await sample.echo(reference, "near"), "near");
  await t.throwsAsync(sample.refuse(reference, "no"), { instanceOf: Refused });
  t.deepEqual(orb._connectionCounts, { opened: 0, accepted: 0 });
});

test("references travel as arguments and results, nil too", async (t) => {
  const { client, server, reference } = await pair();
  const mine = await client.rootPOA.activate(new Sample());
  client.rootPOA.the_POAManager.activate();
  const back = await sample.same(reference, mine);
  t.true(back?._is_equivalent(mine));
  t.is(await sample.same(reference, null), null);
  t.is(client.object_to_string(back), client.object_to_string(mine));
  await client.destroy();
  await server.destroy();
});

test("a plain key reaches the object, and a forward leads to one elsewhere", async (t) => {
  const { client, server, servant, reference } = await pair();
  const local = server.rootPOA.servant_to_reference(servant);
  server.bindPlainKey("Sample", local);
  const port = server.endpoints[0]?.port;
  const byKey = await client.string_to_object(`corbaloc:iiop:1.2@127.0.0.1:${port}/Sample`);
  if (byKey === null) throw new TypeError("nil");
  t.is(await sample.echo(byKey, "by key"), "by key");
  t.true(await byKey._is_a("IDL:Sample:1.0"));

  client.bindPlainKey("Elsewhere", reference);
  const clientPort = client.endpoints[0]?.port;
  const other = await server.string_to_object(
    `corbaloc:iiop:1.2@127.0.0.1:${clientPort}/Elsewhere`,
  );
  if (other === null) throw new TypeError("nil");
  t.is(await sample.echo(other, "forwarded"), "forwarded");
  await client.destroy();
  await server.destroy();
});

test("_validate_connection asks with a LocateRequest, near and far, forwards followed", async (t) => {
  const { client, server, servant, reference } = await pair();
  const local = server.rootPOA.servant_to_reference(servant);
  t.true(await reference._validate_connection());
  t.true(await local._validate_connection());
  client.bindPlainKey("Elsewhere", reference);
  const port = client.endpoints[0]?.port;
  const url = `corbaloc:iiop:1.2@127.0.0.1:${port}/Elsewhere`;
  t.true(await (await server.string_to_object(url))?._validate_connection());
  t.deepEqual(servant.calls, []);
  server.rootPOA.deactivate_object(server.rootPOA.servant_to_id(servant));
  await t.throwsAsync(reference._validate_connection(), { instanceOf: OBJECT_NOT_EXIST });
  await t.throwsAsync(local._validate_connection(), { instanceOf: OBJECT_NOT_EXIST });
  await client.destroy();
  await server.destroy();
});

test("initial references: arguments, registration, unknown names", async (t) => {
  const { server, servant } = await pair();
  const ior = server.object_to_string(server.rootPOA.servant_to_reference(servant));
  await using orb = await ORB_init(
    ["-ORBInitRef", `Sample=${ior}`, "-ORBDefaultInitRef", "corbaloc::h:1"],
    {
      transport: new MemoryTransport(),
    },
  );
  t.is(orb.object_to_string(await orb.resolve_initial_references("Sample")), ior);
  t.is(await orb.resolve_initial_references("RootPOA"), orb.rootPOA);
  const other = await orb.resolve_initial_references("Other");
  t.is(other._core.ownTargets[0]?.host, "h");
  orb.register_initial_reference("Mine", other);
  t.is(await orb.resolve_initial_references("Mine"), other);
  for (const taken of ["Mine", "RootPOA", "POAManagerFactory", ""]) {
    t.throws(
      () => orb.register_initial_reference(taken, other),
      { instanceOf: InvalidName },
      taken,
    );
  }
  const nil = null as unknown as typeof other;
  const refused = t.throws(() => orb.register_initial_reference("Nil", nil), {
    instanceOf: BAD_PARAM,
  });
  t.is(refused?.minor, MINOR.nilInitialReference);
  const managers = await orb.resolve_initial_references("POAManagerFactory");
  t.is(managers.find("RootPOAManager"), orb.rootPOA.the_POAManager);
  t.deepEqual(orb.list_initial_services(), [
    "RootPOA",
    "POACurrent",
    "POAManagerFactory",
    "DynAnyFactory",
    "ORBPolicyManager",
    "PolicyCurrent",
    "RTORB",
    "RTCurrent",
    "PriorityMappingManager",
    "Mine",
    "Sample",
  ]);
  const error = await t.throwsAsync(server.resolve_initial_references("NameService"), {
    instanceOf: InvalidName,
  });
  t.regex(error?.message ?? "", /-ORBInitRef NameService=/);
  await server.destroy();
});

test("is_equivalent: the same object at the same place; hash: equal for those, below its maximum", async (t) => {
  await using orb = await ORB_init([], { transport: new MemoryTransport() });
  const refer = async (text: string): Promise<ObjectReference> => {
    const reference = await orb.string_to_object(`corbaloc:${text}`);
    if (reference === null) throw new TypeError("nil");
    return reference;
  };
  const one = await refer("iiop:1.2@a:1/Key");
  for (const same of ["iiop:1.2@a:1/Key", "iiop:1.2@b:2,iiop:1.2@a:1/Key", "iiop:1.0@a:1/%4bey"]) {
    const other = await refer(same);
    t.true(one._is_equivalent(other) && other._is_equivalent(one), same);
    for (const maximum of [0, 1, 1000, 0xffff_ffff]) t.is(other._hash(maximum), one._hash(maximum));
  }
  for (const another of ["iiop:1.2@a:1/key", "iiop:1.2@a:2/Key", "iiop:1.2@b:1/Key"]) {
    t.false(one._is_equivalent(await refer(another)), another);
  }
  t.false(one._is_equivalent(null));
  const hashes = new Set<number>();
  for (let i = 0; i < 1000; i++) {
    const hash = (await refer(`iiop:1.2@a:1/Key${i}`))._hash(99);
    t.true(Number.isInteger(hash) && hash >= 0 && hash <= 99);
    hashes.add(hash);
  }
  t.true(hashes.size > 90, `${hashes.size} of 100 buckets`);
});

test("get_orb: each reference knows its ORB; nil has none", async (t) => {
  const { client, server, servant, reference } = await pair();
  t.is(_get_orb(reference), client);
  t.is(_get_orb(server.rootPOA.servant_to_reference(servant)), server);
  const same = await sample.same(reference, reference);
  t.is(_get_orb(same), client);
  t.throws(() => _get_orb(null), { instanceOf: INV_OBJREF });
  await client.destroy();
  await server.destroy();
});

test("create_policy: policies of POAs by type and any, PolicyError with its reason", async (t) => {
  await using orb = await ORB_init([], { transport: new MemoryTransport() });
  const lifespan = tc.enum("IDL:omg.org/PortableServer/LifespanPolicyValue:1.0", "", [
    "TRANSIENT",
    "PERSISTENT",
  ]);
  const policy = orb.create_policy(17, new Any(lifespan, "PERSISTENT"));
  const poa = await orb.rootPOA.create_POA("lasting", null, [policy]);
  t.is(poa.policies.lifespan, "PERSISTENT");
  const wrong: readonly (readonly [number, Any, number])[] = [
    [1_000_000, new Any(lifespan, "PERSISTENT"), 0],
    [55, new Any(tc.ushort, 1), 1],
    [17, new Any(tc.ulong, 1), 2],
    [16, new Any(lifespan, "PERSISTENT"), 3],
  ];
  for (const [type, value, reason] of wrong) {
    const error = t.throws(() => orb.create_policy(type, value), { instanceOf: PolicyError });
    t.is(error?.reason, reason, error?.message);
  }
});

test("arguments and options that are not known are refused by name", async (t) => {
  await t.throwsAsync(ORB_init(["-ORBNoSuch", "1"]), {
    instanceOf: BAD_PARAM,
    message: /-ORBNoSuch/,
  });
  await t.throwsAsync(ORB_init(["-ORBInitRef"]), {
    instanceOf: BAD_PARAM,
    message: /needs a value/,
  });
  await t.throwsAsync(ORB_init([], { config: { orb: { deadlineMs: 0 } } }), {
    instanceOf: INITIALIZE,
    message: /deadlineMs/,
  });
  const config = { orb: { lissen: [] } } as object;
  await t.throwsAsync(ORB_init([], { config }), { instanceOf: INITIALIZE, message: /orb\.lissen/ });
});

test("after shutdown calls are BAD_INV_ORDER, after destroy OBJECT_NOT_EXIST", async (t) => {
  const { server, client, reference } = await pair();
  const running = client.run();
  await client.shutdown();
  await running;
  await t.throwsAsync(sample.echo(reference, "x"), { instanceOf: BAD_INV_ORDER });
  await client.destroy();
  await t.throwsAsync(sample.echo(reference, "x"), { instanceOf: OBJECT_NOT_EXIST });
  await client.destroy();
  await server.destroy();
});

test("a shutdown lets requests in work end and refuses held ones", async (t) => {
  const { server, client, servant, reference } = await pair();
  const parked = sample.park(reference);
  await servant.called(1);
  const stopped = server.shutdown();
  for (const release of servant.parked) release();
  await parked;
  await stopped;
  await t.throwsAsync(sample.echo(reference, "x"), { instanceOf: TRANSIENT });
  t.is(server.endpoints.length, 1);
  t.deepEqual(server._connectionCounts, { opened: 0, accepted: 0 });
  await client.destroy();
  await server.destroy();
});

test("a persistent object's reference survives a restart on the same endpoint, a transient one's does not", async (t) => {
  const transport = new MemoryTransport();
  await using client = await ORB_init([], { transport });
  const listen = ["iiop://127.0.0.1:7001"];
  const start = async (): Promise<{
    orb: Awaited<ReturnType<typeof ORB_init>>;
    iors: string[];
  }> => {
    const orb = await ORB_init([], { transport, config: { orb: { listen } } });
    const persistent = await orb.rootPOA.createPoa("kept", {
      lifespan: "PERSISTENT",
      idAssignment: "USER_ID",
    });
    const deep = await persistent.createPoa("deeper", {
      lifespan: "PERSISTENT",
      idAssignment: "USER_ID",
    });
    const kept = await deep.activate("one", new Sample());
    const transient = await orb.rootPOA.activate(new Sample());
    orb.rootPOA.the_POAManager.activate();
    return { orb, iors: [kept, transient].map((ref) => orb.object_to_string(ref)) };
  };
  const first = await start();
  const [kept, transient] = await Promise.all(
    first.iors.map((ior) => client.string_to_object(ior)),
  );
  if (kept === null || kept === undefined || transient === null || transient === undefined) {
    throw new TypeError("nil");
  }
  t.is(await sample.echo(kept, "before"), "before");
  t.is(await sample.echo(transient, "before"), "before");
  await first.orb.destroy();
  const second = await start();
  t.is(second.iors[0], first.iors[0]);
  t.is(await sample.echo(kept, "after"), "after");
  const error = await t.throwsAsync(sample.echo(transient, "after"), {
    instanceOf: OBJECT_NOT_EXIST,
  });
  t.is(error?.minor, MINOR.adapterInactive);
  await second.orb.destroy();
});

test("an ORB told to listen nowhere calls, and says why it cannot make references", async (t) => {
  const { server, servant } = await pair();
  const ior = server.object_to_string(server.rootPOA.servant_to_reference(servant));
  await using orb = await ORB_init([], {
    transport: new MemoryTransport(),
    config: { orb: { listen: [] } },
  });
  t.deepEqual(orb.endpoints, []);
  const error = await t.throwsAsync(orb.rootPOA.activate(new Sample()), {
    instanceOf: OBJ_ADAPTER,
  });
  t.regex(error?.message ?? "", /listens on no endpoint/);
  t.not(await orb.string_to_object(ior), null);
  await server.destroy();
});

test("an endpoint that cannot be had is named", async (t) => {
  const transport = new MemoryTransport();
  const config = { orb: { listen: ["iiop://127.0.0.1:7002"] } };
  await using first = await ORB_init([], { transport, config });
  t.is(first.endpoints[0]?.port, 7002);
  await t.throwsAsync(ORB_init([], { transport, config }), {
    instanceOf: INITIALIZE,
    message: /cannot listen on iiop:\/\/127\.0\.0\.1:7002.*EADDRINUSE/,
  });
});
