// Cases that need a process of their own: `node reactor-cases.js CASE` prints one line of JSON.
import { AsyncLocalStorage } from "node:async_hooks";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync, writeSync } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:net";
import { isMainThread, MessageChannel, parentPort, Worker, workerData } from "node:worker_threads";
import { loadNative, nativeFault } from "../../../native/index.ts";
import type { Channel, Transport } from "../../../orb/transport/index.ts";
import { Ear, giop, NEVER } from "./suite.ts";

const HERE = { host: "127.0.0.1", port: 0 } as const;

function reactor(): Transport {
  const addon = loadNative();
  if (addon === undefined) throw new Error(nativeFault());
  return addon.createReactor();
}

function say(what: unknown): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

/** A connection to an echo, none of which keeps the process alive. */
async function echo(): Promise<{ channel: Channel; ear: Ear }> {
  const transport = reactor();
  const listener = await transport.listen(HERE, (channel) => {
    channel.unref();
    new Ear(channel, (chunk) => channel.send(chunk));
  });
  const channel = await transport.connect(listener.endpoint, NEVER);
  listener.unref();
  channel.unref();
  return { channel, ear: new Ear(channel) };
}

/** Keeps the thread busy with messages that come back again and again. */
async function load(onMessage: () => void): Promise<void> {
  const transport = reactor();
  const listener = await transport.listen(HERE, (channel) => {
    new Ear(channel, (chunk) => channel.send(chunk)).chunks.length = 0;
  });
  for (let n = 0; n < 4; n++) {
    const channel = await transport.connect(listener.endpoint, NEVER);
    channel.start({
      data: (chunk) => {
        channel.send(chunk);
        onMessage();
      },
      drained: () => undefined,
      closed: () => undefined,
    });
    channel.send(giop(64, true, n));
  }
}

function inWorker(name: string): Worker {
  return new Worker(new URL(import.meta.url), { workerData: name });
}

async function ending(worker: Worker): Promise<{ error?: string; code: number }> {
  return await new Promise((resolve) => {
    let error: string | undefined;
    worker.on("error", (thrown) => {
      error = String(thrown);
    });
    worker.on("exit", (code) => resolve({ ...(error === undefined ? {} : { error }), code }));
  });
}

async function message(worker: Worker): Promise<unknown> {
  return await new Promise((resolve) => worker.once("message", resolve));
}

const CASES: Readonly<Record<string, () => Promise<void>>> = {
  // Nothing is ref'd: the process ends by itself.
  unref: async () => {
    const { channel, ear } = await echo();
    channel.ref();
    channel.send(giop(3, true, 1));
    await ear.heard(15);
    channel.unref();
    process.on("exit", () => say({ octets: ear.octets }));
  },
  // A listener keeps it alive until it is closed.
  ref: async () => {
    const listener = await reactor().listen(HERE, () => undefined);
    let hasFired = false;
    setTimeout(() => {
      hasFired = true;
      listener.close().catch(say);
    }, 50).unref();
    process.on("exit", () => say({ hasFired }));
  },
  // What was sent before an exit has left.
  exit: async () => {
    const { port } = JSON.parse(process.argv[3] ?? "") as { port: number };
    const channel = await reactor().connect({ host: "127.0.0.1", port }, NEVER);
    channel.start({ data: () => undefined, drained: () => undefined, closed: () => undefined });
    channel.send(Buffer.from("last words"));
    process.exit(0);
  },
  // One receiver's fault is an uncaught exception and loses nothing of the others.
  fault: async () => {
    const uncaught: string[] = [];
    process.on("uncaughtException", (error) => uncaught.push(error.message));
    const transport = reactor();
    const ears: Ear[] = [];
    const listener = await transport.listen(HERE, (channel) => {
      const isBad = ears.length % 2 === 0;
      ears.push(
        new Ear(channel, () => {
          if (isBad) throw new Error("a receiver's fault");
        }),
      );
    });
    const channels = await Promise.all(
      Array.from({ length: 6 }, () => transport.connect(listener.endpoint, NEVER)),
    );
    for (const channel of channels) {
      new Ear(channel);
      channel.send(giop(10, true, 1));
    }
    await Promise.all(ears.map((ear) => ear.heard(22)));
    for (const channel of channels) channel.end();
    await Promise.all(ears.map((ear) => ear.closed));
    await listener.close();
    say({ uncaught: uncaught.length, message: uncaught[0], octets: ears.map((e) => e.octets) });
  },
  // Timers, promises, immediates, files and messages of the thread run while its sockets are busy.
  busy: async () => {
    const worker = inWorker("busy");
    say(await message(worker));
    await worker.terminate();
  },
  // A thread that ends with sockets open does not take the process with it.
  workers: async () => {
    const endings: unknown[] = [];
    for (const name of ["exits", "throws", "throws in a batch", "ends"])
      endings.push(await ending(inWorker(name)));
    for (const name of ["sleeps", "works"]) {
      const worker = inWorker(name);
      await message(worker);
      endings.push({ code: await worker.terminate() });
    }
    say(endings);
  },
  // Connections beyond the limit of descriptors are refused, and the process goes on.
  descriptors: async () => {
    const listener = await reactor().listen(HERE, (channel) => {
      new Ear(channel, (chunk) => channel.send(chunk));
    });
    say({ port: listener.endpoint.port });
    process.stdin.on("end", () => process.exit(0)).resume();
  },
  // Answers 200 messages, each sent when the one before was answered, and tells how often its thread slept for them.
  spin: async () => {
    const { spinUs } = JSON.parse(process.argv[3] ?? "") as { spinUs: number };
    const addon = loadNative();
    if (addon === undefined) throw new Error(nativeFault());
    const slept = (): number => {
      const status = readFileSync(`/proc/self/task/${process.pid}/status`, "utf8");
      return Number(/^voluntary_ctxt_switches:\s*(\d+)/mu.exec(status)?.[1]);
    };
    let heard = 0;
    let before = 0;
    const listener = await addon.createReactor({ spinUs }).listen(HERE, (channel) => {
      new Ear(channel, (chunk) => {
        if (heard++ === 0) before = slept();
        if (heard === 200) say({ slept: slept() - before });
        channel.send(chunk);
      });
    });
    say({ port: listener.endpoint.port });
    process.stdin.on("end", () => process.exit(0)).resume();
  },
  // Timers are due when they are, though nothing comes for long.
  spinTimers: async () => {
    const addon = loadNative();
    if (addon === undefined) throw new Error(nativeFault());
    const transport = addon.createReactor({ spinUs: 500_000 });
    const listener = await transport.listen(HERE, (channel) => channel.destroy());
    const startMs = performance.now();
    for (let n = 0; n < 20; n++) await new Promise((resolve) => setTimeout(resolve, 2));
    say({ isInTime: performance.now() - startMs < 2_000 });
    await listener.close();
  },
  // A timer that is due before those that the thread sleeps for already, and one behind a timer that was taken back.
  sleepTimers: async () => {
    const listener = await reactor().listen(HERE, (channel) => channel.destroy());
    const far = setTimeout(() => undefined, 60_000);
    const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
    const startMs = performance.now();
    // Files are read by other threads: this one has slept for the far timer when it sets the next.
    for (let n = 0; n < 20; n++) {
      await stat(".");
      await pause(2);
    }
    const near = setTimeout(() => undefined, 5);
    await stat(".");
    clearTimeout(near);
    await pause(20);
    const tookMs = performance.now() - startMs;
    clearTimeout(far);
    say({ isInTime: tookMs >= 60 && tookMs < 2_000 });
    await listener.close();
  },
  // Listens, and accepts nothing: its thread is busy for ever.
  deaf: async () => {
    const server = createServer().listen({ ...HERE, backlog: 1 });
    await once(server, "listening");
    writeSync(1, `${JSON.stringify(server.address())}\n`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
  // A child that is being made has copies of all descriptors until it runs its program; this one keeps its copy.
  held: async () => {
    const sockets = (): readonly string[] =>
      readdirSync("/proc/self/fd").filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith("socket:");
        } catch {
          return false; // the folder's own, closed by now
        }
      });
    const before = new Set(sockets());
    const listener = await reactor().listen(HERE, (channel) => channel.destroy());
    const [own] = sockets().filter((fd) => !before.has(fd));
    const child = spawn("cat", { stdio: ["pipe", "ignore", "ignore", Number(own)] });
    await once(child, "spawn");
    await listener.close();
    const outcome = await reactor()
      .connect(listener.endpoint, NEVER)
      .then(
        () => "connected",
        (error: unknown) => (error as { code?: string }).code,
      );
    const again = await reactor().listen(listener.endpoint, (channel) => channel.destroy());
    await again.close();
    child.stdin?.end();
    await once(child, "exit");
    say({ outcome });
  },
  // Accepts with `resetOnCrash` and waits to be killed.
  crash: async () => {
    const addon = loadNative();
    if (addon === undefined) throw new Error(nativeFault());
    const listener = await addon.createReactor({ resetOnCrash: true }).listen(HERE, (channel) => {
      new Ear(channel, (chunk) => {
        if (chunk.length === 12) channel.end();
        else channel.send(chunk);
      });
    });
    say({ port: listener.endpoint.port });
  },
  // A thousand connections, closed in all ways, leave no descriptor behind.
  many: async () => {
    const open = (): number => readdirSync("/proc/self/fd").length;
    const transport = reactor();
    const round = async (): Promise<void> => {
      const ears: Ear[] = [];
      const listener = await transport.listen(HERE, (channel) => {
        ears.push(new Ear(channel, () => channel.end()));
      });
      for (let n = 0; n < 10; n++)
        await Promise.all(
          Array.from({ length: 50 }, async (_, index) => {
            const channel = await transport.connect(listener.endpoint, NEVER);
            const ear = new Ear(channel);
            channel.send(giop(index, true, 1));
            if (index % 3 === 0) channel.destroy();
            else if (index % 3 === 1) channel.end();
            await ear.closed;
          }),
        );
      await Promise.all(ears.map((ear) => ear.closed));
      await listener.close();
    };
    await round();
    const before = open();
    await round();
    say({ more: open() - before });
  },
  // Who opened the reactor, and what an event left behind, is nothing to later events.
  context: async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    await storage.run("who opened it", async () => {
      const transport = reactor();
      const listener = await transport.listen(HERE, (channel) => {
        new Ear(channel, () => {
          seen.push(storage.getStore());
          storage.enterWith("left behind");
        });
      });
      const channel = await transport.connect(listener.endpoint, NEVER);
      const ear = new Ear(channel);
      for (let n = 0; n < 3; n++) {
        channel.send(giop(1, true, n));
        while (seen.length <= n) await new Promise((resolve) => setImmediate(resolve));
      }
      channel.destroy();
      await ear.closed;
      await listener.close();
    });
    say(seen.map((store) => store ?? "none"));
  },
};

const IN_WORKER: Readonly<Record<string, () => Promise<void>>> = {
  exits: async () => {
    await echo();
    process.exit(3);
  },
  throws: async () => {
    await echo();
    setImmediate(() => {
      throw new Error("thrown");
    });
  },
  "throws in a batch": async () => {
    const transport = reactor();
    const listener = await transport.listen(HERE, (channel) => {
      new Ear(channel, () => {
        throw new Error("thrown in a batch");
      });
    });
    const channel = await transport.connect(listener.endpoint, NEVER);
    new Ear(channel);
    channel.send(giop(1, true, 1));
  },
  ends: async () => {
    await echo();
  },
  sleeps: async () => {
    const transport = reactor();
    await transport.listen(HERE, () => undefined);
    parentPort?.postMessage("ready");
  },
  works: async () => {
    let count = 0;
    await load(() => {
      if (++count === 1_000) parentPort?.postMessage("ready");
    });
  },
  busy: async () => {
    let messages = 0;
    await load(() => void messages++);
    const before = messages;
    await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise<void>((resolve) => process.nextTick(resolve));
    await stat(".");
    await new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port2.once("message", (hello) => {
        port2.close();
        resolve(hello);
      });
      port1.postMessage("hello");
    });
    let timers = 0;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (++timers < 20) return;
        clearInterval(timer);
        resolve();
      }, 1);
    });
    parentPort?.postMessage({ timers, isBusy: messages > before });
  },
};

const name = isMainThread ? (process.argv[2] ?? "") : String(workerData);
const run = (isMainThread ? CASES : IN_WORKER)[name];
if (run === undefined) throw new TypeError(`no case "${name}"`);
await run();
