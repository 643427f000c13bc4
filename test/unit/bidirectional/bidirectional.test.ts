import test, { type ExecutionContext } from "ava";
import { listenPointsContext, readListenPoints } from "../../../orb/bidirectional/index.ts";
import { Assembler, codecFor, type GiopMessage } from "../../../orb/giop/index.ts";
import {
  COMM_FAILURE,
  type Endpoint,
  INITIALIZE,
  MemoryTransport,
  type ObjectReference,
  type ORB,
  ORB_init,
  type OrbConfig,
  type Policy,
  TRANSIENT,
  type Transport,
} from "../../../orb/index.ts";
import { Sample, sample } from "../../support/sample.ts";

/** Keeps what it is given, to call it back. */
class Keeper extends Sample {
  kept: ObjectReference | null = null;

  override same(reference: ObjectReference | null): ObjectReference | null {
    this.kept = reference;
    return reference;
  }
}

interface Scene {
  readonly server: ORB;
  readonly client: ORB;
  readonly keeper: Keeper;
  /** The client's object, and what the server received of it. */
  readonly servant: Sample;
  /** Gives the client's object to the server. @returns the server's reference to it */
  readonly hand: () => Promise<ObjectReference>;
  /** Request ids by who sent the request. */
  readonly ids: { readonly client: number[]; readonly server: number[] };
}

function requestIds(into: number[]): (chunk: Uint8Array) => void {
  const assembler = new Assembler();
  return (chunk) =>
    assembler.consume(Uint8Array.from(chunk), (message: GiopMessage) => {
      if (message.type !== "Request") return;
      into.push(codecFor(message.minor).readRequestHeader(message.input).requestId);
    });
}

/** A client that listens nowhere, with references that name a place nobody reaches. */
async function scene(
  t: ExecutionContext,
  ofClient: OrbConfig,
  ofServer: OrbConfig,
  version: string = "1.2",
): Promise<Scene> {
  const memory = new MemoryTransport();
  const ids = { client: [] as number[], server: [] as number[] };
  const transport: Transport = {
    listen: (at, accept) => memory.listen(at, accept),
    connect: async (to: Endpoint, signal) => {
      const channel = await memory.connect(to, signal);
      const start = channel.start.bind(channel);
      const send = channel.send.bind(channel);
      const sent = requestIds(ids.client);
      const received = requestIds(ids.server);
      channel.send = (octets, free) => {
        sent(octets);
        send(octets, free);
      };
      channel.start = (events) =>
        start({
          ...events,
          data: (chunk) => {
            received(chunk);
            events.data(chunk);
          },
        });
      return channel;
    },
  };
  const server = await ORB_init([], { transport, config: { orb: ofServer } });
  const closed = { listen: [], publish: ["behind.example:9"] };
  const client = await ORB_init([], { transport, config: { orb: { ...closed, ...ofClient } } });
  t.teardown(async () => {
    await client.destroy();
    await server.destroy();
  });
  const keeper = new Keeper();
  server.bindPlainKey("keeper", await server.rootPOA.activate(keeper));
  server.rootPOA.the_POAManager.activate();
  const servant = new Sample();
  const mine = await client.rootPOA.activate(servant);
  client.rootPOA.the_POAManager.activate();
  const port = server.endpoints[0]?.port ?? 0;
  const url = `corbaloc:iiop:${version}@127.0.0.1:${port}/keeper`;
  const far = (await client.string_to_object(url)) as ObjectReference;
  const hand = async (): Promise<ObjectReference> => {
    await sample.same(far, mine);
    if (keeper.kept === null) throw new TypeError("nothing was handed over");
    return keeper.kept;
  };
  return { server, client, keeper, servant, hand, ids };
}

const OFFER: OrbConfig = { bidirectional: "offer" };
const ACCEPT: OrbConfig = { bidirectional: "accept" };

test("a server calls back over the client's connection; ids are even one way, odd the other", async (t) => {
  const { hand, servant, ids, server, client } = await scene(t, OFFER, ACCEPT);
  const back = await hand();
  for (const text of ["a", "b", "c"]) t.is(await sample.echo(back, text), text);
  t.deepEqual(servant.calls, ["echo a", "echo b", "echo c"]);
  t.true(ids.client.every((id) => id % 2 === 0));
  t.deepEqual(ids.server, [1, 3, 5]);
  t.is(server._connectionCounts.accepted, 1);
  t.is(client._connectionCounts.opened, 1);
});

test("many calls cross both ways", async (t) => {
  const { hand, servant, keeper, client } = await scene(t, OFFER, ACCEPT);
  const back = await hand();
  const there = (await client.string_to_object(client.object_to_string(back))) as ObjectReference;
  t.is(await sample.echo(there, "in the process"), "in the process");
  await Promise.all(
    Array.from({ length: 200 }, async (_, n) => {
      t.is(await sample.echo(back, `${n}`), `${n}`);
      await hand();
    }),
  );
  t.is(servant.calls.length, 201);
  t.is(keeper.calls.filter((call) => call.startsWith("echo")).length, 0);
});

for (const [name, client, server, version] of [
  ["the client does not offer", {}, ACCEPT, "1.2"],
  ["the server does not accept", OFFER, {}, "1.2"],
  ["the connection speaks GIOP 1.1", OFFER, ACCEPT, "1.1"],
  ["the connection speaks GIOP 1.0", OFFER, ACCEPT, "1.0"],
] as const) {
  test(`no call back where ${name}`, async (t) => {
    const { hand, servant } = await scene(t, client, server, version);
    const back = await hand();
    const error = await t.throwsAsync(sample.echo(back, "x"), { instanceOf: TRANSIENT });
    t.is(error?.completed, "COMPLETED_NO");
    t.deepEqual(servant.calls, []);
  });
}

test("the BidirectionalPolicy BOTH of a POA on each side does what the settings do", async (t) => {
  const { client, server, keeper, servant } = await scene(t, {}, {});
  await server.rootPOA.createPoa("both", { bidirectional: "BOTH" });
  const url = `corbaloc:iiop:1.2@127.0.0.1:${server.endpoints[0]?.port}/keeper`;
  const far = (await client.string_to_object(url)) as ObjectReference;
  // A connection that is open already learns of it, too.
  t.is(await sample.echo(far, "before"), "before");
  const poa = await client.rootPOA.create_POA("both", client.rootPOA.the_POAManager, [
    { policy_type: 37, value: "BOTH" } as Policy,
  ]);
  await sample.same(far, await poa.activate(servant));
  if (keeper.kept === null) throw new TypeError("nothing was handed over");
  t.is(await sample.echo(keeper.kept, "back"), "back");
  t.deepEqual(servant.calls, ["echo back"]);
});

test("with the connection goes the way back", async (t) => {
  const { hand, servant, client } = await scene(t, OFFER, ACCEPT);
  const back = await hand();
  const parked = sample.park(back);
  while (!servant.calls.includes("park")) await new Promise((resolve) => setImmediate(resolve));
  await client.destroy();
  await t.throwsAsync(parked, { instanceOf: COMM_FAILURE });
  const error = await t.throwsAsync(sample.echo(back, "late"), { instanceOf: TRANSIENT });
  t.is(error?.completed, "COMPLETED_NO");
});

test("a call back that is given up is not waited for, and the connection serves on", async (t) => {
  const { hand, servant } = await scene(t, OFFER, ACCEPT);
  const back = await hand();
  const abort = new AbortController();
  const parked = sample.park(back, { signal: abort.signal });
  while (!servant.calls.includes("park")) await new Promise((resolve) => setImmediate(resolve));
  abort.abort();
  await t.throwsAsync(parked, { instanceOf: TRANSIENT });
  t.is(await sample.echo(back, "on"), "on");
});

test("the server's end closes both directions in good order", async (t) => {
  const { hand, server, client } = await scene(t, OFFER, ACCEPT);
  const back = await hand();
  t.is(await sample.echo(back, "x"), "x");
  await server.destroy();
  while (client._connectionCounts.opened > 0) await new Promise((resolve) => setImmediate(resolve));
  t.is(client._connectionCounts.opened, 0);
});

test("listen points survive the wire, and a list that lies is MARSHAL", (t) => {
  const points = [
    { host: "a.example", port: 1 },
    { host: "2001:db8::7", port: 65_535 },
  ];
  const { id, data } = listenPointsContext(points);
  t.is(id, 5);
  t.deepEqual(readListenPoints(data), points);
  for (let n = 1; n < data.length; n++) t.throws(() => readListenPoints(data.subarray(0, n)));
});

test("a mode that is none is refused", async (t) => {
  const orb = { bidirectional: "yes" } as unknown as OrbConfig;
  await t.throwsAsync(ORB_init([], { config: { orb } }), {
    instanceOf: INITIALIZE,
    message: /orb\.bidirectional is yes; allowed: none, offer, accept, both/,
  });
});
