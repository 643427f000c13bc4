import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { loadNative, nativeFault } from "../../../native/index.ts";
import type { Transport } from "../../../orb/transport/index.ts";
import { TestProcess } from "../../support/process.ts";
import { Ear, NEVER } from "./suite.ts";

const PROGRAM: string = fileURLToPath(new URL("./reactor-cases.js", import.meta.url));
/** More than what sockets of this machine buffer. */
const MUCH: Buffer = Buffer.alloc(64 * 1024 * 1024);
const HERE = { host: "127.0.0.1", port: 0 } as const;

function reactor(userTimeoutMs: number): Transport {
  const addon = loadNative();
  if (addon === undefined) throw new Error(nativeFault());
  return addon.createReactor({ userTimeoutMs });
}

/** A peer that takes connections and reads nothing of them. */
async function deafServer(t: ExecutionContext): Promise<AddressInfo> {
  const sockets: Socket[] = [];
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on("error", () => undefined);
    sockets.push(socket);
  }).listen(HERE);
  await once(server, "listening");
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server.address() as AddressInfo;
}

test("a connection whose peer takes nothing for userTimeoutMs ends in ETIMEDOUT", async (t) => {
  const { port } = await deafServer(t);
  const channel = await reactor(300).connect({ host: "127.0.0.1", port }, NEVER);
  const ear = new Ear(channel);
  channel.send(MUCH);
  t.like(await ear.closed, { code: "ETIMEDOUT" });
});

test("so does one that was accepted", async (t) => {
  const closed = new Promise<Error | undefined>((resolve, reject) => {
    const accept = reactor(300).listen(HERE, (channel) => {
      new Ear(channel).closed.then(resolve, reject);
      channel.send(MUCH);
    });
    accept.then(async (listener) => {
      const socket = connect(listener.endpoint.port, "127.0.0.1").pause();
      socket.on("error", () => undefined);
      t.teardown(async () => {
        socket.destroy();
        await listener.close();
      });
    }, reject);
  });
  t.like(await closed, { code: "ETIMEDOUT" });
});

test("a connect that nobody answers for userTimeoutMs ends in ETIMEDOUT, and names the place", async (t) => {
  await using server = new TestProcess(process.execPath, [PROGRAM, "deaf"]);
  const [, found] = await server.match(/"port":(\d+)/u);
  const port = Number(found);
  // The queue of the listener fills up; the kernel drops what asks to be let in then.
  const queued = Array.from({ length: 4 }, () => connect(port, "127.0.0.1"));
  for (const socket of queued) socket.on("error", () => undefined);
  await Promise.all(queued.slice(0, 2).map((socket) => once(socket, "connect")));
  await t.throwsAsync(reactor(300).connect({ host: "127.0.0.1", port }, NEVER), {
    code: "ETIMEDOUT",
    message: new RegExp(`^127\\.0\\.0\\.1:${port}: connect says ETIMEDOUT`, "u"),
  });
  for (const socket of queued) socket.destroy();
  server.kill("SIGKILL");
});
