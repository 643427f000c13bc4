// Where calls go when somebody decides in place of the order that references give.
import test, { type ExecutionContext } from "ava";
import {
  type CallAddress,
  type CallChoice,
  type ChoosingCall,
  COMM_FAILURE,
  type EndpointChoice,
  MemoryTransport,
  type ObjectReference,
  type ORB,
  ORB_init,
  OBJ_ADAPTER,
  TIMEOUT,
  TRANSIENT,
} from "../../../orb/index.ts";
import { TestClock } from "../../../orb/base/index.ts";
import {
  type Ior,
  iiopProfilesOf,
  iorToString,
  objectGroupComponent,
  writeIiopProfile,
} from "../../../orb/ior/index.ts";
import { Sample, sample } from "../../support/sample.ts";

interface Server {
  readonly orb: ORB;
  readonly servant: Sample;
  readonly reference: ObjectReference;
}

interface Scene {
  readonly client: ORB;
  readonly transport: MemoryTransport;
  readonly clock: TestClock;
  /** A server at `iiop://NAME:1`. */
  serve(name: string, more?: string): Promise<Server>;
  /** What the client makes of the profiles of several references. */
  together(
    parts: readonly (ObjectReference | string)[],
    isGroup?: boolean,
  ): Promise<ObjectReference>;
}

async function scene(
  t: ExecutionContext,
  ...endpointChoices: readonly EndpointChoice[]
): Promise<Scene> {
  const transport = new MemoryTransport();
  const clock = new TestClock(1_000);
  const config = { orb: { listen: [] } };
  const client = await ORB_init([], { transport, clock, config, endpointChoices });
  t.teardown(() => client.destroy());
  return {
    client,
    transport,
    clock,
    serve: async (name, more = "") => {
      const at = `iiop://${name}:1${more}`;
      const orb = await ORB_init(["-ORBListenEndpoints", at], { transport, clock });
      t.teardown(() => orb.destroy());
      orb.rootPOA.the_POAManager.activate();
      const servant = new Sample();
      return { orb, servant, reference: await orb.rootPOA.activate(servant) };
    },
    together: async (parts, isGroup = false) => {
      const group = { domain: "test", id: 1n, version: 1 };
      const components = isGroup ? [objectGroupComponent(group)] : [];
      const profiles = parts.map((part) => {
        const isHost = typeof part === "string";
        const [profile] = isHost ? [] : iiopProfilesOf(part._core.ior);
        const host = isHost ? part : (profile?.host ?? "");
        const objectKey = profile?.objectKey ?? Buffer.from("nothing");
        return writeIiopProfile({ minor: 2, host, port: 1, objectKey, components });
      });
      const ior: Ior = { typeId: "IDL:Sample:1.0", profiles };
      return (await client.string_to_object(iorToString(ior))) as ObjectReference;
    },
  };
}

/** Writes down what it is asked and told. */
class Noted implements EndpointChoice {
  readonly seen: string[] = [];
  readonly calls: ChoosingCall[] = [];
  readonly #choice: Partial<CallChoice>;

  constructor(choice: Partial<CallChoice> = {}) {
    this.#choice = choice;
  }

  begin(call: ChoosingCall): CallChoice {
    this.calls.push(call);
    const hosts = (addresses: readonly CallAddress[]): string =>
      addresses.map(({ host }) => host).join(" ");
    return {
      order: (addresses) => {
        this.seen.push(`order ${hosts(addresses)}`);
        return this.#choice.order?.(addresses) ?? addresses;
      },
      failed: (at, error, rest) => {
        this.seen.push(`failed ${at.host} ${error.constructor.name}, rest ${hosts(rest)}`.trim());
        return this.#choice.failed?.(at, error, rest) ?? rest;
      },
      served: (at) => this.seen.push(`served ${at.host}`),
    };
  }
}

test("a call goes to the addresses in the order that was chosen", async (t) => {
  const noted = new Noted({ order: (addresses) => addresses.toReversed() });
  const s = await scene(t, noted);
  const [a, b] = [await s.serve("a"), await s.serve("b")];
  const reference = await s.together([a.reference, b.reference]);
  t.is(await sample.echo(reference, "1"), "1");
  t.deepEqual([a.servant.calls, b.servant.calls], [[], ["echo 1"]]);
  t.is(await sample.echo(reference, "2"), "2");
  t.deepEqual(noted.seen, ["order a b", "served b", "order b a", "served a"]);
  t.deepEqual(
    noted.calls.map((call) => [call.operation, call.isOneway, call.ior === reference._core.ior]),
    [
      ["echo", false, true],
      ["echo", false, true],
    ],
  );
  t.is(noted.calls[0]?.reference, noted.calls[1]?.reference);
});

test("an address that fails is told, and the next one is what is chosen then", async (t) => {
  const s = await scene(t, {
    begin: () => undefined,
  });
  const b = await s.serve("b");
  const elsewhere = b.reference._core.ior;
  const noted = new Noted();
  const table: EndpointChoice = {
    begin: (call) => ({
      order: (addresses) => addresses,
      failed: (_at, _error, rest) => [...call.addressesOf(elsewhere), ...rest],
    }),
  };
  const config = { orb: { listen: [] } };
  const { transport, clock } = s;
  const client = await ORB_init([], {
    transport,
    clock,
    config,
    endpointChoices: [noted, table],
  });
  t.teardown(() => client.destroy());
  const text = iorToString((await s.together(["x", "y"]))._core.ior);
  const reference = (await client.string_to_object(text)) as ObjectReference;
  t.is(await sample.echo(reference, "1"), "1");
  t.deepEqual(noted.seen, ["order x y", "failed x TRANSIENT, rest y", "served b"]);
  t.deepEqual(b.servant.calls, ["echo 1"]);
});

test("calls with one tag share a connection, calls with another have another", async (t) => {
  let tag = "";
  const s = await scene(t, {
    begin: () => ({ order: (addresses) => addresses.map((address) => address.with({ tag })) }),
  });
  const { reference, orb } = await s.serve("a");
  const near = await s.together([reference]);
  const other = await s.together([reference]);
  const opened: number[] = [];
  for (tag of ["", "band 1", "band 2", "band 1", ""]) {
    await sample.echo(near, tag);
    await sample.echo(other, tag);
    opened.push(s.client._connectionCounts.opened);
  }
  t.deepEqual(opened, [1, 2, 3, 3, 3]);
  t.is(orb._connectionCounts.accepted, 3);
});

test("a tag by reference gives each a connection of its own", async (t) => {
  const tags = new WeakMap<object, string>();
  let last = 0;
  const tagOf = (reference: object): string => {
    const tag = tags.get(reference) ?? `private ${++last}`;
    tags.set(reference, tag);
    return tag;
  };
  const s = await scene(t, {
    begin: ({ reference }) => ({
      order: (addresses) => addresses.map((address) => address.with({ tag: tagOf(reference) })),
    }),
  });
  const { reference } = await s.serve("a");
  const [one, two] = [await s.together([reference]), await s.together([reference])];
  for (const each of [one, two, one, two]) await sample.echo(each, "x");
  t.is(s.client._connectionCounts.opened, 2);
});

test("an address is asked for at another endpoint of its server, and is the same each time", async (t) => {
  const seen: CallAddress[] = [];
  const endpoint = { host: "a", port: 2 };
  const s = await scene(t, {
    begin: () => ({
      order: (addresses) => addresses.map((address) => address.with({ endpoint, tag: "fast" })),
      served: (at) => void seen.push(at),
    }),
  });
  const { reference } = await s.serve("a", ";iiop://a:2");
  const near = await s.together([reference]);
  t.is(await sample.echo(near, "1"), "1");
  t.is(await sample.echo(near, "2"), "2");
  const [first, second] = seen;
  t.is(first, second);
  t.deepEqual([first?.place, first?.tag], ["a:2", "fast"]);
  const [plain] = near._core.targets;
  t.is(first?.with({ endpoint: { host: "a", port: 1 }, tag: "" }), plain);
  t.is(plain?.with({}), plain);
});

test("after a forward it is asked again, and once more when the forward is given up", async (t) => {
  const noted = new Noted();
  const s = await scene(t, noted);
  const [a, b] = [await s.serve("a"), await s.serve("b")];
  a.orb.bindPlainKey("Moved", await a.orb.string_to_object(b.orb.object_to_string(b.reference)));
  const reference = (await s.client.string_to_object(
    "corbaloc:iiop:1.2@a:1/Moved",
  )) as ObjectReference;
  t.is(await sample.echo(reference, "1"), "1");
  t.deepEqual(noted.seen, ["order a", "order b", "served b"]);
  noted.seen.length = 0;
  await b.orb.destroy();
  a.orb.bindPlainKey("Moved", a.reference);
  t.is(await sample.echo(reference, "2"), "2");
  t.deepEqual(noted.seen, ["order b", "failed b TRANSIENT, rest", "order a", "served a"]);
});

test("each choice is given what the one before it left; one that begins nothing is left out", async (t) => {
  const drop = (host: string): EndpointChoice => ({
    begin: () => ({ order: (addresses) => addresses.filter((address) => address.host !== host) }),
  });
  const noted = new Noted();
  const s = await scene(t, drop("a"), { begin: () => undefined }, drop("b"), noted);
  const c = await s.serve("c");
  const reference = await s.together(["a", "b", c.reference]);
  t.is(await sample.echo(reference, "x"), "x");
  t.deepEqual(noted.seen, ["order c", "served c"]);
});

test("no address left is TRANSIENT, and what a choice throws is what the call raises", async (t) => {
  const none = await scene(t, { begin: () => ({ order: () => [] }) });
  const a = await none.serve("a");
  const error = await t.throwsAsync(sample.echo(await none.together([a.reference]), "x"), {
    instanceOf: TRANSIENT,
  });
  t.is(error?.completed, "COMPLETED_NO");
  const raise = (): never => {
    throw new OBJ_ADAPTER("no band");
  };
  const strict = await scene(t, { begin: () => ({ order: raise }) });
  await t.throwsAsync(sample.echo(await strict.together(["x"]), "x"), { message: "no band" });
  const late = await scene(t, { begin: () => ({ order: (all) => all, failed: raise }) });
  await t.throwsAsync(sample.echo(await late.together(["x"]), "x"), { message: "no band" });
  const [address] = (await late.together(["x"]))._core.targets;
  const alien = Object.assign({}, address) as CallAddress;
  const wrong = await scene(t, { begin: () => ({ order: () => [alien] }) });
  await t.throwsAsync(sample.echo(await wrong.together(["x"]), "x"), { instanceOf: TypeError });
});

test("a choice that never runs out of addresses does not keep the call for ever", async (t) => {
  let count = 0;
  const s = await scene(t, {
    begin: () => ({
      order: (addresses) => addresses,
      failed: (at) => {
        count++;
        return [at];
      },
    }),
  });
  await t.throwsAsync(sample.echo(await s.together(["x"]), "x"), { instanceOf: TRANSIENT });
  t.is(count, 100);
});

/** Reads requests and drops the connection. */
async function dying(s: Scene, host: string): Promise<void> {
  await s.transport.listen({ host, port: 1 }, (channel) =>
    channel.start({
      data: () => channel.destroy(),
      drained: () => undefined,
      closed: () => undefined,
    }),
  );
}

test("a lost request is told; to a group it goes on where the choice says, and ends otherwise", async (t) => {
  const noted = new Noted();
  const s = await scene(t, noted);
  await dying(s, "a");
  const b = await s.serve("b");
  const single = await s.together(["a", b.reference]);
  await t.throwsAsync(sample.echo(single, "x"), { instanceOf: COMM_FAILURE });
  t.deepEqual(noted.seen, ["order a b", "failed a COMM_FAILURE, rest"]);
  noted.seen.length = 0;
  const group = await s.together(["a", b.reference], true);
  t.is(await sample.echo(group, "y"), "y");
  t.deepEqual(noted.seen, ["order a b", "failed a COMM_FAILURE, rest", "order b a", "served b"]);
  t.is(noted.calls.length, 2, "a call begins once, however often it is sent");
});

test("after a lost request calls begin at another address, though the one that lost it still takes connections", async (t) => {
  const s = await scene(t);
  await dying(s, "a");
  const b = await s.serve("b");
  const both = await s.together(["a", b.reference]);
  // Two that are lost together are one loss: the second does not lead back.
  const lost = await Promise.allSettled([sample.echo(both, "1"), sample.echo(both, "2")]);
  t.deepEqual(
    lost.map((end) => end.status === "rejected" && end.reason instanceof COMM_FAILURE),
    [true, true],
  );
  t.is(await sample.echo(both, "3"), "3");
  t.is(await sample.echo(both, "4"), "4");
  const only = await s.together(["a"]);
  for (const text of ["5", "6"])
    await t.throwsAsync(sample.echo(only, text), { instanceOf: COMM_FAILURE });
});

test("a client that wants no rebinding stays at the address that lost its request", async (t) => {
  const s = await scene(t);
  const a = await s.serve("a");
  const b = await s.serve("b");
  const both = await s.together([a.reference, b.reference]);
  const bound = both._withPolicies({ rebind: "NO_REBIND" });
  t.is(await sample.echo(bound, "1"), "1");
  await a.orb.destroy();
  await dying(s, "a");
  for (const text of ["2", "3"])
    await t.throwsAsync(sample.echo(bound, text), { instanceOf: COMM_FAILURE });
  t.deepEqual(b.servant.calls, []);
});

test("a call whose time passes tells where it waited; a oneway tells that it left", async (t) => {
  const noted = new Noted();
  const s = await scene(t, noted);
  const a = await s.serve("a");
  const reference = await s.together([a.reference]);
  await sample.fire(reference, 1);
  t.deepEqual(noted.seen, ["order a", "served a"]);
  noted.seen.length = 0;
  const call = sample.park(reference, { timeoutMs: 50 });
  await a.servant.called(2);
  s.clock.advanceMs(51);
  await t.throwsAsync(call, { instanceOf: TIMEOUT });
  t.deepEqual(noted.seen, ["order a", "failed a TIMEOUT, rest"]);
  a.servant.parked.forEach((end) => end());
});
