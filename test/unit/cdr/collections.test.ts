import test from "ava";
import {
  CdrInput,
  CdrOutput,
  readArray,
  readContext,
  readEnum,
  readMap,
  readOctetArray,
  readSequence,
  writeArray,
  writeContext,
  writeEnum,
  writeMap,
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

test("a map is a count, keys and values; of equal keys the last one holds", (t) => {
  const write = (v: ReadonlyMap<string, number>, bound?: number): Uint8Array => {
    const out = new CdrOutput();
    writeMap(
      out,
      v,
      (o, k) => o.string(k),
      (o, e) => o.short(e),
      bound,
    );
    return out.finish();
  };
  const read = (octets: Uint8Array, bound?: number): Map<string, number> =>
    readMap(
      new CdrInput(octets),
      7,
      (i) => i.string(),
      (i) => i.short(),
      bound,
    );
  const sent = new Map([
    ["a", 1],
    ["b", -2],
  ]);
  const octets = write(sent);
  t.is(Buffer.from(octets).toString("hex"), "020000000200000061000100020000006200feff");
  t.deepEqual(read(octets), sent);
  const twice = Buffer.from("0200000002000000610001000200000061000200", "hex");
  t.deepEqual(read(twice), new Map([["a", 2]]));
  t.is(t.throws(() => write(sent, 1), { instanceOf: BAD_PARAM })?.minor, MINOR.boundExceeded);
  t.is(t.throws(() => read(octets, 1), { instanceOf: MARSHAL })?.minor, MINOR.boundExceeded);
  t.throws(() => write({} as never), { instanceOf: BAD_PARAM });
  for (let n = 0; n < octets.length; n++) {
    t.throws(() => read(octets.subarray(0, n)), { instanceOf: MARSHAL });
  }
});

test("a context is sent as far as the operation names it", (t) => {
  const context = { sys_user: "me", sys_host: "here", other: "no", exact: "yes" };
  const out = new CdrOutput();
  writeContext(out, context, ["sys_*", "exact", "missing"]);
  const octets = out.finish();
  t.is(new CdrInput(octets).ulong(), 6);
  t.deepEqual(readContext(new CdrInput(octets)), {
    sys_user: "me",
    sys_host: "here",
    exact: "yes",
  });
  const odd = new CdrOutput().ulong(1).string("name").finish();
  const error = t.throws(() => readContext(new CdrInput(odd)), { instanceOf: MARSHAL });
  t.is(error?.minor, MINOR.oddContext);
  t.throws(() => writeContext(new CdrOutput(), null as never, ["*"]), { instanceOf: BAD_PARAM });
  const special = new CdrOutput().ulong(2).string("__proto__").string("x").finish();
  t.deepEqual(Object.entries(readContext(new CdrInput(special))), [["__proto__", "x"]]);
});
