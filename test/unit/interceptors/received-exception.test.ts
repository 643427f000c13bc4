// What client interceptors see of an exception.
import test from "ava";
import { type ClientRequestInterceptor, portable } from "../../../interceptors/index.ts";
import { MemoryTransport, type ObjectReference, ORB_init, UNKNOWN } from "../../../orb/index.ts";
import { Sample, sample } from "../../support/sample.ts";

test("a system exception has the completion status that the caller sees", async (t) => {
  const seen: unknown[] = [];
  const watch: ClientRequestInterceptor = {
    name: "watch",
    receive_exception: (ri) => void seen.push(ri.received_exception.value),
  };
  const transport = new MemoryTransport();
  await using server = await ORB_init([], { transport });
  await using client = await ORB_init([], {
    transport,
    initializers: portable([{ pre_init: (info) => info.add_client_request_interceptor(watch) }]),
  });
  const own = await server.rootPOA.activate(new Sample());
  server.rootPOA.the_POAManager.activate();
  const text = server.object_to_string(own);
  const object = (await client.string_to_object(text)) as ObjectReference;
  const error = await t.throwsAsync(sample.refuse(object, "crash"), {
    instanceOf: UNKNOWN,
  });
  t.is(error?.completed, "COMPLETED_MAYBE");
  t.is((seen[0] as UNKNOWN).completed, "COMPLETED_MAYBE");
});
