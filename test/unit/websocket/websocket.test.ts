import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import test, { type ExecutionContext } from "ava";
import { WebSocket } from "ws";
import {
  INITIALIZE,
  type ObjectReference,
  type ORB,
  ORB_init,
  type OrbConfig,
  TRANSIENT,
} from "../../../orb/index.ts";
import { newWebSocketTransport, type WebSocketOptions } from "../../../services/websocket/index.ts";
import { Sample, sample } from "../../support/sample.ts";

/** Keeps what it is given, to call it back. */
class Keeper extends Sample {
  kept: ObjectReference | null = null;

  override same(reference: ObjectReference | null): ObjectReference | null {
    this.kept = reference;
    return reference;
  }
}

async function started(t: ExecutionContext, orb: OrbConfig, web: WebSocketOptions): Promise<ORB> {
  const started = await ORB_init([], { transport: newWebSocketTransport(web), config: { orb } });
  t.teardown(() => started.destroy());
  return started;
}

interface Scene {
  readonly server: ORB;
  readonly client: ORB;
  readonly keeper: Keeper;
  readonly far: ObjectReference;
  readonly port: number;
}

async function scene(
  t: ExecutionContext,
  web: WebSocketOptions = {},
  ofServer: OrbConfig = {},
  ofClient: OrbConfig = { listen: [] },
): Promise<Scene> {
  const server = await started(t, ofServer, web);
  const client = await started(t, ofClient, web);
  const keeper = new Keeper();
  const local = await server.rootPOA.activate(keeper);
  server.rootPOA.the_POAManager.activate();
  const far = (await client.string_to_object(server.object_to_string(local))) as ObjectReference;
  return { server, client, keeper, far, port: server.endpoints[0]?.port ?? 0 };
}

test("calls of all sizes go through a WebSocket", async (t) => {
  const { client, keeper, far } = await scene(t);
  t.is(await sample.echo(far, "small"), "small");
  // Larger than a frame.
  const large = "x".repeat(3_000_000);
  t.is(await sample.echo(far, large), large);
  const many = await Promise.all(Array.from({ length: 100 }, (_, n) => sample.echo(far, `${n}`)));
  t.deepEqual(
    many,
    Array.from({ length: 100 }, (_, n) => `${n}`),
  );
  t.is(keeper.calls.length, 102);
  t.deepEqual(client._connectionCounts, { opened: 1, accepted: 0 });
});

test("the objects of a client that opens no port are called over its WebSocket", async (t) => {
  const { server, client, keeper, far } = await scene(
    t,
    {},
    { bidirectional: "accept" },
    { listen: [], publish: ["browser7.invalid:1"], bidirectional: "offer" },
  );
  const servant = new Sample();
  const mine = await client.rootPOA.activate(servant);
  client.rootPOA.the_POAManager.activate();
  await sample.same(far, mine);
  t.is(await sample.echo(keeper.kept as ObjectReference, "back"), "back");
  t.deepEqual(servant.calls, ["echo back"]);
  t.is(server._connectionCounts.accepted, 1);
});

test("an entrance of another name and path is found by its URL", async (t) => {
  const server = await started(t, {}, { path: "/behind/the/proxy" });
  const servant = new Sample();
  const local = await server.rootPOA.activate(servant);
  server.rootPOA.the_POAManager.activate();
  const port = server.endpoints[0]?.port ?? 0;
  const urlOf = (): string => `ws://localhost:${port}/behind/the/proxy`;
  const client = await started(t, { listen: [] }, { urlOf });
  const far = (await client.string_to_object(server.object_to_string(local))) as ObjectReference;
  t.is(await sample.echo(far, "x"), "x");
  const wrong = await started(t, { listen: [] }, { path: "/elsewhere" });
  const lost = (await wrong.string_to_object(server.object_to_string(local))) as ObjectReference;
  const error = await t.throwsAsync(sample.echo(lost, "x"), { instanceOf: TRANSIENT });
  t.regex(error?.message ?? "", /no connection to .*: Unexpected server response: 400/);
});

test("one ORB listens to both, and calls each address as it is spoken to", async (t) => {
  let entrance = 0;
  const isEntrance = ({ host, port }: { host: string; port: number }): boolean =>
    host === "127.0.0.2" || (entrance !== 0 && port === entrance);
  const listen = ["iiop://127.0.0.2:0", "iiop://127.0.0.1:0"];
  const { server, far, client } = await scene(t, { isEntrance }, { listen });
  entrance = server.endpoints[0]?.port ?? 0;
  t.is(await sample.echo(far, "by WebSocket"), "by WebSocket");
  const tcp = `corbaloc:iiop:1.2@127.0.0.1:${server.endpoints[1]?.port}/keeper`;
  server.bindPlainKey("keeper", await server.rootPOA.activate(new Sample()));
  t.is(await sample.echo((await client.string_to_object(tcp)) as ObjectReference, "TCP"), "TCP");
});

test("pages of browsers are kept out unless their origin is allowed; text is no GIOP", async (t) => {
  const allowsOrigin = (origin: string): boolean => origin === "https://metro.example";
  const { port } = await scene(t, { allowsOrigin });
  const url = `ws://127.0.0.1:${port}/giop`;
  const stranger = new WebSocket(url, ["giop"], { origin: "https://evil.example" });
  const [refused] = (await once(stranger, "error")) as [Error];
  t.regex(refused.message, /Unexpected server response: 401/);
  const page = new WebSocket(url, ["giop"], { origin: "https://metro.example" });
  await once(page, "open");
  t.is(page.protocol, "giop");
  page.send("GIOP");
  const [code] = (await once(page, "close")) as [number];
  t.is(code, 1003);
});

test("who asks the entrance for a page is told what it is", async (t) => {
  const { port } = await scene(t);
  const request = get({ host: "127.0.0.1", port, path: "/giop", agent: false });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  t.is(response.statusCode, 426);
  response.resume();
  await once(response, "end");
});

test("a server that stops ends its WebSockets in good order; a port that is taken is named", async (t) => {
  const { server, client, far, port } = await scene(t);
  t.is(await sample.echo(far, "x"), "x");
  await t.throwsAsync(
    ORB_init(["-ORBListenEndpoints", `iiop://127.0.0.1:${port}`], {
      transport: newWebSocketTransport(),
    }),
    { instanceOf: INITIALIZE, message: /EADDRINUSE/ },
  );
  await server.destroy();
  t.is(client._connectionCounts.opened, 0);
  await t.throwsAsync(sample.echo(far, "y"), { instanceOf: TRANSIENT });
});

test("a call that is given up while it connects leaves nothing behind", async (t) => {
  const { far } = await scene(t, { urlOf: () => "ws://192.0.2.99:9/giop" });
  const error = await t.throwsAsync(sample.echo(far, "x", { timeoutMs: 50 }));
  t.regex(error?.message ?? "", /no connection/);
});
