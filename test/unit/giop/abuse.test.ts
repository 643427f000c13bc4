import test from "ava";
import { type Random, seededRandom, systemRandom } from "../../../orb/base/index.ts";
import {
  BAD_TYPECODE,
  DATA_CONVERSION,
  INV_OBJREF,
  MARSHAL,
} from "../../../orb/exception/index.ts";
import {
  Assembler,
  GiopFault,
  MAX_MESSAGE_OCTETS,
  readHeader,
  readMessageHeader,
} from "../../../orb/giop/index.ts";
import { readPeerBody, seenReferences } from "../../support/captured.ts";
import { readConnections, readManifest } from "../../support/vectors.ts";

// Damaged messages of TAO and omniORB: whatever a peer sends is read, or refused in an orderly way.
// ORBWEAVER_LONG=1 tries many more cuts and changes; ORBWEAVER_SEED=n repeats a run.

const LONG = process.env["ORBWEAVER_LONG"] === "1";
const SEED = Number(process.env["ORBWEAVER_SEED"] ?? systemRandom.uint32());
const CUTS = LONG ? 1000 : 30;
const CHANGES = LONG ? 1000 : 60;

/** A message as it was captured, its fragments behind it. */
interface Specimen {
  readonly name: string;
  readonly octets: Buffer;
  /** Of the request, or of the one that is answered. */
  readonly operation: string;
}

/** The messages of a stream, each with the fragments that belong to it. */
function* wholes(stream: Buffer): Generator<Buffer> {
  let start = 0;
  for (let at = 0; at < stream.length; ) {
    const header = readHeader(stream, at, MAX_MESSAGE_OCTETS);
    at += header.octets;
    if (header.moreFragments) continue;
    yield stream.subarray(start, at);
    start = at;
  }
}

function specimensOf(fromClient: Buffer, fromServer: Buffer, into: Map<string, Specimen>): void {
  const operations = new Map<number, string>();
  for (const octets of [...wholes(fromClient), ...wholes(fromServer)]) {
    new Assembler().consume(octets, (message) => {
      const header = readMessageHeader(message);
      let operation = "";
      if (header.type === "Request") {
        operation = header.operation;
        operations.set(header.requestId, operation);
      } else if (header.type === "Reply") operation = operations.get(header.requestId) ?? "";
      const status = "status" in header ? header.status : "";
      const order = message.littleEndian ? "little" : "big";
      const name = `1.${message.minor} ${order} ${header.type} ${operation} ${status} ${octets.length}`;
      if (!into.has(name)) into.set(name, { name, octets, operation });
    });
  }
}

const specimens: readonly Specimen[] = (() => {
  const found = new Map<string, Specimen>();
  for (const capture of readManifest().captures) {
    for (const { fromClient, fromServer } of readConnections(capture)) {
      specimensOf(fromClient, fromServer, found);
    }
  }
  return [...found.values()];
})();

/** What a message may be answered with when its octets are wrong. */
const ORDERLY = [MARSHAL, DATA_CONVERSION, BAD_TYPECODE, INV_OBJREF];

type Outcome = "read" | "fault" | "exception" | "incomplete";

/** Reads everything there is. @throws whatever is not orderly */
function readAll(octets: Buffer, operation: string): Outcome {
  let outcome: Outcome = "incomplete";
  try {
    new Assembler({ cdr: { context: seenReferences } }).consume(octets, (message) => {
      outcome = "read";
      message.input.wcharSet = 0x0001_0109;
      const header = readMessageHeader(message);
      readPeerBody(message.input, header, operation);
    });
    return outcome;
  } catch (thrown) {
    if (thrown instanceof GiopFault) return "fault";
    if (ORDERLY.some((type) => thrown instanceof type)) return "exception";
    throw thrown;
  }
}

/** Memory taken between two looks; garbage that was swept between them only makes it less. */
function memory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** At most this for a message, whatever it claims: objects and copies of what it really holds. */
function allowance(octets: Buffer): number {
  return 16 * 1024 * 1024 + 100 * octets.length;
}

const MOST_MS = 5_000;

class Damage {
  readonly outcomes = new Map<Outcome, number>();

  try(specimen: Specimen, octets: Buffer, how: string): Outcome {
    const before = memory();
    const started = performance.now();
    let outcome: Outcome;
    try {
      outcome = readAll(octets, specimen.operation);
    } catch (cause) {
      throw new Error(`seed ${SEED}: ${specimen.name}, ${how}: ${octets.toString("hex")}`, {
        cause,
      });
    }
    const taken = memory() - before;
    const spentMs = performance.now() - started;
    if (taken > allowance(octets) || spentMs > MOST_MS) {
      throw new Error(
        `seed ${SEED}: ${specimen.name}, ${how}: ${taken} octets of memory, ${spentMs} ms`,
      );
    }
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    return outcome;
  }
}

function between(random: Random, from: number, to: number): number {
  return from + Math.floor(random.number() * (to - from));
}

/** Some of the numbers from `from` to `to`, or all of them where there are few. */
function some(random: Random, from: number, to: number, most: number): number[] {
  if (to - from <= most) return Array.from({ length: to - from }, (_, i) => from + i);
  return Array.from({ length: most }, () => between(random, from, to));
}

/** The same octets, with the size of the last message in them made to fit. */
function resized(octets: Buffer, lastAt: number): Buffer {
  const copy = Buffer.from(octets);
  const size = copy.length - lastAt - 12;
  if ((copy[lastAt + 6] ?? 0) & 1) copy.writeUInt32LE(size, lastAt + 8);
  else copy.writeUInt32BE(size, lastAt + 8);
  return copy;
}

/** Where the last message (or fragment) begins, and whether it is the only one. */
function lastAt(octets: Buffer): number {
  let last = 0;
  for (let at = 0; at < octets.length; ) {
    last = at;
    at += readHeader(octets, at, MAX_MESSAGE_OCTETS).octets;
  }
  return last;
}

test("there are specimens of every version, whole ones and fragmented ones", (t) => {
  t.true(specimens.length > 150, `${specimens.length}`);
  t.true(specimens.some(({ octets }) => lastAt(octets) > 0));
  for (const specimen of specimens) {
    const outcome = readAll(specimen.octets, specimen.operation);
    const values = /^1\.\d little (Request|Reply) box/u.test(specimen.name);
    t.true(outcome === "read" || (values && outcome === "exception"), specimen.name);
  }
});

test("a stream that ends in the middle of a message gives nothing and asks for more", (t) => {
  const random = seededRandom(SEED);
  const damage = new Damage();
  for (const specimen of specimens) {
    for (const cut of some(random, 0, specimen.octets.length, CUTS)) {
      const octets = specimen.octets.subarray(0, cut);
      t.is(damage.try(specimen, octets, `ends after ${cut}`), "incomplete");
    }
  }
});

test("a message that is shorter than what it holds is refused or read", (t) => {
  t.log(`ORBWEAVER_SEED=${SEED}, ${specimens.length} messages`);
  const random = seededRandom(SEED);
  const damage = new Damage();
  for (const specimen of specimens) {
    const last = lastAt(specimen.octets);
    const end = specimen.octets.length;
    for (const cut of some(random, Math.min(last + 12, end), end, CUTS)) {
      const octets = resized(specimen.octets.subarray(0, cut), last);
      damage.try(specimen, octets, `cut to ${cut}`);
    }
  }
  t.true((damage.outcomes.get("exception") ?? 0) > specimens.length);
});

/** Numbers that lengths and kinds are when they lie. */
const LIES = [0, 1, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x0100_0000];

test("a message with octets changed is refused or read", (t) => {
  const random = seededRandom(SEED);
  const damage = new Damage();
  for (const specimen of specimens) {
    for (let i = 0; i < CHANGES; i++) {
      const octets = Buffer.from(specimen.octets);
      // Most of what can go wrong is near the front: the rest of long messages is text and octets.
      const end = random.number() < 0.8 ? Math.min(octets.length, 400) : octets.length;
      const at = between(random, 0, end);
      const lie = LIES[between(random, 0, LIES.length * 2)];
      const place = at & ~3;
      if (lie !== undefined && place + 4 <= octets.length) octets.writeUInt32LE(lie, place);
      else octets[at] = (octets[at] ?? 0) ^ between(random, 1, 256);
      damage.try(specimen, octets, `changed at ${at}`);
    }
  }
  t.true((damage.outcomes.get("exception") ?? 0) > specimens.length);
  t.true((damage.outcomes.get("fault") ?? 0) > 10);
  t.true((damage.outcomes.get("read") ?? 0) > specimens.length);
});

test("a stream gives the same messages however it is cut into chunks", (t) => {
  const random = seededRandom(SEED);
  for (const capture of LONG ? readManifest().captures : readManifest().captures.slice(1, 6)) {
    for (const { fromClient, fromServer } of readConnections(capture)) {
      for (const stream of [fromClient, fromServer]) {
        const expected = contents([stream]);
        for (const most of LONG ? [1, 20, 300, 5000, 70_000] : [300, 5000, 70_000]) {
          t.deepEqual(contents(chunksOf(stream, most, random)), expected);
        }
      }
    }
  }
});

function chunksOf(stream: Buffer, most: number, random: Random): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < stream.length; ) {
    const end = at + between(random, 1, most + 1);
    chunks.push(Buffer.from(stream.subarray(at, end)));
    at = end;
  }
  return chunks;
}

/** Each message as text: what it is, and the octets behind its header. */
function contents(chunks: readonly Buffer[]): string[] {
  const told: string[] = [];
  const assembler = new Assembler();
  for (const chunk of chunks) {
    assembler.consume(chunk, ({ type, minor, littleEndian, input }) => {
      const octets = Buffer.from(input.octets(input.remaining));
      told.push(`${type} 1.${minor} ${littleEndian} ${octets.toString("latin1")}`);
    });
  }
  return told;
}
