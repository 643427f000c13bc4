import test from "ava";
import { TestClock } from "../../../orb/base/index.ts";
import { decapsulate, encapsulate } from "../../../orb/cdr/index.ts";
import {
  Assembler,
  codecFor,
  findServiceContext,
  type RequestHeader,
} from "../../../orb/giop/index.ts";
import {
  BAD_PARAM,
  type CallPolicies,
  INV_POLICY,
  MemoryTransport,
  MINOR,
  ORB_init,
  type ObjectReference,
} from "../../../orb/index.ts";
import { COMPONENT_TAG, iorToString, writeIiopProfile } from "../../../orb/ior/index.ts";
import { policiesByName, readPolicies, writePolicies } from "../../../orb/policy/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { BlackHole } from "../../support/silent-transport.ts";
import { DAY_MS, joined, QUEUE_ORDER, referenceTo, REQUEST_PRIORITY, turns } from "./support.ts";

type Scope = NonNullable<CallPolicies["syncScope"]>;
const SCOPES: readonly Scope[] = [
  "SYNC_NONE",
  "SYNC_WITH_TRANSPORT",
  "SYNC_WITH_SERVER",
  "SYNC_WITH_TARGET",
];

/** A peer that reads requests and answers none. */
async function reader(transport: MemoryTransport, port: number): Promise<RequestHeader[]> {
  const headers: RequestHeader[] = [];
  await transport.listen({ host: "127.0.0.1", port }, (channel) => {
    const assembler = new Assembler({ maxMessageOctets: 10_000 });
    channel.start({
      data: (chunk) =>
        assembler.consume(chunk, ({ type, minor, input }) => {
          if (type === "Request") headers.push(codecFor(minor).readRequestHeader(input));
        }),
      drained: () => undefined,
      closed: () => undefined,
    });
  });
  return headers;
}

/** Whether a promise is settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = (): void => void (settled = true);
  promise.then(note, note);
  await turns();
  return settled;
}

test("SyncScope: response flags 0, 0, 1, 3; who waits for an answer; before GIOP 1.2 nobody can", async (t) => {
  const transport = new MemoryTransport();
  const headers = await reader(transport, 7200);
  await using client = await ORB_init([], { transport });
  const flagsAndSettled = async (minor: number): Promise<readonly (readonly unknown[])[]> => {
    const reference = await referenceTo(client, `corbaloc:iiop:1.${minor}@127.0.0.1:7200/Key`);
    const seen: (readonly unknown[])[] = [];
    for (const syncScope of SCOPES) {
      const call = sample.fire(reference, 1, { policies: { syncScope } });
      call.catch(() => undefined);
      const settled = await isSettled(call);
      seen.push([headers.at(-1)?.responseFlags, settled]);
    }
    return seen;
  };
  t.deepEqual(await flagsAndSettled(2), [
    [0, true],
    [0, true],
    [1, false],
    [3, false],
  ]);
  for (const minor of [0, 1]) {
    t.deepEqual(await flagsAndSettled(minor), Array(4).fill([0, true]), `GIOP 1.${minor}`);
  }
  t.is(headers.length, 12);
});

test("over an open connection a oneway call leaves at once; one that cannot be written says so, and the next is served", async (t) => {
  await using both = await joined();
  const { reference, servant } = both;
  t.is(await sample.echo(reference, "open"), "open");
  t.true(await isSettled(sample.fire(reference, 1)));
  await t.throwsAsync(sample.fire(reference, "two" as never), { instanceOf: BAD_PARAM });
  await sample.fire(reference, 3);
  await servant.called(3);
  t.deepEqual(servant.calls, ["echo open", "fire 1", "fire 3"]);
});

test("SYNC_NONE returns before there is a connection, SYNC_WITH_TRANSPORT does not; a loss is logged", async (t) => {
  const clock = new TestClock();
  const lost: string[] = [];
  const logger = {
    debug: (text: string) => void lost.push(text),
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
  };
  await using orb = await ORB_init([], { transport: new BlackHole(), logger, clock });
  const reference = await referenceTo(orb, "corbaloc:iiop:1.2@far.example:2809/Key");
  const waiting = sample.fire(reference, 1, { timeoutMs: 20 });
  waiting.catch(() => undefined);
  t.false(await isSettled(waiting));
  await sample.fire(reference, 1, { timeoutMs: 20, policies: { syncScope: "SYNC_NONE" } });
  clock.advanceMs(20);
  await t.throwsAsync(waiting);
  t.deepEqual(lost, ["a oneway call with SYNC_NONE was lost"]);
});

test("SYNC_WITH_SERVER is answered before the servant runs, SYNC_WITH_TARGET after; near and far", async (t) => {
  await using pair = await joined();
  const { servant, server } = pair;
  class Slow extends Sample {
    release: () => void = () => undefined;
    override fire(amount: number): void {
      super.fire(amount);
      return new Promise<void>((resolve) => (this.release = resolve)) as unknown as void;
    }
  }
  const slow = new Slow();
  const near = await server.rootPOA.activate(slow);
  const far = await referenceTo(pair.client, server.object_to_string(near));
  for (const reference of [near, far]) {
    await sample.fire(reference, 1, { policies: { syncScope: "SYNC_WITH_SERVER" } });
    slow.release();
    const call = sample.fire(reference, 2, { policies: { syncScope: "SYNC_WITH_TARGET" } });
    t.false(await isSettled(call));
    slow.release();
    await t.notThrowsAsync(call);
  }
  t.deepEqual(slow.calls, ["fire 1", "fire 2", "fire 1", "fire 2"]);
  server.rootPOA.deactivate_object(server.rootPOA.servant_to_id(servant));
  for (const reference of [pair.local, pair.reference]) {
    const told: Scope[] = [];
    for (const syncScope of SCOPES) {
      await sample
        .fire(reference, 1, { policies: { syncScope } })
        .catch(() => told.push(syncScope));
    }
    t.deepEqual(told, ["SYNC_WITH_SERVER", "SYNC_WITH_TARGET"]);
  }
});

test("INVOCATION_POLICIES carries what others are to know; a call without such policies has none", async (t) => {
  const transport = new MemoryTransport();
  const headers = await reader(transport, 7201);
  await using client = await ORB_init([], { transport });
  const reference = await referenceTo(client, "corbaloc:iiop:1.2@127.0.0.1:7201/Key");
  const policies: CallPolicies = {
    requestPriority: { min: 1, max: 5 },
    replyPriority: { min: -1, max: 1 },
    requestEndTime: new Date(Date.now() + DAY_MS),
    routing: { min: "ROUTE_NONE", max: "ROUTE_FORWARD" },
    maxHops: 3,
    queueOrder: ["PRIORITY", "DEADLINE"],
  };
  const own: CallPolicies = { relativeRoundtripTimeoutMs: 50, rebind: "NO_REBIND" };
  await sample.fire(reference, 1, { policies: { ...policies, ...own } });
  await sample.fire(reference, 1, { policies: own });
  await turns();
  const [sent, none] = headers.map((header) => findServiceContext(header.contexts, 7));
  if (sent === undefined) throw new TypeError("no context");
  t.is(none, undefined);
  const read = decapsulate(sent.data, readPolicies);
  const byType = (list: readonly { policy_type: number; value: unknown }[]): unknown =>
    list
      .map(({ policy_type, value }) => [policy_type, value])
      .toSorted(([a], [b]) => Number(a) - Number(b));
  t.deepEqual(byType(read), byType(policiesByName(policies)));
});

test("a PolicyValue is an encapsulation of the attribute", (t) => {
  const octets = encapsulate((out) => writePolicies(out, policiesByName({ maxHops: 3 })), {
    littleEndian: false,
  });
  // 1 policy, type 34, 4 octets: byte order, a gap, 3.
  const wanted = "00000000 00000001 00000022 00000004 01000300".replaceAll(" ", "");
  t.is(Buffer.from(octets).toString("hex"), wanted);
});

/** A reference whose profile says what its server wants of calls. */
function publishing(policies: CallPolicies): string {
  const data = encapsulate((out) => writePolicies(out, policiesByName(policies)));
  const profile = writeIiopProfile({
    minor: 2,
    host: "127.0.0.1",
    port: 7202,
    objectKey: Buffer.from("Key"),
    components: [{ tag: COMPONENT_TAG.policies, data }],
  });
  return iorToString({ typeId: "", profiles: [profile] });
}

test("the effective policy is what client and reference have in common; nothing is INV_POLICY OMG|1", async (t) => {
  const transport = new MemoryTransport();
  const headers = await reader(transport, 7202);
  await using client = await ORB_init([], { transport });
  const plain: ObjectReference = await referenceTo(
    client,
    publishing({ requestPriority: { min: 0, max: 10 }, queueOrder: ["TEMPORAL"] }),
  );
  t.deepEqual(plain._get_policy(REQUEST_PRIORITY)?.value, { min: 0, max: 10 });
  t.is(plain._get_client_policy(REQUEST_PRIORITY), null);
  const higher = plain._withPolicies({ requestPriority: { min: 5, max: 20 } });
  t.deepEqual(higher._get_policy(REQUEST_PRIORITY)?.value, { min: 5, max: 10 });
  await sample.fire(higher, 1);
  await turns();
  const sent = findServiceContext(headers[0]?.contexts ?? [], 7);
  const [policy] = sent === undefined ? [] : decapsulate(sent.data, readPolicies);
  t.deepEqual(policy?.value, { min: 5, max: 10 });

  const other = plain._withPolicies({ queueOrder: ["PRIORITY"] });
  t.is(
    t.throws(() => other._get_policy(QUEUE_ORDER), { instanceOf: INV_POLICY })?.minor,
    0x4f4d_0001,
  );
  t.deepEqual(
    other._inconsistent_policies().map(({ policy_type }) => policy_type),
    [QUEUE_ORDER],
  );
  const error = await t.throwsAsync(sample.fire(other, 1), { instanceOf: INV_POLICY });
  t.is(error?.minor, MINOR.policiesIrreconcilable);
  t.is(headers.length, 1, "the second was never sent");
});
