import test from "ava";
import fc from "fast-check";
import { CdrInput, CdrOutput } from "../../../orb/cdr/index.ts";
import { readValue, type ValueDescriptor, writeValue } from "../../../orb/value/index.ts";
import { MARSHAL, MINOR } from "../../../orb/exception/index.ts";
import {
  type Base,
  BASE,
  base,
  DER,
  der,
  DER_IN_STEPS,
  knowing,
  type Node,
  NODE,
  node,
  RECURSIVE_NODE,
  RecursiveNode,
} from "./types.ts";

function written(write: (out: CdrOutput) => void): Uint8Array {
  const out = new CdrOutput();
  write(out);
  return out.finish().slice();
}

function list(length: number): Node {
  let first = node(length);
  for (let i = 1; i < length; i++) first = node(i, null, first);
  return first;
}

test("100,000 values in a chain pass, one more is MARSHAL on both sides", (t) => {
  const octets = written((out) => writeValue(out, list(100_000), NODE));
  let count = 0;
  for (let n = readValue<Node>(new CdrInput(octets), NODE); n !== null; n = n.right) count++;
  t.is(count, 100_000);
  const writing = t.throws(() => written((out) => writeValue(out, list(100_001), NODE)), {
    instanceOf: MARSHAL,
  });
  t.is(writing?.minor, MINOR.tooManyValues);
  const million = new CdrOutput();
  for (let i = 0; i < 1_000_000; i++) million.ulong(0x7fff_ff00).ulong(i);
  const reading = t.throws(
    () =>
      readValue(new CdrInput(million.finish()), {
        ...NODE,
        steps: () => [
          { write: () => undefined, read: (i) => void i.long() },
          { member: "right", formal: () => LIST },
        ],
      }),
    { instanceOf: MARSHAL },
  );
  t.is(reading?.minor, MINOR.tooManyValues);
});

const LIST: ValueDescriptor = {
  ...NODE,
  steps: () => [
    { write: () => undefined, read: (i) => void i.long() },
    { member: "right", formal: () => LIST },
  ],
};

test("values that use up the call stack are MARSHAL", (t) => {
  let first = new RecursiveNode();
  for (let i = 0; i < 50_000; i++) first = Object.assign(new RecursiveNode(), { left: first });
  const writing = t.throws(() => written((out) => writeValue(out, first, RECURSIVE_NODE)), {
    instanceOf: MARSHAL,
  });
  t.is(writing?.minor, MINOR.nestingTooDeep);
  const out = new CdrOutput();
  for (let i = 0; i < 50_000; i++) out.ulong(0x7fff_ff00).ulong(i);
  const reading = t.throws(() => readValue(new CdrInput(out.finish()), RECURSIVE_NODE), {
    instanceOf: MARSHAL,
  });
  t.is(reading?.minor, MINOR.nestingTooDeep);
});

/** A graph of `size` nodes, each linked to two by the numbers given, null where they are 0. */
function graph(links: readonly number[]): Node {
  const nodes = links.map((_, i) => node(i));
  nodes.forEach((n, i) => {
    n.left = nodes[(links[i] ?? 0) % 97] ?? null;
    n.right = nodes[i + 1] ?? null;
  });
  return nodes[0] ?? node(0);
}

const letter = fc.integer({ min: 1, max: 0x7f }).map((c) => String.fromCharCode(c));
const graphs = fc.array(fc.nat(), { minLength: 1, maxLength: 30 }).map(graph);
const bases: fc.Arbitrary<Base> = fc.letrec<{ value: Base }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.integer().map(base),
    fc
      .tuple(fc.integer(), fc.string({ unit: letter }), fc.option(tie("value")), fc.double())
      .map(([x, s, other, d]) => der(x, s, other, d)),
  ),
})).value;

test("graphs survive with their cycles, in both byte orders", (t) => {
  fc.assert(
    fc.property(graphs, fc.boolean(), (sent, littleEndian) => {
      const out = new CdrOutput({ littleEndian }).octet(1);
      writeValue(out, sent, NODE);
      writeValue(out, sent.right, NODE);
      const all = new CdrInput(out.finish(), { littleEndian, position: 1 });
      const read = readValue<Node>(all, NODE);
      t.deepEqual(read, sent);
      t.is(readValue(all, NODE), read?.right ?? null);
      t.is(all.remaining, 0);
    }),
    { numRuns: 50 },
  );
});

test("truncatable values survive, whole and truncated, and every cut is MARSHAL", (t) => {
  fc.assert(
    fc.property(bases, bases, fc.boolean(), (one, two, littleEndian) => {
      const out = new CdrOutput({ littleEndian });
      writeValue(out, one, BASE);
      writeValue(out, two, BASE);
      writeValue(out, one, BASE);
      const octets = out.finish();
      for (const type of [DER, DER_IN_STEPS]) {
        const all = new CdrInput(octets, { littleEndian, context: knowing(type) });
        const first = readValue(all, BASE);
        t.deepEqual(first, one);
        t.deepEqual(readValue(all, BASE), two);
        t.is(readValue(all, BASE), first);
      }
      const cut = new CdrInput(octets, { littleEndian });
      t.deepEqual(readValue(cut, BASE), base(one.x));
      t.deepEqual(readValue(cut, BASE), base(two.x));
      for (let n = 0; n < octets.length; n += 1 + (n >> 3)) {
        const part = new CdrInput(octets.subarray(0, n), { littleEndian, context: knowing(DER) });
        t.throws(() => [readValue(part, BASE), readValue(part, BASE), readValue(part, BASE)], {
          instanceOf: MARSHAL,
        });
      }
    }),
    { numRuns: 50 },
  );
});

test("octets changed anywhere give values or MARSHAL", (t) => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(bases, changes, (sent, places) => {
      const octets = written((out) => writeValue(out, sent, BASE));
      for (const [place, octet] of places) octets[place % octets.length] = octet;
      for (const known of [[DER], [DER_IN_STEPS], []]) {
        try {
          readValue(new CdrInput(octets, { context: knowing(...known) }), BASE);
        } catch (thrown) {
          t.true(thrown instanceof MARSHAL, String(thrown));
        }
      }
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test("chunked values are read over the fragments of GIOP 1.1", (t) => {
  const sent = der(1, "hello", der(2, "there", base(5), 2.5), 3.5);
  const octets = written((out) => {
    out.octets(new Uint8Array(12));
    writeValue(out, sent, BASE);
    out.long(7);
  });
  for (let first = 16; first < octets.length; first += 8) {
    // Behind its 12 octets of header a fragment goes on at the alignment it was cut at.
    const rest = new Uint8Array(12 + 4 + octets.length - first);
    rest.set(octets.subarray(first), 16);
    const segments = [octets.subarray(0, first), rest];
    const all = CdrInput.overSegments(segments, 12, 16, { context: knowing(DER) });
    t.deepEqual(readValue(all, BASE), sent, `cut at ${first}`);
    t.is(all.long(), 7);
    const cut = CdrInput.overSegments(segments, 12, 16);
    t.deepEqual(readValue(cut, BASE), base(1), `cut at ${first}`);
    t.is(cut.long(), 7);
  }
});
