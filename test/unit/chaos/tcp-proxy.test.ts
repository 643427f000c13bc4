import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import test, { type ExecutionContext } from "ava";
import { TcpProxy } from "../../../services/chaos/index.ts";

const HOST = "127.0.0.1";

/** Connections of these tests end in a reset: that is no error of theirs. */
function quiet(socket: Socket): Socket {
  return socket.on("error", () => undefined);
}

function dialled(port: number): Socket {
  return quiet(connect(port, HOST));
}

/** A server, what its next connection brings, and a proxy before it. */
async function behindProxy(
  t: ExecutionContext,
): Promise<{ readonly proxy: TcpProxy; readonly accepted: Promise<Socket> }> {
  const server = createServer().listen(0, HOST);
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const proxy = await TcpProxy.open(HOST, 0, port);
  t.teardown(async () => {
    await proxy[Symbol.asyncDispose]();
    server.close();
  });
  const accepted = once(server, "connection").then(([socket]) => quiet(socket as Socket));
  return { proxy, accepted };
}

/** All that comes until the other side ends. */
async function textOf(socket: Socket): Promise<string> {
  let text = "";
  for await (const octets of socket.setEncoding("utf8")) text += octets as string;
  return text;
}

async function sent(socket: Socket, text: string): Promise<void> {
  await new Promise((resolve) => socket.write(text, resolve));
}

test("what was delayed is not overtaken by what comes after the delay, nor cut off by the end", async (t) => {
  const { proxy, accepted } = await behindProxy(t);
  const client = dialled(proxy.port);
  client.setNoDelay(true);
  const server = await accepted;
  t.teardown(() => client.destroy());
  // A round trip: the connection is through.
  server.write("?");
  t.is(String((await once(client, "data"))[0]), "?");
  const all = textOf(server);
  proxy.delayMs = 300;
  await sent(client, "first ");
  // The proxy lives in this thread: its turn comes.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  proxy.delayMs = 0;
  await sent(client, "second");
  client.end();
  t.is(await all, "first second");
});

test("while a link holds everything back a server that speaks first is not heard", async (t) => {
  const { proxy, accepted } = await behindProxy(t);
  proxy.mode = "hold";
  const client = dialled(proxy.port);
  t.teardown(() => client.destroy());
  const heard: string[] = [];
  client.setEncoding("utf8").on("data", (text: string) => heard.push(text));
  const server = await accepted;
  await sent(server, "hello");
  // Another connection that passes shows that the time was enough.
  const { proxy: other, accepted: there } = await behindProxy(t);
  const second = dialled(other.port);
  t.teardown(() => second.destroy());
  (await there).write("hello");
  await once(second, "data");
  t.deepEqual(heard, []);
  proxy.mode = "pass";
  if (heard.length === 0) await once(client, "data");
  t.deepEqual(heard, ["hello"]);
});
