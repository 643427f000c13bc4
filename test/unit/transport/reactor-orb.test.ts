import { connect as connectSocket } from "node:net";
import test, { type ExecutionContext } from "ava";
import { loadNative, nativeFault } from "../../../native/index.ts";
import { Assembler, type GiopMessage } from "../../../orb/giop/index.ts";
import {
  type OrbConfig,
  type ObjectReference,
  type ORB,
  ORB_init,
  type Transport,
} from "../../../orb/index.ts";
import { ObservedTransport } from "../../../orb/trace/index.ts";
import type { Channel } from "../../../orb/transport/index.ts";
import { Deferred } from "../../../orb/base/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { Ear, giop, NEVER, socketPath } from "./suite.ts";

function reactor(wholeOctets: number = 16_384): Transport {
  const addon = loadNative();
  if (addon === undefined) throw new Error(nativeFault());
  return addon.createReactor({ wholeOctets });
}

interface Scene {
  readonly server: ORB;
  readonly servant: Sample;
  /** The object as another ORB sees it, over a connection of its own. */
  readonly client: () => Promise<ObjectReference>;
}

async function scene(
  t: ExecutionContext,
  options: { readonly listen?: string; readonly orb?: OrbConfig; readonly whole?: number } = {},
): Promise<Scene> {
  const { listen = "iiop://127.0.0.1:0", orb = {}, whole } = options;
  const transport = reactor(whole);
  const server = await ORB_init(["-ORBListenEndpoints", listen], { transport, config: { orb } });
  t.teardown(() => server.destroy());
  const servant = new Sample();
  const ior = server.object_to_string(await server.rootPOA.activate(servant));
  server.rootPOA.the_POAManager.activate();
  const client = async (): Promise<ObjectReference> => {
    const mine = await ORB_init([], { transport, config: { orb: { ...orb, listen: [] } } });
    t.teardown(() => mine.destroy());
    return (await mine.string_to_object(ior)) as ObjectReference;
  };
  return { server, servant, client };
}

/** Where a message stops being handed over whole, and around. */
const SIZES: readonly number[] = [0, 100, 16_000, 16_250, 16_400, 17_000, 70_000, 3_000_000];

for (const fragmentOctets of [0, 4_096])
  test(`calls of all sizes, several clients at once, fragments of ${fragmentOctets} octets`, async (t) => {
    const path = await socketPath(t);
    for (const listen of ["iiop://127.0.0.1:0", `unix://${path}`]) {
      const { client } = await scene(t, { listen, orb: { fragmentOctets } });
      const clients = await Promise.all(Array.from({ length: 6 }, client));
      await Promise.all(
        clients.map(async (reference, n) => {
          for (const size of SIZES) {
            const text = String.fromCodePoint(97 + n).repeat(size + n);
            t.true((await sample.echo(reference, text)) === text);
          }
          const many = Array.from({ length: 200 }, (_, at) =>
            `${n}.${at}`.padEnd((at * 97) % 3_000),
          );
          t.deepEqual(await Promise.all(many.map((text) => sample.echo(reference, text))), many);
        }),
      );
    }
  });

/** What a server answers octets of a connection of their own with, until it closes. */
async function answerTo(server: ORB, octets: Uint8Array): Promise<readonly string[]> {
  const { host = "", port = 0 } = server.endpoints[0] ?? {};
  const socket = connectSocket({ host, port });
  const messages: GiopMessage[] = [];
  const assembler = new Assembler({});
  socket.on("data", (chunk: Buffer) => assembler.consume(chunk, (m) => messages.push(m)));
  socket.write(octets);
  await new Promise((resolve) => socket.on("close", resolve).on("error", () => undefined));
  return messages.map(({ type }) => type);
}

test("what is no GIOP, and what is too large, gets MessageError by its header alone", async (t) => {
  const { server, client } = await scene(t, { orb: { maxMessageOctets: 2_000 }, whole: 2_000 });
  for (const hex of [
    "474554202f20485454502f312e310d0a0d0a", // GET / HTTP/1.1
    "47494f50020001000000000000000000", // GIOP 2.0
    "47494f500102010900000000", // type 9
    "47494f5001020100f0070000", // claims 2,032 octets and sends none
    "47494f5001020100ffffff7f",
    "47494f500100010700000000", // a Fragment of GIOP 1.0
  ])
    t.deepEqual(await answerTo(server, Buffer.from(hex, "hex")), ["MessageError"], hex);
  t.is(await sample.echo(await client(), "still there"), "still there");
});

test("a server stops reading from a client that does not take its replies, and goes on when it does", async (t) => {
  const { client } = await scene(t, { orb: { maxQueuedOctets: 60_000 } });
  const reference = await client();
  const other = await client();
  const text = "x".repeat(50_000);
  for (let round = 0; round < 5; round++) {
    const calls = [];
    // One at a time may be queued at the client; the replies of the others wait at the server.
    for (let n = 0; n < 40; n++) {
      calls.push(sample.echo(reference, text));
      await new Promise((resolve) => setImmediate(resolve));
    }
    t.is(await sample.echo(other, "meanwhile"), "meanwhile");
    const outcomes = await Promise.allSettled(calls);
    t.true(outcomes.some((outcome) => outcome.status === "fulfilled" && outcome.value === text));
  }
  t.is(await sample.echo(reference, "afterwards"), "afterwards");
});

test("clients of a server that goes away in good order call the next one", async (t) => {
  const path = await socketPath(t);
  const first = await scene(t, { listen: `unix://${path}` });
  const reference = await first.client();
  t.is(await sample.echo(reference, "1"), "1");
  await first.server.destroy();
  await t.throwsAsync(sample.echo(reference, "2"), { message: /ECONNREFUSED|ENOENT/u });
});

test("an observed connection tells the peer's credentials, and octets that left as not queued", async (t) => {
  const path = await socketPath(t);
  const queued: number[] = [];
  const transport = new ObservedTransport(reactor(), () => ({
    sent: () => undefined,
    received: () => undefined,
    queued: (octets) => void queued.push(octets),
    closed: () => undefined,
  }));
  const accepted = new Deferred<Channel>();
  const listener = await transport.listen({ host: "", port: 0, path }, (channel) =>
    accepted.resolve(channel),
  );
  const client = await transport.connect(listener.endpoint, NEVER);
  const server = await accepted.promise;
  t.is(server.credentials?.pid, process.pid);
  const ear = new Ear(server);
  new Ear(client);
  client.send(giop(100, true, 1));
  await ear.heard(112);
  t.is(queued.at(-1), 0);
  client.destroy();
  await ear.closed;
  await listener.close();
});
