// Who looks at connections that an ORB opened, and moves them.
import test, { type ExecutionContext } from "ava";
import { Deferred, TestClock } from "../../../orb/base/index.ts";
import {
  BAD_INV_ORDER,
  type Clock,
  COMM_FAILURE,
  type ConnectionEnd,
  type ConnectionWatch,
  type Endpoint,
  MemoryTransport,
  type ObjectReference,
  type OpenConnections,
  type ORB,
  ORB_init,
  TIMEOUT,
  TRANSIENT,
  type Transport,
  type WatchedConnection,
} from "../../../orb/index.ts";
import { placeOf, tcpTransport } from "../../../orb/transport/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { cuttable } from "./cuttable.ts";

/** Writes down what it is told. */
class Watch implements ConnectionWatch {
  readonly seen: string[] = [];
  connections: OpenConnections | undefined;
  /** Told about every event. */
  onEvent: (() => void) | undefined;

  #note(event: string, { route }: WatchedConnection): void {
    this.seen.push(`${event} ${route.tag}`.trim());
    this.onEvent?.();
  }

  attach(connections: OpenConnections): void {
    this.connections = connections;
  }

  opened(connection: WatchedConnection): void {
    this.#note("opened", connection);
  }

  quiet(connection: WatchedConnection): void {
    this.#note("quiet", connection);
  }

  broken(connection: WatchedConnection, end: ConnectionEnd): void {
    this.#note(end.kind, connection);
  }

  redirect(...args: Parameters<OpenConnections["redirect"]>): Promise<void> {
    return this.connections?.redirect(...args) ?? Promise.reject(new TypeError("not attached"));
  }

  seek(...args: Parameters<OpenConnections["seek"]>): Promise<Endpoint> {
    return this.connections?.seek(...args) ?? Promise.reject(new TypeError("not attached"));
  }

  until(event: string): Promise<void> {
    if (this.seen.includes(event)) return Promise.resolve();
    return new Promise((resolve) => {
      this.onEvent = () => {
        if (this.seen.includes(event)) resolve();
      };
    });
  }
}

interface Server {
  readonly orb: ORB;
  readonly servant: Sample;
  readonly place: Endpoint;
}

interface Scene {
  readonly client: ORB;
  readonly watch: Watch;
  /** Servers of which the objects have one and the same key. */
  serve(): Promise<Server>;
  /** The object as the server `at` has it, through the client. */
  reference(at: Server): Promise<ObjectReference>;
}

interface Means {
  readonly transport?: Transport;
  readonly clock?: Clock;
  readonly openedIdleMs?: number;
}

async function scene(t: ExecutionContext, means: Means = {}): Promise<Scene> {
  const { transport = new MemoryTransport(), openedIdleMs = 0, clock } = means;
  const timed = clock === undefined ? { transport } : { transport, clock };
  const watch = new Watch();
  const config = { orb: { listen: [], openedIdleMs } };
  const client = await ORB_init([], { ...timed, config, connectionWatch: watch });
  t.teardown(() => client.destroy());
  return {
    client,
    watch,
    serve: async () => {
      const orb = await ORB_init([], timed);
      t.teardown(() => orb.destroy());
      const servant = new Sample();
      orb.bindPlainKey("Twin", await orb.rootPOA.activate(servant));
      orb.rootPOA.the_POAManager.activate();
      return { orb, servant, place: orb.endpoints[0] as Endpoint };
    },
    reference: async ({ place }) =>
      (await client.string_to_object(
        `corbaloc:iiop:1.2@${place.host}:${place.port}/Twin`,
      )) as ObjectReference,
  };
}

const TRANSPORTS: readonly (readonly [name: string, make: () => Transport])[] = [
  ["memory", () => new MemoryTransport()],
  ["TCP", () => tcpTransport],
];

for (const [name, make] of TRANSPORTS) {
  test(`${name}: a watch is told of a connection that opens, rests and breaks`, async (t) => {
    const s = await scene(t, { transport: make() });
    const a = await s.serve();
    const reference = await s.reference(a);
    await sample.echo(reference, "1");
    t.deepEqual(s.watch.seen, ["opened", "quiet"]);
    const [connection] = s.watch.connections?.list() ?? [];
    t.is(connection?.route.place, `${a.place.host}:${a.place.port}`);
    t.is(connection?.pendingCount, 0);
    // Quiet once, when both are answered.
    const calls = [sample.park(reference), sample.park(reference)];
    await a.servant.called(3);
    t.is(connection?.pendingCount, 2);
    for (const end of a.servant.parked) end();
    await Promise.all(calls);
    t.deepEqual(s.watch.seen, ["opened", "quiet", "quiet"]);
    await a.orb.destroy();
    await s.watch.until("closed");
    t.deepEqual(s.watch.seen.slice(3), ["closed"]);
    t.deepEqual(s.watch.connections?.list(), []);
  });

  test(`${name}: an address that is redirected while nothing is outstanding is called elsewhere from then on`, async (t) => {
    const s = await scene(t, { transport: make() });
    const [a, b] = [await s.serve(), await s.serve()];
    const reference = await s.reference(a);
    await sample.echo(reference, "1");
    await s.watch.redirect(a.place, b.place);
    await sample.echo(reference, "2");
    t.deepEqual([a.servant.calls, b.servant.calls], [["echo 1"], ["echo 2"]]);
    t.deepEqual(s.watch.seen.slice(0, 3), ["opened", "quiet", "opened"]);
    // The old one is closed when nobody waits for that.
    await s.watch.until("left");
    t.deepEqual(s.watch.seen.slice(3).toSorted(), ["left", "quiet"]);
    const [connection, ...others] = s.watch.connections?.list() ?? [];
    t.deepEqual(others, []);
    t.is(connection?.at.port, b.place.port);
    t.is(connection?.route.port, a.place.port);
    // A reference made later leads there, too.
    await sample.echo(await s.reference(a), "3");
    t.is(b.servant.calls.length, 2);
    await s.watch.redirect(a.place, a.place);
    await sample.echo(reference, "4");
    t.deepEqual(a.servant.calls, ["echo 1", "echo 4"]);
  });

  test(`${name}: outstanding replies come first; calls made meanwhile wait and are sent once, to the new place`, async (t) => {
    const s = await scene(t, { transport: make() });
    const [a, b] = [await s.serve(), await s.serve()];
    const reference = await s.reference(a);
    const parked = sample.park(reference);
    await a.servant.called(1);
    const redirected = s.watch.redirect(a.place, b.place);
    // Until the other connection is there, calls go on.
    const early = sample.echo(reference, "early");
    t.is(await early, "early");
    await turns(() => isHeld(s));
    const late = [sample.echo(reference, "late 1"), sample.echo(reference, "late 2")];
    for (const end of a.servant.parked) end();
    await parked;
    await redirected;
    t.deepEqual(await Promise.all(late), ["late 1", "late 2"]);
    t.deepEqual(a.servant.calls, ["park", "echo early"]);
    t.deepEqual(b.servant.calls, ["echo late 1", "echo late 2"]);
    await b.orb.destroy();
  });
}

/** Whether a new call would have to wait. */
function isHeld(s: Scene): boolean {
  const [connection] = s.watch.connections?.list() ?? [];
  const cache = s.watch.connections as unknown as {
    opened(route: WatchedConnection["route"]): unknown;
  };
  return connection !== undefined && cache.opened(connection.route) === undefined;
}

async function turns(until: () => boolean): Promise<void> {
  while (!until()) await new Promise((resolve) => setImmediate(resolve));
}

test("replies that do not come in time leave everything where it is", async (t) => {
  const clock = new TestClock(1_000);
  const s = await scene(t, { clock });
  const [a, b] = [await s.serve(), await s.serve()];
  const reference = await s.reference(a);
  const parked = sample.park(reference);
  await a.servant.called(1);
  const redirected = s.watch.redirect(a.place, b.place, { timeoutMs: 200 });
  await turns(() => isHeld(s));
  const held = sample.echo(reference, "held");
  clock.advanceMs(201);
  const error = await t.throwsAsync(redirected, { instanceOf: TIMEOUT });
  t.regex(error?.message ?? "", /1 replies are outstanding/);
  t.is(await held, "held");
  for (const end of a.servant.parked) end();
  await parked;
  t.deepEqual([a.servant.calls, b.servant.calls], [["park", "echo held"], []]);
  await turns(() => b.orb._connectionCounts.accepted === 0);
  t.is(s.client._connectionCounts.opened, 1);
});

test("where nobody is reached calls stay where they are, and a signal ends the wait", async (t) => {
  const s = await scene(t);
  const [a, b] = [await s.serve(), await s.serve()];
  const reference = await s.reference(a);
  await sample.echo(reference, "1");
  const error = await t.throwsAsync(s.watch.redirect(a.place, { host: "nobody", port: 1 }), {
    instanceOf: TRANSIENT,
  });
  t.regex(error?.message ?? "", /nobody serves them at nobody:1/);
  const parked = sample.park(reference);
  await a.servant.called(2);
  const abort = new AbortController();
  const redirected = s.watch.redirect(a.place, b.place, { signal: abort.signal });
  await t.throwsAsync(s.watch.redirect(a.place, b.place), { instanceOf: BAD_INV_ORDER });
  await turns(() => isHeld(s));
  abort.abort();
  await t.throwsAsync(redirected, { instanceOf: TIMEOUT });
  for (const end of a.servant.parked) end();
  await parked;
  await sample.echo(reference, "2");
  t.deepEqual([a.servant.calls, b.servant.calls], [["echo 1", "park", "echo 2"], []]);
});

test("a server that dies before its last reply: that call is COMPLETED_MAYBE and sent once, the waiting ones go on", async (t) => {
  // Between client and first server, to cut them apart.
  const { transport, cuts } = cuttable(new MemoryTransport());
  const s = await scene(t, { transport });
  const [a, b] = [await s.serve(), await s.serve()];
  const reference = await s.reference(a);
  const parked = sample.park(reference);
  await a.servant.called(1);
  const redirected = s.watch.redirect(a.place, b.place);
  await turns(() => isHeld(s));
  const held = sample.echo(reference, "held");
  cuts[0]?.();
  const error = await t.throwsAsync(parked, { instanceOf: COMM_FAILURE });
  t.is(error?.completed, "COMPLETED_MAYBE");
  await redirected;
  t.is(await held, "held");
  t.deepEqual([a.servant.calls, b.servant.calls], [["park"], ["echo held"]]);
});

test("without a connection the next one leads elsewhere; when nobody is there any more, the address means itself again", async (t) => {
  const s = await scene(t);
  const [a, b] = [await s.serve(), await s.serve()];
  const reference = await s.reference(a);
  await s.watch.redirect(a.place, b.place);
  await sample.echo(reference, "1");
  t.deepEqual([a.servant.calls, b.servant.calls], [[], ["echo 1"]]);
  await b.orb.destroy();
  await s.watch.until("closed");
  await sample.echo(reference, "2");
  t.deepEqual(a.servant.calls, ["echo 2"]);
});

test("an ORB that ends in the middle of a move leaves nothing behind", async (t) => {
  const s = await scene(t);
  const [a, b] = [await s.serve(), await s.serve()];
  const reference = await s.reference(a);
  const parked = sample.park(reference);
  await a.servant.called(1);
  const redirected = s.watch.redirect(a.place, b.place);
  await turns(() => isHeld(s));
  const held = sample.echo(reference, "held");
  const failures = Promise.all([
    t.throwsAsync(redirected, { instanceOf: TRANSIENT }),
    t.throwsAsync(parked, { instanceOf: COMM_FAILURE }),
    t.throwsAsync(held, { instanceOf: TRANSIENT }),
  ]);
  await s.client.destroy();
  await failures;
  await turns(() => b.orb._connectionCounts.accepted === 0);
  t.deepEqual(b.servant.calls, []);
  t.deepEqual(s.watch.seen, ["opened", "left"]);
});

test("a connection that this ORB closes for being idle was left, not lost; what a watch throws is nobody's matter", async (t) => {
  const clock = new TestClock(1_000);
  const s = await scene(t, { clock, openedIdleMs: 1_000 });
  const a = await s.serve();
  s.watch.onEvent = () => {
    throw new TypeError("a bad watch");
  };
  t.is(await sample.echo(await s.reference(a), "1"), "1");
  for (let n = 0; n < 6; n++) clock.advanceMs(250);
  t.deepEqual(s.watch.seen, ["opened", "quiet", "left"]);
});

const NOBODY: Endpoint = { host: "nobody", port: 1 };

/** One after the other, and no more. */
function inTurn(...places: readonly Endpoint[]): () => Endpoint | undefined {
  const left = [...places];
  return () => left.shift();
}

test("calls to a server that is gone wait until another place is found, those that had no connection included", async (t) => {
  const s = await scene(t);
  const [a, b] = [await s.serve(), await s.serve()];
  const reference = await s.reference(a);
  await sample.echo(reference, "1");
  await a.orb.destroy();
  await s.watch.until("closed");
  const asked = new Deferred<void>();
  const next = inTurn(NOBODY, b.place);
  const sought = s.watch.seek(a.place, async () => {
    await asked.promise;
    return next();
  });
  const held = sample.echo(reference, "held");
  t.deepEqual(b.servant.calls, []);
  await t.throwsAsync(s.watch.redirect(a.place, b.place), { instanceOf: BAD_INV_ORDER });
  asked.resolve();
  t.deepEqual(await sought, b.place);
  t.is(await held, "held");
  t.is(await sample.echo(reference, "2"), "2");
  t.deepEqual(b.servant.calls, ["echo held", "echo 2"]);
  t.is(s.client._connectionCounts.opened, 1);
});

test("where a search finds nobody the calls that waited hear it from the address itself", async (t) => {
  const s = await scene(t);
  const a = await s.serve();
  const reference = await s.reference(a);
  await sample.echo(reference, "1");
  const alive = s.watch.seek(a.place, inTurn(NOBODY, { host: "nobody", port: 2 }));
  const held = sample.echo(reference, "held");
  const error = await t.throwsAsync(alive, { instanceOf: TRANSIENT });
  t.regex(error?.message ?? "", /nobody is reached at nobody:1, nobody:2/);
  t.is(await held, "held");
  await a.orb.destroy();
  await s.watch.until("closed");
  const gone = s.watch.seek(a.place, inTurn());
  const lost = sample.echo(reference, "lost");
  await t.throwsAsync(gone, { message: /no other place is known/ });
  await t.throwsAsync(lost, { instanceOf: TRANSIENT });
});

test("a source of places that never answers is waited for no longer than the search may take", async (t) => {
  const clock = new TestClock(1_000);
  const s = await scene(t, { clock });
  const a = await s.serve();
  const reference = await s.reference(a);
  const sought = s.watch.seek(a.place, () => new Promise(() => undefined), { timeoutMs: 200 });
  const held = sample.echo(reference, "held");
  clock.advanceMs(201);
  await t.throwsAsync(sought, { message: /more than 200 ms/ });
  t.is(await held, "held");
});

test("what a source of places throws is what the search throws, and an ORB that ends ends it", async (t) => {
  const s = await scene(t);
  const a = await s.serve();
  const broken = (): Promise<Endpoint> => Promise.reject(new RangeError("no map"));
  await t.throwsAsync(s.watch.seek(a.place, broken), { instanceOf: RangeError });
  const sought = s.watch.seek(a.place, () => new Promise(() => undefined));
  const ended = t.throwsAsync(sought, { instanceOf: TRANSIENT });
  await s.client.destroy();
  await ended;
});

test("a connection that was reserved carries the calls when they move, and nothing before", async (t) => {
  const s = await scene(t);
  const [a, b] = [await s.serve(), await s.serve()];
  const reference = await s.reference(a);
  const early = s.watch.connections?.reserve(a.place, inTurn(b.place));
  await t.throwsAsync(Promise.resolve(early), { instanceOf: BAD_INV_ORDER });
  await sample.echo(reference, "1");
  const nobody = s.watch.connections?.reserve(a.place, inTurn(NOBODY));
  await t.throwsAsync(Promise.resolve(nobody), { instanceOf: TRANSIENT });
  await s.watch.connections?.reserve(a.place, inTurn(b.place));
  await turns(() => b.orb._connectionCounts.accepted === 1);
  await sample.echo(reference, "2");
  t.deepEqual(s.watch.seen, ["opened", "quiet", "quiet"]);
  await s.watch.redirect(a.place, b.place);
  await sample.echo(reference, "3");
  t.deepEqual([a.servant.calls, b.servant.calls], [["echo 1", "echo 2"], ["echo 3"]]);
  t.is(b.orb._connectionCounts.accepted, 1);
});

test("a reserved connection whose server is gone is told to nobody, and another one is opened", async (t) => {
  const s = await scene(t);
  const [a, b, c] = [await s.serve(), await s.serve(), await s.serve()];
  const reference = await s.reference(a);
  await sample.echo(reference, "1");
  await s.watch.connections?.reserve(a.place, inTurn(b.place));
  await b.orb.destroy();
  await turns(() => s.client._connectionCounts.opened === 1);
  t.deepEqual(s.watch.seen, ["opened", "quiet"]);
  // A later one takes its place.
  await s.watch.connections?.reserve(a.place, inTurn(c.place));
  t.deepEqual(await s.watch.seek(a.place, inTurn(b.place, c.place)), c.place);
  await sample.echo(reference, "2");
  t.deepEqual(c.servant.calls, ["echo 2"]);
  t.is(c.orb._connectionCounts.accepted, 1);
});

test("a reserved connection goes with the one that it would have followed, and with the ORB", async (t) => {
  const clock = new TestClock(1_000);
  const s = await scene(t, { clock, openedIdleMs: 1_000 });
  const [a, b] = [await s.serve(), await s.serve()];
  const reference = await s.reference(a);
  await sample.echo(reference, "1");
  await s.watch.connections?.reserve(a.place, inTurn(b.place));
  for (let n = 0; n < 6; n++) clock.advanceMs(250);
  await turns(() => b.orb._connectionCounts.accepted === 0);
  await sample.echo(reference, "2");
  await s.watch.connections?.reserve(a.place, inTurn(b.place));
  await turns(() => b.orb._connectionCounts.accepted === 1);
  await s.client.destroy();
  await turns(() => b.orb._connectionCounts.accepted === 0);
  t.deepEqual(b.servant.calls, []);
});

/** Takes connections and never answers. */
async function frozen(transport: Transport): Promise<Endpoint> {
  const silent = (): void => undefined;
  const { endpoint } = await transport.listen({ host: "frozen", port: 0 }, (channel) =>
    channel.start({ data: silent, drained: silent, closed: silent }),
  );
  return endpoint;
}

const TWIN = Buffer.from("Twin");

test("calls stay where they are until the server at the new place has answered for their object", async (t) => {
  const transport = new MemoryTransport();
  const clock = new TestClock(1_000);
  const s = await scene(t, { transport, clock });
  const [a, b, stranger] = [await s.serve(), await s.serve(), await ORB_init([], { transport })];
  t.teardown(() => stranger.destroy());
  const reference = await s.reference(a);
  await sample.echo(reference, "1");
  const silent = s.watch.redirect(a.place, await frozen(transport), { timeoutMs: 200 });
  await turns(() => s.client._connectionCounts.opened === 2);
  t.is(await sample.echo(reference, "2"), "2");
  t.false(isHeld(s));
  clock.advanceMs(201);
  await t.throwsAsync(silent, { instanceOf: TRANSIENT, message: /more than 200 ms/ });
  const [lacking = a.place] = stranger.endpoints;
  const refused = s.watch.redirect(a.place, lacking, { objectKey: TWIN });
  await t.throwsAsync(refused, { instanceOf: TRANSIENT, message: /does not have the object/ });
  t.is(await sample.echo(reference, "3"), "3");
  t.is(s.client._connectionCounts.opened, 1);
  await s.watch.redirect(a.place, b.place, { objectKey: TWIN });
  t.is(await sample.echo(reference, "4"), "4");
  t.deepEqual([a.servant.calls, b.servant.calls], [["echo 1", "echo 2", "echo 3"], ["echo 4"]]);
});

test("a search ends a redirection whose server has not answered", async (t) => {
  const transport = new MemoryTransport();
  const s = await scene(t, { transport });
  const [a, b] = [await s.serve(), await s.serve()];
  const reference = await s.reference(a);
  await sample.echo(reference, "1");
  const to = await frozen(transport);
  const silent = t.throwsAsync(s.watch.redirect(a.place, to), { instanceOf: TRANSIENT });
  await turns(() => s.client._connectionCounts.opened === 2);
  await t.throwsAsync(s.watch.redirect(a.place, b.place), { instanceOf: BAD_INV_ORDER });
  t.deepEqual(await s.watch.seek(a.place, inTurn(b.place)), b.place);
  await silent;
  t.is(await sample.echo(reference, "2"), "2");
  t.deepEqual(b.servant.calls, ["echo 2"]);
});

test("calls change over to a reserved connection at once, when nothing is outstanding and it leads there", async (t) => {
  const s = await scene(t);
  const [a, b, c] = [await s.serve(), await s.serve(), await s.serve()];
  const reference = await s.reference(a);
  const place = placeOf(a.place);
  const swap = (to: Server): boolean | undefined => s.watch.connections?.swap({ place }, to.place);
  t.false(swap(b), "no connection that could be followed");
  await sample.echo(reference, "1");
  t.false(swap(b), "none reserved");
  await s.watch.connections?.reserve(a.place, inTurn(b.place));
  t.false(swap(c), "it leads elsewhere");
  const parked = sample.park(reference);
  await a.servant.called(2);
  t.false(swap(b), "a reply is outstanding");
  for (const end of a.servant.parked) end();
  await parked;
  t.true(swap(b));
  t.false(isHeld(s));
  t.is(await sample.echo(reference, "2"), "2");
  t.deepEqual([a.servant.calls, b.servant.calls], [["echo 1", "park"], ["echo 2"]]);
  t.is(b.orb._connectionCounts.accepted, 1);
});

test("a server that closes the connection that was left, or is gone, means nothing any more", async (t) => {
  const clock = new TestClock(1_000);
  const s = await scene(t, { clock });
  const [a, b] = [await s.serve(), await s.serve()];
  const reference = await s.reference(a);
  await sample.echo(reference, "1");
  await s.watch.redirect(a.place, b.place);
  t.false(s.watch.seen.includes("left"), "it is closed in a moment");
  await a.orb.destroy();
  await s.watch.until("left");
  t.is(await sample.echo(reference, "2"), "2");
  t.false(s.watch.seen.includes("closed") || s.watch.seen.includes("lost"));
});
