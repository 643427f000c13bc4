import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { CdrOutput } from "../../../orb/cdr/index.ts";
import {
  Assembler,
  beginMessage,
  codecFor,
  endMessage,
  type GiopMessage,
  RESPONSE,
} from "../../../orb/giop/index.ts";
import { Any, type Channel, MemoryTransport, MINOR, ORB_init, tc } from "../../../orb/index.ts";
import { writeAny, writeTypeCode } from "../../../orb/generated.ts";
import { callBox, Sample, sample } from "../../support/sample.ts";

type Orb = Awaited<ReturnType<typeof ORB_init>>;
type Minor = 0 | 1 | 2;

interface Bench {
  readonly server: Orb;
  readonly key: Uint8Array;
  readonly limit: number;
  /** Sends octets on a connection of their own; what came back, and whether the server closed. */
  send(octets: Uint8Array): Promise<{ messages: GiopMessage[]; isClosed: boolean }>;
  /** Whether the server still serves others. */
  isAlive(): Promise<boolean>;
}

async function bench(t: ExecutionContext): Promise<Bench> {
  const transport = new MemoryTransport();
  const limit = 1 << 20;
  const server = await ORB_init([], { transport, config: { orb: { maxMessageOctets: limit } } });
  const client = await ORB_init([], { transport });
  const local = await server.rootPOA.activate(new Sample());
  server.rootPOA.the_POAManager.activate();
  const far = await client.string_to_object(server.object_to_string(local));
  const endpoint = server.endpoints[0];
  if (far === null || endpoint === undefined) throw new TypeError("no server");
  t.teardown(async () => {
    await client.destroy();
    await server.destroy();
  });
  return {
    server,
    limit,
    key: far._core.ownTargets[0]?.objectKey ?? new Uint8Array(),
    send: async (octets) => {
      const channel: Channel = await transport.connect(endpoint, new AbortController().signal);
      const messages: GiopMessage[] = [];
      let isClosed = false;
      const assembler = new Assembler({});
      channel.start({
        data: (chunk) => assembler.consume(chunk, (message) => messages.push(message)),
        drained: () => undefined,
        closed: () => {
          isClosed = true;
        },
      });
      channel.send(octets);
      // Everything here happens in microtasks.
      await new Promise((resolve) => setImmediate(resolve));
      const outcome = { messages, isClosed };
      channel.destroy();
      return outcome;
    },
    isAlive: async () => (await sample.echo(far, "alive?")) === "alive?",
  };
}

function request(
  key: Uint8Array,
  operation: string,
  minor: Minor,
  write: (out: CdrOutput) => void,
): Buffer {
  const out = new CdrOutput({ giopMinor: minor });
  const codec = codecFor(minor);
  beginMessage(out, "Request", minor);
  codec.writeRequestHeader(out, {
    requestId: 2,
    responseFlags: RESPONSE.target,
    target: { by: "key", objectKey: key },
    operation,
    contexts: [],
  });
  const headerEnd = codec.beginBody(out);
  write(out);
  return Buffer.from(codec.endBody(out, headerEnd));
}

/** Repository id and minor code of a system exception in a reply. */
function exceptionIn(message: GiopMessage | undefined): string {
  if (message?.type !== "Reply") return `no reply but ${message?.type ?? "nothing"}`;
  const header = codecFor(message.minor).readReplyHeader(message.input);
  if (header.status !== "SYSTEM_EXCEPTION") return header.status;
  const id = message.input.string();
  return `${id.split("/").at(-1)?.split(":")[0]} 0x${message.input.ulong().toString(16)}`;
}

const hex = (minor: number): string => `0x${minor.toString(16)}`;

test("what is no GIOP gets MessageError, and the connection closes", async (t) => {
  const b = await bench(t);
  const header = (bytes: string): Buffer => Buffer.from(bytes.replaceAll(" ", ""), "hex");
  const faults: readonly (readonly [string, Buffer])[] = [
    ["wrong magic", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    ["version 2.0", header("47494f50 0200 01 00 00000000")],
    ["version 1.7", header("47494f50 0107 01 00 00000000")],
    ["unknown type", header("47494f50 0102 01 09 00000000")],
    ["oversized", header("47494f50 0102 01 00 ffffff7f")],
    ["a Reply nobody asked for", header("47494f50 0102 01 01 0c000000 02000000 00000000 00000000")],
    ["a request of no octets", header("47494f50 0102 01 00 00000000")],
    ["a stray fragment with a bad size", header("47494f50 0102 03 07 05000000 0200000000")],
  ];
  for (const [name, octets] of faults) {
    const { messages, isClosed } = await b.send(octets);
    t.deepEqual(
      messages.map((message) => message.type),
      ["MessageError"],
      name,
    );
    t.true(isClosed, name);
  }
  t.true(await b.isAlive());
});

test("bad octets in a body get MARSHAL with a minor code, and the connection lives on", async (t) => {
  const b = await bench(t);
  for (const minor of [0, 1, 2] as const) {
    const good = request(b.key, "echo", minor, (out) => out.string("good"));
    const faults: readonly (readonly [string, string, Buffer])[] = [
      ["no argument", hex(MINOR.lengthPastEnd), request(b.key, "echo", minor, () => undefined)],
      [
        "a length past the end",
        hex(MINOR.lengthPastEnd),
        request(b.key, "echo", minor, (out) => out.ulong(0xffff_fff0)),
      ],
      [
        "no NUL at the end",
        hex(MINOR.stringNotTerminated),
        request(b.key, "echo", minor, (out) => out.ulong(4).octets(Buffer.from("abcd"))),
      ],
    ];
    for (const [name, code, octets] of faults) {
      const { messages, isClosed } = await b.send(Buffer.concat([octets, good]));
      t.is(exceptionIn(messages[0]), `MARSHAL ${code}`, `${name}, GIOP 1.${minor}`);
      t.is(exceptionIn(messages[1]), "NO_EXCEPTION");
      t.false(isClosed);
    }
  }
  t.true(await b.isAlive());
});

test("a wide character in GIOP 1.0 is MARSHAL with the code for a client's slip", async (t) => {
  const b = await bench(t);
  const octets = request(b.key, "box", 0, (out) => {
    writeTypeCode(out, tc.wchar);
    out.octet(2).octet(0).octet(65);
  });
  const { messages } = await b.send(octets);
  t.is(exceptionIn(messages[0]), `MARSHAL ${hex(MINOR.wcharFromGiop10Client)}`);
});

test("TypeCodes and anys nested beyond 256 levels are MARSHAL; the limit itself passes", async (t) => {
  const b = await bench(t);
  const anyOfDepth = (depth: number): Buffer =>
    request(b.key, "box", 2, (out) => {
      for (let i = 1; i < depth; i++) writeTypeCode(out, tc.any);
      writeAny(out, new Any(tc.long, 7));
    });
  const sequenceOfDepth = (depth: number): Buffer => {
    // tk_sequence is an encapsulation in an encapsulation: written from the inside out.
    let inner = Buffer.from("03000000", "hex");
    for (let i = 0; i < depth; i++) {
      const head = Buffer.alloc(12);
      head.writeUInt32LE(19, 0);
      head.writeUInt32LE(4 + inner.length + 4, 4);
      head.writeUInt8(1, 8);
      inner = Buffer.concat([head, inner, Buffer.alloc(4)]);
    }
    return request(b.key, "box", 2, (out) => out.octets(inner).ulong(0));
  };
  const code = `MARSHAL ${hex(MINOR.nestingTooDeep)}`;
  t.is(exceptionIn((await b.send(anyOfDepth(200))).messages[0]), "NO_EXCEPTION");
  for (const depth of [257, 300, 10_000]) {
    t.is(exceptionIn((await b.send(anyOfDepth(depth))).messages[0]), code, `any ${depth}`);
  }
  t.is(exceptionIn((await b.send(sequenceOfDepth(200))).messages[0]), "NO_EXCEPTION");
  for (const depth of [257, 10_000]) {
    t.is(exceptionIn((await b.send(sequenceOfDepth(depth))).messages[0]), code, `tc ${depth}`);
  }
  t.true(await b.isAlive());
});

test("a message that stops in the middle holds what was received, and nobody else waits", async (t) => {
  const b = await bench(t);
  const whole = request(b.key, "echo", 2, (out) => out.string("x".repeat(100_000)));
  for (const length of [0, 5, 12, 13, 40, 5_000, whole.length - 1]) {
    const { messages, isClosed } = await b.send(whole.subarray(0, length));
    t.deepEqual(messages, []);
    t.false(isClosed);
    t.true(await b.isAlive());
  }
});

// Memory is of the whole process: beside the other tests it would be theirs that is measured, up to 30 MiB of it.
test.serial("a length field that lies costs no more memory than was received", async (t) => {
  const b = await bench(t);
  const header = Buffer.from("47494f500102010000001000", "hex");
  header.writeUInt32LE(b.limit - 12, 8);
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 200; i++) await b.send(Buffer.concat([header, Buffer.alloc(100)]));
  t.true(process.memoryUsage().arrayBuffers - before < 4 * 1024 * 1024);
  t.true(await b.isAlive());
});

test("any cut or flip of a request is answered, refused or waited for, and the server goes on", async (t) => {
  const b = await bench(t);
  const struct = tc.struct("IDL:S:1.0", "S", () => [
    ["a", tc.sequence(tc.string(0), 0)],
    ["b", tc.any],
  ]);
  const value = new Any(struct, { a: ["one", "two"], b: new Any(tc.double, 0.5) });
  const seeds = ([0, 1, 2] as const).flatMap((minor) => [
    request(b.key, "echo", minor, (out) => out.string("hello")),
    request(b.key, "box", minor, (out) => writeAny(out, value)),
    request(b.key, "same", minor, (out) => out.string("").ulong(0)),
    request(b.key, "_is_a", minor, (out) => out.string("IDL:Sample:1.0")),
  ]);
  const locate = new CdrOutput();
  beginMessage(locate, "LocateRequest", 2);
  codecFor(2).writeLocateRequestHeader(locate, {
    requestId: 4,
    target: { by: "key", objectKey: b.key },
  });
  seeds.push(Buffer.from(endMessage(locate)));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.nat(),
      fc.boolean(),
      async (seed, flips, cut, isCut) => {
        const octets = Buffer.from(seed);
        for (const [at, octet] of flips) octets[at % octets.length] = octet;
        const { messages } = await b.send(isCut ? octets.subarray(0, cut % octets.length) : octets);
        for (const { type } of messages) {
          t.true(["Reply", "LocateReply", "MessageError"].includes(type), type);
        }
        return await b.isAlive();
      },
    ),
    { numRuns: process.env["ORBWEAVER_LONG"] === "1" ? 100_000 : 2_000 },
  );
});

test("a breach of the protocol is told to the log, with the peer", async (t) => {
  const warnings: string[] = [];
  const transport = new MemoryTransport();
  const ignore = (): void => undefined;
  const logger = {
    debug: ignore,
    info: ignore,
    error: ignore,
    warn: (message: string, fields?: Readonly<Record<string, unknown>>) => {
      warnings.push(`${message} ${String(fields?.["peer"])} ${String(fields?.["error"])}`);
    },
  };
  await using server = await ORB_init([], { transport, logger });
  const endpoint = server.endpoints[0] ?? { host: "", port: 0 };
  const channel = await transport.connect(endpoint, new AbortController().signal);
  channel.send(Buffer.from("GET / HTTP/1.1\r\n\r\n"));
  await new Promise((resolve) => setImmediate(resolve));
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? "", /^a client broke the protocol.* client:\d+ GiopFault: .*GIOP/);
});

test("a struct any survives the servant", async (t) => {
  await using orb = await ORB_init([], { transport: new MemoryTransport() });
  const reference = await orb.rootPOA.activate(new Sample());
  orb.rootPOA.the_POAManager.activate();
  const back = await callBox(reference, new Any(tc.string(0), "boxed"));
  t.is(back.value, "boxed");
  t.true(back.type.equal(tc.string(0)));
});

test("of two requests under one id the earlier is given up: it does not outlive its connection", async (t) => {
  const b = await bench(t);
  const manager = b.server.rootPOA.the_POAManager;
  await manager.hold_requests();
  const twice = request(b.key, "echo", 2, (out) => out.string("twice"));
  await b.send(Buffer.concat([twice, twice]));
  await new Promise((resolve) => setImmediate(resolve));
  t.is(manager.heldCount, 0);
  manager.activate();
  t.true(await b.isAlive());
});
