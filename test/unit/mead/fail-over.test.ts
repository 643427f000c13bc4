// The fail-over message between ORBs of ours.
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import test, { type ExecutionContext } from "ava";
import {
  FAIL_OVER,
  FailOverClient,
  failOverContext,
  failOverIn,
  FailOverServer,
  portable,
  type ReplicaAddress,
  type ServerRequestInterceptor,
} from "../../../interceptors/index.ts";
import { BAD_PARAM, type ObjectReference, type ORB, ORB_init } from "../../../orb/index.ts";
import { Refused, Sample, sample } from "../../support/sample.ts";

interface Server {
  readonly orb: ORB;
  readonly servant: Sample;
  readonly says: FailOverServer;
  readonly address: ReplicaAddress;
}

async function serve(
  t: ExecutionContext,
  others: readonly ServerRequestInterceptor[] = [],
): Promise<Server> {
  const says = new FailOverServer({ schemes: ["message"] });
  const more = others.map((each) => ({
    pre_init: (info: Parameters<FailOverServer["pre_init"]>[0]): void =>
      info.add_server_request_interceptor(each),
  }));
  const orb = await ORB_init([], { initializers: portable([says, ...more]) });
  t.teardown(() => orb.destroy());
  const servant = new Sample();
  orb.bindPlainKey("Twin", await orb.rootPOA.activate(servant));
  orb.rootPOA.the_POAManager.activate();
  const [{ host, port } = { host: "", port: 0 }] = orb.endpoints;
  return { orb, servant, says, address: { host, port_number: port } };
}

/** Where nobody listens, whatever else runs on this machine. */
async function nobody(): Promise<ReplicaAddress> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return { host: "127.0.0.1", port_number: port };
}

interface Client {
  readonly orb: ORB;
  readonly follows: FailOverClient;
  readonly logged: string[];
  /** The replica moved to, when the next move is over. */
  moved(): Promise<void>;
}

async function start(t: ExecutionContext): Promise<Client> {
  const logged: string[] = [];
  let onMove: () => void = () => undefined;
  const follows = new FailOverClient({
    timeoutMs: 5_000,
    logger: {
      info: (text) => {
        logged.push(text);
        onMove();
      },
      warn: (text) => void logged.push(text),
    },
  });
  const orb = await ORB_init([], { config: { orb: { listen: [] } }, connectionWatch: follows });
  t.teardown(() => orb.destroy());
  return {
    orb,
    follows,
    logged,
    moved: () =>
      new Promise((resolve) => {
        onMove = resolve;
      }),
  };
}

async function referenceTo({ orb }: Client, { address }: Server): Promise<ObjectReference> {
  const at = `corbaloc:iiop:1.2@${address.host}:${address.port_number}/Twin`;
  return (await orb.string_to_object(at)) as ObjectReference;
}

const echoes = ({ servant }: Server): number => servant.calls.length;

test("calls go on at the replica, none lost and none twice: 100 moves under way", async (t) => {
  const [a, b] = [await serve(t), await serve(t)];
  const client = await start(t);
  const reference = await referenceTo(client, a);
  let [here, there] = [a, b];
  let calls = 0;
  for (let time = 0; time < 100; time++) {
    there.says.know([here.address]);
    here.says.move([there.address]);
    const moved = client.moved();
    const said = await Promise.all([1, 2, 3, 4].map((n) => sample.echo(reference, `${time}.${n}`)));
    t.deepEqual(
      said,
      [1, 2, 3, 4].map((n) => `${time}.${n}`),
    );
    await moved;
    const before = echoes(there);
    t.is(await sample.echo(reference, "there"), "there");
    t.is(echoes(there), before + 1);
    calls += 5;
    [here, there] = [there, here];
  }
  t.is(echoes(a) + echoes(b), calls);
});

test("each connection is told once, in at most 150 octets", async (t) => {
  const server = await serve(t);
  const replicas = [1, 2, 3].map((n) => ({ host: `255.255.255.10${n}`, port_number: 65_535 }));
  server.says.know(replicas);
  const contexts: number[][] = [];
  const plain = await ORB_init([], {
    config: { orb: { listen: [] } },
    connectionWatch: {
      replied: (_connection, seen) =>
        void contexts.push(
          seen.filter(({ id }) => id === FAIL_OVER).map(({ data }) => data.length),
        ),
    },
  });
  t.teardown(() => plain.destroy());
  const { host, port_number } = server.address;
  const reference = (await plain.string_to_object(
    `corbaloc:iiop:1.2@${host}:${port_number}/Twin`,
  )) as ObjectReference;
  await sample.echo(reference, "1");
  await sample.echo(reference, "2");
  await t.throwsAsync(sample.refuse(reference, "3"), { instanceOf: Refused });
  const told = contexts.flat();
  t.is(told.length, 1);
  const idAndLength = 8;
  t.true((told[0] ?? 0) + idAndLength <= 150, `${told[0]} octets`);
  t.is(server.says.toldCount, 1);
  server.says.know(replicas.slice(1));
  await t.throwsAsync(sample.refuse(reference, "again, with an exception"), {
    instanceOf: Refused,
  });
  t.is(contexts.flat().length, 2);
});

test("a server that is gone between two calls is not missed", async (t) => {
  const [a, b] = [await serve(t), await serve(t)];
  const client = await start(t);
  const reference = await referenceTo(client, a);
  a.says.know([b.address]);
  t.is(await sample.echo(reference, "first"), "first");
  const moved = client.moved();
  await a.orb.destroy();
  await moved;
  t.is(await sample.echo(reference, "second"), "second");
  t.deepEqual(b.servant.calls, ["echo second"]);
});

test("replicas are tried in their order, and the place itself is none", async (t) => {
  const [a, b] = [await serve(t), await serve(t)];
  const client = await start(t);
  const reference = await referenceTo(client, a);
  const gone = await nobody();
  a.says.move([a.address, gone, b.address]);
  const moved = client.moved();
  await sample.echo(reference, "here");
  await moved;
  await sample.echo(reference, "there");
  t.deepEqual(b.servant.calls, ["echo there"]);
  t.deepEqual(client.logged, ["a replica is not reached", "calls go to a replica"]);
});

test("where no replica is reached, all stays as it was", async (t) => {
  const a = await serve(t);
  const client = await start(t);
  const reference = await referenceTo(client, a);
  a.says.move([await nobody()]);
  await sample.echo(reference, "here");
  while (client.logged.length === 0) await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(client.logged, ["a replica is not reached"]);
  t.is(await sample.echo(reference, "still here"), "still here");
});

test("a message that cannot be read is told of, and changes nothing", async (t) => {
  const garbage: ServerRequestInterceptor = {
    name: "garbage",
    send_reply: (ri) =>
      ri.add_reply_service_context(
        { context_id: FAIL_OVER, context_data: Uint8Array.of(0, 1) },
        true,
      ),
  };
  const a = await serve(t, [garbage]);
  const client = await start(t);
  const reference = await referenceTo(client, a);
  t.is(await sample.echo(reference, "1"), "1");
  t.is(await sample.echo(reference, "2"), "2");
  t.deepEqual(client.logged, [
    "a fail-over message cannot be read",
    "a fail-over message cannot be read",
  ]);
});

test("a message is read as it was written", (t) => {
  const message = {
    moves: true,
    replicas: [
      { host: "::1", port_number: 1 },
      { host: "192.0.2.1", port_number: 65_535 },
    ],
  };
  t.deepEqual(failOverIn(failOverContext(message).context_data), message);
  const nine = Array<ReplicaAddress>(9).fill({ host: "::1", port_number: 1 });
  t.throws(() => failOverContext({ moves: true, replicas: nine }), { instanceOf: BAD_PARAM });
});
