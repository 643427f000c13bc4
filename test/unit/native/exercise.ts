/**
 * Uses all of the addon in one worker after the other: ROUNDS. Prints what of the process each round found, before it
 * began, so that what is left behind is seen.
 */
import { once } from "node:events";
import { closeSync, openSync, readdirSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { loadNative, nativeFault, NativeError } from "../../../native/index.ts";
import type { NativeAddon } from "../../../native/index.ts";

/** What a process holds. */
export interface Holdings {
  readonly descriptors: number;
  readonly threads: number;
}

function addonHere(): NativeAddon {
  const addon = loadNative();
  if (addon === undefined) throw new Error(nativeFault());
  return addon;
}

function holdings(): Holdings {
  return {
    descriptors: readdirSync("/proc/self/fd").length,
    threads: readdirSync("/proc/self/task").length,
  };
}

/** A call that must be refused. */
function refused(call: () => void): void {
  try {
    call();
  } catch (error) {
    if (error instanceof NativeError || error instanceof RangeError) return;
    throw error;
  }
  throw new Error("a call that must be refused was not");
}

function useScheduler({ scheduler }: NativeAddon): void {
  const mine = scheduler.threadId();
  scheduler.setThreadName("exercise");
  scheduler.setAffinity(mine, scheduler.affinity(mine));
  scheduler.setScheduling(mine, scheduler.scheduling(mine));
  scheduler.setTimerSlackNs(scheduler.timerSlackNs());
  scheduler.cpuTimeNs(mine);
  refused(() => scheduler.setAffinity(mine, [1_000]));
  refused(() => scheduler.scheduling(2 ** 30));
}

function useMutexes({ mutexes }: NativeAddon): void {
  const words = new Int32Array(new SharedArrayBuffer(8));
  mutexes.lock(words, 1);
  refused(() => mutexes.lock(words, 1));
  mutexes.unlock(words, 1);
  refused(() => mutexes.unlock(words, 1));
  refused(() => mutexes.lock(words, 2));
}

function useBurner({ burner }: NativeAddon): void {
  const load = { priority: 0, duty: 0.1, sliceMs: 1, seconds: 60, cores: [undefined, undefined] };
  burner.start(load).stop();
  refused(() => burner.start({ ...load, cores: [undefined, 1_000] }));
  burner.spend(0.1, 10);
  // Left running: the end of the thread must end it.
  burner.start(load);
}

/** Two ends of a UNIX-domain connection, of which nobody reads. */
async function pair(path: string): Promise<readonly [near: Socket, far: Socket]> {
  const server = createServer({ pauseOnConnect: true }).listen(path);
  await once(server, "listening");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const near = connect(path);
  near.pause();
  const [[far]] = await Promise.all([accepted, once(near, "connect")]);
  server.close();
  return [near, far];
}

async function useSockets({ sockets }: NativeAddon, round: number): Promise<void> {
  const [near, far] = await pair(`\0orbweaver-exercise-${process.pid}-${round}`);
  const [from = -1, to = -1] = [near, far].map((socket) => sockets.descriptorOf(socket));
  sockets.set(from, "resetOnClose", 1);
  sockets.get(from, "resetOnClose");
  sockets.peerCredentials(from);
  refused(() => sockets.set(from, "dscp", 99));
  const file = openSync("/dev/null", "r");
  sockets.sendDescriptors(from, Uint8Array.of(1), [file, file]);
  closeSync(file);
  const received = sockets.receiveDescriptors(to, new Uint8Array(1), 1_000);
  for (const descriptor of received?.descriptors ?? []) sockets.closeDescriptor(descriptor);
  const closed = [near, far].map((socket) => once(socket, "close"));
  near.destroy();
  far.destroy();
  await Promise.all(closed);
}

/** Octets there and back, and a connection that is left open with the listener: the end of the thread closes both. */
async function useReactor(addon: NativeAddon): Promise<void> {
  const transport = addon.createReactor();
  const quiet = { drained: () => undefined, closed: () => undefined };
  const listener = await transport.listen({ host: "127.0.0.1", port: 0 }, (channel) =>
    channel.start({ ...quiet, data: (chunk) => channel.send(Uint8Array.from(chunk)) }),
  );
  const never = new AbortController().signal;
  for (const isLeftOpen of [false, true]) {
    const channel = await transport.connect(listener.endpoint, never);
    await new Promise<void>((resolve) => {
      let missing = 100_000;
      channel.start({
        ...quiet,
        data: (chunk) => {
          missing -= chunk.length;
          if (missing === 0) resolve();
        },
      });
      channel.send(new Uint8Array(missing));
    });
    if (!isLeftOpen) channel.destroy();
  }
}

async function exercise(round: number): Promise<void> {
  const addon = addonHere();
  useScheduler(addon);
  useMutexes(addon);
  await useSockets(addon, round);
  await useReactor(addon);
  useBurner(addon);
}

async function main(rounds: number): Promise<void> {
  // Or it would be unloaded with each worker, and a sanitizer could not name what leaked.
  addonHere();
  const found: Holdings[] = [];
  for (let round = 0; round < rounds; round++) {
    const worker = new Worker(new URL(import.meta.url), { workerData: round });
    const [code] = (await once(worker, "exit")) as [number];
    if (code !== 0) throw new Error(`round ${round} ended with ${code}`);
    found.push(holdings());
  }
  process.stdout.write(`${JSON.stringify(found)}\n`);
}

if (isMainThread) await main(Number(process.argv[2] ?? 1));
else {
  await exercise(workerData as number);
  process.exit(0);
}
