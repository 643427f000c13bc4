// Forwards for now and for good, as interceptors see them.
import test from "ava";
import {
  BAD_INV_ORDER,
  type DispatchGate,
  MemoryTransport,
  type ObjectReference,
  ORB_init,
  type Outcome,
  TRANSIENT,
} from "../../../orb/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { clientWatch, serverWatch, watchedOrb, watchedPair } from "./support.ts";

for (const permanent of [false, true]) {
  const name = permanent ? "LOCATION_FORWARD_PERM" : "LOCATION_FORWARD";

  test(`${name}: the client's interceptors see which it is, and it is followed as what it is`, async (t) => {
    const transport = new MemoryTransport();
    const log: string[] = [];
    const clients = [
      clientWatch("C", (point, ri) => {
        const isForward = point === "receive_other" && ri.reply_status === 3;
        if (isForward) log.push(`${ri.reply_status} ${ri.forward_is_permanent}`);
        else t.throws(() => ri.forward_is_permanent, { instanceOf: BAD_INV_ORDER });
      }),
    ];
    const client = await watchedOrb(t, transport, { clients });
    const first = await ORB_init(["-ORBListenEndpoints", "iiop://first:1"], { transport });
    const second = await ORB_init(["-ORBListenEndpoints", "iiop://second:1"], { transport });
    t.teardown(() => first.destroy());
    for (const orb of [first, second]) orb.rootPOA.the_POAManager.activate();
    const there = second.object_to_string(await second.rootPOA.activate(new Sample()));
    first.bindPlainKey("Moved", await first.string_to_object(there), { permanent });
    const url = "corbaloc:iiop:1.2@first:1/Moved";
    const reference = (await client.string_to_object(url)) as ObjectReference;
    t.is(await sample.echo(reference, "1"), "1");
    t.is(await sample.echo(reference, "2"), "2");
    t.deepEqual(log, [`3 ${permanent}`]);
    // One that was for now is given up with the place it led to.
    await second.destroy();
    first.bindPlainKey("Moved", await first.rootPOA.activate(new Sample()));
    const call = sample.echo(reference, "3");
    if (permanent) await t.throwsAsync(call, { instanceOf: TRANSIENT });
    else t.is(await call, "3");
  });

  test(`${name}: the server's interceptors see which it is`, async (t) => {
    const log: string[] = [];
    const servers = [
      serverWatch("S", (point, ri) => {
        if (point === "send_other") log.push(`${ri.reply_status} ${ri.forward_is_permanent}`);
        else t.throws(() => ri.forward_is_permanent, { instanceOf: BAD_INV_ORDER });
      }),
    ];
    const { server, client, near } = await watchedPair(t, {}, { servers });
    const to = near._core.ior;
    const gate: DispatchGate = {
      attach: () => undefined,
      admit: (): Outcome => ({ kind: "forward", to, permanent, contexts: [] }),
    };
    const gated = await server.rootPOA.createPoa("gated", { gate });
    const text = server.object_to_string(await gated.activate(new Sample()));
    const reference = (await client.string_to_object(text)) as ObjectReference;
    t.is(await sample.echo(reference, "x"), "x");
    t.deepEqual(log, [`3 ${permanent}`]);
  });
}
