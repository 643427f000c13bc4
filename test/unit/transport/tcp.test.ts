import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect as connectSocket, createServer, type AddressInfo, type Socket } from "node:net";
import { createInterface } from "node:readline";
import test from "ava";
import { ORB_init, TIMEOUT, TRANSIENT } from "../../../orb/index.ts";
import { sample } from "../../support/sample.ts";

test.serial("10,000 aborted calls over TCP leave no socket and no timer behind", async (t) => {
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  }).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const before = resources();
  {
    await using orb = await ORB_init();
    const reference = await orb.string_to_object(`corbaloc:iiop:1.2@127.0.0.1:${port}/Key`);
    if (reference === null) throw new TypeError("nil");
    for (let round = 0; round < 10; round++) {
      const abort = new AbortController();
      const calls = Array.from({ length: 1_000 }, () =>
        sample.echo(reference, "x", { signal: abort.signal }),
      );
      // Some rounds are cut off before the connection is there, some after the requests have left.
      if (round % 2 === 1) await new Promise((resolve) => setImmediate(resolve));
      abort.abort();
      const outcomes = await Promise.allSettled(calls);
      t.true(outcomes.every((o) => o.status === "rejected" && o.reason instanceof TRANSIENT));
    }
  }
  await Promise.all([...sockets].map((socket) => once(socket, "close")));
  silent.close();
  await once(silent, "close");
  t.deepEqual(resources(), before);
});

/** What calls could leave behind. A server's handle is listed for a while after it closed, so it is not asked for. */
function resources(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => ["TCPSocketWrap", "TCPConnectWrap", "Timeout"].includes(name));
}

test("a black-holed address ends the call at its deadline", async (t) => {
  // A process that listens and never accepts: when its backlog is full, the system drops what comes.
  const program = `
    const server = require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
      require("node:fs").writeSync(1, server.address().port + "\\n");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const port = Number(line);
  const fillers = Array.from({ length: 8 }, () => connectSocket({ port, host: "127.0.0.1" }));
  for (const filler of fillers) filler.on("error", () => undefined);
  await once(fillers[0] as Socket, "connect");
  {
    await using orb = await ORB_init();
    const reference = await orb.string_to_object(`corbaloc:iiop:1.2@127.0.0.1:${port}/Key`);
    if (reference === null) throw new TypeError("nil");
    const error = await t.throwsAsync(sample.echo(reference, "x", { timeoutMs: 300 }), {
      instanceOf: TIMEOUT,
    });
    t.regex(
      error?.message ?? "",
      /^echo on 127\.0\.0\.1:\d+ after \d+ ms: the limit of 300 ms \(timeoutMs\) passed: /,
    );
    t.regex(error?.message ?? "", /no connection yet|no reply yet/);
  }
  for (const filler of fillers) filler.destroy();
  child.kill("SIGKILL");
  await once(child, "close");
});
