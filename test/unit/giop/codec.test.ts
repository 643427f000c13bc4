import test from "ava";
import fc from "fast-check";
import { CdrOutput, type GiopMinor } from "../../../orb/cdr/index.ts";
import { MARSHAL } from "../../../orb/exception/index.ts";
import {
  Assembler,
  beginMessage,
  codecFor,
  codeSetsContext,
  endMessage,
  type GiopMessage,
  type LocateStatus,
  type MessageHeader,
  minorFor,
  readCodeSetsContext,
  readMessageHeader,
  type ReplyStatus,
  RESPONSE,
  type Target,
} from "../../../orb/giop/index.ts";

const minors = fc.constantFrom<GiopMinor>(0, 1, 2);
const ulong = fc.nat(0xffff_ffff);
const octets = fc.uint8Array({ maxLength: 30 });
const contexts = fc.array(fc.record({ id: ulong, data: octets }), { maxLength: 3 });
const operation = fc.string({ unit: fc.constantFrom("_", "g", "e", "t", "ä"), maxLength: 60 });

function only(message: Uint8Array): GiopMessage {
  const found: GiopMessage[] = [];
  new Assembler().consume(message, (m) => found.push(m));
  const [first, second] = found;
  if (first === undefined || second !== undefined) throw new Error(`${found.length} messages`);
  return first;
}

/** The header read back, and the octets of the body behind it. */
function readBack(message: Uint8Array): [header: MessageHeader, body: number[]] {
  const { input, ...rest } = only(message);
  const header = readMessageHeader({ ...rest, input });
  return [header, [...input.octets(input.remaining)]];
}

test("a GIOP 1.2 request, octet for octet", (t) => {
  const out = new CdrOutput({ littleEndian: false });
  const codec = codecFor(2);
  beginMessage(out, "Request", 2);
  codec.writeRequestHeader(out, {
    requestId: 7,
    responseFlags: RESPONSE.target,
    target: { by: "key", objectKey: Uint8Array.of(0xab, 0xcd) },
    operation: "hi",
    contexts: [],
  });
  const headerEnd = codec.beginBody(out);
  out.octet(0x55);
  t.is(
    Buffer.from(codec.endBody(out, headerEnd)).toString("hex"),
    "47494f50" +
      "01020000" +
      "00000025" + // GIOP 1.2, big endian, Request, 37 octets
      "00000007" +
      "03000000" + // id, flags and reserved
      "00000000" +
      "00000002" +
      "abcd0000" + // key address (a short), key, padding
      "00000003" +
      "68690000" +
      "00000000" + // operation, padding, no contexts
      "00000000" +
      "55", // padding to 8, body
  );
});

test("a GIOP 1.0 reply, octet for octet", (t) => {
  const out = new CdrOutput();
  const codec = codecFor(0);
  beginMessage(out, "Reply", 0);
  codec.writeReplyHeader(out, { requestId: 7, status: "USER_EXCEPTION", contexts: [] });
  const headerEnd = codec.beginBody(out);
  out.octet(0x55);
  t.is(
    Buffer.from(codec.endBody(out, headerEnd)).toString("hex"),
    "47494f50" + "01000101" + "0d000000" + "00000000" + "07000000" + "01000000" + "55",
  );
});

test("an empty body has no padding, and padding without a body is read", (t) => {
  for (const minor of [0, 1, 2] as const) {
    const codec = codecFor(minor);
    for (const operationName of ["a", "ab", "abc", "abcd", "abcde"]) {
      const write = (out: CdrOutput): number => {
        beginMessage(out, "Request", minor);
        codec.writeRequestHeader(out, {
          requestId: 1,
          responseFlags: RESPONSE.none,
          target: { by: "key", objectKey: Uint8Array.of(1) },
          operation: operationName,
          contexts: [],
        });
        return out.position;
      };
      const bare = new CdrOutput();
      write(bare);
      const expected = endMessage(bare);
      const out = new CdrOutput();
      write(out);
      const sent = codec.endBody(out, codec.beginBody(out));
      t.deepEqual(sent, expected);
      for (let padding = 0; padding < 8; padding++) {
        if (minor === 2 && (expected.length + padding) % 8 === 1 && padding > 0) break;
        if (minor !== 2 && padding > 0) break;
        const padded = new CdrOutput();
        write(padded);
        padded.octets(new Uint8Array(padding));
        t.deepEqual(readBack(endMessage(padded))[1], [], `${operationName} ${padding}`);
      }
    }
  }
});

const targets: fc.Arbitrary<Target> = fc.oneof(
  fc.record({ by: fc.constant("key" as const), objectKey: octets }),
  fc.record({
    by: fc.constant("profile" as const),
    profile: fc.record({ tag: ulong, data: octets }),
  }),
  fc.record({
    by: fc.constant("reference" as const),
    selectedProfile: ulong,
    ior: fc.record({
      typeId: fc.constant("IDL:X:1.0"),
      profiles: fc.array(fc.record({ tag: ulong, data: octets }), { maxLength: 2 }),
    }),
  }),
);

test("requests of every version survive in both byte orders", (t) => {
  fc.assert(
    fc.property(
      minors,
      fc.boolean(),
      fc.record({
        requestId: ulong,
        responseFlags: fc.constantFrom(0, 1, 3),
        target: targets,
        operation,
        contexts,
      }),
      octets,
      (minor, littleEndian, header, body) => {
        const out = new CdrOutput({ littleEndian });
        const codec = codecFor(minor);
        beginMessage(out, "Request", minor);
        if (minor < 2 && header.target.by !== "key") {
          t.throws(() => codec.writeRequestHeader(out, header), { instanceOf: TypeError });
          return;
        }
        codec.writeRequestHeader(out, header);
        const headerEnd = codec.beginBody(out);
        const message = codec.endBody(out.octets(body), headerEnd);
        const expected =
          minor === 2
            ? header
            : { ...header, responseFlags: (header.responseFlags & 1) === 1 ? 3 : 0 };
        t.deepEqual(
          normal(readBack(message)),
          normal([{ type: "Request", ...expected }, [...body]]),
        );
      },
    ),
    { numRuns: 300 },
  );
});

/** Views of a message are Buffers or not: compare octets only. */
function normal(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, v: unknown) => (v instanceof Uint8Array ? [...v] : v)).replaceAll(
      /\{"type":"Buffer","data":(\[[^\]]*\])\}/gu,
      "$1",
    ),
  );
}

const statuses: readonly ReplyStatus[] = [
  "NO_EXCEPTION",
  "USER_EXCEPTION",
  "SYSTEM_EXCEPTION",
  "LOCATION_FORWARD",
  "LOCATION_FORWARD_PERM",
  "NEEDS_ADDRESSING_MODE",
];

test("replies of every version and status survive in both byte orders", (t) => {
  fc.assert(
    fc.property(
      minors,
      fc.boolean(),
      fc.record({ requestId: ulong, status: fc.constantFrom(...statuses), contexts }),
      octets,
      (minor, littleEndian, header, body) => {
        const out = new CdrOutput({ littleEndian });
        const codec = codecFor(minor);
        beginMessage(out, "Reply", minor);
        if (minor < 2 && header.status === "NEEDS_ADDRESSING_MODE") {
          t.throws(() => codec.writeReplyHeader(out, header), { instanceOf: TypeError });
          return;
        }
        codec.writeReplyHeader(out, header);
        const headerEnd = codec.beginBody(out);
        const message = codec.endBody(out.octets(body), headerEnd);
        const status =
          minor < 2 && header.status === "LOCATION_FORWARD_PERM"
            ? "LOCATION_FORWARD"
            : header.status;
        const expected: MessageHeader = { type: "Reply", ...header, status };
        t.deepEqual(normal(readBack(message)), normal([expected, [...body]]));
      },
    ),
    { numRuns: 300 },
  );
});

test("locate requests, locate replies and cancellations survive; their bodies are not aligned", (t) => {
  const statusesOf = (minor: GiopMinor): readonly LocateStatus[] =>
    minor === 2
      ? [
          "UNKNOWN_OBJECT",
          "OBJECT_FORWARD_PERM",
          "LOC_SYSTEM_EXCEPTION",
          "LOC_NEEDS_ADDRESSING_MODE",
        ]
      : ["UNKNOWN_OBJECT", "OBJECT_HERE", "OBJECT_FORWARD"];
  for (const minor of [0, 1, 2] as const) {
    for (const littleEndian of [false, true]) {
      const codec = codecFor(minor);
      const locate = new CdrOutput({ littleEndian });
      beginMessage(locate, "LocateRequest", minor);
      const target = { by: "key", objectKey: Uint8Array.of(1, 2, 3) } as const;
      codec.writeLocateRequestHeader(locate, { requestId: 0xffff_ffff, target });
      t.deepEqual(normal(readBack(endMessage(locate))), [
        {
          type: "LocateRequest",
          requestId: 0xffff_ffff,
          target: { by: "key", objectKey: [1, 2, 3] },
        },
        [],
      ]);
      for (const status of statusesOf(minor)) {
        const reply = new CdrOutput({ littleEndian });
        beginMessage(reply, "LocateReply", minor);
        codec.writeLocateReplyHeader(reply, { requestId: 5, status });
        reply.octet(9);
        t.deepEqual(readBack(endMessage(reply)), [
          { type: "LocateReply", requestId: 5, status },
          [9],
        ]);
      }
      const cancel = new CdrOutput({ littleEndian });
      beginMessage(cancel, "CancelRequest", minor);
      codec.writeCancelRequestHeader(cancel, { requestId: 77 });
      t.deepEqual(readBack(endMessage(cancel)), [{ type: "CancelRequest", requestId: 77 }, []]);
      for (const type of ["CloseConnection", "MessageError"] as const) {
        const bare = new CdrOutput({ littleEndian });
        beginMessage(bare, type, minor);
        const message = endMessage(bare);
        t.is(message.length, 12);
        t.deepEqual(readBack(message), [{ type }, []]);
      }
    }
  }
});

test("numbers that name nothing are MARSHAL and the error lists what is allowed", (t) => {
  const reply = (minor: GiopMinor, status: number): Uint8Array => {
    const out = new CdrOutput();
    beginMessage(out, "Reply", minor);
    if (minor < 2) out.ulong(0);
    out.ulong(1).ulong(status).ulong(0);
    return endMessage(out);
  };
  t.throws(() => readBack(reply(2, 6)), {
    instanceOf: MARSHAL,
    message: /5 NEEDS_ADDRESSING_MODE/u,
  });
  t.throws(() => readBack(reply(1, 4)), { instanceOf: MARSHAL, message: /3 LOCATION_FORWARD /u });
  const request = new CdrOutput();
  beginMessage(request, "Request", 2);
  request.ulong(1).ulong(3).ushort(3);
  t.throws(() => readBack(endMessage(request)), { instanceOf: MARSHAL, message: /2 reference/u });
});

test("a count of service contexts that lies is MARSHAL", (t) => {
  const out = new CdrOutput();
  beginMessage(out, "Reply", 2);
  out.ulong(1).ulong(0).ulong(2000);
  for (let i = 0; i < 2000; i++) out.ulong(1).ulong(0);
  t.throws(() => readBack(endMessage(out)), { instanceOf: MARSHAL, message: /at most 1024/u });
  out.patchUlong(20, 0xffff_ffff);
  t.throws(() => readBack(out.finish()), { instanceOf: MARSHAL });
});

test("the CodeSets context says two numbers in an encapsulation", (t) => {
  const { id, data } = codeSetsContext({ charSet: 0x0501_0001, wcharSet: 0x0001_0109 });
  t.is(id, 1);
  t.is(Buffer.from(data).toString("hex"), "01000000" + "01000105" + "09010100");
  t.deepEqual(readCodeSetsContext(data), { charSet: 0x0501_0001, wcharSet: 0x0001_0109 });
  t.throws(() => readCodeSetsContext(data.subarray(0, 11)), { instanceOf: MARSHAL });
});

test("the version to speak is never above the one published", (t) => {
  t.deepEqual([0, 1, 2, 3, 255].map(minorFor), [0, 1, 2, 2, 2]);
});
