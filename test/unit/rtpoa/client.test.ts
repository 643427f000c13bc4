import test, { type ExecutionContext } from "ava";
import {
  DATA_CONVERSION,
  INV_POLICY,
  MINOR,
  NO_PERMISSION,
  NO_RESOURCES,
  type ObjectReference,
  type ORB,
  type OrbInitOptions,
  type Policy,
  type PriorityBand,
  type RTPOA,
  type RtPoaOptions,
  type Scheduler,
  TRANSIENT,
  UNKNOWN,
} from "../../../orb/index.ts";
import { invoke, type Operation } from "../../../orb/generated.ts";
import { encapsulate } from "../../../orb/cdr/index.ts";
import type { HookedRequest, ServerFlow } from "../../../orb/hook/index.ts";
import { COMPONENT_TAG, iiopProfilesOf, writeIiopProfile } from "../../../orb/ior/index.ts";
import { policyComponents, publishedPolicies } from "../../../orb/messaging/index.ts";
import { sample } from "../../support/sample.ts";
import { lanePool, type Pair, pair, PrioritySample } from "./support.ts";

interface Served extends Pair {
  readonly poa: RTPOA;
  readonly servant: PrioritySample;
  readonly reference: ObjectReference;
}

async function served(
  t: ExecutionContext,
  options: RtPoaOptions,
  client: OrbInitOptions = {},
): Promise<Served> {
  const both = await pair(t, {}, client);
  const servant = new PrioritySample(both.server);
  const poa = await both.server.rootPOA.createPoa("p", options);
  return { ...both, poa, servant, reference: await both.far(await poa.activate(servant)) };
}

async function withLanes(
  t: ExecutionContext,
  more: RtPoaOptions = {},
): Promise<Served & { readonly pool: number }> {
  const both = await pair(t);
  const pool = await lanePool(both.server);
  const servant = new PrioritySample(both.server);
  const poa = await both.server.rootPOA.createPoa("p", {
    threadpool: pool,
    priorityModel: { model: "CLIENT_PROPAGATED", priority: 15_000 },
    ...more,
  });
  return { ...both, pool, poa, servant, reference: await both.far(await poa.activate(servant)) };
}

function nothing(): undefined {
  return undefined;
}

/** The same reference with these in TAG_POLICIES. */
function withPolicies(
  orb: ORB,
  { _core: { ior } }: ObjectReference,
  policies: readonly Policy[],
): ObjectReference {
  const [profile] = iiopProfilesOf(ior);
  if (profile === undefined) throw new TypeError("no IIOP profile");
  const rest = profile.components.filter(({ tag }) => tag !== COMPONENT_TAG.policies);
  const components = [...rest, ...policyComponents(policies)];
  return orb._reference({ ...ior, profiles: [writeIiopProfile({ ...profile, components })] });
}

const propagated = { priorityModel: { model: "CLIENT_PROPAGATED", priority: 7 } } as const;
const BANDS: readonly PriorityBand[] = [
  { low: 0, high: 9_999 },
  { low: 10_000, high: 19_999 },
  { low: 20_000, high: 32_000 },
];

async function failed(
  t: ExecutionContext,
  call: () => Promise<unknown>,
  type: abstract new (...args: never[]) => Error,
  minor: number,
): Promise<void> {
  const error = await t.throwsAsync(call, { instanceOf: type as never });
  const thrown = error as (Error & { readonly minor?: number }) | undefined;
  t.is(thrown?.minor, minor, thrown?.message);
}

/** Calls at a priority. */
function at<T>(orb: ORB, priority: number, call: () => T): T {
  return orb.rt.current.withPriority(priority, call);
}

test("CLIENT_PROPAGATED with lanes: each call goes to the endpoint of its lane, and runs there", async (t) => {
  const { client, server, reference, servant, pool } = await withLanes(t);
  for (const priority of [25_000, 5_000, 15_000, 25_000])
    await at(client, priority, () => sample.echo(reference, "x"));
  t.deepEqual(servant.seen, [25_000, 5_000, 15_000, 25_000]);
  t.is(server.rt.threadpoolState(pool).strayCount, 0);
  t.is(client._connectionCounts.opened, 3);
});

test("a priority that no lane has is TRANSIENT minor OMG 2, and nothing is sent", async (t) => {
  const { client, reference, servant } = await withLanes(t);
  await failed(
    t,
    () => at(client, 5_001, () => sample.echo(reference, "x")),
    TRANSIENT,
    MINOR.noUsableEndpoint,
  );
  t.deepEqual(servant.seen, []);
  t.is(client._connectionCounts.opened, 0);
});

test("a client that knows nothing of RT-CORBA is served at the POA's server_priority, in its lane", async (t) => {
  const { server, reference, servant, pool } = await withLanes(t);
  await sample.echo(reference, "x");
  t.deepEqual(servant.seen, [15_000]);
  t.is(server.rt.threadpoolState(pool).strayCount, 1, "it came to the first lane's endpoint");
});

test("CLIENT_PROPAGATED without lanes: the servant runs at the client's priority; 0 and 32767, too", async (t) => {
  const { client, reference, servant } = await served(t, propagated);
  for (const priority of [0, 32_767, 123])
    await at(client, priority, () => sample.echo(reference, "x"));
  t.deepEqual(servant.seen, [0, 32_767, 123]);
});

test("RTCurrent in use and not set: the thread's native priority where it has one, else DATA_CONVERSION minor OMG 2", async (t) => {
  let scheduling: ReturnType<Scheduler["scheduling"]> = { policy: "other", nice: 0 };
  const scheduler = { threadId: () => 1, scheduling: () => scheduling } as unknown as Scheduler;
  const { client, reference, servant } = await served(t, propagated, { native: { scheduler } });
  await client.resolve_initial_references("RTCurrent");
  await failed(t, () => sample.echo(reference, "x"), DATA_CONVERSION, MINOR.priorityMappingFailed);
  scheduling = { policy: "fifo", priority: 24 };
  await sample.echo(reference, "x");
  t.deepEqual(servant.seen, [Math.ceil((23 * 32_767) / 47)]);
});

test("SERVER_DECLARED: the client's priority is told to nobody", async (t) => {
  const { client, reference, servant } = await served(t, {
    priorityModel: { model: "SERVER_DECLARED", priority: 9 },
  });
  await at(client, 100, () => sample.echo(reference, "x"));
  t.deepEqual(servant.seen, [9]);
});

test("a servant's own calls carry its priority on, behind its awaits where RTCurrent is in use", async (t) => {
  const { client, server, far, reference: last, servant } = await served(t, propagated);
  await server.resolve_initial_references("RTCurrent");
  class Relay extends PrioritySample {
    override async echo(text: string): Promise<string> {
      void super.echo(text);
      await Promise.resolve();
      return await sample.echo(near, text);
    }
  }
  const poa = await server.rootPOA.createPoa("relay", propagated);
  const relay = new Relay(server);
  const near = (await server.string_to_object(client.object_to_string(last))) as ObjectReference;
  const first = await far(await poa.activate(relay));
  await Promise.all(
    [300, 400].map((priority) => at(client, priority, () => sample.echo(first, "x"))),
  );
  t.deepEqual(relay.seen, [300, 400]);
  t.deepEqual(
    servant.seen.toSorted((a, b) => (a ?? 0) - (b ?? 0)),
    [300, 400],
  );
});

test("bands of the reference: one connection for each, whatever lane of it serves", async (t) => {
  const { client, reference, servant, pool, server } = await withLanes(t, { priorityBands: BANDS });
  for (const priority of [1, 4_000, 12_000, 30_000, 9_999])
    await at(client, priority, () => sample.echo(reference, "x"));
  t.deepEqual(servant.seen, [5_000, 5_000, 15_000, 25_000, 5_000], "lanes keep their priority");
  t.is(client._connectionCounts.opened, 3);
  t.is(server.rt.threadpoolState(pool).strayCount, 0);
  await failed(
    t,
    () => at(client, 32_001, () => sample.echo(reference, "x")),
    NO_RESOURCES,
    MINOR.noConnectionForPriority,
  );
});

function banded(client: ORB, bands: readonly PriorityBand[] = BANDS): Policy {
  return client.rt.create_priority_banded_connection_policy(bands);
}

test("bands of the client: connections of their own to one endpoint, and to the lanes of the band", async (t) => {
  const one = await served(t, propagated);
  const there = one.reference._set_policy_overrides([banded(one.client)], "SET_OVERRIDE");
  for (const priority of [1, 2, 10_001, 20_001])
    await at(one.client, priority, () => sample.echo(there, "x"));
  t.deepEqual(one.servant.seen, [1, 2, 10_001, 20_001]);
  t.is(one.client._connectionCounts.opened, 3);
  await at(one.client, 1, () => sample.echo(one.reference, "without bands"));
  t.is(one.client._connectionCounts.opened, 4);
  const lanes = await withLanes(t);
  const far = lanes.reference._set_policy_overrides([banded(lanes.client)], "SET_OVERRIDE");
  await at(lanes.client, 12_000, () => sample.echo(far, "x"));
  t.deepEqual(lanes.servant.seen, [15_000]);
});

test("bands on both sides, or without a priority model, are INV_POLICY minor OMG 1; an empty list is none", async (t) => {
  const both = await served(t, { ...propagated, priorityBands: BANDS });
  const call = (reference: ObjectReference) => () =>
    at(both.client, 1, () => sample.echo(reference, "x"));
  const twice = both.reference._set_policy_overrides([banded(both.client)], "SET_OVERRIDE");
  await failed(t, call(twice), INV_POLICY, MINOR.policiesIrreconcilable);
  t.deepEqual(
    twice._inconsistent_policies().map(({ policy_type }) => policy_type),
    [45],
  );
  await t.notThrowsAsync(
    call(both.reference._set_policy_overrides([banded(both.client, [])], "SET_OVERRIDE")),
  );
  const plain = await both.far(await both.server.rootPOA.activate(new PrioritySample(both.server)));
  const wrong = plain._set_policy_overrides([banded(both.client)], "SET_OVERRIDE");
  await failed(t, call(wrong), INV_POLICY, MINOR.policiesIrreconcilable);
  const declared = await both.server.rootPOA.createPoa("d", {
    priorityModel: { model: "SERVER_DECLARED", priority: 32_500 },
  });
  const outside = (
    await both.far(await declared.activate(new PrioritySample(both.server)))
  )._set_policy_overrides([banded(both.client)], "SET_OVERRIDE");
  await failed(t, call(outside), INV_POLICY, MINOR.policiesIrreconcilable);
});

test("private connections: one for each reference, used again by it and by no other", async (t) => {
  const { client, reference } = await served(t, {});
  const mine = [client.rt.create_private_connection_policy()];
  const [a, b] = [1, 2].map(() => reference._set_policy_overrides(mine, "SET_OVERRIDE"));
  for (const each of [a, b, a, reference]) await sample.echo(each as ObjectReference, "x");
  t.is(client._connectionCounts.opened, 3);
  const made = reference._set_policy_overrides([client.create_policy(44, null)], "SET_OVERRIDE");
  await sample.echo(made, "x");
  t.is(client._connectionCounts.opened, 4);
});

test("client protocols: IIOP in the list, or INV_POLICY; not on both sides", async (t) => {
  const protocol = (
    protocol_type: number,
  ): Parameters<ORB["rt"]["create_client_protocol_policy"]>[0] => [
    { protocol_type, orb_protocol_properties: null, transport_protocol_properties: null },
  ];
  const { client, reference, far, server } = await served(t, {});
  const using = (type: number): ObjectReference =>
    reference._set_policy_overrides(
      [client.rt.create_client_protocol_policy(protocol(type))],
      "SET_OVERRIDE",
    );
  t.is(await sample.echo(using(0), "x"), "x");
  await failed(t, () => sample.echo(using(3), "x"), INV_POLICY, MINOR.policiesIrreconcilable);
  const poa = await server.rootPOA.createPoa("q", { clientProtocols: protocol(0) });
  const theirs = await far(await poa.activate(new PrioritySample(server)));
  t.is(await sample.echo(theirs, "x"), "x");
  const both = theirs._set_policy_overrides(
    [client.rt.create_client_protocol_policy(protocol(0))],
    "SET_OVERRIDE",
  );
  await failed(t, () => sample.echo(both, "x"), INV_POLICY, MINOR.policiesIrreconcilable);
});

test("transforms: inbound before the servant is called, outbound before it calls on; what they refuse is UNKNOWN", async (t) => {
  const { client, server, far, reference: last, servant } = await served(t, propagated);
  const poa = await server.rootPOA.createPoa("relay", { ...propagated, idAssignment: "USER_ID" });
  const near = (await server.string_to_object(client.object_to_string(last))) as ObjectReference;
  class Relay extends PrioritySample {
    override echo(text: string): Promise<string> {
      void super.echo(text);
      return sample.echo(near, text);
    }
  }
  const relay = new Relay(server);
  const first = await far(await poa.activate("relay", relay));
  const ids: string[] = [];
  const note = (id: Uint8Array): boolean =>
    ids.push(Buffer.from(id).toString("latin1").slice(0, 5)) > 0;
  server.rt.priorityTransform = {
    inbound: (priority, id) => (note(id) && priority < 1_000 ? priority + 1 : undefined),
    outbound: (priority, id) => (note(id) && priority !== 51 ? priority * 2 : undefined),
  };
  await at(client, 10, () => sample.echo(first, "x"));
  t.deepEqual([relay.seen, servant.seen], [[11], [23]]);
  t.deepEqual(ids.slice(0, 2), ["relay", "relay"]);
  await failed(t, () => at(client, 1_000, () => sample.echo(first, "x")), UNKNOWN, 0);
  await failed(t, () => at(client, 50, () => sample.echo(first, "x")), UNKNOWN, 0);
  t.is(servant.seen.length, 1);
});

const bind: Operation<never, readonly [], void> = {
  name: "_bind_priority_band",
  writeArguments: () => undefined,
  readArguments: () => [],
  writeResult: () => undefined,
  readResult: () => undefined,
  upcall: () => undefined,
};

test("_bind_priority_band: a band that the POA has is taken, another one is INV_POLICY", async (t) => {
  let band: PriorityBand | undefined;
  const contexts = (): { readonly id: number; readonly data: Uint8Array }[] => {
    const { low, high } = band ?? { low: 0, high: 0 };
    return band === undefined
      ? []
      : [{ id: 11, data: encapsulate((out) => out.short(low).short(high)) }];
  };
  const choice = { begin: () => ({ contexts: contexts(), order: <T>(all: readonly T[]) => all }) };
  const { reference } = await served(
    t,
    { ...propagated, priorityBands: BANDS },
    { endpointChoices: [choice] },
  );
  const call = (): Promise<void> => invoke(reference, bind, []);
  for (band of [...BANDS, { low: 5, high: 9 }]) await t.notThrowsAsync(call);
  for (band of [{ low: 5, high: 10_001 }, undefined])
    await failed(t, call, INV_POLICY, MINOR.policiesIrreconcilable);
});

test("a client that is told to says what its banded connections are for: once a connection, ahead of its first call", async (t) => {
  const seen: string[] = [];
  const initializers = {
    begin: () => ({
      server: {
        begin: ({ operation, contexts }: HookedRequest): ServerFlow => {
          const band = contexts.find(({ id }) => id === 11)?.data;
          seen.push(
            band === undefined ? operation : `${operation} ${Buffer.from(band).toString("hex")}`,
          );
          return {
            arrived: nothing,
            calling: nothing,
            run: (call) => call(),
            end: (end) => end,
            contexts: [],
          };
        },
      },
    }),
  };
  const { client, server, far } = await pair(t, { initializers });
  client.rt.bindsPriorityBands = true;
  const echo = (reference: ObjectReference, priority: number): Promise<string> =>
    at(client, priority, () => sample.echo(reference, "x"));
  const activated = async (name: string, options: RtPoaOptions): Promise<ObjectReference> =>
    await far(
      await (await server.rootPOA.createPoa(name, options)).activate(new PrioritySample(server)),
    );
  const own = await activated("own", { ...propagated, priorityBands: BANDS });
  for (const priority of [1, 2, 10_000]) await echo(own, priority);
  const band = "_bind_priority_band 0100";
  t.deepEqual(seen, [`${band}00000f27`, "echo", "echo", `${band}10271f4e`, "echo"]);
  const declared = await activated("declared", {
    priorityModel: { model: "SERVER_DECLARED", priority: 7 },
    priorityBands: [{ low: 0, high: 9 }],
  });
  t.is(await sample.echo(declared, "x"), "x");
  // A server that knows nothing of it, as TAO's: BAD_OPERATION means nothing.
  const plain = await far(await server.rootPOA.activate(new PrioritySample(server)));
  const policies = publishedPolicies(own._core.ior);
  const unknowing = withPolicies(client, plain, [...policies.values()]);
  seen.length = 0;
  for (let call = 0; call < 2; call++) t.is(await echo(unknowing, 20_000), "x");
  t.deepEqual(seen, [`${band}204e007d`, "echo", "echo"]);
});

test("a band that the server refuses is INV_POLICY for the calls behind it", async (t) => {
  const { client, far, server } = await pair(t);
  client.rt.bindsPriorityBands = true;
  const threadpool = await lanePool(server, [5_000]);
  const poa = await server.rootPOA.createPoa("p", {
    threadpool,
    priorityModel: { model: "SERVER_DECLARED", priority: 5_000 },
  });
  const reference = await far(await poa.activate(new PrioritySample(server)));
  const narrow = reference._set_policy_overrides(
    [banded(client, [{ low: 5_000, high: 5_000 }])],
    "SET_OVERRIDE",
  );
  for (let i = 0; i < 3; i++) t.is(await sample.echo(narrow, "x"), "x");
  const own = await server.rootPOA.createPoa("q", {
    ...propagated,
    priorityBands: [{ low: 0, high: 9 }],
  });
  const wide = server.object_to_string(await own.activate(new PrioritySample(server)));
  // What the reference says of bands is taken out of it: the client's own are wider.
  const there = (await client.string_to_object(wide)) as ObjectReference;
  const model = [...publishedPolicies(there._core.ior).values()].filter(
    (policy) => policy.policy_type === 40,
  );
  const bare = withPolicies(client, there, model);
  const far2 = bare._set_policy_overrides([banded(client, [{ low: 0, high: 99 }])], "SET_OVERRIDE");
  const call = (): Promise<string> => at(client, 5, () => sample.echo(far2, "x"));
  await call();
  await failed(t, call, INV_POLICY, MINOR.policiesIrreconcilable);
});

test("a priority model is the server's alone: clients cannot override it", async (t) => {
  const { client, reference } = await served(t, propagated);
  const model = client.rt.create_priority_model_policy("CLIENT_PROPAGATED", 1);
  t.throws(() => reference._set_policy_overrides([model], "SET_OVERRIDE"), {
    instanceOf: NO_PERMISSION,
  });
  t.like(reference._get_policy(40), { priority_model: "CLIENT_PROPAGATED", server_priority: 7 });
});
