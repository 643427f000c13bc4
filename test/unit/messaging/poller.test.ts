// Calls whose answers are asked for: sendp_ methods and their pollers.
import test from "ava";
import {
  BAD_INV_ORDER,
  BAD_PARAM,
  MemoryTransport,
  NO_IMPLEMENT,
  NO_RESPONSE,
  OBJECT_NOT_EXIST,
  type ORB,
  ORB_init,
  TIMEOUT,
} from "../../../orb/index.ts";
import { NoPossiblePollable, UnknownPollable } from "../../../orb/generated.ts";
import { TestClock } from "../../../orb/base/index.ts";
import * as Ami from "../../interop/gen/Ami.ts";
import { Handler, Worker } from "../../interop/servants/ami.ts";
import { turns } from "./support.ts";

const FOREVER = 0xffff_ffff;

interface Joined extends AsyncDisposable {
  readonly clock: TestClock;
  readonly client: ORB;
  readonly worker: Ami.Worker;
}

async function joined(): Promise<Joined> {
  const transport = new MemoryTransport();
  const clock = new TestClock();
  const server = await ORB_init([], { transport });
  const client = await ORB_init([], { transport, clock });
  const servant = new Worker("ours");
  const ior = server.object_to_string(await server.rootPOA.activate(servant));
  server.rootPOA.the_POAManager.activate();
  client.rootPOA.the_POAManager.activate();
  const worker = Ami.Worker.uncheckedNarrow(await client.string_to_object(ior));
  if (worker === null) throw new TypeError("nil");
  return {
    clock,
    client,
    worker,
    [Symbol.asyncDispose]: async () => {
      servant.release();
      await client.destroy();
      await server.destroy();
    },
  };
}

test("a poller gives the answer of its call once: results, out parameters, attributes", async (t) => {
  await using j = await joined();
  const poller = j.worker.sendp_work("this", 4);
  t.is(poller.operation_name, "work");
  t.is(poller.operation_target, j.worker);
  t.deepEqual(await poller.work(FOREVER), { result: "did this", count: 5, trace: "ours" });
  await t.throwsAsync(poller.work(0), { instanceOf: OBJECT_NOT_EXIST });
  t.true(poller.is_from_poller);
  await t.throwsAsync(poller.is_ready(0), { instanceOf: OBJECT_NOT_EXIST });
  t.is(await j.worker.sendp_set_level(7).set_level(FOREVER), undefined);
  t.is(await j.worker.sendp_get_level().get_level(FOREVER), 7);
  t.is(await j.worker.sendp_get_name().get_name(FOREVER), "ours");
  t.is(await j.worker.sendp_rest().rest(FOREVER), undefined);
});

test("exceptions of the call are raised as they are, and are not from the poller", async (t) => {
  await using j = await joined();
  const refused = j.worker.sendp_work("refuse", 5);
  const error = await t.throwsAsync(refused.work(FOREVER), { instanceOf: Ami.Refused });
  t.is(error?.code, 5);
  t.false(refused.is_from_poller);
  const crashed = j.worker.sendp_work("crash", 6);
  await t.throwsAsync(crashed.work(FOREVER), { instanceOf: NO_IMPLEMENT });
  t.false(crashed.is_from_poller);
});

test("is_ready and the call's method wait as long as they are told: NO_RESPONSE, TIMEOUT, and the answer later", async (t) => {
  await using j = await joined();
  const poller = j.worker.sendp_work("park", 1);
  await turns();
  t.false(await poller.is_ready(0));
  await t.throwsAsync(poller.work(0), { instanceOf: NO_RESPONSE });
  t.true(poller.is_from_poller);
  const late = poller.work(100);
  await t.throwsAsync(poller.work(0), { instanceOf: BAD_INV_ORDER });
  const asked = poller.is_ready(100);
  await turns();
  j.clock.advanceMs(100);
  await t.throwsAsync(late, { instanceOf: TIMEOUT });
  t.false(await asked);
  const waiting = poller.is_ready(FOREVER);
  await j.worker.release();
  t.true(await waiting);
  t.true(await poller.is_ready(0));
  t.is((await poller.work(0)).result, "did park");
  await t.throwsAsync(j.worker.sendp_rest().rest(-1), { instanceOf: BAD_PARAM });
});

test("an associated handler is told the answer, which nobody can ask for then", async (t) => {
  await using j = await joined();
  const handler = new Handler();
  await j.client.rootPOA.activate(handler);
  const early = j.worker.sendp_work("this", 4);
  t.is(early.associated_handler, null);
  early.associated_handler = handler._this();
  await t.throwsAsync(early.work(0), { instanceOf: BAD_INV_ORDER });
  await handler.told(1);
  const late = j.worker.sendp_work("refuse", 5);
  t.true(await late.is_ready(FOREVER));
  late.associated_handler = handler._this();
  await handler.told(2);
  t.deepEqual(handler.lines, ["work did this 5 ours", "work_excep Refused no 5"]);
  await t.throwsAsync(late.work(0), { instanceOf: OBJECT_NOT_EXIST });
});

test("a PollableSet gives whichever answer comes first", async (t) => {
  await using j = await joined();
  const slow = j.worker.sendp_work("park", 1);
  const set = slow.create_pollable_set();
  await t.throwsAsync(set.get_ready_pollable(0), { instanceOf: NO_RESPONSE });
  const waited = set.get_ready_pollable(50);
  j.clock.advanceMs(50);
  await t.throwsAsync(waited, { instanceOf: TIMEOUT });
  const quick = j.worker.sendp_get_name();
  set.add_pollable(quick);
  set.add_pollable(quick);
  t.is(set.number_left(), 2);
  t.is(await set.get_ready_pollable(FOREVER), quick);
  t.is(set.number_left(), 1);
  t.throws(() => set.remove(quick), { instanceOf: UnknownPollable });
  const next = set.get_ready_pollable(FOREVER);
  await j.worker.release();
  t.is(await next, slow);
  await t.throwsAsync(set.get_ready_pollable(0), { instanceOf: NoPossiblePollable });
});
