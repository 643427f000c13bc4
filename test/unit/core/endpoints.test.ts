import test from "ava";
import {
  BAD_PARAM,
  type Channel,
  type Endpoint,
  INITIALIZE,
  type Logger,
  MemoryTransport,
  type ObjectReference,
  ORB_init,
  TRANSIENT,
} from "../../../orb/index.ts";
import {
  type Machine,
  parseEndpoint,
  parsePublish,
  publishedAddresses,
} from "../../../orb/core/index.ts";
import {
  alternateAddressComponent,
  alternateAddressesOf,
  iiopProfilesOf,
  iorFromString,
  iorToString,
  writeIiopProfile,
} from "../../../orb/ior/index.ts";
import { Sample, sample } from "../../support/sample.ts";

type Orb = Awaited<ReturnType<typeof ORB_init>>;

const MACHINE: Machine = {
  hostname: "metro1",
  addresses: [
    { address: "127.0.0.1", family: "IPv4", internal: true },
    { address: "::1", family: "IPv6", internal: true },
    { address: "192.0.2.7", family: "IPv4", internal: false },
    { address: "fe80::1", family: "IPv6", internal: false },
    { address: "198.51.100.7", family: "IPv4", internal: false },
    { address: "2001:db8::7", family: "IPv6", internal: false },
  ],
};
const ALONE: Machine = {
  hostname: "metro2",
  addresses: MACHINE.addresses.filter(({ internal }) => internal),
};

interface Case {
  readonly listen: readonly string[];
  readonly publish?: readonly string[];
  readonly machine?: Machine;
  readonly addresses: readonly string[];
  readonly isOnlyLoopback?: boolean;
}

const CASES: readonly Case[] = [
  { listen: ["iiop://0.0.0.0:1"], addresses: ["192.0.2.7:1"] },
  { listen: ["iiop://[::]:1"], addresses: ["192.0.2.7:1", "2001:db8::7:1"] },
  { listen: ["iiop://[2001:db8::7]:1"], addresses: ["2001:db8::7:1"] },
  { listen: ["iiop://127.0.0.1:1", "iiop://0.0.0.0:2"], addresses: ["192.0.2.7:2"] },
  { listen: ["iiop://127.0.0.1:1"], addresses: ["127.0.0.1:1"], isOnlyLoopback: true },
  { listen: ["iiop://localhost:1"], addresses: ["localhost:1"], isOnlyLoopback: true },
  {
    listen: ["iiop://[::]:1"],
    machine: ALONE,
    addresses: ["127.0.0.1:1", "::1:1"],
    isOnlyLoopback: true,
  },
  {
    listen: ["iiop://0.0.0.0:1", "iiop://127.0.0.1:2"],
    publish: ["{hosts}:{port}"],
    addresses: ["192.0.2.7:1", "198.51.100.7:1"],
  },
  {
    listen: ["iiop://0.0.0.0:1", "iiop://0.0.0.0:2"],
    publish: ["{hostname}:{port}"],
    addresses: ["metro1:1", "metro1:2"],
  },
  {
    listen: ["iiop://0.0.0.0:1"],
    publish: ["metro.example:{port}", "{host}:2810", "[2001:db8::9]:3"],
    addresses: ["metro.example:1", "192.0.2.7:2810", "2001:db8::9:3"],
  },
  {
    // A tunnel's end: whoever spells a loopback address wants it, and needs no warning.
    listen: ["iiop://0.0.0.0:1"],
    publish: ["127.0.0.1:9", "{host}:{port}"],
    addresses: ["127.0.0.1:9", "192.0.2.7:1"],
  },
  { listen: ["iiop://127.0.0.1:1"], publish: ["127.0.0.1:9"], addresses: ["127.0.0.1:9"] },
  { listen: [], addresses: [] },
];

for (const { listen, publish = [], machine = MACHINE, addresses, isOnlyLoopback } of CASES) {
  test(`published: ${listen.join(" ")} as ${publish.join(" ")} with ${machine.hostname}`, (t) => {
    const found = publishedAddresses(
      listen.map((text) => parseEndpoint(text, "endpoint")),
      publish.map(parsePublish),
      machine,
    );
    t.deepEqual(
      found.addresses.map(({ host, port }) => `${host}:${port}`),
      addresses,
    );
    t.is(found.isOnlyLoopback, isOnlyLoopback ?? false);
  });
}

test("a published address that nobody can connect to is refused, and said what is allowed", (t) => {
  for (const text of ["0.0.0.0:1", "[::]:1", "h:0", "h", "{x}:1", "h:{host}", ":1", "h:65536"]) {
    const error = t.throws(() => parsePublish(text), { instanceOf: BAD_PARAM }, text);
    t.regex(error?.message ?? "", /allowed: HOST:PORT, where HOST may be \{host\}/);
  }
});

function memoryLog(): { readonly log: Logger; readonly warnings: string[] } {
  const warnings: string[] = [];
  const nothing = (): void => undefined;
  const warn = (message: string): void => void warnings.push(message);
  return { log: { debug: nothing, info: nothing, warn, error: nothing }, warnings };
}

test("references that name loopback alone are warned of, once, when the first is made", async (t) => {
  const { log, warnings } = memoryLog();
  await using orb = await ORB_init(["-ORBListenEndpoints", "iiop://127.0.0.1:2810"], {
    transport: new MemoryTransport(),
    logger: log,
  });
  t.deepEqual(warnings, []);
  await orb.rootPOA.activate(new Sample());
  await orb.rootPOA.activate(new Sample());
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? "", /127\.0\.0\.1:2810, which no other machine reaches: .*orb\.publish/);
});

test("-ORBPublish wins over orb.publish, and all of it stands in one profile", async (t) => {
  await using orb = await ORB_init(["-ORBPublish", "a.example:{port};b.example:7"], {
    transport: new MemoryTransport(),
    config: { orb: { listen: ["iiop://127.0.0.1:5", "iiop://127.0.0.1:6"], publish: ["c:1"] } },
  });
  const reference = await orb.rootPOA.activate(new Sample());
  const [profile, ...others] = iiopProfilesOf(iorFromString(orb.object_to_string(reference)));
  t.is(others.length, 0);
  t.is(`${profile?.host}:${profile?.port}`, "a.example:5");
  t.deepEqual(alternateAddressesOf(profile?.components ?? []), [
    { host: "a.example", port: 6 },
    { host: "b.example", port: 7 },
  ]);
});

test("an endpoint that cannot be had is named", async (t) => {
  const transport = new MemoryTransport();
  await using orb = await ORB_init(["-ORBListenEndpoints", "iiop://[::1]:7"], { transport });
  t.is(orb.endpoints.length, 1);
  await t.throwsAsync(ORB_init(["-ORBListenEndpoints", "iiop://[::1]:7"], { transport }), {
    instanceOf: INITIALIZE,
    message: /cannot listen on iiop:\/\/\[::1\]:7: .*EADDRINUSE/,
  });
});

async function served(t: { teardown(end: () => Promise<void>): void }, at: string): Promise<Orb> {
  const orb = await ORB_init(["-ORBListenEndpoints", at]);
  t.teardown(() => orb.destroy());
  await orb.rootPOA.activate(new Sample());
  orb.bindPlainKey("sample", await orb.rootPOA.activate(new Sample()));
  orb.rootPOA.the_POAManager.activate();
  return orb;
}

async function echoAt(url: string): Promise<string> {
  await using client = await ORB_init();
  const reference = (await client.string_to_object(url)) as ObjectReference;
  return await sample.echo(reference, url);
}

test("IPv6 literals are listened on and called", async (t) => {
  const orb = await served(t, "iiop://[::1]:0");
  const url = `corbaloc:iiop:1.2@[::1]:${orb.endpoints[0]?.port}/sample`;
  t.is(await echoAt(url), url);
});

test("[::] serves both families, and leaves IPv4 to 0.0.0.0 beside it", async (t) => {
  const dual = await served(t, "iiop://[::]:0");
  const port = dual.endpoints[0]?.port ?? 0;
  for (const host of ["127.0.0.1", "[::1]"]) {
    const url = `corbaloc:iiop:1.2@${host}:${port}/sample`;
    t.is(await echoAt(url), url);
  }
  await dual.destroy();
  const two = await served(t, `iiop://[::]:${port};iiop://0.0.0.0:${port}`);
  t.is(two.endpoints.length, 2);
  for (const host of ["127.0.0.1", "[::1]"]) {
    const url = `corbaloc:iiop:1.2@${host}:${port}/sample`;
    t.is(await echoAt(url), url);
  }
});

/** Counts connects by `HOST:PORT`. */
class Counting extends MemoryTransport {
  readonly connects: string[] = [];

  override connect(to: Endpoint, signal: AbortSignal): Promise<Channel> {
    this.connects.push(`${to.host}:${to.port}`);
    return super.connect(to, signal);
  }
}

/** A reference to the object of `at`, with profiles of addresses, the first of each with the others as alternates. */
function withProfiles(ior: string, profiles: readonly (readonly Endpoint[])[]): string {
  const { typeId, profiles: own } = iorFromString(ior);
  const [profile] = iiopProfilesOf({ typeId, profiles: own });
  const objectKey = profile?.objectKey ?? new Uint8Array();
  return iorToString({
    typeId,
    profiles: profiles.map(([first = { host: "", port: 0 }, ...alternates]) =>
      writeIiopProfile({
        minor: 2,
        ...first,
        objectKey,
        components: alternates.map((address) => alternateAddressComponent(address)),
      }),
    ),
  });
}

test("a client goes through profiles and alternates in order, and begins with the good one after that", async (t) => {
  const transport = new Counting();
  const server = await ORB_init(["-ORBListenEndpoints", "iiop://c:3"], { transport });
  const client = await ORB_init([], { transport, config: { orb: { listen: [] } } });
  const servant = await server.rootPOA.activate(new Sample());
  server.rootPOA.the_POAManager.activate();
  const [a, b, c, d] = [
    { host: "a", port: 1 },
    { host: "b", port: 2 },
    { host: "c", port: 3 },
    { host: "d", port: 4 },
  ];
  const text = withProfiles(server.object_to_string(servant), [
    [a, b],
    [c, d],
  ]);
  const reference = (await client.string_to_object(text)) as ObjectReference;
  t.is(await sample.echo(reference, "1"), "1");
  t.deepEqual(transport.connects, ["a:1", "b:2", "c:3"]);
  t.is(await sample.echo(reference, "2"), "2");
  t.deepEqual(transport.connects, ["a:1", "b:2", "c:3"]);
  await server.destroy();
  // Every address is tried again, from the good one on, before the call fails.
  transport.connects.length = 0;
  const error = await t.throwsAsync(sample.echo(reference, "3"), { instanceOf: TRANSIENT });
  t.is(error?.completed, "COMPLETED_NO");
  t.deepEqual(transport.connects, ["c:3", "d:4", "a:1", "b:2"]);
  await client.destroy();
});
