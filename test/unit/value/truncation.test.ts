import test from "ava";
import fc from "fast-check";
import { CdrInput, CdrOutput } from "../../../orb/cdr/index.ts";
import { MARSHAL, MINOR } from "../../../orb/exception/index.ts";
import {
  readValue,
  ValueBase,
  type ValueDescriptor,
  writeValue,
} from "../../../orb/value/index.ts";
import { Levelled, levelOf, LEVELS, NotingOutput, TerseOutput, truncated } from "./levels.ts";
import { knowing } from "./types.ts";

const levels = Array.from({ length: LEVELS }, (_, i) => levelOf(i));
const text = fc.string({ unit: fc.constantFrom("a", "b", "é"), maxLength: 5 });

/** Trees of values whose types derive from each other over three levels. */
const trees: fc.Arbitrary<Levelled> = fc.letrec<{ value: Levelled }>((tie) => ({
  value: fc
    .tuple(
      fc.nat(LEVELS - 1),
      fc.array(text, { minLength: LEVELS, maxLength: LEVELS }),
      fc.array(fc.option(tie("value"), { maxDepth: 3, depthIdentifier: "tree" }), {
        minLength: 2 * LEVELS,
        maxLength: 2 * LEVELS,
      }),
    )
    .map(([level, texts, values]) => {
      const v = new Levelled(level);
      v.texts = texts.slice(0, level + 1);
      v.inner = values.slice(0, level + 1);
      v.last = values.slice(LEVELS, LEVELS + level + 1);
      return v;
    }),
})).value;

function octetsOf(v: Levelled, littleEndian: boolean): Uint8Array {
  const out = new CdrOutput({ littleEndian });
  writeValue(out, v, levelOf(0));
  out.long(7);
  return out.finish().slice();
}

/** Reads a value and the 7 behind it, as one who knows types up to `known`. */
function read(octets: Uint8Array, known: number, littleEndian: boolean): Levelled | null {
  const context = knowing(...levels.slice(0, known + 1));
  const input = new CdrInput(octets, { littleEndian, context });
  const v = readValue<Levelled>(input, levelOf(0));
  if (input.long() !== 7) throw new RangeError("what stands behind the value is not there");
  return v;
}

test("whoever knows fewer types reads each value as the nearest base, and all behind it", (t) => {
  fc.assert(
    fc.property(trees, fc.nat(LEVELS - 1), fc.boolean(), (sent, known, littleEndian) => {
      const got = read(octetsOf(sent, littleEndian), known, littleEndian);
      t.deepEqual(got, truncated(sent, known));
    }),
    { numRuns: 150 },
  );
});

test("end tags that the next one makes superfluous may be left out, whatever is truncated", (t) => {
  let dropped = 0;
  fc.assert(
    fc.property(trees, fc.nat(LEVELS - 1), fc.nat(), (sent, known, seed) => {
      const out = new TerseOutput(seed);
      writeValue(out, sent, levelOf(0));
      out.long(7);
      dropped += out.dropped;
      t.deepEqual(read(out.finish(), known, true), truncated(sent, known));
    }),
    { numRuns: 150 },
  );
  t.true(dropped > 100, `${dropped} end tags were left out`);
});

test("the size of a chunk that lies gives the same value or MARSHAL", (t) => {
  const lies = fc.oneof(
    fc.constantFrom(0, 1, 2, 3, 4, 0x7fff_feff, 0x7fff_ff00, 0x8000_0000, 0xffff_fff0, 0xffff_ffff),
    fc.integer({ min: -16, max: 16 }),
  );
  fc.assert(
    fc.property(trees, fc.nat(), lies, fc.nat(LEVELS - 1), (sent, which, lie, known) => {
      const out = new NotingOutput();
      writeValue(out, sent, levelOf(0));
      out.long(7);
      if (out.chunks.length === 0) return;
      const octets = Buffer.from(out.finish());
      const at = out.chunks[which % out.chunks.length] ?? 0;
      const honest = octets.readUInt32LE(at);
      octets.writeUInt32LE((lie < 0 || (lie > 4 && lie <= 16) ? honest + lie : lie) >>> 0, at);
      try {
        const got = read(octets, LEVELS - 1, true);
        t.deepEqual(got, truncated(sent, LEVELS - 1));
      } catch (thrown) {
        t.true(thrown instanceof MARSHAL || thrown instanceof RangeError, String(thrown));
      }
      try {
        read(octets, known, true);
      } catch (thrown) {
        t.true(thrown instanceof MARSHAL || thrown instanceof RangeError, String(thrown));
      }
    }),
    { numRuns: 400 },
  );
});

test("octets changed or cut off anywhere give values or MARSHAL, whatever is known", (t) => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(trees, changes, fc.nat(), fc.nat(LEVELS - 1), (sent, places, end, known) => {
      const all = octetsOf(sent, true);
      for (const [place, octet] of places) all[place % all.length] = octet;
      const context = knowing(...levels.slice(0, known + 1));
      const octets = places.length === 0 ? all.subarray(0, end % all.length) : all;
      try {
        readValue(new CdrInput(octets, { context }), levelOf(0));
      } catch (thrown) {
        t.true(thrown instanceof MARSHAL, String(thrown));
      }
    }),
    { numRuns: 400 },
  );
  t.pass();
});

/** `valuetype Whole : truncatable Part { public Link via; }` and `valuetype Link { public Part part; public Whole whole; }` */
class Part extends ValueBase {
  via: Link | null = null;
  override get _value(): ValueDescriptor {
    return PART;
  }
}
class Whole extends Part {
  extra = 0;
  override get _value(): ValueDescriptor {
    return WHOLE;
  }
}
class Link extends ValueBase {
  part: Part | null = null;
  whole: Part | null = null;
  override get _value(): ValueDescriptor {
    return LINK;
  }
}
const PART: ValueDescriptor = {
  repositoryId: "IDL:V/Part:1.0",
  name: "V::Part",
  base: undefined,
  isTruncatable: false,
  isCustom: false,
  steps: () => [{ member: "via", formal: () => LINK }],
  create: () => new Part(),
};
const WHOLE: ValueDescriptor = {
  repositoryId: "IDL:V/Whole:1.0",
  name: "V::Whole",
  base: () => PART,
  isTruncatable: true,
  isCustom: false,
  steps: () => [
    {
      write: (out, v) => void out.long((v as Whole).extra),
      read: (input, v) => void ((v as Whole).extra = input.long()),
    },
  ],
  create: () => new Whole(),
};
/** As compiled where Whole has operations and no class was registered for it. */
const WHOLE_WITHOUT_FACTORY: ValueDescriptor = { ...WHOLE, create: undefined };
const LINK: ValueDescriptor = {
  repositoryId: "IDL:V/Link:1.0",
  name: "V::Link",
  base: undefined,
  isTruncatable: false,
  isCustom: false,
  steps: () => [
    { member: "part", formal: () => PART },
    { member: "whole", formal: () => WHOLE_WITHOUT_FACTORY },
  ],
  create: () => new Link(),
};

test("a cycle through a truncated value leads to its base, and where that is not enough it is MARSHAL", (t) => {
  const whole = Object.assign(new Whole(), { extra: 5, via: new Link() });
  const { via } = whole;
  via.part = whole;
  const out = new CdrOutput();
  writeValue(out, whole, PART);
  const part = readValue<Part>(new CdrInput(out.finish()), PART);
  t.false(part instanceof Whole);
  t.is(part?.via?.part, part);
  via.whole = whole;
  out.reset();
  writeValue(out, whole, PART);
  const known = readValue<Whole>(new CdrInput(out.finish(), { context: knowing(WHOLE) }), PART);
  t.is(known?.via?.whole, known);
  const error = t.throws(() => readValue(new CdrInput(out.finish()), PART), {
    instanceOf: MARSHAL,
  });
  t.is(error?.minor, MINOR.wrongValueType);
});
