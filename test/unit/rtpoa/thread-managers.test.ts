import test, { type ExecutionContext } from "ava";
import {
  OBJ_ADAPTER,
  type ObjectReference,
  type OrbConfig,
  type POAManager,
  TIMEOUT,
  TRANSIENT,
} from "../../../orb/index.ts";
import { sample } from "../../support/sample.ts";
import { Lines } from "../lanes/laned.ts";
import { WORD } from "./module-servants.ts";
import { MODULE, seer, type Threads, threads } from "./threads.ts";

const DECLARED = { model: "SERVER_DECLARED", priority: 15_000 } as const;

interface Managed extends Threads {
  readonly manager: POAManager;
  readonly log: Lines;
  /** Of a POA that the manager governs. */
  readonly target: ObjectReference;
  /** In the same lane; its manager is always ACTIVE. */
  readonly beside: ObjectReference;
  readonly words: Int32Array;
}

/** A POA in a lane with a manager of its own, and one beside it. */
async function managed(t: ExecutionContext, orb: OrbConfig = {}): Promise<Managed> {
  const log = new Lines();
  const all = await threads(t, { orb, logger: log });
  const { server, far, pool } = all;
  const manager = await server.rootPOA.the_POAManagerFactory.create_POAManager("mine");
  const options = { idAssignment: "USER_ID", threadpool: pool, priorityModel: DECLARED } as const;
  const poa = await server.rootPOA.createPoa("p", { ...options, manager });
  const other = await server.rootPOA.createPoa("q", options);
  const words = new Int32Array(new SharedArrayBuffer(12));
  const servant = { module: MODULE, export: "Parking", args: [words] };
  const target = await far(await poa.activateModule("a", servant));
  const beside = await far(await other.activateModule("a", seer));
  return { ...all, manager, log, target, beside, words };
}

/** A call that has arrived, for one behind it on the same connection is answered. */
async function arrived(
  { target, beside }: Managed,
  text: string,
): Promise<{ readonly call: Promise<string> }> {
  const call = sample.echo(target, text);
  call.catch(() => undefined);
  await sample.echo(beside, "x");
  return { call };
}

async function whenBegun(words: Int32Array, calls: number): Promise<void> {
  while (Atomics.load(words, WORD.begun) < calls) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test.serial(
  "a manager that is HOLDING holds the requests of its POAs in lanes, and activation lets them go",
  async (t) => {
    const all = await managed(t);
    const { manager, words } = all;
    t.is(manager.get_state(), "HOLDING");
    const first = await arrived(all, "first");
    t.is(words[WORD.begun], 0, "held");
    manager.activate();
    t.is(await first.call, "first");
    await manager.hold_requests();
    const second = await arrived(all, "second");
    t.is(words[WORD.begun], 1, "held again");
    manager.activate();
    t.is(await second.call, "second");
  },
);

test.serial("what is held is refused when the manager discards, or is deactivated", async (t) => {
  const all = await managed(t);
  const { manager, target } = all;
  const held = await arrived(all, "held");
  await manager.discard_requests();
  await t.throwsAsync(held.call, { instanceOf: TRANSIENT });
  await t.throwsAsync(sample.echo(target, "x"), { instanceOf: TRANSIENT });
  manager.activate();
  await manager.settled();
  t.is(await sample.echo(target, "x"), "x");
  await manager.deactivate();
  await t.throwsAsync(sample.echo(target, "x"), { instanceOf: OBJ_ADAPTER });
});

test.serial("wait_for_completion waits for the requests that run in lanes", async (t) => {
  const { manager, target, words } = await managed(t);
  manager.activate();
  const parked = sample.echo(target, "park");
  await whenBegun(words, 1);
  const held = manager.hold_requests(true).then(() => words[WORD.ended]);
  await manager.hold_requests();
  const waiting = manager.hold_requests(true).then(() => words[WORD.ended]);
  t.is(await held, 0, "the state changed: who waited for the first does so no more");
  Atomics.store(words, WORD.isToEnd, 1);
  t.is(await waiting, 1);
  t.is(await parked, "park");
});

test.serial("a lane whose requests do not end is a TIMEOUT that names it", async (t) => {
  const { manager, target, words } = await managed(t, { deadlineMs: 5_000 });
  manager.activate();
  const parked = sample.echo(target, "park");
  parked.catch(() => undefined);
  await whenBegun(words, 1);
  const error = await t.throwsAsync(manager.hold_requests(true), { instanceOf: TIMEOUT });
  t.regex(error?.message ?? "", /lane "alarms, lane 1", thread 0: completion was not done/);
  Atomics.store(words, WORD.isToEnd, 1);
});

test.serial("a lane that is made again has its managers as they are then", async (t) => {
  const all = await managed(t);
  const { manager, target, log, words } = all;
  manager.activate();
  await t.throwsAsync(sample.echo(target, "crash"));
  // The thread is gone, or is being made again: the change is there when it serves.
  await manager.hold_requests();
  await log.line(/lane 1", thread 0 serves again/);
  const held = await arrived(all, "held");
  t.is(words[WORD.begun], 1, "the one that crashed");
  manager.activate();
  t.is(await held.call, "held");
});

test.serial(
  "a manager goes from the lanes with its last POA, and another may have its name",
  async (t) => {
    const { server, manager, far, pool } = await managed(t);
    await server.rootPOA.find_POA("p").destroy(true, true);
    t.is(server.rootPOA.the_POAManagerFactory.find("mine"), null);
    const again = await server.rootPOA.the_POAManagerFactory.create_POAManager("mine");
    again.activate();
    const poa = await server.rootPOA.createPoa("p", {
      idAssignment: "USER_ID",
      threadpool: pool,
      priorityModel: DECLARED,
      manager: again,
    });
    const target = await far(await poa.activateModule("a", seer));
    await manager.deactivate();
    t.regex(await sample.echo(target, "x"), /^15000 /);
  },
);
