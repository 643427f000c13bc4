import test from "ava";
import type { CdrInput } from "../../../orb/cdr/index.ts";
import {
  type CallPolicies,
  type CreatePoaOptions,
  MemoryTransport,
  NO_RESOURCES,
  type ObjectReference,
  ORB_init,
  type POA,
} from "../../../orb/index.ts";
import type { ServerRequest } from "../../../orb/iiop/index.ts";
import { Serial, takeTurn } from "../../../orb/manager/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { type Joined, joined, referenceTo, turns } from "./support.ts";

type Order = NonNullable<CallPolicies["queueOrder"]>;
const MINUTE_MS = 60_000;

/** A call of this name with these policies. */
type Named = readonly [name: string, policies: CallPolicies];

const at = (max: number): { min: number; max: number } => ({ min: -100, max });
const by = (minutes: number, wallMs: number): Date => new Date(wallMs + minutes * MINUTE_MS);

/** Calls that differ in priority and in end, in no order. */
function calls(queueOrder: Order, wallMs: number): readonly Named[] {
  const call = (name: string, priority: number, minutes: number): Named => [
    name,
    { queueOrder, requestPriority: at(priority), requestEndTime: by(minutes, wallMs) },
  ];
  return [
    call("low late", 1, 9),
    call("high late", 5, 8),
    call("low soon", 1, 3),
    call("mid", 3, 5),
  ];
}

const WANTED: readonly (readonly [Order, readonly string[]])[] = [
  [["ANY"], ["low late", "high late", "low soon", "mid"]],
  [["TEMPORAL"], ["low late", "high late", "low soon", "mid"]],
  [["PRIORITY"], ["high late", "mid", "low late", "low soon"]],
  [["DEADLINE"], ["low soon", "mid", "high late", "low late"]],
  [
    ["PRIORITY", "DEADLINE"],
    ["high late", "mid", "low soon", "low late"],
  ],
];

async function inPoa(
  j: Joined,
  name: string,
  options: CreatePoaOptions,
): Promise<{ poa: POA; servant: Sample; reference: ObjectReference }> {
  const poa = await j.server.rootPOA.createPoa(name, options);
  const servant = new Sample();
  const near = await poa.activate(servant);
  const reference = await referenceTo(j.client, j.server.object_to_string(near));
  return { poa, servant, reference };
}

/** Makes the calls, has them wait for `release`, and tells in which order the servant got them. */
async function order(
  servant: Sample,
  reference: ObjectReference,
  named: readonly Named[],
  release: () => void,
): Promise<readonly string[]> {
  const begun = servant.calls.length;
  const made = named.map(([name, policies]) => sample.echo(reference, name, { policies }));
  await turns();
  release();
  await Promise.all(made);
  return servant.calls.slice(begun).map((call) => call.replace("echo ", ""));
}

test("QueueOrder: requests that a POAManager held leave by age, priority or deadline, as their calls allow", async (t) => {
  await using j = await joined();
  const { servant, reference } = await inPoa(j, "p", {});
  const manager = j.server.rootPOA.the_POAManager;
  for (const [queueOrder, wanted] of WANTED) {
    await manager.hold_requests();
    const named = calls(queueOrder, Date.now());
    const got = await order(servant, reference, named, () => manager.activate());
    t.deepEqual(got, wanted, queueOrder.join());
  }
});

test("QueueOrder: the queue of a SINGLE_THREAD_MODEL POA has the same orders", async (t) => {
  await using j = await joined();
  const { servant, reference } = await inPoa(j, "p", { thread: "SINGLE_THREAD_MODEL" });
  for (const [queueOrder, wanted] of WANTED) {
    const parked = sample.park(reference);
    await turns();
    const named = calls(queueOrder, Date.now());
    const got = await order(servant, reference, named, () => servant.parked.pop()?.());
    await parked;
    t.deepEqual(got, wanted, queueOrder.join());
  }
});

test("QueueOrder: a POA's own holds for calls that say nothing, and its range for their priority", async (t) => {
  await using j = await joined();
  const { servant, reference } = await inPoa(j, "p", {
    calls: { queueOrder: ["PRIORITY"], requestPriority: { min: 2, max: 4 } },
  });
  const manager = j.server.rootPOA.the_POAManager;
  await manager.hold_requests();
  const requestPriority = (max: number): CallPolicies => ({ requestPriority: { min: 2, max } });
  const named: readonly Named[] = [
    ["nothing", {}],
    ["three", requestPriority(3)],
    ["nine, so four", requestPriority(9)],
    ["two", requestPriority(2)],
  ];
  const got = await order(servant, reference, named, () => manager.activate());
  t.deepEqual(got, ["nine, so four", "three", "nothing", "two"]);
});

test("QueueOrder: calls that wait for one connection are sent in it, and those without one by age", async (t) => {
  for (const [queueOrder, wanted] of WANTED) {
    const transport = new MemoryTransport();
    await using server = await ORB_init([], { transport });
    const servant = new Sample();
    const near = await server.rootPOA.activate(servant);
    server.rootPOA.the_POAManager.activate();
    await using client = await ORB_init([], { transport });
    const reference = await referenceTo(client, server.object_to_string(near));
    const got = await order(servant, reference, calls(queueOrder, Date.now()), () => undefined);
    t.deepEqual(got, wanted, queueOrder.join());
  }
});

test("the queue of a SINGLE_THREAD_MODEL POA is bounded in octets, too", (t) => {
  const thread = new Serial(10, 1_000);
  const refused: unknown[] = [];
  let doneCount = 0;
  const give = (remaining: number, serve: (ended: () => void) => void): void => {
    const { signal } = new AbortController();
    const input = { remaining } as CdrInput;
    const systemException = (error: unknown): void => void refused.push(error);
    const request = { input, signal, systemException } as unknown as ServerRequest;
    takeTurn(thread, { request, rank: undefined, where: "POA" }, serve, () => doneCount++);
  };
  let end = (): void => undefined;
  give(5, (ended) => (end = ended));
  const served: string[] = [];
  give(700, (ended) => {
    served.push("second");
    ended();
  });
  give(301, () => t.fail("there is no room for it"));
  t.true(refused[0] instanceof NO_RESOURCES);
  t.regex(
    (refused[0] as NO_RESOURCES).message,
    /POA, and 1 requests with 700 octets wait already \(10 and 1000 may\)/,
  );
  t.is(doneCount, 1, "the refused one is done");
  give(300, (ended) => {
    served.push("third");
    ended();
  });
  end();
  t.deepEqual(served, ["second", "third"]);
  t.is(doneCount, 4);
});
