import test from "ava";
import { portable } from "../../../interceptors/index.ts";
import {
  COMM_FAILURE,
  MemoryTransport,
  type ObjectReference,
  ORB_init,
  type Transport,
} from "../../../orb/index.ts";
import { PassedOnChannel } from "../../../orb/transport/index.ts";
import { Sample, sample } from "../../support/sample.ts";

test("what those who look on send when a connection is lost leaves before its calls hear of it", async (t) => {
  const memory = new MemoryTransport();
  const server = await ORB_init([], { transport: memory });
  t.teardown(() => server.destroy());
  const servant = new Sample();
  const own = server.object_to_string(await server.rootPOA.activate(servant));
  server.rootPOA.the_POAManager.activate();
  const seen: string[] = [];
  let cut = (): void => undefined;
  class Flushed extends PassedOnChannel {
    override flush(): void {
      seen.push("flushed");
    }
  }
  const transport: Transport = {
    connect: async (to, signal) => {
      const channel = await memory.connect(to, signal);
      cut = () => channel.destroy();
      return new Flushed(channel, {});
    },
    listen: (at, accept) => memory.listen(at, accept),
  };
  const client = await ORB_init([], {
    transport,
    config: { orb: { listen: [] } },
    connectionWatch: { broken: () => void seen.push("told") },
    initializers: portable([
      {
        pre_init: (info) =>
          info.add_client_request_interceptor({
            name: "raised",
            receive_exception: () => void seen.push("raised"),
          }),
      },
    ]),
  });
  t.teardown(() => client.destroy());
  const reference = (await client.string_to_object(own)) as ObjectReference;
  const parked = sample.park(reference);
  await servant.called(1);
  cut();
  await t.throwsAsync(parked, { instanceOf: COMM_FAILURE });
  t.deepEqual(seen, ["told", "flushed", "raised"]);
});
