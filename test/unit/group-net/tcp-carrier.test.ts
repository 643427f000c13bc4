import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import test, { type ExecutionContext } from "ava";
import { TestClock } from "../../../orb/base/index.ts";
import type { LogFields, Logger } from "../../../orb/index.ts";
import { type LetterCarrier, openTcpCarrier } from "../../../services/group-net/index.ts";
import { portOf } from "./support.ts";

const HOST = "127.0.0.1";
const HELLO = Buffer.from("OGRP");
const VERSION = 3;

interface Opened {
  readonly carrier: LetterCarrier;
  readonly warnings: readonly LogFields[];
  /** The next letter, and who sent it. */
  readonly letter: () => Promise<readonly [from: string, text: string]>;
  /** The next address of which is said that nobody is there any more. */
  readonly gone: () => Promise<string>;
  readonly warned: () => Promise<LogFields>;
}

/** What comes, one after the other, to who asks for it. */
class Mailbox<T> {
  readonly #there: T[] = [];
  readonly #asked: ((one: T) => void)[] = [];

  put(one: T): void {
    const asked = this.#asked.shift();
    if (asked === undefined) this.#there.push(one);
    else asked(one);
  }

  next(): Promise<T> {
    const one = this.#there.shift();
    if (one !== undefined) return Promise.resolve(one);
    return new Promise((resolve) => this.#asked.push(resolve));
  }
}

async function opened(
  t: ExecutionContext,
  options: Partial<Parameters<typeof openTcpCarrier>[0]> = {},
): Promise<Opened> {
  const warnings: LogFields[] = [];
  const warned = new Mailbox<LogFields>();
  const letters = new Mailbox<readonly [string, string]>();
  const gone = new Mailbox<string>();
  const nothing = (): void => undefined;
  const logger: Logger = {
    error: nothing,
    warn: (_, fields = {}) => {
      warnings.push(fields);
      warned.put(fields);
    },
    info: nothing,
    debug: nothing,
  };
  const carrier = await openTcpCarrier({ host: HOST, logger, ...options });
  t.teardown(() => carrier[Symbol.asyncDispose]());
  carrier.start({
    heard: (from, letter) => letters.put([from, Buffer.from(letter).toString()]),
    gone: (address) => gone.put(address),
    alive: nothing,
  });
  return {
    carrier,
    warnings,
    letter: () => letters.next(),
    gone: () => gone.next(),
    warned: () => warned.next(),
  };
}

function framed(octets: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(octets.length);
  return Buffer.concat([length, octets]);
}

function greeting(address: string, version: number = VERSION): Buffer {
  return framed(Buffer.concat([HELLO, Buffer.from([version]), Buffer.from(address)]));
}

async function connected(t: ExecutionContext, address: string): Promise<Socket> {
  const socket = connect(portOf(address), HOST);
  socket.on("error", () => undefined);
  t.teardown(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

test("letters go both ways, also at once, each in its order", async (t) => {
  const [a, b] = await Promise.all([opened(t), opened(t)]);
  const COUNT = 200;
  for (let i = 0; i < COUNT; i++) {
    t.true(a.carrier.send(b.carrier.address, Buffer.from(`a${i} ${"x".repeat(i * 137)}`)));
    t.true(b.carrier.send(a.carrier.address, Buffer.from(`b${i}`)));
  }
  for (let i = 0; i < COUNT; i++) {
    t.deepEqual(await b.letter(), [a.carrier.address, `a${i} ${"x".repeat(i * 137)}`]);
    t.deepEqual(await a.letter(), [b.carrier.address, `b${i}`]);
  }
  t.deepEqual(a.warnings, []);
});

test("who is answered is answered over the connection it opened", async (t) => {
  const { carrier, letter } = await opened(t);
  const server = createServer().listen(0, HOST);
  t.teardown(() => server.close());
  await once(server, "listening");
  server.on("connection", () => t.fail("another connection was opened"));
  const own = `${HOST}:${(server.address() as { port: number }).port}`;
  const socket = await connected(t, carrier.address);
  socket.write(Buffer.concat([greeting(own), framed(Buffer.from("hello"))]));
  t.deepEqual(await letter(), [own, "hello"]);
  t.true(carrier.send(own, Buffer.from("yourself")));
  const expected = Buffer.concat([greeting(carrier.address), framed(Buffer.from("yourself"))]);
  let got = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    got = Buffer.concat([got, chunk]);
    if (got.length >= expected.length) break;
  }
  t.deepEqual(got, expected);
});

test("what is no host of groups, of another version or from elsewhere is refused, and said", async (t) => {
  const { carrier, warned, letter } = await opened(t);
  const giop = Buffer.concat([Buffer.from("GIOP"), Buffer.from([1, 2, 1, 0, 0, 0, 0, 0])]);
  const cases: readonly (readonly [Buffer, RegExp])[] = [
    [giop, /^a frame of \d+ octets; allowed: 512$/],
    [framed(Buffer.from("something else")), /^no host of groups$/],
    [framed(HELLO), /^no host of groups$/],
    [greeting("127.0.0.1:4711", 1), /^version 1 of the protocol; spoken: 3$/],
    [greeting("nowhere"), /^wrong sender: "nowhere" is no address of a host of groups/],
    [
      greeting("10.1.2.3:4711"),
      /^wrong sender: it says that it is at 10\.1\.2\.3, and comes from 127/,
    ],
  ];
  for (const [octets, reason] of cases) {
    const socket = await connected(t, carrier.address);
    const closed = once(socket, "close");
    socket.resume().write(Buffer.concat([octets, framed(Buffer.from("not heard"))]));
    t.regex(String((await warned())["reason"]), reason);
    await closed;
  }
  // Those who keep to it are heard all the same.
  const socket = await connected(t, carrier.address);
  socket.write(Buffer.concat([greeting(`${HOST}:1`), framed(Buffer.from("heard"))]));
  t.deepEqual(await letter(), [`${HOST}:1`, "heard"]);
});

test("another host than the one that was looked for hears nothing more", async (t) => {
  const { carrier, warned } = await opened(t);
  const server: Server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.write(greeting("127.0.0.1:9"));
  }).listen(0, HOST);
  t.teardown(() => server.close());
  await once(server, "listening");
  const to = `${HOST}:${(server.address() as { port: number }).port}`;
  t.true(carrier.send(to, Buffer.from("a letter")));
  t.is((await warned())["reason"], "wrong host: it says that it is at 127.0.0.1:9");
});

test("a host that ended is gone, and a connection that broke alone says nothing of it", async (t) => {
  const [a, b] = await Promise.all([opened(t), opened(t)]);
  a.carrier.send(b.carrier.address, Buffer.from("one"));
  await b.letter();
  // Somebody speaks for `b` and hangs up; `b` lives.
  const socket = await connected(t, a.carrier.address);
  socket.end(Buffer.concat([greeting(b.carrier.address), framed(Buffer.from("cut"))]));
  t.deepEqual(await a.letter(), [b.carrier.address, "cut"]);
  await once(socket.resume(), "close");
  t.true(a.carrier.send(b.carrier.address, Buffer.from("two")));
  t.deepEqual(await b.letter(), [a.carrier.address, "two"]);
  await b.carrier[Symbol.asyncDispose]();
  t.is(await a.gone(), b.carrier.address);
  // For a while nobody is looked for there; then it is tried, and given up again.
  const send = (): boolean => a.carrier.send(b.carrier.address, Buffer.from("three"));
  t.false(send());
  const sent = setInterval(send, 5);
  t.teardown(() => clearInterval(sent));
  t.is(await a.gone(), b.carrier.address);
});

test("who leaves it to others finds out when they have had their time", async (t) => {
  const clock = new TestClock();
  const carrier = await openTcpCarrier({ host: HOST, clock });
  t.teardown(() => carrier[Symbol.asyncDispose]());
  const asked = new Mailbox<string>();
  carrier.start({
    heard: () => undefined,
    alive: () => undefined,
    gone: () => undefined,
    patienceMs(address) {
      asked.put(address);
      return 20;
    },
  });
  const came = new Mailbox<Socket>();
  const server = createServer((socket) => came.put(socket.on("error", () => undefined))).listen(0);
  t.teardown(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const to = `${HOST}:${port}`;
  carrier.send(to, Buffer.from("one"));
  (await came.next()).destroy();
  t.is(await asked.next(), to);
  clock.advanceMs(19);
  const own = await connected(t, to);
  t.is((await came.next()).remotePort, own.localPort, "nobody came before");
  clock.advanceMs(1);
  (await came.next()).destroy();
});

test("a host that is closed and opened again at its address is found again", async (t) => {
  const [a, b] = await Promise.all([opened(t), opened(t)]);
  const port = portOf(b.carrier.address);
  a.carrier.send(b.carrier.address, Buffer.from("one"));
  await b.letter();
  await b.carrier[Symbol.asyncDispose]();
  await a.gone();
  const again = await opened(t, { port });
  const sent = setInterval(() => a.carrier.send(again.carrier.address, Buffer.from("two")), 5);
  t.teardown(() => clearInterval(sent));
  t.deepEqual(await again.letter(), [a.carrier.address, "two"]);
});

test("a host that is closed takes no letters, and opens no connection to those it knew", async (t) => {
  const [a, b] = await Promise.all([opened(t), opened(t)]);
  a.carrier.send(b.carrier.address, Buffer.from("before"));
  t.deepEqual(await b.letter(), [a.carrier.address, "before"]);
  await a.carrier[Symbol.asyncDispose]();
  t.false(a.carrier.send(b.carrier.address, Buffer.from("after")));
  const c = await opened(t);
  c.carrier.send(b.carrier.address, Buffer.from("another one's"));
  t.deepEqual(await b.letter(), [c.carrier.address, "another one's"]);
});
