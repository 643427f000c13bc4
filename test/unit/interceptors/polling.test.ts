// Calls whose answers are asked for: the send ends in receive_other, each question begins with send_poll.
import test, { type ExecutionContext } from "ava";
import { MemoryTransport, NO_PERMISSION, NO_RESPONSE, type ORB } from "../../../orb/index.ts";
import * as Ami from "../../interop/gen/Ami.ts";
import { Worker } from "../../interop/servants/ami.ts";
import { across, clientWatch, watchedOrb } from "./support.ts";

const FOREVER = 0xffff_ffff;

interface Polling {
  readonly worker: Ami.Worker;
  /** Points that ran since the last look, with the reply status where there is one. */
  readonly points: () => readonly string[];
  /** The next time that this point runs it raises NO_PERMISSION. */
  readonly refuseIn: (point: string) => void;
}

async function polling(t: ExecutionContext, isCollocated: boolean): Promise<Polling> {
  const log: string[] = [];
  let refused = "";
  const watch = clientWatch("watch", (point, ri) => {
    log.push(point.startsWith("send_") ? point : `${point} ${ri.reply_status}`);
    if (point !== refused) return;
    refused = "";
    throw new NO_PERMISSION("refused");
  });
  const transport = new MemoryTransport();
  const clients = [watch];
  const server: ORB = await watchedOrb(t, transport, isCollocated ? { clients } : {});
  const client = isCollocated ? server : await watchedOrb(t, transport, { clients });
  const servant = new Worker("ours");
  t.teardown(() => servant.release());
  const near = await server.rootPOA.activate(servant);
  server.rootPOA.the_POAManager.activate();
  const reference = isCollocated ? near : await across(client, server, near);
  return {
    worker: Ami.Worker.uncheckedNarrow(reference),
    points: () => log.splice(0),
    refuseIn: (point) => {
      refused = point;
    },
  };
}

for (const where of ["remote", "collocated"] as const) {
  test(`${where}: the send ends in receive_other; send_poll, then the answer, when it is asked for`, async (t) => {
    const { worker, points } = await polling(t, where === "collocated");
    const poller = worker.sendp_work("this", 4);
    t.true(await poller.is_ready(FOREVER));
    t.deepEqual(points(), ["send_request", "receive_other 0"]);
    t.is((await poller.work(FOREVER)).result, "did this");
    t.deepEqual(points(), ["send_poll", "receive_reply 0"]);
    const refused = worker.sendp_work("refuse", 5);
    await t.throwsAsync(refused.work(FOREVER), { instanceOf: Ami.Refused });
    t.deepEqual(points(), ["send_request", "receive_other 0", "send_poll", "receive_exception 2"]);
  });

  test(`${where}: a question that comes too early ends in receive_exception, the next one in receive_reply`, async (t) => {
    const { worker, points } = await polling(t, where === "collocated");
    const poller = worker.sendp_work("park", 1);
    await t.throwsAsync(poller.work(0), { instanceOf: NO_RESPONSE });
    const asked = poller.work(FOREVER);
    await worker.release();
    t.is((await asked).result, "did park");
    const own = points().filter((point) => point !== "receive_other 0");
    // `release` is a oneway call of its own.
    t.deepEqual(own.toSorted(), [
      "receive_exception 1",
      "receive_reply 0",
      "send_poll",
      "send_poll",
      "send_request",
      "send_request",
    ]);
  });

  test(`${where}: what an interceptor raises is what the question gets`, async (t) => {
    const { worker, points, refuseIn } = await polling(t, where === "collocated");
    const poller = worker.sendp_work("this", 4);
    t.true(await poller.is_ready(FOREVER));
    refuseIn("send_poll");
    await t.throwsAsync(poller.work(FOREVER), { instanceOf: NO_PERMISSION });
    // The answer is there all the same.
    refuseIn("receive_reply");
    await t.throwsAsync(poller.work(FOREVER), { instanceOf: NO_PERMISSION });
    t.deepEqual(points(), [
      "send_request",
      "receive_other 0",
      "send_poll",
      "send_poll",
      "receive_reply 0",
    ]);
    refuseIn("send_request");
    await t.throwsAsync(worker.sendp_rest().rest(FOREVER), { instanceOf: NO_PERMISSION });
    refuseIn("receive_other");
    await t.throwsAsync(worker.sendp_rest().rest(FOREVER), { instanceOf: NO_PERMISSION });
  });
}
