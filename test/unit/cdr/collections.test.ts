import test from "ava";
import {
  CdrInput,
  CdrOutput,
  readArray,
  readEnum,
  readOctetArray,
  readSequence,
  writeArray,
  writeEnum,
  writeOctetArray,
  writeSequence,
} from "../../../orb/cdr/index.ts";
import { BAD_PARAM, MARSHAL, MINOR } from "../../../orb/exception/index.ts";

const NAMES = ["red", "green"] as const;

test("sequences, arrays and enums of generated code survive in both orders", (t) => {
  for (const littleEndian of [true, false]) {
    const out = new CdrOutput({ littleEndian });
    writeSequence(out, [1, 2, 3], (o, e) => o.short(e), 3);
    writeArray(out, ["a", "b"], 2, (o, e) => o.string(e));
    writeOctetArray(out, new Uint8Array([7, 8, 9]), 3);
    writeEnum(out, NAMES, "green");
    const input = new CdrInput(out.finish(), { littleEndian });
    t.deepEqual(
      readSequence(input, 2, (i) => i.short(), 3),
      [1, 2, 3],
    );
    t.deepEqual(
      readArray(input, 2, (i) => i.string()),
      ["a", "b"],
    );
    t.deepEqual(readOctetArray(input, 3), new Uint8Array([7, 8, 9]));
    t.is(readEnum(input, NAMES), "green");
    t.is(input.remaining, 0);
  }
});

test("wrong shapes, lengths and names are BAD_PARAM", (t) => {
  const short = (o: CdrOutput, e: number): unknown => o.short(e);
  const cases: readonly (readonly [() => unknown, number])[] = [
    [() => writeSequence(new CdrOutput(), "ab" as never, short), MINOR.wrongJavaScriptType],
    [() => writeSequence(new CdrOutput(), [1, 2], short, 1), MINOR.boundExceeded],
    [() => writeArray(new CdrOutput(), [1], 2, short), MINOR.wrongArrayLength],
    [() => writeArray(new CdrOutput(), undefined as never, 2, short), MINOR.wrongJavaScriptType],
    [() => writeOctetArray(new CdrOutput(), new Uint8Array(2), 3), MINOR.wrongArrayLength],
    [() => writeOctetArray(new CdrOutput(), [1] as never, 1), MINOR.wrongJavaScriptType],
    [() => writeEnum(new CdrOutput(), NAMES, "blue"), MINOR.enumOutOfRange],
  ];
  for (const [act, minor] of cases) {
    t.is(t.throws(act, { instanceOf: BAD_PARAM })?.minor, minor);
  }
});

test("counts that lie and ordinals beyond the names are MARSHAL", (t) => {
  const octets = new CdrOutput().ulong(9).ulong(0).finish();
  const lying = t.throws(() => readSequence(new CdrInput(octets), 4, (i) => i.ulong()), {
    instanceOf: MARSHAL,
  });
  t.is(lying?.minor, MINOR.lengthPastEnd);
  const bounded = t.throws(() => readSequence(new CdrInput(octets), 0, () => 0, 8), {
    instanceOf: MARSHAL,
  });
  t.is(bounded?.minor, MINOR.boundExceeded);
  const ordinal = t.throws(() => readEnum(new CdrInput(octets), NAMES), { instanceOf: MARSHAL });
  t.is(ordinal?.minor, MINOR.unknownOrdinal);
  t.throws(() => readArray(new CdrInput(octets), 1000, (i) => i.ulong()), { instanceOf: MARSHAL });
  t.throws(() => readOctetArray(new CdrInput(octets), 1000), { instanceOf: MARSHAL });
});
