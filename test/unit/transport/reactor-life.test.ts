import { once } from "node:events";
import { type AddressInfo, connect as connectSocket, createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import test from "ava";
import { runToEnd, TestProcess } from "../../support/process.ts";
import { giop } from "./suite.ts";

const PROGRAM: string = fileURLToPath(new URL("./reactor-cases.js", import.meta.url));

/** What a case of `reactor-cases.ts` says; it must end by itself and in good order. */
async function said(name: string, ...args: readonly string[]): Promise<unknown> {
  const { code, signal, output, errors } = await runToEnd(process.execPath, [
    PROGRAM,
    name,
    ...args,
  ]);
  if (code !== 0) throw new Error(`${name} ended with ${code ?? signal}: ${errors}`);
  return output === "" ? undefined : JSON.parse(output);
}

test("channels and listeners that are unref'd let the process end", async (t) => {
  t.deepEqual(await said("unref"), { octets: 15 });
});

test("a listener keeps the process alive until it is closed", async (t) => {
  t.deepEqual(await said("ref"), { hasFired: true });
});

test("what was sent right before the process ends itself has left", async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const { port } = server.address() as AddressInfo;
  const running = said("exit", JSON.stringify({ port }));
  const [socket] = await accepted;
  socket.on("error", () => undefined);
  const [chunk] = (await once(socket, "data")) as [Buffer];
  t.is(chunk.toString(), "last words");
  await running;
  server.close();
});

test("one receiver's fault is an uncaught exception and loses nothing of the others", async (t) => {
  t.deepEqual(await said("fault"), {
    uncaught: 3,
    message: "a receiver's fault",
    octets: [22, 22, 22, 22, 22, 22],
  });
});

test("timers, immediates, files and messages of a thread go on while its sockets are busy", async (t) => {
  t.deepEqual(await said("busy"), { timers: 20, isBusy: true });
});

test("a worker that ends with sockets open does not take the process with it", async (t) => {
  t.deepEqual(await said("workers"), [
    { code: 3 },
    { error: "Error: thrown", code: 1 },
    { error: "Error: thrown in a batch", code: 1 },
    { code: 0 },
    { code: 1 },
    { code: 1 },
  ]);
});

test("a thousand connections leave no descriptor behind", async (t) => {
  t.deepEqual(await said("many"), { more: 0 });
});

for (const spinUs of [0, 200_000])
  test(`a thread that looks for octets for ${spinUs} µs ${spinUs === 0 ? "sleeps for" : "does not sleep before"} each message`, async (t) => {
    await using server = new TestProcess(process.execPath, [
      PROGRAM,
      "spin",
      JSON.stringify({ spinUs }),
    ]);
    const [, port] = await server.match(/"port":(\d+)/u);
    const socket = connectSocket({ port: Number(port), host: "127.0.0.1", noDelay: true });
    for (let n = 0; n < 200; n++) {
      socket.write(giop(8, true, n));
      await once(socket, "data");
    }
    socket.destroy();
    const [, slept] = await server.match(/"slept":(\d+)/u);
    if (spinUs === 0) t.true(Number(slept) > 100, slept);
    else t.true(Number(slept) < 50, slept);
  });

test("timers are due when they are in a thread that sleeps for later ones", async (t) => {
  t.deepEqual(await said("sleepTimers"), { isInTime: true });
});

test("timers are due when they are in a thread that looks for octets for long", async (t) => {
  t.deepEqual(await said("spinTimers"), { isInTime: true });
});

test("a listener that is closed accepts no more, though a child that is being made has a copy of it", async (t) => {
  t.deepEqual(await said("held"), { outcome: "ECONNREFUSED" });
});

test("events know nothing of who opened the reactor, nor of the events before", async (t) => {
  t.deepEqual(await said("context"), ["none", "none", "none"]);
});

test("connections beyond the limit of descriptors are closed, and the next ones served", async (t) => {
  const shell = `ulimit -n 48; exec ${process.execPath} ${PROGRAM} descriptors`;
  await using server = new TestProcess("sh", ["-c", shell]);
  const [, found] = await server.match(/"port":(\d+)/u);
  const port = Number(found);
  const sockets = Array.from({ length: 60 }, () => connectSocket({ port, host: "127.0.0.1" }));
  // Each is echoed to or closed: none waits for ever.
  const outcomes = await Promise.all(
    sockets.map(async (socket) => {
      socket.write("hello");
      return await new Promise<string>((resolve) => {
        socket.on("data", () => resolve("served"));
        socket.on("close", () => resolve("closed"));
        socket.on("error", () => resolve("closed"));
      });
    }),
  );
  t.true(outcomes.includes("served") && outcomes.includes("closed"));
  for (const socket of sockets) socket.destroy();
  for (;;) {
    const socket = connectSocket({ port, host: "127.0.0.1" });
    socket.write("again");
    const outcome = await Promise.race([
      once(socket, "data").then(([chunk]: Buffer[]) => String(chunk)),
      once(socket, "close").then(() => "closed"),
    ]).catch(() => "closed");
    socket.destroy();
    // The server may not have seen yet that the others are gone.
    if (outcome === "closed") continue;
    t.is(outcome, "again");
    break;
  }
});

test("a server that is killed resets its idle connections where asked to, and ends others in order", async (t) => {
  await using server = new TestProcess(process.execPath, [PROGRAM, "crash"]);
  const [, found] = await server.match(/"port":(\d+)/u);
  const open = async (octets: number): Promise<{ socket: Socket; outcome: Promise<string> }> => {
    const socket = connectSocket({ port: Number(found), host: "127.0.0.1" });
    const outcome = new Promise<string>((resolve) => {
      socket.on("error", (error) => resolve(String((error as { code?: string }).code)));
      socket.on("end", () => resolve("end"));
    });
    socket.write(giop(octets - 12, true, 1));
    return { socket, outcome };
  };
  const orderly = await open(12);
  orderly.socket.resume();
  t.is(await orderly.outcome, "end");
  const idle = await open(20);
  await once(idle.socket, "data");
  server.kill("SIGKILL");
  t.is(await idle.outcome, "ECONNRESET");
});
