import test from "ava";
import {
  Any,
  BAD_PARAM,
  INV_POLICY,
  InvalidPolicies,
  MINOR,
  NO_PERMISSION,
  ORB_init,
  MemoryTransport,
  PolicyError,
  tc,
  TIMEOUT,
} from "../../../orb/index.ts";
import { Overrides, PolicyFactories } from "../../../orb/policy/index.ts";
import { sample } from "../../support/sample.ts";
import {
  joined,
  MAX_HOPS,
  QUEUE_ORDER,
  REBIND_POLICY,
  REPLY_END,
  REPLY_START,
  REQUEST_END,
  REQUEST_PRIORITY,
  REQUEST_START,
  REQUEST_TIMEOUT,
  ROUNDTRIP_TIMEOUT,
  SYNC_SCOPE,
} from "./support.ts";

const CONNECTION_TIMEOUT = 0x5441_0008;
const timeT = tc.alias("IDL:omg.org/TimeBase/TimeT:1.0", "TimeT", () => tc.ulonglong);
const utcT = tc.struct("IDL:omg.org/TimeBase/UtcT:1.0", "UtcT", () => [
  ["time", timeT],
  ["inacclo", tc.ulong],
  ["inacchi", tc.ushort],
  ["tdf", tc.short],
]);
const range = tc.struct("IDL:omg.org/Messaging/PriorityRange:1.0", "PriorityRange", () => [
  ["min", tc.short],
  ["max", tc.short],
]);
const routing = tc.struct("IDL:omg.org/Messaging/RoutingTypeRange:1.0", "RoutingTypeRange", () => [
  ["min", tc.short],
  ["max", tc.short],
]);
const instant = { time: 0x01b2_1dd2_1381_4000n, inacclo: 0, inacchi: 0, tdf: 0 };

/** Type, the any it is made of, the attribute of its IDL interface. */
const KINDS: readonly (readonly [type: number, value: Any, attribute: string])[] = [
  [REBIND_POLICY, new Any(tc.short, 1), "rebind_mode"],
  [SYNC_SCOPE, new Any(tc.short, 3), "synchronization"],
  [REQUEST_PRIORITY, new Any(range, { min: -2, max: 7 }), "priority_range"],
  [26, new Any(range, { min: 0, max: 0 }), "priority_range"],
  [REQUEST_START, new Any(utcT, instant), "start_time"],
  [REQUEST_END, new Any(utcT, instant), "end_time"],
  [REPLY_START, new Any(utcT, instant), "start_time"],
  [REPLY_END, new Any(utcT, instant), "end_time"],
  [REQUEST_TIMEOUT, new Any(timeT, 10_000n), "relative_expiry"],
  [ROUNDTRIP_TIMEOUT, new Any(tc.ulonglong, 10_000n), "relative_expiry"],
  [33, new Any(routing, { min: 0, max: 2 }), "routing_range"],
  [MAX_HOPS, new Any(tc.ushort, 3), "max_hops"],
  [QUEUE_ORDER, new Any(tc.ushort, 6), "allowed_orders"],
  [CONNECTION_TIMEOUT, new Any(timeT, 20_000_000n), "relative_expiry"],
];

test("create_policy makes every policy of calls, with the attribute of its IDL interface", async (t) => {
  await using orb = await ORB_init([], { transport: new MemoryTransport() });
  for (const [type, value, attribute] of KINDS) {
    const policy = orb.create_policy(type, value);
    t.is(policy.policy_type, type);
    t.deepEqual(policy.value, value.value);
    t.deepEqual((policy as unknown as Record<string, unknown>)[attribute], value.value);
  }
  const thread = tc.enum("IDL:omg.org/PortableServer/ThreadPolicyValue:1.0", "ThreadPolicyValue", [
    "ORB_CTRL_MODEL",
    "SINGLE_THREAD_MODEL",
    "MAIN_THREAD_MODEL",
  ]);
  t.like(orb.create_policy(16, new Any(thread, "SINGLE_THREAD_MODEL")), {
    policy_type: 16,
    value: "SINGLE_THREAD_MODEL",
  });
});

test("BidirectionalPolicy is made of BiDirPolicy's constants: numbers, and no enum", async (t) => {
  await using orb = await ORB_init([], { transport: new MemoryTransport() });
  t.is(orb.create_policy(37, new Any(tc.ushort, 0)).value, "NORMAL");
  t.is(orb.create_policy(37, new Any(tc.ushort, 1)).value, "BOTH");
  const reasonOf = (value: Any): number | undefined =>
    t.throws(() => orb.create_policy(37, value), { instanceOf: PolicyError })?.reason;
  t.is(reasonOf(new Any(tc.ushort, 2)), 3);
  t.is(reasonOf(new Any(tc.string(), "BOTH")), 2);
});

test("create_policy raises PolicyError with each reason", async (t) => {
  await using orb = await ORB_init([], { transport: new MemoryTransport() });
  const reasonOf = (type: number, value: unknown): number | undefined =>
    t.throws(() => orb.create_policy(type, value), { instanceOf: PolicyError })?.reason;
  t.is(reasonOf(4_711, new Any(tc.short, 0)), 0, "BAD_POLICY");
  t.is(reasonOf(64, new Any(tc.short, 0)), 1, "UNSUPPORTED_POLICY");
  t.is(reasonOf(ROUNDTRIP_TIMEOUT, new Any(tc.long, 1)), 2, "BAD_POLICY_TYPE");
  t.is(reasonOf(REBIND_POLICY, new Any(tc.short, 3)), 3, "BAD_POLICY_VALUE");
  t.is(reasonOf(SYNC_SCOPE, new Any(tc.short, -1)), 3);
  t.is(reasonOf(REQUEST_PRIORITY, new Any(range, { min: 1, max: 0 })), 3);
  t.is(reasonOf(ROUNDTRIP_TIMEOUT, 0n), 3);
  t.is(reasonOf(QUEUE_ORDER, 0x10), 3);
  t.is(reasonOf(MAX_HOPS, 65_536), 3, "outside the type's range");
});

test("overrides: set, add and get at ORB, thread and object; the narrowest level wins", async (t) => {
  await using pair = await joined();
  const { client, reference } = pair;
  const hops = (value: number): ReturnType<typeof client.create_policy> =>
    client.create_policy(MAX_HOPS, value);
  const orb = await client.resolve_initial_references("ORBPolicyManager");
  const thread = await client.resolve_initial_references("PolicyCurrent");
  t.is(orb, client.policyManager);
  t.is(reference._get_client_policy(MAX_HOPS), null);

  orb.set_policy_overrides([hops(1), client.create_policy(SYNC_SCOPE, 0)], "SET_OVERRIDE");
  t.is(reference._get_client_policy(MAX_HOPS)?.value, 1);
  await Promise.resolve().then(() => {
    thread.set_policy_overrides([hops(2)], "ADD_OVERRIDE");
    t.is(reference._get_client_policy(MAX_HOPS)?.value, 2);
    t.deepEqual(thread.get_policy_overrides([]), [hops(2)]);
  });
  const own = reference._set_policy_overrides([hops(3)], "SET_OVERRIDE");
  t.is(own._get_client_policy(MAX_HOPS)?.value, 3);
  t.is(own._get_client_policy(SYNC_SCOPE)?.value, 0, "of the ORB, where the object has none");
  t.is(own._get_policy(MAX_HOPS)?.value, 3);
  t.deepEqual(own._get_policy_overrides([SYNC_SCOPE]), []);
  t.deepEqual(own._get_policy_overrides([]), [hops(3)]);
  t.deepEqual(reference._get_policy_overrides([]), [], "the first reference is as it was");
  t.true(own._is_equivalent(reference));

  const more = own._set_policy_overrides([client.create_policy(SYNC_SCOPE, 2)], "ADD_OVERRIDE");
  t.is(more._get_policy_overrides([]).length, 2);
  t.is(more._set_policy_overrides([], "SET_OVERRIDE")._get_policy_overrides([]).length, 0);
  orb.set_policy_overrides([], "SET_OVERRIDE");
  t.deepEqual(orb.get_policy_overrides([]), []);
});

test("defaults are what the ORB does without policies; an unknown type is INV_POLICY", async (t) => {
  await using pair = await joined();
  const { reference } = pair;
  t.is(reference._get_policy(REBIND_POLICY)?.value, 0);
  t.is(reference._get_policy(SYNC_SCOPE)?.value, 1);
  t.is(reference._get_policy(ROUNDTRIP_TIMEOUT)?.value, 300_000_000n);
  t.is(reference._get_policy(CONNECTION_TIMEOUT)?.value, 50_000_000n);
  t.is(reference._get_policy(MAX_HOPS), null);
  const error = t.throws(() => reference._get_policy(16), { instanceOf: INV_POLICY });
  t.is(error?.minor, MINOR.invalidPolicyType);
});

test("set_policy_overrides: NO_PERMISSION, BAD_PARAM OMG|30, InvalidPolicies with positions", async (t) => {
  await using pair = await joined();
  const { client, reference } = pair;
  const scope = client.create_policy(SYNC_SCOPE, 0);
  const set = (...policies: readonly { policy_type: number; value: unknown }[]): unknown =>
    reference._set_policy_overrides(policies, "SET_OVERRIDE");
  t.throws(() => set(scope, { policy_type: 16, value: "SINGLE_THREAD_MODEL" }), {
    instanceOf: NO_PERMISSION,
  });
  const twice = t.throws(() => set(scope, scope), { instanceOf: BAD_PARAM });
  t.is(twice?.minor, MINOR.duplicatePolicyType);
  const wrong = t.throws(
    () =>
      set({ policy_type: REBIND_POLICY, value: 9 }, scope, { policy_type: MAX_HOPS, value: -1 }),
    { instanceOf: InvalidPolicies },
  );
  t.deepEqual(wrong?.indices, [0, 2]);
  const late = t.throws(
    () =>
      set(
        scope,
        client.create_policy(REQUEST_END, instant),
        client.create_policy(REQUEST_START, { ...instant, time: instant.time + 1n }),
      ),
    { instanceOf: InvalidPolicies },
  );
  t.deepEqual(late?.indices, [1, 2]);
  t.deepEqual(client.policyManager.get_policy_overrides([]), []);
});

test("policies by name say what is wrong with them", async (t) => {
  await using pair = await joined();
  const { client, reference } = pair;
  const bad = (policies: object, message: RegExp): void =>
    void t.throws(() => client.withPolicies(policies, () => undefined), {
      instanceOf: BAD_PARAM,
      message,
    });
  bad({ relativeRoundtripTimeout: 5 }, /"relativeRoundtripTimeout" is no policy of calls; known: /);
  bad({ relativeRoundtripTimeoutMs: 0 }, /milliseconds above 0 are needed, not 0/);
  bad({ rebind: "NEVER" }, /NEVER is none of TRANSPARENT, NO_REBIND, NO_RECONNECT/);
  bad({ replyEndTime: "tomorrow" }, /a Date is needed, not tomorrow/);
  bad({ maxHops: 1e6 }, /policy 34 \(maxHops\)/);
  bad({ requestPriority: 5 }, /requestPriority/);
  await t.throwsAsync(sample.echo(reference, "x", { policies: { maxHops: -1 } }), {
    instanceOf: BAD_PARAM,
  });
  const all = reference._withPolicies({
    queueOrder: ["PRIORITY", "DEADLINE"],
    routing: { min: "ROUTE_NONE", max: "ROUTE_FORWARD" },
    replyEndTime: new Date(0),
    relativeRequestTimeoutMs: 1.5,
  });
  t.is(all._get_client_policy(QUEUE_ORDER)?.value, 12);
  t.deepEqual(all._get_client_policy(33)?.value, { min: 0, max: 1 });
  t.deepEqual(all._get_client_policy(REPLY_END)?.value, instant);
  t.is(all._get_client_policy(REQUEST_TIMEOUT)?.value, 15_000n);
});

test("the order of levels decides a call: its options, its object, the thread, the ORB, orb.deadlineMs", async (t) => {
  await using pair = await joined();
  const { client, clock, servant, reference } = pair;
  let calls = 0;
  const limitOf = async (call: () => Promise<unknown>): Promise<string | undefined> => {
    const parked = call();
    parked.catch(() => undefined);
    await servant.called(++calls);
    clock.advanceMs(30_000);
    const error = await t.throwsAsync(parked, { instanceOf: TIMEOUT });
    return /the limit of (\d+ ms \([a-zA-Z.]+\))/.exec(error?.message ?? "")?.[1];
  };
  const name = "(relativeRoundtripTimeoutMs)";
  const own = reference._withPolicies({ relativeRoundtripTimeoutMs: 300 });
  const inThread = <T>(call: () => T): T =>
    client.withPolicies({ relativeRoundtripTimeoutMs: 200 }, call);
  t.is(await limitOf(() => sample.park(reference)), "30000 ms (orb.deadlineMs)");
  const timeout = client.create_policy(ROUNDTRIP_TIMEOUT, 1_000_000n);
  client.policyManager.set_policy_overrides([timeout], "SET_OVERRIDE");
  t.is(await limitOf(() => sample.park(reference)), `100 ms ${name}`);
  t.is(await limitOf(() => inThread(() => sample.park(reference))), `200 ms ${name}`);
  t.is(await limitOf(() => inThread(() => sample.park(own))), `300 ms ${name}`);
  const policies = { relativeRoundtripTimeoutMs: 400 };
  t.is(await limitOf(() => inThread(() => sample.park(own, { policies }))), `400 ms ${name}`);
  t.is(await limitOf(() => sample.park(own, { policies, timeoutMs: 500 })), "500 ms (timeoutMs)");
  t.is(clock.pendingCount, 0);
});

test("policies of a thread hold in its awaits and in no other; the innermost adds to the outer", async (t) => {
  await using pair = await joined();
  const { client, reference } = pair;
  const current = await client.resolve_initial_references("PolicyCurrent");
  const hops = (): unknown => reference._get_client_policy(MAX_HOPS)?.value;
  await client.withPolicies({ maxHops: 1 }, async () => {
    await Promise.resolve();
    t.is(hops(), 1);
    await client.withPolicies({ syncScope: "SYNC_NONE" }, async () => {
      await reference._is_a("IDL:Other:1.0");
      t.is(hops(), 1);
      t.is(reference._get_client_policy(SYNC_SCOPE)?.value, 0);
      current.set_policy_overrides([], "SET_OVERRIDE");
      t.is(hops(), undefined);
    });
    t.is(hops(), 1);
    t.is(reference._get_client_policy(SYNC_SCOPE)?.value, 1);
  });
  t.is(hops(), undefined);
});

test("types that an initializer brought are policies like others", (t) => {
  const factories = new PolicyFactories((policy_type, value) =>
    policy_type === 0x7000 ? { policy_type, value: (value as Any).value } : undefined,
  );
  const made = factories.create(0x7000, new Any(tc.long, 5));
  t.deepEqual(made, { policy_type: 0x7000, value: 5 });
  const overrides = Overrides.none.with([made], "SET_OVERRIDE", factories);
  t.is(overrides.get(0x7000), made);
  t.throws(() => Overrides.none.with([{ ...made }], "SET_OVERRIDE", factories), {
    instanceOf: NO_PERMISSION,
  });
  t.is(
    t.throws(() => factories.create(0x7001, new Any(tc.long, 5)), { instanceOf: PolicyError })
      ?.reason,
    0,
  );
});
