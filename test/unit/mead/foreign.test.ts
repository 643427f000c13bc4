// How servers move clients that know nothing of fail-over messages: scripted ones with the habits of omniORB and of TAO.
import test, { type ExecutionContext } from "ava";
import {
  FailOverServer,
  type FailOverServerOptions,
  portable,
} from "../../../interceptors/index.ts";
import { TestClock } from "../../../orb/base/index.ts";
import { CdrOutput } from "../../../orb/cdr/index.ts";
import {
  Assembler,
  beginMessage,
  codecFor,
  endMessage,
  type GiopMessage,
  RESPONSE,
} from "../../../orb/giop/index.ts";
import { alternateAddressesOf, iiopProfilesOf, readIor } from "../../../orb/ior/index.ts";
import { BAD_PARAM, MemoryTransport, ORB_init } from "../../../orb/index.ts";
import { Sample } from "../../support/sample.ts";

type Minor = 0 | 1 | 2;

const KEY = Buffer.from("Twin");
const NEXT = { host: "192.0.2.1", port_number: 2810 };
const AFTER = { host: "192.0.2.2", port_number: 2810 };

const target = { by: "key", objectKey: KEY } as const;

function requestOf(requestId: number, minor: Minor, operation = "echo"): Uint8Array {
  const out = new CdrOutput({ giopMinor: minor });
  const codec = codecFor(minor);
  beginMessage(out, "Request", minor);
  const header = { requestId, responseFlags: RESPONSE.target, target, operation, contexts: [] };
  codec.writeRequestHeader(out, header);
  const headerEnd = codec.beginBody(out);
  out.string("text");
  return codec.endBody(out, headerEnd).slice();
}

function locateOf(requestId: number, minor: Minor): Uint8Array {
  const out = new CdrOutput({ giopMinor: minor });
  beginMessage(out, "LocateRequest", minor);
  codecFor(minor).writeLocateRequestHeader(out, { requestId, target });
  return endMessage(out).slice();
}

/** What a reply says: its status, and the addresses of a forward. */
function said({ type, minor, input }: GiopMessage): string {
  if (type === "LocateReply") return codecFor(minor).readLocateReplyHeader(input).status;
  const { status } = codecFor(minor).readReplyHeader(input);
  if (!status.startsWith("LOCATION_FORWARD")) return status;
  const profiles = iiopProfilesOf(readIor(input)).map(({ host, objectKey, components }) => {
    const others = alternateAddressesOf(components).map((other) => other.host);
    return `${Buffer.from(objectKey).toString()} at ${host} or ${others.join(", ")}`;
  });
  return [status, ...profiles].join("; ");
}

interface Scene {
  readonly server: FailOverServer;
  readonly servant: Sample;
  readonly clock: TestClock;
  /** A client that sends one message after another, each when the one before is answered. */
  readonly client: () => Promise<(message: Uint8Array) => Promise<string>>;
}

async function scene(t: ExecutionContext, options: FailOverServerOptions = {}): Promise<Scene> {
  const transport = new MemoryTransport();
  const clock = new TestClock(1_000);
  const server = new FailOverServer({ ...options, clock });
  const orb = await ORB_init([], { transport, initializers: portable([server]) });
  t.teardown(() => orb.destroy());
  const servant = new Sample();
  orb.bindPlainKey("Twin", await orb.rootPOA.activate(servant));
  orb.rootPOA.the_POAManager.activate();
  const [endpoint = { host: "", port: 0 }] = orb.endpoints;
  const client = async (): Promise<(message: Uint8Array) => Promise<string>> => {
    const channel = await transport.connect(endpoint, AbortSignal.timeout(10_000));
    let heard: (text: string) => void = () => undefined;
    const assembler = new Assembler();
    channel.start({
      data: (chunk) => assembler.consume(chunk, (message) => heard(said(message))),
      drained: () => undefined,
      closed: () => undefined,
    });
    t.teardown(() => channel.destroy());
    return (message) =>
      new Promise((resolve) => {
        heard = resolve;
        channel.send(message);
      });
  };
  return { server, servant, clock, client };
}

const FORWARDED = "; Twin at 192.0.2.1 or 192.0.2.2; Twin at 192.0.2.2 or 192.0.2.1";

test("omniORB's client is forwarded for good, TAO's for now, each to all replicas and to the key it used", async (t) => {
  const { server, servant, client } = await scene(t, { schemes: ["forward"] });
  const [omni, tao] = [await client(), await client()];
  t.is(await omni(locateOf(2, 2)), "OBJECT_HERE");
  t.is(await omni(requestOf(4, 2)), "NO_EXCEPTION");
  t.is(await tao(requestOf(1, 2)), "NO_EXCEPTION");
  server.move([NEXT, AFTER]);
  t.is(await omni(requestOf(6, 2)), `LOCATION_FORWARD_PERM${FORWARDED}`);
  t.is(await tao(requestOf(2, 2)), `LOCATION_FORWARD${FORWARDED}`);
  t.is(servant.calls.length, 2);
  t.is(server.forwardedCount, 2);
  server.know([NEXT]);
  t.is(await tao(requestOf(3, 2)), "NO_EXCEPTION");
});

test("before GIOP 1.2 nothing is for good: omniORB's client is left to the end of its connection", async (t) => {
  const { server, servant, client } = await scene(t, { schemes: ["forward"] });
  server.move([NEXT, AFTER]);
  for (const minor of [0, 1] as const) {
    const [omni, tao] = [await client(), await client()];
    t.is(await omni(requestOf(2, minor)), "NO_EXCEPTION");
    t.true((await tao(requestOf(1, minor))).startsWith("LOCATION_FORWARD; "));
  }
  t.is(servant.calls.length, 2);
});

test("one that passes over the message is forwarded once it had time to leave, and no one before", async (t) => {
  const { server, client, clock } = await scene(t, { patienceMs: 50 });
  const [deaf, late] = [await client(), await client()];
  await deaf(locateOf(2, 2));
  server.move([NEXT, AFTER]);
  // The message leaves with this reply.
  t.is(await deaf(requestOf(4, 2)), "NO_EXCEPTION");
  clock.advanceMs(49);
  t.is(await deaf(requestOf(6, 2)), "NO_EXCEPTION");
  clock.advanceMs(1);
  t.regex(await deaf(requestOf(8, 2)), /^LOCATION_FORWARD_PERM/);
  t.is(await late(requestOf(1, 2)), "NO_EXCEPTION");
  t.is(server.toldCount, 2);
});

test("how long no client has called tells when they are gone", async (t) => {
  const { server, client, clock } = await scene(t);
  const call = await client();
  clock.advanceMs(1_000);
  server.move([NEXT]);
  t.is(server.quietMs, 0);
  clock.advanceMs(30);
  t.is(server.quietMs, 30);
  await call(requestOf(1, 2));
  t.is(server.quietMs, 0);
});

test("one that does not ask elsewhere is served after one question, and never asked again", async (t) => {
  const { server, servant, client } = await scene(t, { schemes: ["addressing"] });
  const call = await client();
  server.move([NEXT]);
  t.is(await call(requestOf(1, 2)), "NEEDS_ADDRESSING_MODE");
  t.is(servant.calls.length, 0);
  const old = await client();
  t.is(await old(requestOf(1, 1)), "NO_EXCEPTION");
});

test("schemes are some of three, each once", (t) => {
  for (const schemes of [[], ["forward", "forward"]] as const) {
    t.throws(() => new FailOverServer({ schemes }), { instanceOf: BAD_PARAM });
  }
});
