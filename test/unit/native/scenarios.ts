/** Programs of a few lines, each run in a process of its own by `child.ts`: NAME, then a JSON argument. */
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { loadNative, nativeFault, NativeError } from "../../../native/index.ts";
import type {
  LoadSpec,
  NativeAddon,
  NativeScheduling,
  SocketOption,
} from "../../../native/index.ts";

/** Kibibytes of this process that are locked. */
function lockedKib(): number {
  return Number(/^VmLck:\s*(\d+)/mu.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
}

type Scenario = (given: unknown, addon: NativeAddon) => unknown;

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  /** Takes one scheduling after the other; what the kernel says of each. */
  schedule(given, { scheduler }) {
    const mine = scheduler.threadId();
    return (given as readonly NativeScheduling[]).map((scheduling) => {
      scheduler.setScheduling(mine, scheduling);
      return scheduler.scheduling(mine);
    });
  },
  /** The scheduling of the thread that a thread so scheduled makes. */
  async offspring(given, { scheduler }) {
    const before = new Set(scheduler.threads().map(({ id }) => id));
    scheduler.setScheduling(scheduler.threadId(), given as NativeScheduling);
    const worker = new Worker("setTimeout(() => undefined, 60_000)", { eval: true });
    await once(worker, "online");
    return scheduler
      .threads()
      .filter(({ id }) => !before.has(id))
      .map(({ id }) => scheduler.scheduling(id));
  },
  /** Goes DEADLINE, then to one core. */
  deadlineThenCore(given, { scheduler }) {
    const mine = scheduler.threadId();
    scheduler.setScheduling(mine, given as NativeScheduling);
    scheduler.setAffinity(mine, [0]);
  },
  /** Makes one thread after the other DEADLINE: more than the machine can promise. */
  everyDeadline(given, { scheduler }) {
    for (const { id } of scheduler.threads())
      scheduler.setScheduling(id, given as NativeScheduling);
  },
  /** FIFO in a new control group of version 1, which has no real-time budget. */
  fifoInNewGroup(given, { scheduler }) {
    const { home, group } = given as { home: string; group: string };
    const mine = scheduler.threadId();
    mkdirSync(group);
    try {
      writeFileSync(`${group}/tasks`, `${mine}`);
      scheduler.setScheduling(mine, { policy: "fifo", priority: 1 });
    } finally {
      writeFileSync(`${home}/tasks`, `${mine}`);
      rmdirSync(group);
    }
  },
  /** To one core, then DEADLINE. */
  coreThenDeadline(given, { scheduler }) {
    const mine = scheduler.threadId();
    scheduler.setAffinity(mine, [scheduler.affinity(mine)[0] ?? 0]);
    scheduler.setScheduling(mine, given as NativeScheduling);
  },
  /** Core by core. */
  affinity(given, { scheduler }) {
    const mine = scheduler.threadId();
    return (given as readonly (readonly number[])[]).map((cores) => {
      scheduler.setAffinity(mine, cores);
      return scheduler.affinity(mine);
    });
  },
  slack(given, { scheduler }) {
    return (given as readonly number[]).map((ns) => {
      scheduler.setTimerSlackNs(ns);
      return scheduler.timerSlackNs();
    });
  },
  /** Sets an option of a socket that listens, and reads it. */
  async socketOption(given, { sockets }) {
    const [option, value] = given as readonly [SocketOption, number];
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const descriptor = sockets.descriptorOf(server) ?? -1;
    sockets.set(descriptor, option, value);
    return sockets.get(descriptor, option);
  },
  /** Is sent three descriptors when it may have one more; whether that one is still to be had then. */
  async tooManyDescriptors(_given, { sockets }) {
    const server = createServer({ pauseOnConnect: true }).listen("\0orbweaver-test-" + process.pid);
    const near = connect("\0orbweaver-test-" + process.pid).pause();
    const [far] = (await once(server, "connection")) as [Socket];
    const [from = -1, to = -1] = [near, far].map((socket) => sockets.descriptorOf(socket));
    sockets.sendDescriptors(from, Uint8Array.of(1), [0, 1, 2]);
    let last = -1;
    try {
      for (;;) last = openSync("/dev/null", "r");
    } catch {
      closeSync(last); // at the limit, and one less
    }
    try {
      sockets.receiveDescriptors(to, new Uint8Array(1), 1_000);
      return "received";
    } catch (error) {
      if (!(error instanceof NativeError)) throw error;
      return [error.code, openSync("/dev/null", "r") === last];
    }
  },
  /** A server that accepts one connection, which the kernel is to reset or not, and waits to be killed. */
  async acceptAndStay(given, { sockets }) {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`port ${port}\n`);
    const [socket] = (await once(server, "connection")) as [Socket];
    sockets.set(sockets.descriptorOf(socket) ?? -1, "resetOnClose", given === true ? 1 : 0);
    process.stdout.write("accepted\n");
    await once(process.stdin.resume(), "end");
  },
  /** Starts a load, and tells how its threads are scheduled. */
  load(given, { burner, scheduler }) {
    const { cores, ...load } = given as Omit<LoadSpec, "cores"> & { cores: (number | null)[] };
    const burning = burner.start({ ...load, cores: cores.map((core) => core ?? undefined) });
    const found = scheduler
      .threads()
      .filter(({ name }) => name === "orbweaver-load")
      .map(({ id }) => scheduler.scheduling(id));
    burning.stop();
    return found;
  },
  /** Locks memory in the main thread or in a worker, and has V8 take memory and give it back then. */
  async lockMemory(given, { scheduler }) {
    if (given === "worker") {
      const native = new URL("../../../native/index.js", import.meta.url).href;
      const code = `import("${native}").then((all) => all.loadNative().scheduler.lockMemory())`;
      await once(new Worker(code, { eval: true }), "exit");
    } else scheduler.lockMemory();
    const locked = lockedKib();
    // Each expression is compiled, and the thread's heap goes with it.
    const code =
      "for (let n = 0; n < 500; n++) new RegExp(`a${n}.*(b|c)+${n}`).test(`a${n}bcb${n}`)";
    for (let n = 0; n < 4; n++) await once(new Worker(code, { eval: true }), "exit");
    for (let n = 0; n < 2_000; n++) new RegExp(`x${n}.*(y|z)+${n}`).test(`x${n}yz${n}`);
    scheduler.unlockMemory();
    return { isLocked: locked > 10_000, left: lockedKib() };
  },
};

function toldError(error: unknown): unknown {
  if (!(error instanceof NativeError)) throw error;
  const { name, message, code, errno, syscall, missing } = error;
  return { name, message, code, errno, syscall, missing };
}

async function tell(name: string, given: string): Promise<unknown> {
  const addon = loadNative();
  const scenario = SCENARIOS[name];
  if (addon === undefined) throw new Error(nativeFault());
  if (scenario === undefined) throw new TypeError(`no scenario ${name}`);
  try {
    return { value: (await scenario(JSON.parse(given), addon)) ?? null };
  } catch (error) {
    return { error: toldError(error), pid: process.pid };
  }
}

const [name = "", given = "null"] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await tell(name, given)), () => process.exit());
