// Timeouts, the scopes of oneway calls, and calls whose answers go to reply handlers, with omniORB at the other side.
import type { ExecutionContext } from "ava";
import {
  type CallPolicies,
  OBJECT_NOT_EXIST,
  type ORB,
  ORB_init,
  TIMEOUT,
} from "../../orb/index.ts";
import { iiopProfilesOf, iorFromString } from "../../orb/ior/index.ts";
import { findPeers, type Peers } from "../support/omniorb.ts";
import { runToEnd, TestProcess } from "../support/process.ts";
import { given } from "./checks/check.ts";
import { type Server, startServer } from "./cpp-peers.ts";
import * as Ami from "./gen/Ami.ts";
import { declareCheck } from "./results.ts";
import { Handler, Worker } from "./servants/ami.ts";

const peers = await findPeers();
/** omniORB listens on all interfaces unless told otherwise. */
const LOOPBACK = ["-ORBendPoint", "giop:tcp:127.0.0.1:"];
const PATIENCE_MS = 300;

function declare(name: string, body: (t: ExecutionContext, peers: Peers) => Promise<void>): void {
  declareCheck(`messaging/${name}`, peers !== undefined, async (t) => {
    if (peers !== undefined) await body(t, peers);
  });
}

const start = (what: "serve" | "handle", { ami }: Peers): Promise<Server> =>
  startServer(ami, [what, ...LOOPBACK]);

async function newOrb(): Promise<ORB> {
  const orb = await ORB_init([], { config: { orb: { listen: ["iiop://127.0.0.1:0"] } } });
  orb.rootPOA.the_POAManager.activate();
  return orb;
}

async function workerAt(orb: ORB, { ior }: Server): Promise<Ami.Worker> {
  return given(await Ami.Worker.narrow(await orb.string_to_object(ior)));
}

/** What a handler is told of the calls of `callAll`; cpp/ami.cc makes the same ones. */
const toldBy = (who: string): readonly string[] => [
  "work did this 5 " + who,
  "work_excep Refused no 5",
  "work_excep NO_IMPLEMENT COMPLETED_YES",
  "set_level",
  "get_level 7",
  `get_name ${who}`,
  "rest",
  `work did park 9 ${who}`,
];

/** omniORB sends holders without their state: handlers elsewhere hear that there was an exception, and not which. */
const untold = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => line.replace(/_excep .*$/, "_excep UNKNOWN COMPLETED_MAYBE"));

/** @param answered settled when the answers to so many calls are there */
async function callAll(
  worker: Ami.Worker,
  to: Ami.AMI_WorkerHandler,
  answered: (count: number) => Promise<unknown>,
): Promise<void> {
  const calls: readonly (() => void)[] = [
    () => worker.sendc_work(to, "this", 4),
    () => worker.sendc_work(to, "refuse", 5),
    () => worker.sendc_work(to, "crash", 6),
    () => worker.sendc_set_level(to, 7),
    () => worker.sendc_get_level(to),
    () => worker.sendc_get_name(to),
    () => worker.sendc_rest(to),
  ];
  for (const [index, call] of calls.entries()) {
    call();
    await answered(index + 1);
  }
  worker.sendc_work(to, "park", 8);
  await worker.release();
  await answered(calls.length + 1);
}

declare("ami.omniorb_worker", async (t, found) => {
  await using server = await start("serve", found);
  await using orb = await newOrb();
  const handler = new Handler();
  await orb.rootPOA.activate(handler);
  const worker = await workerAt(orb, server);
  await callAll(worker, handler._this(), (count) => handler.told(count));
  t.deepEqual(handler.lines, toldBy("omniORB"));
});

declare("ami.poll_omniorb_worker", async (t, found) => {
  await using server = await start("serve", found);
  await using orb = await newOrb();
  const worker = await workerAt(orb, server);
  const forever = 0xffff_ffff;
  t.deepEqual(await worker.sendp_work("this", 4).work(forever), {
    result: "did this",
    count: 5,
    trace: "omniORB",
  });
  await t.throwsAsync(worker.sendp_work("refuse", 5).work(forever), { instanceOf: Ami.Refused });
  await worker.sendp_set_level(7).set_level(forever);
  t.is(await worker.sendp_get_level().get_level(forever), 7);
  const parked = worker.sendp_work("park", 8);
  await t.throwsAsync(parked.work(PATIENCE_MS), { instanceOf: TIMEOUT });
  const set = parked.create_pollable_set();
  await worker.release();
  t.is(await set.get_ready_pollable(forever), parked);
  t.is((await parked.work(0)).result, "did park");
});

declare("ami.omniorb_handler", async (t, found) => {
  await using there = await start("handle", found);
  await using orb = await newOrb();
  const servant = new Worker("ours");
  await orb.rootPOA.activate(servant);
  const handler = given(await Ami.AMI_WorkerHandler.narrow(await orb.string_to_object(there.ior)));
  const lines = toldBy("ours");
  await callAll(servant._this(), handler, (count) =>
    there.process.match(new RegExp(`^${lines[count - 1] ?? ""}$`, "m")),
  );
  t.true(there.process.output.endsWith(`${lines.join("\n")}\n`), there.process.output);
});

declare("ami.omniorb_client", async (t, found) => {
  await using orb = await newOrb();
  const ior = orb.object_to_string(await orb.rootPOA.activate(new Worker("ours")));
  const { output, errors } = await runToEnd(found.ami, ["call", ior, ...LOOPBACK]);
  t.is(output, `${toldBy("ours").join("\n")}\n`, errors);
});

declare("ami.omniorb_client_our_handler", async (t, found) => {
  await using server = await start("serve", found);
  await using orb = await newOrb();
  const handler = new Handler();
  const ior = orb.object_to_string(await orb.rootPOA.activate(handler));
  await using child = new TestProcess(found.ami, ["call", server.ior, ior, ...LOOPBACK]);
  await child.match(/^sent$/m);
  const wanted = untold(toldBy("omniORB"));
  await handler.told(wanted.length);
  // It does not wait for one answer before the next call: nobody knows which level it finds.
  const sorted = (lines: readonly string[]): readonly string[] =>
    lines.map((line) => line.replace(/^get_level .*/, "get_level")).toSorted();
  t.deepEqual(sorted(handler.lines), sorted(wanted));
});

declare("timeout.ours", async (t, found) => {
  await using server = await start("serve", found);
  await using orb = await newOrb();
  const worker = await workerAt(orb, server);
  const hurried = worker._withPolicies({ relativeRoundtripTimeoutMs: PATIENCE_MS });
  const error = await t.throwsAsync(hurried.work("park", 1), { instanceOf: TIMEOUT });
  t.is(error?.completed, "COMPLETED_MAYBE");
  await worker.release();
  t.is(await hurried._get_name(), "omniORB");
});

declare("timeout.omniorb", async (t, found) => {
  await using orb = await newOrb();
  const ior = orb.object_to_string(await orb.rootPOA.activate(new Worker("ours")));
  const limit = ["-ORBclientCallTimeOutPeriod", String(PATIENCE_MS)];
  const { output, errors } = await runToEnd(found.ami, ["wait", ior, ...limit, ...LOOPBACK]);
  t.is(output, "work TIMEOUT COMPLETED_MAYBE\nrest\n", errors);
});

const SCOPES: readonly NonNullable<CallPolicies["syncScope"]>[] = [
  "SYNC_NONE",
  "SYNC_WITH_TRANSPORT",
  "SYNC_WITH_SERVER",
  "SYNC_WITH_TARGET",
];

declare("sync_scope.object", async (t, found) => {
  await using server = await start("serve", found);
  await using orb = await newOrb();
  const worker = await workerAt(orb, server);
  for (const syncScope of SCOPES) await worker.release({ policies: { syncScope } });
  t.deepEqual(await worker.work("park", 1), { result: "did park", count: 2, trace: "omniORB" });
});

declare("sync_scope.no_object", async (t, found) => {
  await using server = await start("serve", found);
  await using orb = await newOrb();
  const [profile] = iiopProfilesOf(iorFromString(server.ior));
  const url = `corbaloc:iiop:1.2@127.0.0.1:${profile?.port}/nobody`;
  const nobody = given(Ami.Worker.uncheckedNarrow(await orb.string_to_object(url)));
  const told: string[] = [];
  for (const syncScope of SCOPES) {
    try {
      await nobody.release({ policies: { syncScope } });
    } catch (error) {
      t.true(error instanceof OBJECT_NOT_EXIST, String(error));
      told.push(syncScope);
    }
  }
  t.deepEqual(told, ["SYNC_WITH_SERVER", "SYNC_WITH_TARGET"]);
});

declare("policies.published", async (t, found) => {
  await using orb = await newOrb();
  const poa = await orb.rootPOA.createPoa("p", {
    calls: { requestPriority: { min: 1, max: 5 }, queueOrder: ["PRIORITY", "DEADLINE"] },
  });
  const ior = orb.object_to_string(await poa.activate(new Worker("ours")));
  // omniORB's clients keep the component and pass over it; catior names its tag.
  const { output, errors } = await runToEnd(found.ami, ["call", ior, ...LOOPBACK]);
  t.is(output, `${toldBy("ours").join("\n")}\n`, errors);
  t.regex((await runToEnd("catior", [ior])).output, /TAG_POLICIES/);
});

declare("policies.sent", async (t, found) => {
  await using server = await start("serve", found);
  await using orb = await newOrb();
  const worker = await workerAt(orb, server);
  // omniORB passes over the service context INVOCATION_POLICIES.
  const policies: CallPolicies = {
    requestPriority: { min: 1, max: 5 },
    replyPriority: { min: -1, max: 1 },
    requestEndTime: new Date(Date.now() + 60_000),
    maxHops: 3,
    queueOrder: ["PRIORITY", "DEADLINE"],
    routing: { min: "ROUTE_NONE", max: "ROUTE_FORWARD" },
  };
  t.is(await worker._withPolicies(policies)._get_name(), "omniORB");
});
