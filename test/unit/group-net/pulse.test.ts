import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import type { Worker } from "node:worker_threads";
import test, { type ExecutionContext } from "ava";
import { noLogger, TestClock } from "../../../orb/base/index.ts";
import { type LetterCarrier, openTcpCarrier } from "../../../services/group-net/index.ts";
import { portOf } from "./support.ts";

const HOST = "127.0.0.1";
const HOST_6 = "::1";
const hasIp6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === HOST_6),
);
/** Between questions while a thread starts. */
const AGAIN_MS = 20;

interface Opened {
  readonly carrier: LetterCarrier;
  readonly warnings: readonly string[];
  /** Milliseconds after which it is tried again, as each warning says. */
  readonly pauses: readonly number[];
  readonly heard: readonly (readonly [address: string, quietMs: number])[];
}

async function opened(
  t: ExecutionContext,
  options: { host?: string; port?: number; clock?: TestClock } = {},
): Promise<Opened> {
  const warnings: string[] = [];
  const heard: (readonly [string, number])[] = [];
  const pauses: number[] = [];
  const warn = (message: string, { againMs = 0 }: { againMs?: number } = {}): void => {
    warnings.push(message);
    pauses.push(againMs);
  };
  const { host = HOST, port = 0, clock } = options;
  const carrier = await openTcpCarrier({
    host,
    port,
    logger: { ...noLogger, warn },
    ...(clock === undefined ? {} : { clock }),
  });
  t.teardown(() => carrier[Symbol.asyncDispose]());
  carrier.start({
    heard: () => undefined,
    gone: () => undefined,
    alive: (address, quietMs) => heard.push([address, quietMs]),
  });
  carrier.beat();
  return { carrier, warnings, pauses, heard };
}

/** Does it again and again until it is so. */
async function until(isSo: () => boolean, act: () => void): Promise<void> {
  while (!isSo()) {
    act();
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

async function stranger(t: ExecutionContext, port: number = 0): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(port, HOST);
  await once(socket, "listening");
  t.teardown(() => socket.close());
  return socket;
}

function questionFor(
  address: string,
  { version = 1, nonce = "question" }: { version?: number; nonce?: string } = {},
): Buffer {
  const head = [Buffer.from("OGPU"), Buffer.from([version, 1]), Buffer.from(nonce)];
  return Buffer.concat([...head, Buffer.from(address)]);
}

test("a process is asked by a datagram, and tells since when its main thread has said nothing", async (t) => {
  const [a, b] = [await opened(t), await opened(t)];
  await until(
    () => a.heard.length > 0,
    () => a.carrier.ask(b.carrier.address),
  );
  const [address, quietMs = -1] = a.heard[0] ?? [];
  t.is(address, b.carrier.address);
  t.true(quietMs >= 0);
  await until(
    () => (a.heard.at(-1)?.[1] ?? 0) > quietMs + AGAIN_MS,
    () => a.carrier.ask(b.carrier.address),
  );
  const before = a.heard.length;
  b.carrier.beat();
  a.carrier.ask(b.carrier.address);
  await until(
    () => a.heard.length > before,
    () => undefined,
  );
  t.true((a.heard.at(-1)?.[1] ?? Infinity) < (a.heard[before - 1]?.[1] ?? 0), "it was there since");
  t.deepEqual(b.heard, []);
});

test("what is no question for this host is not answered, and no answer is longer than its question", async (t) => {
  const { carrier, heard } = await opened(t);
  const port = portOf(carrier.address);
  const socket = await stranger(t);
  const answers: Buffer[] = [];
  socket.on("message", (octets: Buffer) => answers.push(octets));
  const asked = questionFor(carrier.address);
  const bad = [
    Buffer.alloc(0),
    Buffer.from("OGPU"),
    Buffer.from("GET / HTTP/1.1\r\n\r\n"),
    Buffer.alloc(1_400, 0xff),
    questionFor(carrier.address.slice(0, -1), { nonce: "none cut" }),
    questionFor("127.0.0.1:1", { nonce: "none els" }),
    questionFor(carrier.address, { version: 2, nonce: "none ver" }),
    questionFor(carrier.address.padEnd(1_000), { nonce: "none lon" }),
    // An answer that nobody asked for.
    Buffer.concat([Buffer.from("OGPU\x01\x02unasked."), Buffer.alloc(4)]),
  ];
  const send = (octets: Buffer): void => socket.send(octets, port, HOST);
  await until(
    () => answers.length > 0,
    () => send(asked),
  );
  for (const octets of bad) send(octets);
  const last = questionFor(carrier.address, { nonce: "the last" });
  await until(
    () => answers.some((octets) => octets.includes("the last")),
    () => send(last),
  );
  t.true(answers.every((octets) => octets.length <= asked.length));
  t.deepEqual(
    answers.filter((octets) => octets.includes("none")),
    [],
  );
  t.deepEqual(heard, []);
});

test("who closes gives its port back", async (t) => {
  const { carrier } = await opened(t);
  const socket = await stranger(t);
  let isAnswered = false;
  socket.on("message", () => (isAnswered = true));
  await until(
    () => isAnswered,
    () => socket.send(questionFor(carrier.address), portOf(carrier.address), HOST),
  );
  await carrier[Symbol.asyncDispose]();
  await t.notThrowsAsync(stranger(t, portOf(carrier.address)));
  carrier.beat();
  carrier.ask(carrier.address);
});

const over6 = hasIp6 ? test : test.skip;
const why6 = hasIp6 ? "" : " (skipped: this machine has no ::1)";

over6(`a process is asked over IPv6 as well${why6}`, async (t) => {
  const [a, b] = [await opened(t, { host: HOST_6 }), await opened(t, { host: HOST_6 })];
  t.regex(b.carrier.address, /^\[::1\]:\d+$/);
  await until(
    () => a.heard.length > 0,
    () => a.carrier.ask(b.carrier.address),
  );
  t.is(a.heard[0]?.[0], b.carrier.address);
  t.deepEqual([...a.warnings, ...b.warnings], []);
});

/** Counts the warnings, and the threads that were started meanwhile. */
async function watched(
  t: ExecutionContext,
  port: number = 0,
): Promise<
  Opened & {
    clock: TestClock;
    workers: readonly Worker[];
    warned: (count: number) => Promise<void>;
  }
> {
  const workers: Worker[] = [];
  const note = (worker: Worker): void => void workers.push(worker);
  process.on("worker", note);
  t.teardown(() => void process.removeListener("worker", note));
  const clock = new TestClock();
  const one = await opened(t, { port, clock });
  const warned = (count: number): Promise<void> =>
    until(
      () => one.warnings.length >= count,
      () => undefined,
    );
  return { ...one, clock, workers, warned };
}

test.serial("a thread that dies is started again after a pause, and that is said", async (t) => {
  const { carrier, warnings, clock, workers, warned } = await watched(t);
  const socket = await stranger(t);
  let answerCount = 0;
  socket.on("message", () => answerCount++);
  const isAnswered = (): Promise<void> => {
    const before = answerCount;
    return until(
      () => answerCount > before,
      () => socket.send(questionFor(carrier.address), portOf(carrier.address), HOST),
    );
  };
  await isAnswered();
  await workers[0]?.terminate();
  await warned(1);
  t.regex(warnings[0] ?? "", /pulse/);
  clock.advanceMs(99);
  carrier.beat();
  carrier.ask(carrier.address);
  await new Promise((resolve) => setImmediate(resolve));
  t.is(workers.length, 1, "not at once");
  clock.advanceMs(1);
  carrier.beat();
  carrier.beat();
  await isAnswered();
  t.is(workers.length, 2);
  t.is(warnings.length, 1);
});

test.serial(
  "without its port there is no pulse: it is tried again, less and less often, and silence counts as ever",
  async (t) => {
    const socket = await stranger(t);
    const { carrier, warnings, pauses, clock, warned } = await watched(t, socket.address().port);
    for (let count = 1; count <= 12; count++) {
      await warned(count);
      carrier.ask(carrier.address);
      clock.advanceMs(pauses[count - 1] ?? 0);
      carrier.beat();
    }
    await warned(13);
    t.deepEqual(pauses.slice(0, 4), [100, 200, 400, 800]);
    t.deepEqual(pauses.slice(-2), [60_000, 60_000]);
    t.true(warnings.every((one) => one.includes("pulse")));
  },
);
