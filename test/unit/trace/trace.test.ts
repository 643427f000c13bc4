import { subscribe, unsubscribe } from "node:diagnostics_channel";
import test, { type ExecutionContext } from "ava";
import { CosNaming } from "../../../idl/index.ts";
import {
  type ClientRequestTrace,
  type ConnectionTrace,
  type ORB,
  ORB_init,
  type OrbInitOptions,
  type ServerRequestTrace,
} from "../../../orb/index.ts";
import { PrometheusMetrics, serveMetrics } from "../../../services/node/index.ts";
import { startNaming } from "../../../services/naming/index.ts";

type Root = CosNaming.NamingContextExt;

/** A naming service and a client of it, each an ORB of its own. */
async function scene(
  t: ExecutionContext,
  options: { readonly server?: OrbInitOptions; readonly client?: OrbInitOptions } = {},
): Promise<{ readonly server: ORB; readonly client: ORB; readonly root: Root }> {
  const server = await ORB_init(["-ORBListenEndpoints", "iiop://127.0.0.1:0"], options.server);
  t.teardown(() => server.destroy());
  const naming = await startNaming({ orb: server });
  const client = await ORB_init(["-ORBListenEndpoints", "iiop://127.0.0.1:0"], options.client);
  t.teardown(() => client.destroy());
  const root = await CosNaming.NamingContextExt.narrow(
    await client.string_to_object(server.object_to_string(naming.root)),
  );
  if (root === null) throw new TypeError("the root is a NamingContextExt");
  return { server, client, root };
}

/** What a channel is told until the test ends, `pick`ed. */
function heard<T>(t: ExecutionContext, name: string): T[] {
  const all: T[] = [];
  const listen = (message: unknown): void => void all.push(message as T);
  subscribe(name, listen);
  t.teardown(() => void unsubscribe(name, listen));
  return all;
}

test.serial(
  "diagnostics_channel is told of calls, requests and connections, start and end",
  async (t) => {
    const starts = heard<ClientRequestTrace>(t, "orbweaver:client:start");
    const ends = heard<ClientRequestTrace>(t, "orbweaver:client:end");
    const came = heard<ServerRequestTrace>(t, "orbweaver:server:start");
    const answered = heard<ServerRequestTrace>(t, "orbweaver:server:end");
    const opened = heard<ConnectionTrace>(t, "orbweaver:connection:open");
    const closed = heard<ConnectionTrace>(t, "orbweaver:connection:close");
    const { client, server, root } = await scene(t);
    await root.to_name("a");
    await t.throwsAsync(root.resolve([{ id: "none", kind: "" }]));
    t.deepEqual(
      ends.map(({ operation, outcome }) => [operation, outcome]),
      [
        ["to_name", "result"],
        ["resolve", "exception"],
      ],
    );
    t.is(starts[0], ends[0], "one object from start to end");
    t.true((ends[0]?.elapsedMs ?? -1) >= 0);
    t.true(ends[1]?.error instanceof CosNaming.NamingContext.NotFound);
    t.is(ends[0]?.typeId, "IDL:omg.org/CosNaming/NamingContextExt:1.0");
    t.deepEqual(
      answered.map(({ operation, outcome, isAnswered }) => [operation, outcome, isAnswered]),
      [
        ["to_name", "NO_EXCEPTION", true],
        ["resolve", "USER_EXCEPTION", true],
      ],
    );
    t.is(came[0], answered[0]);
    t.not(came[0]?.origin, starts[0]?.origin, "one origin for each ORB");
    t.deepEqual(opened.map(({ side }) => side).toSorted(), ["client", "server"]);
    t.is(closed.length, 0);
    await client.destroy();
    await server.destroy();
    t.deepEqual(closed.map(({ side }) => side).toSorted(), ["client", "server"]);
  },
);

test.serial("a trace tells what a person wants to know of each message", async (t) => {
  const seen: string[] = [];
  const serverSeen: string[] = [];
  const { client, root } = await scene(t, {
    client: { config: { orb: { trace: 1 } }, traceTo: (line) => void seen.push(line) },
    server: { config: { orb: { trace: 2 } }, traceTo: (line) => void serverSeen.push(line) },
  });
  await root.to_name("a.b");
  await t.throwsAsync(root.resolve_str("none"));
  await client.destroy();
  const text = seen.join("\n");
  t.regex(seen[0] ?? "", /^\+\d+\.\d{3} ms {2}-> 127\.0\.0\.1:\d+ {2}connected$/);
  t.regex(
    text,
    /-> \S+ {2}Request 2: to_name on \w+.* \(GIOP 1\.2, little-endian, \d+ octets, body \d+\)/,
  );
  t.regex(text, /<- \S+ {2}Reply 2: NO_EXCEPTION \(GIOP 1\.2/);
  t.regex(
    text,
    /<- \S+ {2}Reply 4: USER_EXCEPTION IDL:omg\.org\/CosNaming\/NamingContext\/NotFound:1\.0/,
  );
  t.regex(text, /-> \S+ {2}CloseConnection/);
  t.notRegex(text, /00000000 {2}47 49 4f 50/, "octets only on request");
  t.regex(serverSeen.join("\n"), /<= \S+ {2}Request 2: to_name/);
  t.regex(serverSeen.join("\n"), /00000000 {2}47 49 4f 50 01 02/);
});

test.serial("what is no GIOP is told once, and the ORB goes its way", async (t) => {
  const seen: string[] = [];
  const { server } = await scene(t, {
    server: { config: { orb: { trace: 1 } }, traceTo: (line) => void seen.push(line) },
  });
  const { connect } = await import("node:net");
  const socket = connect(server.endpoints[0]?.port ?? 0, "127.0.0.1");
  await new Promise<void>((resolve) => {
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
    socket.resume();
    socket.write("GET / HTTP/1.1\r\n\r\n");
  });
  t.is(seen.filter((line) => line.includes("what is no GIOP")).length, 1);
  t.true(seen.some((line) => /=> .*MessageError/.test(line)));
});

test.serial(
  "metrics count requests, times, connections and octets of one ORB; served over HTTP",
  async (t) => {
    const metrics = new PrometheusMetrics();
    const others = new PrometheusMetrics();
    const { client, root } = await scene(t, { client: { metrics }, server: { metrics: others } });
    await using endpoint = await serveMetrics(metrics, { port: 0 });
    for (let i = 0; i < 3; i++) await root.to_name("a");
    await t.throwsAsync(root.resolve_str("none"));
    const response = await fetch(endpoint.url);
    t.is(response.status, 200);
    const text = await response.text();
    const has = (line: string): void => {
      t.true(text.split("\n").includes(line), `${line} in\n${text}`);
    };
    has('orbweaver_client_requests_total{operation="to_name",outcome="result"} 3');
    has('orbweaver_client_requests_total{operation="resolve_str",outcome="exception"} 1');
    has('orbweaver_client_request_seconds_count{operation="to_name"} 3');
    has("orbweaver_client_requests_in_progress 0");
    has('orbweaver_connections{side="client"} 1');
    has("orbweaver_send_queue_octets 0");
    t.regex(text, /orbweaver_octets_total\{direction="sent"\} [1-9]/);
    t.notRegex(text, /orbweaver_server_requests_total\{/, "the server is another ORB");
    t.regex(
      await others.registry.metrics(),
      /orbweaver_server_requests_total\{operation="to_name",outcome="NO_EXCEPTION"\} 3/,
    );
    t.is((await fetch(endpoint.url.replace("/metrics", "/"))).status, 404);
    await client.destroy();
    t.regex(await metrics.registry.metrics(), /orbweaver_connections\{side="client"\} 0/);
  },
);

test.serial("an ORB that is gone listens no more", async (t) => {
  const metrics = new PrometheusMetrics();
  const { channel } = await import("node:diagnostics_channel");
  const before = channel("orbweaver:client:start").hasSubscribers;
  const { client } = await scene(t, { client: { metrics } });
  t.true(channel("orbweaver:client:start").hasSubscribers);
  await client.destroy();
  t.is(channel("orbweaver:client:start").hasSubscribers, before);
});

test("trace levels that do not exist are refused", async (t) => {
  await t.throwsAsync(ORB_init(["-ORBtrace", "3"]), { message: /orb\.trace is 3; allowed: 0, 1/ });
});
