// Policies of calls to object groups: how long a request may be sent again, and heartbeats.
import test from "ava";
import { CdrOutput } from "../../../orb/cdr/index.ts";
import {
  Assembler,
  beginMessage,
  codecFor,
  type GiopMessage,
  type RequestHeader,
} from "../../../orb/giop/index.ts";
import {
  COMM_FAILURE,
  InvalidPolicy,
  MemoryTransport,
  NO_PERMISSION,
  ORB_init,
  PolicyError,
  TIMEOUT,
} from "../../../orb/index.ts";
import { COMPONENT_TAG, findComponent, iiopProfilesOf } from "../../../orb/ior/index.ts";
import { groupIor, type Scene, scene, toldBy } from "../core/group-members.ts";
import { Sample, sample } from "../../support/sample.ts";
import { joined, turns } from "./support.ts";

const [DURATION, HEARTBEAT, ENABLED] = [47, 48, 49];
const EPOCH = 0x01b2_1dd2_1381_4000n;

const value = { heartbeat: true, heartbeat_interval: 10_000_000n, heartbeat_timeout: 5_000_000n };
const heartbeat = { enabled: true, intervalMs: 1_000, timeoutMs: 500 };

/** A member that answers a request as long as `answers` says so. */
async function member(
  { transport }: Scene,
  host: string,
  answers: (header: RequestHeader) => boolean,
): Promise<RequestHeader[]> {
  const requests: RequestHeader[] = [];
  await transport.listen({ host, port: 1 }, (channel) => {
    const assembler = new Assembler();
    const take = (message: GiopMessage): void => {
      if (message.type !== "Request") return;
      const codec = codecFor(message.minor);
      const header = codec.readRequestHeader(message.input);
      requests.push(header);
      if (!answers(header)) return;
      const out = new CdrOutput();
      beginMessage(out, "Reply", message.minor);
      const { requestId } = header;
      codec.writeReplyHeader(out, { requestId, status: "NO_EXCEPTION", contexts: [] });
      const headerEnd = codec.beginBody(out);
      if (header.operation === "echo") out.string("from there");
      channel.send(codec.endBody(out, headerEnd));
    };
    channel.start({
      data: (chunk) => assembler.consume(chunk, take),
      drained: () => undefined,
      closed: () => undefined,
    });
  });
  return requests;
}

test("create_policy makes policies of groups: RequestDuration, Heartbeat, HeartbeatEnabled", async (t) => {
  await using orb = await ORB_init([], { transport: new MemoryTransport() });
  const made = [
    orb.create_policy(DURATION, 70_000n),
    orb.create_policy(HEARTBEAT, value),
    orb.create_policy(ENABLED, true),
  ];
  t.like(made[0], { policy_type: 47, request_duration_value: 70_000n });
  t.like(made[1], { policy_type: 48, heartbeat_policy_value: value });
  t.like(made[2], { policy_type: 49, heartbeat_enabled_policy_value: true });
  for (const [type, wrong, reason] of [
    [DURATION, 0n, 3],
    [HEARTBEAT, { ...value, heartbeat_interval: 0n }, 3],
    [HEARTBEAT, { ...value, heartbeat_timeout: 0n }, 3],
    [ENABLED, "yes", 3],
  ] as const) {
    const error = t.throws(() => orb.create_policy(type, wrong), { instanceOf: PolicyError });
    t.is(error?.reason, reason, error?.message);
  }
  const manager = orb.policyManager;
  manager.set_policy_overrides(made.slice(0, 2), "SET_OVERRIDE");
  t.is(manager.get_policy_overrides([]).length, 2);
  t.throws(() => manager.set_policy_overrides(made.slice(2), "ADD_OVERRIDE"), {
    instanceOf: NO_PERMISSION,
  });
  const refused = orb.rootPOA.create_POA("x", null, made.slice(0, 1));
  t.is((await t.throwsAsync(refused, { instanceOf: InvalidPolicy }))?.index, 0);
});

test("HeartbeatEnabled: the references of the POA say so, by name and in the OMG form", async (t) => {
  await using j = await joined();
  const { rootPOA } = j.server;
  const list = [j.server.create_policy(ENABLED, true)];
  for (const poa of [
    await rootPOA.createPoa("named", { heartbeatEnabled: true }),
    await rootPOA.create_POA("omg", null, list),
  ]) {
    const [profile] = iiopProfilesOf((await poa.activate(new Sample()))._core.ior);
    const component = findComponent(profile?.components ?? [], COMPONENT_TAG.ftHeartbeatEnabled);
    t.is(component?.data.at(-1), 1);
  }
  const [plain] = iiopProfilesOf(j.local._core.ior);
  t.is(findComponent(plain?.components ?? [], COMPONENT_TAG.ftHeartbeatEnabled), undefined);
});

test("RequestDuration is the expiration_time of FT_REQUEST, and a request is not sent again after it", async (t) => {
  const s = await scene(t);
  const requests = await s.dying("a");
  const reference = await s.reference(groupIor([{ host: "a" }]));
  const hasty = reference._withPolicies({ requestDurationMs: 250 });
  const atMs = s.clock.wallMs();
  let error: unknown;
  const call = sample.echo(hasty, "x", { timeoutMs: 5_000 }).catch((thrown: unknown) => {
    error = thrown;
  });
  for (let n = 0; n < 5 && error === undefined; n++) {
    await turns();
    s.clock.advanceMs(100);
  }
  await call;
  t.true(error instanceof COMM_FAILURE, String(error));
  t.true(s.clock.wallMs() - atMs < 500, "not until the time limit of the call");
  t.is(requests.length, 3);
  for (const header of requests) {
    t.is(toldBy(header).expiration, BigInt(atMs + 250) * 10_000n + EPOCH);
  }
  // Longer than the call may last: members keep the answer for others to ask.
  const patient = reference._withPolicies({ requestDurationMs: 60_000 });
  const late = sample.echo(patient, "y", { timeoutMs: 50 });
  await turns();
  s.clock.advanceMs(100);
  await t.throwsAsync(late);
  const [last] = requests.slice(3);
  const wanted = BigInt(s.clock.wallMs() - 100 + 60_000) * 10_000n + EPOCH;
  t.is(last === undefined ? undefined : toldBy(last).expiration, wanted);
});

test("Heartbeat: a member that is silent is given up, and the request goes to the next one", async (t) => {
  const s = await scene(t);
  let isWell = true;
  const requests = await member(s, "a", ({ operation }) => isWell && operation !== "park");
  const b = await s.live("b");
  const ior = groupIor([{ host: "a", isPrimary: true, hasHeartbeat: true }, b]);
  const reference = (await s.reference(ior))._withPolicies({ heartbeat });
  t.is(await sample.echo(reference, "x"), "from there");
  const names = (): readonly string[] => requests.map(({ operation }) => operation);
  s.clock.advanceMs(999);
  await turns();
  t.deepEqual(names(), ["echo"]);
  s.clock.advanceMs(1);
  await turns();
  t.deepEqual(names(), ["echo", "_FT_HB"]);
  // The next one is asked for a full interval after the answer.
  s.clock.advanceMs(1_000);
  await turns();
  t.deepEqual(names(), ["echo", "_FT_HB", "_FT_HB"]);
  isWell = false;
  const parked = sample.park(reference, { timeoutMs: 20_000 });
  await turns();
  s.clock.advanceMs(1_000);
  await turns();
  t.deepEqual(names().slice(3), ["park", "_FT_HB"]);
  s.clock.advanceMs(499);
  await turns();
  t.deepEqual(b.servant.calls, []);
  s.clock.advanceMs(1);
  await turns();
  t.deepEqual(b.servant.calls, ["park"]);
  b.servant.parked[0]?.();
  await parked;
  s.clock.advanceMs(10_000);
  await turns();
  t.is(requests.length, 5, "nothing more goes to the member that was given up");
});

test("a member that did not answer in time is not the next call's first", async (t) => {
  const s = await scene(t);
  const requests = await member(s, "a", () => false);
  const b = await s.live("b");
  const reference = await s.reference(groupIor([{ host: "a", isPrimary: true }, b]));
  const first = sample.echo(reference, "x", { timeoutMs: 1_000 });
  await turns();
  s.clock.advanceMs(1_000);
  await t.throwsAsync(first, { instanceOf: TIMEOUT });
  await sample.echo(reference, "y", { timeoutMs: 1_000 });
  t.deepEqual(b.servant.calls, ["echo y"]);
  t.is(requests.filter(({ operation }) => operation === "echo").length, 1);
});

test("Heartbeat: a call to the only member, which is silent, is COMM_FAILURE with the reason", async (t) => {
  const s = await scene(t);
  await member(s, "a", () => false);
  const ior = groupIor([{ host: "a", hasHeartbeat: true }]);
  const reference = (await s.reference(ior))._withPolicies({ heartbeat, requestDurationMs: 1_000 });
  const call = sample.echo(reference, "x", { timeoutMs: 20_000 });
  await turns();
  s.clock.advanceMs(1_000);
  await turns();
  s.clock.advanceMs(500);
  const error = await t.throwsAsync(call, { instanceOf: COMM_FAILURE });
  t.regex(error?.message ?? "", /no answer to a heartbeat \(_FT_HB\) within 500 ms/);
});

test("Heartbeat: none is sent where client or server have it not enabled, or there is no group", async (t) => {
  const s = await scene(t);
  const requests = await member(s, "a", () => true);
  const call = async (hasHeartbeat: boolean, enabled: boolean): Promise<void> => {
    const ior = groupIor([{ host: "a", hasHeartbeat }]);
    const policies = { heartbeat: { ...heartbeat, enabled } };
    await sample.echo((await s.reference(ior))._withPolicies(policies), "x");
  };
  await call(true, false);
  await call(false, true);
  s.clock.advanceMs(10_000);
  await turns();
  t.deepEqual(
    requests.map(({ operation }) => operation),
    ["echo", "echo"],
  );
  await call(true, true);
  s.clock.advanceMs(1_000);
  await turns();
  t.is(requests.at(-1)?.operation, "_FT_HB");
});

test("Heartbeat: our servers answer without a servant, and a connection with nothing else is idle", async (t) => {
  const s = await scene(t);
  const b = await s.live("b");
  const ior = groupIor([{ ...b, hasHeartbeat: true }]);
  const reference = (await s.reference(ior))._withPolicies({ heartbeat });
  await sample.echo(reference, "x");
  t.is(s.client._connectionCounts.opened, 1);
  // Two minutes and a quarter more are the idle time of connections opened; all that long its peer is asked.
  for (let n = 0; n < 200; n++) {
    s.clock.advanceMs(1_000);
    await turns(4);
    if (n === 100) t.is(s.client._connectionCounts.opened, 1);
  }
  t.deepEqual(b.servant.calls, ["echo x"]);
  t.is(s.client._connectionCounts.opened, 0);
});
