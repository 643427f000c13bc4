import test from "ava";
import {
  COMPONENT_TAG,
  iiopProfilesOf,
  taoEndpointsOf,
  type TaggedComponent,
} from "../../../orb/ior/index.ts";
import { publishedPolicies } from "../../../orb/messaging/index.ts";
import {
  BAD_INV_ORDER,
  BAD_PARAM,
  MINOR,
  type ObjectReference,
  type ORB,
  type PriorityModel,
  RTPOA,
  string_to_ObjectId,
  WrongPolicy,
} from "../../../orb/index.ts";
import { sample } from "../../support/sample.ts";
import { lanePool, pair, PRIORITIES, PrioritySample } from "./support.ts";

interface Seen {
  readonly port: number;
  readonly endpoints: readonly (readonly [port: number, priority: number])[];
  readonly model: unknown;
  readonly tags: readonly number[];
}

function seen(reference: ObjectReference): Seen {
  const { ior } = reference._core;
  const [profile, ...others] = iiopProfilesOf(ior);
  if (profile === undefined || others.length > 0) throw new RangeError("one profile is expected");
  const components: readonly TaggedComponent[] = profile.components;
  return {
    port: profile.port,
    endpoints: taoEndpointsOf(components).map(({ port, priority }) => [port, priority]),
    model: publishedPolicies(ior).get(40)?.value,
    tags: components.map(({ tag }) => tag),
  };
}

function portsOf(orb: ORB, pool: number): readonly number[] {
  return orb.rt.threadpoolState(pool).lanes.map(({ endpoint }) => endpoint?.port ?? 0);
}

const declared = (priority: number): unknown => ({
  priority_model: "SERVER_DECLARED",
  server_priority: priority,
});
const ID = "IDL:Sample:1.0";
const WITH_ID = { idAssignment: "USER_ID" } as const;
const model = (
  of: PriorityModel,
  priority: number,
): { readonly model: PriorityModel; readonly priority: number } => ({ model: of, priority });

test("CLIENT_PROPAGATED with lanes: the first lane in the profile, all of them with their priorities beside it", async (t) => {
  const { server } = await pair(t);
  const threadpool = await lanePool(server);
  const ports = portsOf(server, threadpool);
  const poa = await server.rootPOA.createPoa("p", {
    threadpool,
    priorityModel: model("CLIENT_PROPAGATED", 5_000),
  });
  t.deepEqual(seen(poa.create_reference(ID)), {
    port: ports[0] as number,
    endpoints: ports.map((port, lane) => [port, PRIORITIES[lane] as number]),
    model: { priority_model: "CLIENT_PROPAGATED", server_priority: 5_000 },
    tags: [
      COMPONENT_TAG.orbType,
      COMPONENT_TAG.codeSets,
      COMPONENT_TAG.taoEndpoints,
      COMPONENT_TAG.policies,
    ],
  });
});

test("SERVER_DECLARED with lanes: the endpoint of the object's lane alone, without a priority", async (t) => {
  const { server } = await pair(t);
  const threadpool = await lanePool(server);
  const [low, middle, high] = portsOf(server, threadpool);
  const poa = await server.rootPOA.createPoa("p", {
    ...WITH_ID,
    threadpool,
    priorityModel: model("SERVER_DECLARED", 15_000),
  });
  const at = (port: number | undefined, priority: number): unknown => ({
    port,
    endpoints: [[port, -1]],
    model: declared(priority),
  });
  t.like(
    seen(poa.create_reference_with_id(string_to_ObjectId("a"), ID)),
    at(middle, 15_000) as object,
  );
  t.like(
    seen(poa.create_reference_with_id_and_priority(string_to_ObjectId("b"), ID, 25_000)),
    at(high, 25_000) as object,
  );
  poa.activate_object_with_id_and_priority(
    string_to_ObjectId("c"),
    new PrioritySample(server),
    5_000,
  );
  t.like(seen(poa.id_to_reference(string_to_ObjectId("c"))), at(low, 5_000) as object);
});

test("without lanes: the ORB's own endpoint, without a priority; a POA without policies of RT-CORBA says nothing of it", async (t) => {
  const { server } = await pair(t);
  const threadpool = await server.rt.create_threadpool(0, 1, 0, 100, false, 0, 0);
  const port = server.endpoints[0]?.port as number;
  const pools = [{ threadpool }, {}];
  for (const [i, pool] of pools.entries()) {
    const poa = await server.rootPOA.createPoa(`p${i}`, {
      ...pool,
      priorityModel: model("SERVER_DECLARED", 7),
    });
    t.like(seen(poa.create_reference(ID)), { port, endpoints: [[port, -1]], model: declared(7) });
    t.like(seen(poa.create_reference_with_priority(ID, 9)), {
      port,
      endpoints: [[port, -1]],
      model: declared(9),
    });
  }
  const pooled = await server.rootPOA.createPoa("pooled", { threadpool });
  t.like(seen(pooled.create_reference(ID)), { endpoints: [[port, -1]], model: undefined });
  t.like(seen(server.rootPOA.create_reference(ID)), {
    endpoints: [],
    tags: [COMPONENT_TAG.orbType, COMPONENT_TAG.codeSets],
  });
});

test("bands of the POA are in its references", async (t) => {
  const { server } = await pair(t);
  const bands = [
    { low: 0, high: 9_999 },
    { low: 10_000, high: 32_767 },
  ];
  const poa = await server.rootPOA.createPoa("p", {
    priorityBands: bands,
    priorityModel: model("CLIENT_PROPAGATED", 7),
  });
  t.deepEqual(publishedPolicies(poa.create_reference(ID)._core.ior).get(45)?.value, bands);
});

test("objects are served at their own priority, whatever endpoint they are reached by", async (t) => {
  const { server, far } = await pair(t);
  const threadpool = await lanePool(server);
  const servant = new PrioritySample(server);
  const poa = await server.rootPOA.createPoa("p", {
    ...WITH_ID,
    idUniqueness: "MULTIPLE_ID",
    threadpool,
    priorityModel: model("SERVER_DECLARED", 15_000),
  });
  poa.activate_object_with_id_and_priority(string_to_ObjectId("high"), servant, 25_000);
  const usual = await far(await poa.activate("usual", servant));
  const high = poa.id_to_reference(string_to_ObjectId("high"));
  await sample.echo(usual, "x");
  await sample.echo(await far(high), "x");
  await sample.echo(high, "within this process");
  server.bindPlainKey("High", high);
  const port = server.endpoints[0]?.port as number;
  t.is(server.rt.threadpoolState(threadpool).strayCount, 0);
  const plain = await far(
    (await server.string_to_object(`corbaloc:iiop:1.2@127.0.0.1:${port}/High`)) as ObjectReference,
  );
  await sample.echo(plain, "by the ORB's own endpoint");
  t.deepEqual(servant.seen, [15_000, 25_000, 25_000, 25_000]);
  t.is(server.rt.threadpoolState(threadpool).strayCount, 1);
});

test("SYSTEM_ID: the operations with a priority make the id", async (t) => {
  const { server, far } = await pair(t);
  const servant = new PrioritySample(server);
  const poa = await server.rootPOA.createPoa("p", { priorityModel: model("SERVER_DECLARED", 7) });
  const id = poa.activate_object_with_priority(servant, 8);
  await sample.echo(await far(poa.id_to_reference(id)), "x");
  t.deepEqual(servant.seen, [8]);
});

test("operations with a priority: WrongPolicy without SERVER_DECLARED or with implicit activation, BAD_PARAM for a priority that cannot be", async (t) => {
  const { server } = await pair(t);
  const { rootPOA } = server;
  const servant = new PrioritySample(server);
  const id = string_to_ObjectId("x");
  const implicit = await rootPOA.createPoa("implicit", {
    implicitActivation: "IMPLICIT_ACTIVATION",
    priorityModel: model("SERVER_DECLARED", 7),
  });
  const propagated = await rootPOA.createPoa("propagated", {
    ...WITH_ID,
    priorityModel: model("CLIENT_PROPAGATED", 7),
  });
  for (const poa of [rootPOA, implicit, propagated]) {
    for (const call of [
      () => poa.create_reference_with_priority(ID, 7),
      () => poa.create_reference_with_id_and_priority(id, ID, 7),
      () => poa.activate_object_with_priority(servant, 7),
      () => poa.activate_object_with_id_and_priority(id, servant, 7),
    ])
      t.throws(call, { instanceOf: WrongPolicy });
  }
  const threadpool = await lanePool(server);
  const lanes = await rootPOA.createPoa("lanes", {
    ...WITH_ID,
    threadpool,
    priorityModel: model("SERVER_DECLARED", 5_000),
  });
  const bands = await rootPOA.createPoa("bands", {
    ...WITH_ID,
    priorityBands: [{ low: 1, high: 9 }],
    priorityModel: model("SERVER_DECLARED", 5),
  });
  for (const [poa, priority] of [
    [lanes, 5_001],
    [lanes, -1],
    [bands, 10],
    [bands, 32_768],
  ] as const) {
    t.throws(() => poa.create_reference_with_id_and_priority(id, ID, priority), {
      instanceOf: BAD_PARAM,
    });
    t.throws(() => poa.activate_object_with_id_and_priority(id, servant, priority), {
      instanceOf: BAD_PARAM,
    });
    t.notThrows(() => poa.activate_object_with_id(id, servant), "it was not activated");
    poa.deactivate_object(id);
  }
});

test("an object keeps the priority that its reference was made with: BAD_INV_ORDER minor OMG 18", async (t) => {
  const { server } = await pair(t);
  const poa = await server.rootPOA.createPoa("p", {
    ...WITH_ID,
    priorityModel: model("SERVER_DECLARED", 7),
  });
  const id = string_to_ObjectId("x");
  poa.create_reference_with_id_and_priority(id, ID, 8);
  const servant = new PrioritySample(server);
  const error = t.throws(() => poa.activate_object_with_id_and_priority(id, servant, 9), {
    instanceOf: BAD_INV_ORDER,
  });
  t.is(error?.minor, MINOR.priorityAlreadyAssigned);
  poa.activate_object_with_id_and_priority(id, servant, 8);
  t.deepEqual(seen(poa.id_to_reference(id)).model, declared(8));
});

test("every POA is a real-time POA; activateModule makes the servant here where the lanes are", async (t) => {
  const { server, far } = await pair(t);
  const { rootPOA } = server;
  t.is(RTPOA.narrow(rootPOA), rootPOA);
  t.is(RTPOA.narrow(null), null);
  const child = await rootPOA.create_POA("child", null, []);
  t.true(RTPOA.narrow(child) === child);
  const poa = await rootPOA.createPoa("modules", WITH_ID);
  const module = new URL("module-servants.js", import.meta.url).href;
  const greeting = { module, export: "Greeter", args: ["hello"] };
  t.is(await sample.echo(await far(await poa.activateModule("a", greeting)), "you"), "hello, you");
  t.is(
    await sample.echo(
      await far(await poa.activateModule("b", { ...greeting, export: "greeter" })),
      "you",
    ),
    "hello, you",
  );
  await poa.deactivateModule("a");
  await t.throwsAsync(poa.activateModule("b", greeting), { message: /already/ });
  await t.throwsAsync(poa.activateModule("c", { module, export: "nobody" }), {
    instanceOf: BAD_PARAM,
    message: /has no export "nobody"; it has: /,
  });
  await t.throwsAsync(poa.activateModule("c", { module, export: "word" }), {
    instanceOf: BAD_PARAM,
    message: /made no servant/,
  });
  await t.throwsAsync(poa.activateModule("c", { module: `${module}x`, export: "Greeter" }), {
    instanceOf: BAD_PARAM,
    message: /cannot be imported/,
  });
});
