// A reserved connection takes the place of one that is lost.
import test, { type ExecutionContext } from "ava";
import {
  COMM_FAILURE,
  type ConnectionWatch,
  type Endpoint,
  MemoryTransport,
  type ObjectReference,
  type OpenConnections,
  ORB_init,
  type Transport,
} from "../../../orb/index.ts";
import { placeOf } from "../../../orb/transport/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { cuttable } from "./cuttable.ts";

interface Server {
  readonly servant: Sample;
  readonly place: Endpoint;
}

async function serve(t: ExecutionContext, transport: Transport): Promise<Server> {
  const orb = await ORB_init([], { transport });
  t.teardown(() => orb.destroy());
  const servant = new Sample();
  orb.bindPlainKey("Twin", await orb.rootPOA.activate(servant));
  orb.rootPOA.the_POAManager.activate();
  return { servant, place: orb.endpoints[0] as Endpoint };
}

for (const isAwaited of [false, true]) {
  const whose = isAwaited ? "unless they wait for another one already" : "before any of them waits";
  test(`calls go on over a reserved connection from when theirs is lost, ${whose}`, async (t) => {
    const memory = new MemoryTransport();
    const [a, b] = [await serve(t, memory), await serve(t, memory)];
    const { transport, cuts } = cuttable(memory);
    let connections: OpenConnections | undefined;
    let next: Promise<string> | undefined;
    let isSwapped: boolean | undefined;
    const connectionWatch: ConnectionWatch = {
      attach: (given) => void (connections = given),
      broken: (_connection, { kind }) => {
        if (kind !== "lost") return;
        if (isAwaited) next = sample.echo(reference, "2");
        isSwapped = connections?.swap({ place: placeOf(a.place) }, b.place);
        next ??= sample.echo(reference, "2");
      },
    };
    const client = await ORB_init([], {
      transport,
      config: { orb: { listen: [] } },
      connectionWatch,
    });
    t.teardown(() => client.destroy());
    const at = `corbaloc:iiop:1.2@${a.place.host}:${a.place.port}/Twin`;
    const reference = (await client.string_to_object(at)) as ObjectReference;
    await sample.echo(reference, "1");
    await connections?.reserve(a.place, () => b.place);
    const parked = sample.park(reference);
    await a.servant.called(2);
    const before = client._connectionCounts.opened;
    cuts[0]?.();
    await t.throwsAsync(parked, { instanceOf: COMM_FAILURE });
    t.is(isSwapped, !isAwaited);
    t.is(await next, "2");
    const [by, other] = isAwaited ? [a, b] : [b, a];
    t.is(by.servant.calls.at(-1), "echo 2");
    t.false(other.servant.calls.includes("echo 2"));
    t.is(client._connectionCounts.opened, isAwaited ? before : before - 1);
  });
}
