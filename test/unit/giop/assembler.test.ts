import test from "ava";
import fc from "fast-check";
import { CdrOutput, type GiopMinor } from "../../../orb/cdr/index.ts";
import {
  Assembler,
  type AssemblerOptions,
  beginMessage,
  endMessage,
  GiopFault,
  type GiopFaultKind,
  type GiopMessage,
  type MessageType,
} from "../../../orb/giop/index.ts";

/** A message whose body is what `write` writes. */
function message(
  type: MessageType,
  minor: GiopMinor,
  write: (out: CdrOutput) => void,
  littleEndian: boolean = true,
): Buffer {
  const out = new CdrOutput({ littleEndian });
  beginMessage(out, type, minor);
  write(out);
  return Buffer.from(endMessage(out));
}

/** The same with the flag that says that fragments follow. */
function more(octets: Buffer): Buffer {
  octets[6] = (octets[6] ?? 0) | 2;
  return octets;
}

function consume(chunks: readonly Uint8Array[], options?: AssemblerOptions): GiopMessage[] {
  const assembler = new Assembler(options);
  const messages: GiopMessage[] = [];
  for (const chunk of chunks) assembler.consume(chunk, (m) => messages.push(m));
  return messages;
}

const kindOf = (chunk: Uint8Array, options?: AssemblerOptions): GiopFaultKind | undefined => {
  try {
    consume([chunk], options);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof GiopFault) return thrown.kind;
    throw thrown;
  }
};

const ping = (id: number): Buffer => message("Reply", 2, (out) => out.ulong(id).ulong(0).ulong(0));

test("messages come out whole and in order however the octets are cut", (t) => {
  const big = message("Reply", 2, (out) => out.ulong(3).octets(Buffer.alloc(50_000, 7)));
  const stream = Buffer.concat([ping(1), ping(2), big, ping(4)]);
  for (const size of [1, 5, 11, 12, 13, 24, 25, 4096, 5000, 20_000, stream.length]) {
    const chunks: Buffer[] = [];
    for (let at = 0; at < stream.length; at += size) {
      chunks.push(Buffer.from(stream.subarray(at, at + size)));
    }
    const messages = consume(chunks);
    t.deepEqual(
      messages.map(({ input }) => input.ulong()),
      [1, 2, 3, 4],
      `chunks of ${size}`,
    );
    t.true(Buffer.alloc(50_000, 7).equals(messages[2]?.input.octets(50_000) ?? Buffer.alloc(0)));
  }
});

/** Gives a stream to an assembler in pieces, each put where the assembler wants it, if it says so. */
function consumeInPlace(
  stream: Uint8Array,
  sizes: readonly number[],
  assembler: Assembler,
  onRoom: (room: Uint8Array) => void = () => undefined,
): GiopMessage[] {
  const messages: GiopMessage[] = [];
  let at = 0;
  for (let n = 0; at < stream.length; n++) {
    const room = assembler.room();
    if (room !== undefined) onRoom(room);
    const piece = stream.subarray(
      at,
      at + Math.min(sizes[n % sizes.length] ?? 1, room?.length ?? Infinity),
    );
    at += piece.length;
    room?.set(piece);
    const chunk = room?.subarray(0, piece.length) ?? Buffer.from(piece);
    assembler.consume(chunk, (m) => messages.push(m));
  }
  return messages;
}

test("messages of which parts are put in place come out as they were sent", (t) => {
  const body = fc.oneof(fc.nat(200), fc.nat(200_000));
  const sizes = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 8 });
  let rooms = 0;
  const property = fc.property(fc.array(body, { maxLength: 6 }), sizes, (lengths, cuts) => {
    // Tiny chunks of large messages take long and show nothing new.
    fc.pre(lengths.every((length) => length < 1_000) || cuts.some((size) => size > 5_000));
    const bodies = lengths.map((length, n) => Buffer.alloc(length, Buffer.from([n, 3, 5, 7, 11])));
    const stream = Buffer.concat(
      bodies.map((octets) => message("Reply", 2, (out) => out.octetSequence(octets))),
    );
    const found = consumeInPlace(stream, cuts, new Assembler(), () => rooms++);
    t.deepEqual(
      found.map(({ input }) => Buffer.from(input.octetSequence())),
      bodies,
    );
  });
  fc.assert(property, { numRuns: 150 });
  t.true(rooms > 100);
});

test("no place is made for what a peer only claims", (t) => {
  const assembler = new Assembler();
  const claim = message("Reply", 2, (out) => out.octets(Buffer.alloc(10)));
  claim.writeUInt32LE(50_000_000, 8);
  assembler.consume(claim, () => t.fail());
  t.is(assembler.room(), undefined);
  for (let received = claim.length; received < 2_000_000; received += 40_000) {
    t.true((assembler.room()?.buffer.byteLength ?? 0) <= 2 * received + 64, `${received}`);
    assembler.consume(Buffer.alloc(40_000), () => t.fail());
  }
  const room = assembler.room();
  t.true(room !== undefined && room.length >= 16_384);
});

test("there is no place where nothing, little, or an unknown count is missing", (t) => {
  const assembler = new Assembler();
  t.is(assembler.room(), undefined);
  const octets = message("Reply", 2, (out) => out.octets(Buffer.alloc(100_000)));
  assembler.consume(octets.subarray(0, 5), () => t.fail());
  t.is(assembler.room(), undefined);
  assembler.consume(octets.subarray(5, 50_000), () => t.fail());
  t.true((assembler.room()?.length ?? 0) > 0);
  assembler.consume(octets.subarray(50_000, 99_000), () => t.fail());
  t.is(assembler.room(), undefined);
  let count = 0;
  assembler.consume(octets.subarray(99_000), () => count++);
  t.is(count, 1);
  t.is(assembler.room(), undefined);
});

test("a message that lies in one chunk is a view of it", (t) => {
  const chunk = Buffer.concat([ping(1), ping(2)]);
  const [, second] = consume([chunk]);
  chunk.writeUInt32LE(99, 24 + 12);
  t.is(second?.input.ulong(), 99);
});

test("the input stands behind the header, in byte order and version of the message", (t) => {
  const [found] = consume([message("Request", 1, (out) => out.octet(1).double(2.5), false)]);
  t.is(found?.type, "Request");
  t.is(found?.minor, 1);
  t.is(found?.littleEndian, false);
  t.is(found?.input.position, 12);
  t.is(found?.input.giopMinor, 1);
  t.is(found?.input.octet(), 1);
  t.is(found?.input.double(), 2.5);
  t.is(found?.input.remaining, 0);
});

test("a header that claims much allocates nothing before octets arrive", (t) => {
  const assembler = new Assembler();
  const header = ping(1).subarray(0, 12);
  header.writeUInt32LE(60 * 1024 * 1024, 8);
  const before = process.memoryUsage().arrayBuffers;
  assembler.consume(header, () => t.fail());
  assembler.consume(Buffer.alloc(10), () => t.fail());
  t.is(assembler.pendingOctets, 22);
  t.true(assembler.pending);
  t.true(process.memoryUsage().arrayBuffers - before < 1024 * 1024);
});

test("faults have a kind and end the stream", (t) => {
  const patched = (at: number, value: number): Buffer => {
    const octets = ping(1);
    octets[at] = value;
    return octets;
  };
  t.is(kindOf(Buffer.from("GET / HTTP/1.1\r\n\r\n")), "badMagic");
  t.is(kindOf(patched(4, 2)), "unsupportedVersion");
  t.is(kindOf(patched(5, 3)), "unsupportedVersion");
  t.is(kindOf(patched(7, 8)), "unknownType");
  t.is(kindOf(message("Fragment", 0, () => undefined)), "unknownType");
  t.is(kindOf(patched(10, 0xff)), undefined);
  t.is(kindOf(patched(11, 0xff)), "tooLarge");
  t.is(kindOf(ping(1), { maxMessageOctets: 24 }), undefined);
  t.is(kindOf(ping(1), { maxMessageOctets: 23 }), "tooLarge");
  t.is(kindOf(more(message("CancelRequest", 2, (out) => out.ulong(1)))), "badFragment");
  t.is(kindOf(more(message("LocateRequest", 1, (out) => out.ulong(1)))), "badFragment");
  t.is(kindOf(message("CancelRequest", 2, (out) => out.ushort(1))), "badSize");

  const assembler = new Assembler();
  const fault = t.throws(() => assembler.consume(patched(4, 9), () => t.fail()), {
    instanceOf: GiopFault,
  });
  t.is(
    t.throws(() => assembler.consume(ping(1), () => t.fail())),
    fault,
  );
});

test("messages before a fault are handed out", (t) => {
  const assembler = new Assembler();
  const ids: number[] = [];
  const chunk = Buffer.concat([ping(1), Buffer.from("twelve octets")]);
  t.throws(() => assembler.consume(chunk, ({ input }) => ids.push(input.ulong())), {
    instanceOf: GiopFault,
  });
  t.deepEqual(ids, [1]);
});

test("in GIOP 1.0 the flags octet holds the byte order and nothing else", (t) => {
  t.is(consume([more(message("Reply", 0, (out) => out.ulong(0)))]).length, 1);
});

/** A 1.2 reply in pieces: `id`, then octets counted up. */
function piece12(id: number, first: boolean, last: boolean, octets: number[]): Buffer {
  const octetsOf = (out: CdrOutput): CdrOutput => out.ulong(id).octets(Uint8Array.from(octets));
  const whole = message(first ? "Reply" : "Fragment", 2, octetsOf);
  return last ? whole : more(whole);
}

const eight = (from: number): number[] => Array.from({ length: 8 }, (_, i) => from + i);

test("fragments of GIOP 1.2 join by request id, also interleaved", (t) => {
  const messages = consume([
    piece12(1, true, false, eight(0)),
    piece12(2, true, false, eight(100)),
    ping(3),
    piece12(1, false, false, eight(8)),
    piece12(2, false, true, [108, 109]),
    piece12(1, false, false, []),
    piece12(1, false, true, []),
  ]);
  t.deepEqual(
    messages.map(({ type, input }) => [type, input.ulong(), [...input.octets(input.remaining)]]),
    [
      ["Reply", 3, [0, 0, 0, 0, 0, 0, 0, 0]],
      ["Reply", 2, [...eight(100), 108, 109]],
      ["Reply", 1, [...eight(0), ...eight(8)]],
    ],
  );
});

test("alignment of GIOP 1.2 goes on across the joint", (t) => {
  const [found] = consume([
    more(message("Reply", 2, (out) => out.ulong(1).double(1.5))),
    message("Fragment", 2, (out) => out.ulong(1).octet(9).double(2.5)),
  ]);
  t.is(found?.input.ulong(), 1);
  t.is(found?.input.double(), 1.5);
  t.is(found?.input.octet(), 9);
  t.is(found?.input.double(), 2.5);
  t.is(found?.input.remaining, 0);
});

test("each fragment of GIOP 1.1 aligns on its own", (t) => {
  const [found, after] = consume([
    more(message("Reply", 1, (out) => out.ulong(1).octet(5))),
    ping(2),
    message("Fragment", 1, () => undefined).map((octet, at) => (at === 6 ? 3 : octet)) as Buffer,
    message("Fragment", 1, (out) => out.double(2.5)),
  ]).toReversed();
  t.is(after?.input.ulong(), 2);
  t.is(found?.minor, 1);
  t.is(found?.input.ulong(), 1);
  t.is(found?.input.octet(), 5);
  t.is(found?.input.double(), 2.5);
  t.is(found?.input.remaining, 0);
});

test("fragments that break a rule are faults", (t) => {
  const join = (...pieces: Buffer[]): Buffer => Buffer.concat(pieces);
  const start = piece12(1, true, false, eight(0));
  t.is(kindOf(piece12(1, false, true, [])), "badFragment", "of nothing");
  t.is(kindOf(join(start, piece12(2, false, true, []))), "badFragment", "of another id");
  t.is(kindOf(join(start, start)), "badFragment", "begun twice");
  t.is(kindOf(piece12(1, true, false, [1])), "badFragment", "first piece no multiple of 8");
  t.is(kindOf(join(start, piece12(1, false, false, [1]))), "badFragment", "next no multiple of 8");
  t.is(
    kindOf(
      join(
        start,
        message("Fragment", 2, (out) => out.ulong(1), false),
      ),
    ),
    "badFragment",
    "other byte order",
  );
  t.is(kindOf(message("Fragment", 1, () => undefined)), "badFragment", "1.1 of nothing");
  const start11 = more(message("Reply", 1, (out) => out.ulong(0)));
  t.is(kindOf(join(start11, start11)), "badFragment", "1.1 begun twice");
  t.is(
    kindOf(
      join(
        start11,
        message("Fragment", 1, () => undefined, false),
      ),
    ),
    "badFragment",
    "1.1 other byte order",
  );
  t.is(kindOf(more(message("Reply", 2, () => undefined))), "badSize", "no request id");
});

test("what fragments hold is limited", (t) => {
  const many = (count: number): Buffer =>
    Buffer.concat(Array.from({ length: count }, (_, id) => piece12(id, true, false, eight(0))));
  t.is(kindOf(many(3), { maxIncompleteMessages: 3 }), undefined);
  t.is(kindOf(many(4), { maxIncompleteMessages: 3 }), "badFragment");
  t.is(kindOf(many(4), { maxIncompleteOctets: 4 * 24 }), undefined);
  t.is(kindOf(many(4), { maxIncompleteOctets: 4 * 24 - 1 }), "tooLarge");
  const long = Buffer.concat([
    piece12(1, true, false, eight(0)),
    piece12(1, false, false, eight(0)),
    piece12(1, false, false, eight(0)),
  ]);
  const options = { maxIncompleteOctets: 1000 };
  t.is(kindOf(long, { ...options, maxMessageOctets: 40 }), undefined);
  t.is(kindOf(long, { ...options, maxMessageOctets: 39 }), "tooLarge");
  const tiny = Buffer.concat([
    more(message("Reply", 1, (out) => out.octet(1))),
    ...Array.from({ length: 100 }, () => more(message("Fragment", 1, (out) => out.octet(1)))),
  ]);
  t.is(kindOf(tiny, { maxMessageOctets: 10_000 }), "tooLarge");
});

test("a cancellation drops an incomplete request and the fragments still under way", (t) => {
  const request = more(
    message("Request", 2, (out) => out.ulong(6).ulong(0).ulong(0).ulong(0).ulong(0)),
  );
  const cancel = message("CancelRequest", 2, (out) => out.ulong(6));
  const fragment = message("Fragment", 2, (out) => out.ulong(6).ulong(0));
  const assembler = new Assembler();
  const types: string[] = [];
  const feed = (octets: Buffer): void => assembler.consume(octets, ({ type }) => types.push(type));
  feed(request);
  t.true(assembler.pendingOctets > 0);
  feed(cancel);
  t.is(assembler.pendingOctets, 0);
  feed(more(Buffer.from(fragment)));
  feed(fragment);
  t.deepEqual(types, ["CancelRequest"]);
  t.throws(() => feed(fragment), { instanceOf: GiopFault });
});

test("of many cancellations the latest are remembered, and replies are not cancelled", (t) => {
  const assembler = new Assembler();
  const feed = (octets: Buffer): void => assembler.consume(octets, () => undefined);
  const request = (id: number): Buffer => more(message("Request", 2, (out) => out.ulong(id)));
  const last = (id: number): Buffer => message("Fragment", 2, (out) => out.ulong(id));
  feed(piece12(500, true, false, eight(0)));
  feed(message("CancelRequest", 2, (out) => out.ulong(500)));
  t.is(assembler.pendingOctets, 24);
  for (let id = 0; id < 65; id++) {
    // 12 octets of header and 4 of id: a multiple of 8.
    feed(request(id));
    feed(message("CancelRequest", 2, (out) => out.ulong(id)));
  }
  t.is(assembler.pendingOctets, 24);
  for (let id = 1; id < 65; id++) t.notThrows(() => feed(last(id)));
  t.throws(() => feed(last(0)), { instanceOf: GiopFault });
});

test("what cannot be cancelled in GIOP 1.1 goes on", (t) => {
  const cancel = message("CancelRequest", 1, (out) => out.ulong(0));
  const start = (type: MessageType): Buffer => more(message(type, 1, (out) => out.ulong(0)));
  const end = message("Fragment", 1, (out) => out.ulong(0));
  const types = (type: MessageType): string[] =>
    consume([start(type), cancel, end]).map((found) => found.type);
  t.deepEqual(types("Reply"), ["CancelRequest", "Reply"]);
  t.deepEqual(types("Request"), ["CancelRequest", "Request"], "the id has not arrived");
});

test("octets in a trickle cost about what they hold", (t) => {
  const size = 4 * 1024 * 1024;
  const stream = message("Reply", 2, (out) => out.octets(Buffer.alloc(size)));
  const assembler = new Assembler();
  const before = process.memoryUsage().arrayBuffers;
  for (let at = 0; at + 100 <= size; at += 100) {
    assembler.consume(stream.subarray(at, at + 100), () => t.fail());
  }
  t.true(process.memoryUsage().arrayBuffers - before < 3 * size);
  t.true(assembler.pendingOctets > size - 100);
});

test("a GIOP 1.1 request is cancelled when its id has arrived", (t) => {
  const head = (out: CdrOutput): void => {
    out.ulong(0).ulong(6).octet(1).octetSequence(Buffer.from("key")).string("op").ulong(0);
  };
  const assembler = new Assembler();
  const types: string[] = [];
  const feed = (octets: Buffer): void => assembler.consume(octets, ({ type }) => types.push(type));
  feed(more(message("Request", 1, head)));
  feed(message("CancelRequest", 1, (out) => out.ulong(5)));
  t.true(assembler.pendingOctets > 0);
  feed(message("CancelRequest", 1, (out) => out.ulong(6)));
  t.is(assembler.pendingOctets, 0);
  feed(more(message("Fragment", 1, (out) => out.octet(1))));
  feed(message("Fragment", 1, (out) => out.octet(1)));
  t.deepEqual(types, ["CancelRequest", "CancelRequest"]);
  t.throws(() => feed(message("Fragment", 1, (out) => out.octet(1))), { instanceOf: GiopFault });
});
