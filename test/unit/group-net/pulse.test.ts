import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import test, { type ExecutionContext } from "ava";
import { noLogger } from "../../../orb/base/index.ts";
import { type LetterCarrier, openTcpCarrier } from "../../../services/group-net/index.ts";
import { portOf } from "./support.ts";

const HOST = "127.0.0.1";
/** Between questions while a thread starts. */
const AGAIN_MS = 20;

interface Opened {
  readonly carrier: LetterCarrier;
  readonly warnings: readonly string[];
  readonly heard: readonly (readonly [address: string, quietMs: number])[];
}

async function opened(
  t: ExecutionContext,
  options: { port?: number; warned?: () => void } = {},
): Promise<Opened> {
  const warnings: string[] = [];
  const heard: (readonly [string, number])[] = [];
  const warn = (message: string): void => {
    warnings.push(message);
    options.warned?.();
  };
  const { port = 0 } = options;
  const carrier = await openTcpCarrier({ host: HOST, port, logger: { ...noLogger, warn } });
  t.teardown(() => carrier[Symbol.asyncDispose]());
  carrier.start({
    heard: () => undefined,
    gone: () => undefined,
    alive: (address, quietMs) => heard.push([address, quietMs]),
  });
  carrier.beat();
  return { carrier, warnings, heard };
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

test("without its port there is no pulse: that is said once, and silence counts as ever", async (t) => {
  let port = 0;
  let warned = (): void => undefined;
  const isWarned = new Promise<void>((resolve) => (warned = resolve));
  const socket = await stranger(t);
  port = socket.address().port;
  const { carrier, warnings } = await opened(t, { port, warned });
  await isWarned;
  carrier.beat();
  carrier.ask(carrier.address);
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? "", /pulse/);
});

test.serial("a thread that dies is said once, and the host goes on without it", async (t) => {
  const workers: Worker[] = [];
  const note = (worker: Worker): void => void workers.push(worker);
  process.on("worker", note);
  t.teardown(() => void process.removeListener("worker", note));
  let warned = (): void => undefined;
  const isWarned = new Promise<void>((resolve) => (warned = resolve));
  const { carrier, warnings } = await opened(t, { warned });
  await until(
    () => workers.length > 0,
    () => undefined,
  );
  await workers[0]?.terminate();
  await isWarned;
  carrier.beat();
  carrier.ask(carrier.address);
  t.is(workers.length, 1);
  t.is(warnings.length, 1);
});
