import test from "ava";
import { TestClock } from "../../../orb/base/index.ts";
import {
  INV_POLICY,
  MemoryTransport,
  MINOR,
  ORB_init,
  REBIND,
  TIMEOUT,
  TRANSIENT,
  type ORB,
} from "../../../orb/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { BlackHole } from "../../support/silent-transport.ts";
import { DAY_MS, joined, referenceTo, turns } from "./support.ts";

const FAR = "corbaloc:iiop:1.2@far.example:2809,iiop:1.2@further.example:2809/Key";

async function lost(): Promise<{ hole: BlackHole; clock: TestClock; orb: ORB }> {
  const hole = new BlackHole();
  const clock = new TestClock(0, DAY_MS);
  return { hole, clock, orb: await ORB_init([], { transport: hole, clock }) };
}

test("RelativeRoundtripTimeout: OMG|3 COMPLETED_MAYBE once sent, OMG|2 COMPLETED_NO before", async (t) => {
  await using pair = await joined();
  const { clock, servant, reference } = pair;
  const parked = sample.park(reference._withPolicies({ relativeRoundtripTimeoutMs: 50 }));
  await servant.called(1);
  clock.advanceMs(50);
  const sent = await t.throwsAsync(parked, { instanceOf: TIMEOUT });
  t.is(sent?.minor, MINOR.replyExpired);
  t.is(sent?.completed, "COMPLETED_MAYBE");
  t.is(
    await sample.echo(reference, "the connection is as good as before"),
    "the connection is as good as before",
  );

  const nowhere = await lost();
  await using orb = nowhere.orb;
  const call = sample.echo(await referenceTo(orb, FAR), "x", {
    policies: { relativeRoundtripTimeoutMs: 50 },
  });
  nowhere.clock.advanceMs(50);
  const unsent = await t.throwsAsync(call, { instanceOf: TIMEOUT });
  t.is(unsent?.minor, MINOR.requestExpired);
  t.is(unsent?.completed, "COMPLETED_NO");
});

test("RelativeRequestTimeout limits the way there alone: OMG|2, COMPLETED_NO", async (t) => {
  await using pair = await joined();
  const { clock, servant, reference } = pair;
  const policies = { relativeRequestTimeoutMs: 20 };
  const parked = sample.park(reference, { policies });
  await servant.called(1);
  clock.advanceMs(1_000);
  servant.parked.splice(0).forEach((release) => release());
  await t.notThrowsAsync(parked, "the request was in time, however long the servant took");

  const nowhere = await lost();
  await using orb = nowhere.orb;
  const call = sample.echo(await referenceTo(orb, FAR), "x", { policies });
  nowhere.clock.advanceMs(20);
  const error = await t.throwsAsync(call, { instanceOf: TIMEOUT });
  t.is(error?.minor, MINOR.requestExpired);
  t.is(error?.completed, "COMPLETED_NO");
  t.regex(error?.message ?? "", /the limit of 20 ms \(relativeRequestTimeoutMs\) passed/);
  t.is(nowhere.clock.pendingCount, 0);
});

test("RequestEndTime and ReplyEndTime are instants on the wall; those gone by fail at once", async (t) => {
  await using pair = await joined();
  const { clock, servant, reference } = pair;
  const parked = sample.park(reference, {
    policies: { replyEndTime: new Date(DAY_MS + 40_000) },
  });
  await servant.called(1);
  clock.advanceMs(39_999);
  t.is(clock.pendingCount, 1, "orb.deadlineMs does not cut it short");
  clock.advanceMs(1);
  const late = await t.throwsAsync(parked, { instanceOf: TIMEOUT });
  t.is(late?.minor, MINOR.replyExpired);
  t.regex(late?.message ?? "", /40000 ms \(replyEndTime\)/);

  for (const key of ["replyEndTime", "requestEndTime"]) {
    const error = await t.throwsAsync(
      sample.echo(reference, "x", { policies: { [key]: new Date(DAY_MS) } }),
      { instanceOf: TIMEOUT },
    );
    t.is(error?.minor, MINOR.requestExpired);
    t.is(error?.completed, "COMPLETED_NO");
    t.regex(error?.message ?? "", new RegExp(`${key} was over before the call`));
  }
  t.deepEqual(servant.calls, ["park"], "neither was sent");
});

test("RequestStartTime keeps a request back, ReplyStartTime a reply", async (t) => {
  await using pair = await joined();
  const { clock, servant, reference } = pair;
  const at = new Date(DAY_MS + 100);
  const request = sample.echo(reference, "later", { policies: { requestStartTime: at } });
  await turns();
  clock.advanceMs(99);
  await turns();
  t.deepEqual(servant.calls, []);
  clock.advanceMs(1);
  t.is(await request, "later");

  let isGiven = false;
  const reply = sample.echo(reference, "kept", {
    policies: { replyStartTime: new Date(DAY_MS + 200) },
  });
  void reply.then(() => (isGiven = true));
  await turns();
  t.deepEqual(servant.calls, ["echo later", "echo kept"]);
  t.false(isGiven);
  clock.advanceMs(100);
  t.is(await reply, "kept");

  const error = await t.throwsAsync(
    sample.echo(reference, "never", {
      timeoutMs: 10,
      policies: { replyStartTime: new Date(DAY_MS + 211) },
    }),
    { instanceOf: INV_POLICY },
  );
  t.is(error?.minor, MINOR.policiesIrreconcilable);
});

test("a ConnectionTimeout limits each connect, the next address is tried; other calls wait on", async (t) => {
  const { orb, hole, clock } = await lost();
  await using _ = orb;
  const reference = await referenceTo(orb, FAR);
  const patient = sample.echo(reference, "x");
  const call = sample.echo(reference, "x", { policies: { connectionTimeoutMs: 100 } });
  t.is(hole.connecting, 1, "both wait for one connect");
  clock.advanceMs(100);
  await turns();
  t.is(hole.connecting, 2);
  t.is(hole.givenUp, 0);
  clock.advanceMs(100);
  const error = await t.throwsAsync(call, { instanceOf: TRANSIENT });
  t.is(error?.minor, MINOR.connectTimedOut);
  t.is(error?.completed, "COMPLETED_NO");
  t.is(hole.givenUp, 1);
  clock.advanceMs(5_000);
  await turns();
  clock.advanceMs(5_000);
  await t.throwsAsync(patient, { instanceOf: TRANSIENT });
  const longer = sample.echo(reference, "x", { policies: { connectionTimeoutMs: 9_000 } });
  clock.advanceMs(8_999);
  await turns();
  t.is(hole.connecting, 4, "it may also be longer than the ORB's own limit");
  clock.advanceMs(30_000);
  await t.throwsAsync(longer);
});

test("NO_REBIND: the first call binds, a forward after that is REBIND until _validate_connection", async (t) => {
  await using pair = await joined();
  const { client, server, local } = pair;
  server.bindPlainKey("Here", local);
  const port = server.endpoints[0]?.port;
  const plain = await referenceTo(client, `corbaloc:iiop:1.2@127.0.0.1:${port}/Here`);
  const bound = plain._withPolicies({ rebind: "NO_REBIND" });
  t.is(await sample.echo(bound, "bound"), "bound");
  // From now on the key leads elsewhere.
  const other = await ORB_init([], { transport: pair.transport });
  other.rootPOA.the_POAManager.activate();
  const elsewhere = await other.rootPOA.activate(new Sample());
  server.bindPlainKey("Here", await referenceTo(server, other.object_to_string(elsewhere)));
  const error = await t.throwsAsync(sample.echo(bound, "x"), { instanceOf: REBIND });
  t.is(error?.completed, "COMPLETED_NO");
  t.is(await sample.echo(plain, "others follow"), "others follow");
  t.true(await bound._validate_connection());
  t.is(await sample.echo(bound, "bound anew"), "bound anew");
  await other.destroy();
});

test("NO_RECONNECT: a closed connection is REBIND; NO_REBIND and TRANSPARENT reconnect", async (t) => {
  await using pair = await joined();
  const { client, server, transport } = pair;
  const port = server.endpoints[0]?.port ?? 0;
  const bindings = (["TRANSPARENT", "NO_REBIND", "NO_RECONNECT"] as const).map((rebind) =>
    pair.reference._withPolicies({ rebind }),
  );
  for (const binding of bindings) t.is(await sample.echo(binding, "x"), "x");
  await server.destroy();
  const again = await ORB_init(["-ORBListenEndpoints", `iiop://127.0.0.1:${port}`], { transport });
  await turns();
  const [transparent, noRebind, noReconnect] = bindings;
  if (!transparent || !noRebind || !noReconnect) throw new TypeError("three");
  const error = await t.throwsAsync(sample.echo(noReconnect, "x"), { instanceOf: REBIND });
  t.regex(error?.message ?? "", /RebindPolicy \(NO_RECONNECT\)/);
  // The object is gone with its ORB: that somebody says so shows that there is a connection again.
  for (const reference of [noRebind, transparent]) {
    await t.throwsAsync(sample.echo(reference, "x"), { name: "OBJECT_NOT_EXIST" });
  }
  t.is(client._connectionCounts.opened, 1);
  await again.destroy();
});

test("a request that was held past its RequestEndTime is TIMEOUT OMG|2, its servant never called", async (t) => {
  const transport = new MemoryTransport();
  const serverClock = new TestClock(0, DAY_MS);
  const server = await ORB_init([], { transport, clock: serverClock });
  const client = await ORB_init([], { transport, clock: new TestClock(0, DAY_MS) });
  const servant = new Sample();
  const local = await server.rootPOA.activate(servant);
  const manager = server.rootPOA.the_POAManager;
  const reference = await referenceTo(client, server.object_to_string(local));
  const call = (ms: number): Promise<string> =>
    sample.echo(reference, `${ms}`, { policies: { requestEndTime: new Date(DAY_MS + ms) } });
  const [early, late] = [call(100), call(1_000)];
  await turns();
  t.is(manager.heldCount, 2);
  serverClock.advanceMs(500);
  manager.activate();
  const error = await t.throwsAsync(early, { instanceOf: TIMEOUT });
  t.is(error?.minor, MINOR.requestExpired);
  t.is(error?.completed, "COMPLETED_NO");
  t.is(await late, "1000");
  t.deepEqual(servant.calls, ["echo 1000"]);
  t.is(manager.runningCount, 0);
  await client.destroy();
  await server.destroy();
});
