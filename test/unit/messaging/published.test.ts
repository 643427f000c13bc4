import test from "ava";
import { encapsulate } from "../../../orb/cdr/index.ts";
import {
  INV_POLICY,
  InvalidPolicy,
  MINOR,
  type ORB,
  type ObjectReference,
  type POA,
  type Policy,
} from "../../../orb/index.ts";
import {
  COMPONENT_TAG,
  describeIor,
  findComponent,
  iiopProfilesOf,
} from "../../../orb/ior/index.ts";
import { policiesByName, writePolicies } from "../../../orb/policy/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import {
  joined,
  MAX_HOPS,
  QUEUE_ORDER,
  REBIND_POLICY,
  REPLY_PRIORITY,
  REQUEST_PRIORITY,
  referenceTo,
  ROUTING,
} from "./support.ts";

/** The data of TAG_POLICIES in a reference; undefined where there is none. */
function told(reference: ObjectReference): Uint8Array | undefined {
  const [profile] = iiopProfilesOf(reference._core.ior);
  return findComponent(profile?.components ?? [], COMPONENT_TAG.policies)?.data;
}

/** A reference to an object of the POA, as the client has it. */
async function from(poa: POA, server: ORB, client: ORB): Promise<ObjectReference> {
  const reference = await poa.activate(new Sample());
  return await referenceTo(client, server.object_to_string(reference));
}

const calls = {
  requestPriority: { min: 1, max: 10 },
  replyPriority: { min: 2, max: 2 },
  routing: { min: "ROUTE_NONE", max: "ROUTE_FORWARD" },
  queueOrder: ["PRIORITY", "DEADLINE"],
} as const;

test("TAG_POLICIES: the references of a POA carry its policies of calls, by name and in the OMG form", async (t) => {
  await using j = await joined();
  const { rootPOA } = j.server;
  const wanted = encapsulate((out) => writePolicies(out, policiesByName(calls)));
  const named = await rootPOA.createPoa("named", { calls, lifespan: "TRANSIENT" });
  t.deepEqual(told(await named.activate(new Sample())), wanted);
  const list = [
    j.server.create_policy(REQUEST_PRIORITY, calls.requestPriority),
    j.server.create_policy(REPLY_PRIORITY, calls.replyPriority),
    // One written as a literal is as good.
    { policy_type: ROUTING, value: { min: 0, max: 1 } },
    j.server.create_policy(QUEUE_ORDER, 12),
  ];
  const omg = await rootPOA.create_POA("omg", rootPOA.the_POAManager, list);
  t.deepEqual(told(await omg.activate(new Sample())), wanted);
  t.is(told(j.local), undefined, "a POA without such policies says nothing");
  // A child has policies of its own.
  t.is(told(await (await named.createPoa("child")).activate(new Sample())), undefined);
  const [profile] = describeIor((await named.activate(new Sample()))._core.ior).profiles;
  t.deepEqual(profile?.components.find(({ name }) => name === "TAG_POLICIES")?.content, [
    { type: 25, name: "REQUEST_PRIORITY_POLICY_TYPE", value: { min: 1, max: 10 } },
    { type: 26, name: "REPLY_PRIORITY_POLICY_TYPE", value: { min: 2, max: 2 } },
    { type: 33, name: "ROUTING_POLICY_TYPE", value: { min: "ROUTE_NONE", max: "ROUTE_FORWARD" } },
    { type: 35, name: "QUEUE_ORDER_POLICY_TYPE", value: "ORDER_PRIORITY, ORDER_DEADLINE" },
  ]);
});

test("clients join their policies with those of the POA: get_policy, validate_connection, INV_POLICY OMG|1", async (t) => {
  await using j = await joined();
  const poa = await j.server.rootPOA.createPoa("p", { calls });
  const plain = await from(poa, j.server, j.client);
  t.deepEqual(plain._get_policy(REQUEST_PRIORITY)?.value, calls.requestPriority);
  t.is(plain._get_client_policy(REQUEST_PRIORITY), null);
  t.true(await plain._validate_connection());
  t.is(await sample.echo(plain, "no policy of its own"), "no policy of its own");

  const agreed = plain._withPolicies({
    requestPriority: { min: 5, max: 20 },
    queueOrder: ["TEMPORAL", "DEADLINE"],
  });
  t.deepEqual(agreed._get_policy(REQUEST_PRIORITY)?.value, { min: 5, max: 10 });
  t.is(agreed._get_policy(QUEUE_ORDER)?.value, 8);
  t.true(await agreed._validate_connection());
  t.is(await sample.echo(agreed, "in common"), "in common");

  for (const policies of [
    { requestPriority: { min: 11, max: 20 } },
    { replyPriority: { min: 3, max: 3 } },
    { queueOrder: ["TEMPORAL"] },
    { routing: { min: "ROUTE_STORE_AND_FORWARD", max: "ROUTE_STORE_AND_FORWARD" } },
  ] as const) {
    const against = plain._withPolicies(policies);
    const [inconsistent, ...rest] = against._inconsistent_policies();
    t.deepEqual(rest, []);
    const type = inconsistent?.policy_type ?? 0;
    t.is(inconsistent?.value, against._get_client_policy(type)?.value);
    t.is(
      t.throws(() => against._get_policy(type), { instanceOf: INV_POLICY })?.minor,
      MINOR.policiesIrreconcilable,
    );
    t.false(await against._validate_connection());
    const error = await t.throwsAsync(sample.echo(against, "never"), { instanceOf: INV_POLICY });
    t.is(error?.minor, MINOR.policiesIrreconcilable);
  }
});

test("create_POA refuses policies that are a client's alone, and values that cannot be", async (t) => {
  await using j = await joined();
  const { rootPOA } = j.server;
  const refused = async (list: readonly Policy[]): Promise<number | undefined> =>
    (await t.throwsAsync(rootPOA.create_POA("x", null, list), { instanceOf: InvalidPolicy }))
      ?.index;
  const order = j.server.create_policy(QUEUE_ORDER, 4);
  t.is(await refused([order, j.server.create_policy(REBIND_POLICY, 1)]), 1);
  t.is(await refused([order, j.server.create_policy(MAX_HOPS, 1)]), 1);
  t.is(await refused([order, { policy_type: REQUEST_PRIORITY, value: { min: 2, max: 1 } }]), 1);
  t.is(await refused([order, order, { policy_type: QUEUE_ORDER, value: 2 }]), 2, "two values");
  const named = (given: object): Promise<POA> => rootPOA.createPoa("x", { calls: given });
  for (const [given, message] of [
    [{ rebind: "NO_REBIND" }, "calls.rebind is the client's own affair"],
    [
      { queueOrder: ["LIFO"] },
      "calls: queueOrder: LIFO is none of ANY, TEMPORAL, PRIORITY, DEADLINE",
    ],
    [{ color: 1 }, /^calls: "color" is no policy of calls; known: /],
  ] as const) {
    await t.throwsAsync(named(given), { instanceOf: InvalidPolicy, message });
  }
  t.is((await rootPOA.create_POA("x", null, [order, order])).the_name, "x");
});
