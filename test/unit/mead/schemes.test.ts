// How clients of this ORB go on when their server is leaving or lost: the schemes, each alone and one after another.
import test, { type ExecutionContext } from "ava";
import {
  addressing,
  cached,
  FailOverClient,
  type FailOverScheme,
  FailOverServer,
  type FailOverServerOptions,
  Messages,
  portable,
  type ReplicaAddress,
  resolved,
} from "../../../interceptors/index.ts";
import { TestClock } from "../../../orb/base/index.ts";
import {
  COMM_FAILURE,
  MemoryTransport,
  type ObjectReference,
  type ORB,
  ORB_init,
  TRANSIENT,
  type Transport,
} from "../../../orb/index.ts";
import { Sample, sample } from "../../support/sample.ts";

interface Server {
  readonly orb: ORB;
  readonly servant: Sample;
  readonly says: FailOverServer;
  readonly address: ReplicaAddress;
  /** The object as the server's own reference has it. */
  readonly own: ObjectReference;
  /** Cuts all connections to it and listens no more, as the death of a process does. */
  die(): Promise<void>;
}

interface Called {
  readonly orb: ORB;
  readonly object: ObjectReference;
  readonly logged: readonly string[];
}

/** Servers and clients of one memory, whose connections can be cut. */
class World {
  readonly #t: ExecutionContext;
  readonly #transport = new MemoryTransport();
  readonly #cuts: Map<number, (() => void)[]> = new Map();
  readonly #cut: Transport = {
    connect: async (to, signal) => {
      const channel = await this.#transport.connect(to, signal);
      this.#cuts.set(to.port, [...(this.#cuts.get(to.port) ?? []), () => channel.destroy()]);
      return channel;
    },
    listen: (at, accept) => this.#transport.listen(at, accept),
  };

  constructor(t: ExecutionContext) {
    this.#t = t;
  }

  async serve(options?: FailOverServerOptions): Promise<Server> {
    const says = new FailOverServer(options);
    const transport = this.#transport;
    const orb = await ORB_init([], { transport, initializers: portable([says]) });
    this.#t.teardown(() => orb.destroy());
    const servant = new Sample();
    const own = await orb.rootPOA.activate(servant);
    orb.bindPlainKey("Twin", own);
    orb.rootPOA.the_POAManager.activate();
    const [{ host, port } = { host: "", port: 0 }] = orb.endpoints;
    const die = async (): Promise<void> => {
      for (const cut of this.#cuts.get(port) ?? []) cut();
      await orb.destroy();
    };
    return { orb, servant, says, address: { host, port_number: port }, own, die };
  }

  /** A process that hangs: connections to it are taken, and nothing is answered. */
  async freeze(): Promise<ReplicaAddress> {
    const silent = (): void => undefined;
    const { endpoint } = await this.#transport.listen({ host: "frozen", port: 0 }, (channel) =>
      channel.start({ data: silent, drained: silent, closed: silent }),
    );
    return { host: endpoint.host, port_number: endpoint.port };
  }

  /** The object at a server, for a client that goes on by these schemes. @param prepares by this clock @param clock the ORB's */
  async call(
    server: Server,
    schemes: readonly FailOverScheme[],
    prepares?: TestClock,
    clock?: TestClock,
  ): Promise<Called> {
    const logged: string[] = [];
    const logger = {
      info: (text: string) => void logged.push(text),
      warn: (text: string) => void logged.push(text),
    };
    const prepared = prepares === undefined ? {} : { isPrepared: true, clock: prepares };
    const client = new FailOverClient({ schemes, timeoutMs: 10_000, logger, ...prepared });
    const orb = await ORB_init([], {
      transport: this.#cut,
      ...(clock === undefined ? {} : { clock }),
      config: { orb: { listen: [] } },
      connectionWatch: client,
      initializers: portable([client]),
    });
    this.#t.teardown(() => orb.destroy());
    const { host, port_number: port } = server.address;
    const at = `corbaloc:iiop:1.2@${host}:${port}/Twin`;
    return { orb, object: (await orb.string_to_object(at)) as ObjectReference, logged };
  }
}

const GONE: ReplicaAddress = { host: "nobody", port_number: 1 };

/** A call that is on its way when its server dies. */
async function lose(server: Server, object: ObjectReference): Promise<unknown> {
  const parked = sample.park(object).then(
    () => "answered",
    (error: unknown) => error,
  );
  await server.servant.called(1);
  await server.die();
  return await parked;
}

test("reactive, with a cache: the call raises, the next one goes to the first of the list that answers", async (t) => {
  const world = new World(t);
  const [a, b] = [await world.serve(), await world.serve()];
  const { object } = await world.call(a, [cached([a.address, GONE, b.address])]);
  const error = await lose(a, object);
  t.true(error instanceof COMM_FAILURE);
  t.is((error as COMM_FAILURE).completed, "COMPLETED_MAYBE");
  t.is(await sample.echo(object, "next"), "next");
  t.deepEqual(b.servant.calls, ["echo next"]);
});

test("reactive, without a cache: the next call waits until somebody has been asked again", async (t) => {
  const world = new World(t);
  const [a, b] = [await world.serve(), await world.serve()];
  const asked: string[] = [];
  const ask = async ({ host, port }: { host: string; port: number }): Promise<ObjectReference> => {
    asked.push(`${host}:${port}`);
    await new Promise((resolve) => setImmediate(resolve));
    return b.own;
  };
  const { object } = await world.call(a, [resolved(ask)]);
  t.true((await lose(a, object)) instanceof COMM_FAILURE);
  t.is(await sample.echo(object, "next"), "next");
  t.deepEqual(asked, [`${a.address.host}:${a.address.port_number}`]);
  t.deepEqual(b.servant.calls, ["echo next"]);
});

test("addressing: a call that may be repeated is, and its program sees nothing; others raise", async (t) => {
  const world = new World(t);
  const [a, b] = [await world.serve(), await world.serve()];
  const repeats = (operation: string): boolean => operation === "park";
  const ask = addressing(async () => [b.address], { repeats });
  const { object } = await world.call(a, [ask]);
  const parked = sample.park(object);
  await a.servant.called(1);
  await a.die();
  await b.servant.called(1);
  for (const end of b.servant.parked) end();
  await parked;
  t.deepEqual(b.servant.calls, ["park"]);

  const [c, d] = [await world.serve(), await world.serve()];
  const nothing = await world.call(c, [addressing(async () => [d.address])]);
  const error = await lose(c, nothing.object);
  t.is((error as COMM_FAILURE).completed, "COMPLETED_MAYBE");
  t.deepEqual(d.servant.calls, []);
});

test("addressing: what was never sent is sent elsewhere, whatever it is", async (t) => {
  const world = new World(t);
  const [a, b] = [await world.serve(), await world.serve()];
  const { object } = await world.call(a, [addressing(async () => [b.address])]);
  await a.die();
  t.is(await sample.echo(object, "first"), "first");
  t.deepEqual(b.servant.calls, ["echo first"]);
});

test("addressing: where nobody is found, a request that may have been executed is not said to be not", async (t) => {
  const world = new World(t);
  const a = await world.serve();
  const ask = addressing(async () => [GONE], { repeats: () => true });
  const { object } = await world.call(a, [ask]);
  const error = await lose(a, object);
  t.true(error instanceof TRANSIENT);
  t.is((error as TRANSIENT).completed, "COMPLETED_MAYBE");
  const never = await t.throwsAsync(sample.echo(object, "next"), { instanceOf: TRANSIENT });
  t.is(never?.completed, "COMPLETED_NO");
});

test("addressing: a server that leaves has its clients ask, and executes nothing meanwhile", async (t) => {
  const world = new World(t);
  const [a, b] = [await world.serve({ schemes: ["addressing"] }), await world.serve()];
  const { object } = await world.call(a, [addressing(async () => [b.address])]);
  t.is(await sample.echo(object, "here"), "here");
  a.says.move([b.address]);
  const all = ["1", "2", "3"];
  t.deepEqual(await Promise.all(all.map((text) => sample.echo(object, text))), all);
  t.deepEqual(a.servant.calls, ["echo here"]);
  t.deepEqual(b.servant.calls.toSorted(), ["echo 1", "echo 2", "echo 3"]);
});

test("forward: every call is executed once, at the next replica, though the client knows no scheme", async (t) => {
  const world = new World(t);
  const [a, b] = [await world.serve({ schemes: ["forward"] }), await world.serve()];
  const { object } = await world.call(a, []);
  t.is(await sample.echo(object, "here"), "here");
  a.says.move([b.address]);
  t.is(await sample.echo(object, "there"), "there");
  await a.die();
  t.is(await sample.echo(object, "still there"), "still there");
  t.deepEqual(a.servant.calls, ["echo here"]);
  t.deepEqual(b.servant.calls, ["echo there", "echo still there"]);
});

test("schemes fall through, the strongest first", async (t) => {
  const world = new World(t);
  const [a, b, c, d] = [
    await world.serve(),
    await world.serve(),
    await world.serve(),
    await world.serve(),
  ];
  const asked: string[] = [];
  const { object } = await world.call(a, [
    new Messages(),
    addressing(async () => {
      asked.push("addressing");
      throw new TypeError("nobody knows");
    }),
    cached([GONE, c.address]),
    resolved(async () => {
      asked.push("resolved");
      return d.own;
    }),
  ]);
  a.says.know([b.address]);
  t.is(await sample.echo(object, "a"), "a");
  for (const [lost, next] of [
    [a, b],
    [b, c],
    [c, d],
  ] as const) {
    await lost.die();
    t.is(await sample.echo(object, "next"), "next");
    t.is(next.servant.calls.length, 1);
  }
  t.deepEqual(asked, ["addressing", "addressing", "resolved"]);
});

test("the replicas of a message are tried in their order when the server is lost", async (t) => {
  const world = new World(t);
  const [a, b] = [await world.serve(), await world.serve()];
  const { object } = await world.call(a, [new Messages()]);
  a.says.know([GONE, b.address]);
  await sample.echo(object, "a");
  await a.die();
  t.is(await sample.echo(object, "b"), "b");
  t.deepEqual(b.servant.calls, ["echo b"]);
});

test("a client that prepares has a connection to the next replica before it goes there", async (t) => {
  const world = new World(t);
  const [a, b] = [await world.serve({ schemes: ["message"] }), await world.serve()];
  const clock = new TestClock(0);
  const { object } = await world.call(a, [new Messages()], clock);
  a.says.know([GONE, b.address]);
  t.is(await sample.echo(object, "1"), "1");
  t.is(b.orb._connectionCounts.accepted, 0);
  clock.advanceMs(100);
  while (b.orb._connectionCounts.accepted === 0)
    await new Promise((resolve) => setImmediate(resolve));
  a.says.move([b.address]);
  t.is(await sample.echo(object, "2"), "2");
  while (a.orb._connectionCounts.accepted > 0)
    await new Promise((resolve) => setImmediate(resolve));
  t.is(await sample.echo(object, "3"), "3");
  t.deepEqual(b.servant.calls, ["echo 3"]);
  t.is(b.orb._connectionCounts.accepted, 1);
});

test("a client that prepares goes at once to the replica it was told of, and to another one where the message names that first", async (t) => {
  for (const isOther of [false, true]) {
    const world = new World(t);
    const [a, b, c] = [
      await world.serve({ schemes: ["message"] }),
      await world.serve(),
      await world.serve(),
    ];
    const clock = new TestClock(0);
    const { object } = await world.call(a, [new Messages()], clock);
    a.says.know([b.address, c.address]);
    await sample.echo(object, "1");
    clock.advanceMs(100);
    while (b.orb._connectionCounts.accepted === 0)
      await new Promise((resolve) => setImmediate(resolve));
    // What b answers makes the connection a prepared one.
    for (let i = 0; i < 10; i++) await sample.echo(object, "1");
    const told = isOther ? [c.address, b.address] : [b.address, c.address];
    a.says.move(told);
    await sample.echo(object, "told");
    while (isOther && a.orb._connectionCounts.accepted > 0)
      await new Promise((resolve) => setImmediate(resolve));
    await sample.echo(object, "3");
    const [there, elsewhere] = isOther ? [c, b] : [b, c];
    t.is(there.servant.calls.at(-1), "echo 3");
    t.deepEqual(elsewhere.servant.calls, []);
    t.is(a.servant.calls.includes("echo 3"), false);
  }
});

test("a client that prepares asks in advance where it would go, and again only where that one is gone, too", async (t) => {
  const world = new World(t);
  const [a, b, c] = [await world.serve(), await world.serve(), await world.serve()];
  const clock = new TestClock(0);
  const next = new Map([
    [a.address.port_number, b],
    [b.address.port_number, c],
  ]);
  const asked: number[] = [];
  const ask = addressing(
    async ({ at }) => {
      asked.push(at.port);
      return next.get(at.port)?.own ?? null;
    },
    { repeats: () => true },
  );
  const { object } = await world.call(a, [ask], clock, clock);
  const isReserved = async ({ orb }: Server): Promise<void> => {
    clock.advanceMs(100);
    while (orb._connectionCounts.accepted === 0)
      await new Promise((resolve) => setImmediate(resolve));
  };
  t.is(await sample.echo(object, "1"), "1");
  await isReserved(b);
  const parked = sample.park(object);
  await a.servant.called(2);
  await a.die();
  await b.servant.called(1);
  for (const end of b.servant.parked) end();
  await parked;
  t.is(b.orb._connectionCounts.accepted, 1);
  // From there on, it is the server where the calls go that would be lost.
  await isReserved(c);
  const [{ port_number: one }, { port_number: two }] = [a.address, b.address];
  t.deepEqual(asked, [one, two]);
  const d = await world.serve();
  next.set(two, d);
  await c.die();
  await b.die();
  t.is(await sample.echo(object, "2"), "2");
  t.deepEqual(d.servant.calls, ["echo 2"]);
  t.deepEqual(asked, [one, two, two]);
});

test("what the next replica said in advance holds from when calls go there", async (t) => {
  const world = new World(t);
  const [a, b, c] = [
    await world.serve({ schemes: ["message"] }),
    await world.serve({ schemes: ["message"] }),
    await world.serve(),
  ];
  const clock = new TestClock(0);
  const { object, logged } = await world.call(a, [new Messages()], clock);
  a.says.know([b.address]);
  b.says.know([c.address]);
  await sample.echo(object, "1");
  clock.advanceMs(100);
  while (b.says.toldCount === 0) await new Promise((resolve) => setImmediate(resolve));
  a.says.move([b.address]);
  await sample.echo(object, "2");
  while (!logged.includes("calls go to a replica"))
    await new Promise((resolve) => setImmediate(resolve));
  t.is(await sample.echo(object, "3"), "3");
  await b.die();
  t.is(await sample.echo(object, "4"), "4");
  t.deepEqual(
    [a, b, c].map(({ servant }) => servant.calls),
    [["echo 1", "echo 2"], ["echo 3"], ["echo 4"]],
  );
});

test("an address that calls have left is not tried before those that the schemes name", async (t) => {
  const world = new World(t);
  const [a, b, c] = [await world.serve(), await world.serve(), await world.serve()];
  const { object, logged } = await world.call(a, [new Messages(), cached([c.address])]);
  t.is(await sample.echo(object, "here"), "here");
  a.says.move([b.address]);
  t.is(await sample.echo(object, "the last one"), "the last one");
  while (!logged.includes("calls go to a replica"))
    await new Promise((resolve) => setImmediate(resolve));
  t.true((await lose(b, object)) instanceof COMM_FAILURE);
  t.is(await sample.echo(object, "next"), "next");
  t.deepEqual(a.servant.calls, ["echo here", "echo the last one"]);
  t.deepEqual(c.servant.calls, ["echo next"]);
});

const MOVED = "calls go to a replica";

async function turns(until: () => boolean): Promise<void> {
  while (!until()) await new Promise((resolve) => setImmediate(resolve));
}

test("a client is not moved to a replica that hangs: its calls go on where they are, until the next one has answered", async (t) => {
  const world = new World(t);
  const [a, b] = [await world.serve({ schemes: ["message"] }), await world.serve()];
  const clock = new TestClock(0);
  const { orb, object, logged } = await world.call(a, [new Messages()], undefined, clock);
  a.says.move([await world.freeze(), GONE, b.address]);
  t.is(await sample.echo(object, "told"), "told");
  await turns(() => orb._connectionCounts.opened === 2);
  for (const text of ["1", "2", "3"]) t.is(await sample.echo(object, text), text);
  t.deepEqual(logged, []);
  clock.advanceMs(10_001);
  await turns(() => logged.includes(MOVED));
  t.is(await sample.echo(object, "there"), "there");
  t.deepEqual(logged, ["a replica is not reached", "a replica is not reached", MOVED]);
  t.deepEqual(a.servant.calls, ["echo told", "echo 1", "echo 2", "echo 3"]);
  t.deepEqual(b.servant.calls, ["echo there"]);
});

test("a client is not moved to a replica that lacks the object", async (t) => {
  const world = new World(t);
  const [a, b] = [await world.serve({ schemes: ["message"] }), await world.serve()];
  const { object, logged } = await world.call(a, [new Messages()]);
  b.orb.bindPlainKey("Twin", null);
  a.says.move([b.address]);
  await sample.echo(object, "told");
  await turns(() => logged.length > 0);
  t.is(await sample.echo(object, "still here"), "still here");
  t.deepEqual(logged, ["a replica is not reached"]);
});

test("a server that dies while its client waits for the next replica to answer: calls wait, and go where somebody is", async (t) => {
  const world = new World(t);
  const [a, b] = [await world.serve({ schemes: ["message"] }), await world.serve()];
  const { object, logged } = await world.call(a, [new Messages(), cached([b.address])]);
  a.says.move([GONE, await world.freeze()]);
  await sample.echo(object, "told");
  await turns(() => logged.length > 0);
  a.says.know([GONE]);
  t.is(await sample.echo(object, "here"), "here");
  await a.die();
  t.is(await sample.echo(object, "there"), "there");
  t.deepEqual(b.servant.calls, ["echo there"]);
  t.deepEqual(logged, ["a replica is not reached", MOVED]);
});
