import test from "ava";
import fc from "fast-check";
import { CdrInput, CdrOutput, LongDouble } from "../../../orb/cdr/index.ts";
import { MARSHAL } from "../../../orb/exception/index.ts";

/** What a stream tells of one datum: itself, and where it ended. */
type Told = readonly unknown[];

const WRITERS: readonly ((out: CdrOutput, n: number) => void)[] = [
  (out, n) => void out.octet(n & 0xff),
  (out, n) => void out.ushort(n & 0xffff),
  (out, n) => void out.ulong(n),
  (out, n) => void out.ulonglong(BigInt(n) * 3_000_000_000n),
  (out, n) => void out.float(n % 1_000),
  (out, n) => void out.double(n / 7),
  (out, n) => void out.string("é".repeat(n % 40)),
  (out, n) => void out.wstring("wide".slice(0, n % 5)),
  (out, n) => void out.octetSequence(new Uint8Array(n % 1_500).fill(n)),
  (out, n) => void out.longdouble(new LongDouble(new Uint8Array(16).fill(n))),
  (out, n) => void out.encapsulation((inner) => inner.octet(n & 0xff).double(n)),
];

const READERS: readonly ((input: CdrInput) => unknown)[] = [
  (input) => input.octet(),
  (input) => input.ushort(),
  (input) => input.ulong(),
  (input) => input.ulonglong(),
  (input) => input.float(),
  (input) => input.double(),
  (input) => [input.skipString("nothing like it"), input.string()],
  (input) => input.wstring(),
  (input) => [...input.octetSequence()],
  (input) => [...input.longdouble().octets],
  (input) => input.encapsulation((inner) => [inner.octet(), inner.double(), place(inner)]),
];

function place(input: CdrInput): Told {
  return [input.position, input.absolutePosition, input.remaining];
}

/** All that a stream says, up to and with its error. */
function told(input: CdrInput, kinds: readonly number[]): Told {
  const all: unknown[] = [];
  try {
    for (const kind of kinds) all.push(READERS[kind]?.(input), place(input));
  } catch (error) {
    if (!(error instanceof MARSHAL)) throw error;
    all.push(error.message);
  }
  return all;
}

/** The same octets in the middle of others. */
function among(octets: Uint8Array, shift: number): Uint8Array {
  const memory = Buffer.alloc(octets.length + shift + 64, 0xaa);
  memory.set(octets, shift);
  return memory.subarray(shift, shift + octets.length);
}

const data = fc.array(fc.record({ kind: fc.nat(WRITERS.length - 1), n: fc.nat(0xffff_ffff) }), {
  minLength: 1,
  maxLength: 12,
});

test("what is read, and where it ends, has nothing to do with where in memory the octets lie", (t) => {
  fc.assert(
    fc.property(data, fc.nat(40), fc.boolean(), fc.nat(20), (items, shift, littleEndian, cut) => {
      const out = new CdrOutput({ littleEndian });
      for (const { kind, n } of items) WRITERS[kind]?.(out, n);
      const octets = out.finish().slice();
      const kinds = items.map(({ kind }) => kind);
      for (const part of [octets, octets.subarray(0, Math.max(0, octets.length - cut))]) {
        const options = { littleEndian };
        const alone = told(new CdrInput(part.slice(), options), kinds);
        t.deepEqual(told(new CdrInput(among(part, shift), options), kinds), alone);
      }
    }),
  );
});

test("nor for fragments, be they apart or in one memory", (t) => {
  const kinds = data.map((items) => items.filter(({ kind }) => kind !== 10));
  fc.assert(
    fc.property(fc.array(kinds, { minLength: 1, maxLength: 5 }), fc.nat(40), (parts, shift) => {
      const segments = parts.map((items) => {
        const out = new CdrOutput({ giopMinor: 1 }).octets(new Uint8Array(12));
        for (const { kind, n } of items) WRITERS[kind]?.(out, n);
        return out.finish().slice();
      });
      const order = parts.flat().map(({ kind }) => kind);
      const read = (of: readonly Uint8Array[]): Told =>
        told(CdrInput.overSegments(of, 12, 12, { giopMinor: 1 }), order);
      const together = Buffer.alloc(shift + segments.reduce((sum, { length }) => sum + length, 0));
      let at = shift;
      const views = segments.map((segment) => {
        together.set(segment, at);
        at += segment.length;
        return together.subarray(at - segment.length, at);
      });
      const alone = read(segments);
      t.deepEqual(read(views), alone);
      t.deepEqual(read(segments.map((segment, n) => among(segment, shift + n))), alone);
    }),
  );
});
