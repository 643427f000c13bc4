import test from "ava";
import { CdrInput, CdrOutput } from "../../../orb/cdr/index.ts";
import {
  readAbstract,
  readBox,
  readValue,
  ValueBase,
  type ValueDescriptor,
  writeAbstract,
  writeBox,
  writeValue,
} from "../../../orb/value/index.ts";
import { ObjectContext } from "../../../orb/object/index.ts";
import { BAD_PARAM, MARSHAL, MINOR, SystemException } from "../../../orb/exception/index.ts";
import {
  BASE,
  base,
  type Der,
  DER,
  der,
  DER_IN_STEPS,
  knowing,
  NODE,
  node,
  TEXT,
  Text,
} from "./types.ts";

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString("hex");
}

function ascii(text: string): string {
  return Buffer.from(`${text}\0`, "latin1").toString("hex");
}

/** A stream that stands at octet 4, as where omniORB wrote these values. */
function input(text: string, ...known: readonly ValueDescriptor[]): CdrInput {
  const octets = Buffer.from(`00000000${text.replaceAll(/[^0-9a-f]/gu, "")}`, "hex");
  return new CdrInput(octets, { context: knowing(...known), position: 4 });
}

const BASE_ID = `0f000000 ${ascii("IDL:V/Base:1.0")}`;
const DER_IDS = `02000000 0e000000 ${ascii("IDL:V/Der:1.0")} 0000 ${BASE_ID} 00`;

function hexOf(text: string): string {
  return text.replaceAll(/[^0-9a-f]/gu, "");
}

function written(write: (out: CdrOutput) => void): Uint8Array {
  const out = new CdrOutput({ context: knowing() });
  write(out);
  return out.finish().slice();
}

function minorOf(thrown: SystemException | undefined): number | undefined {
  return thrown?.minor;
}

test("a value of the declared type, as omniORB sends it and as we do", (t) => {
  t.deepEqual(readValue(input("00ffff7f 05000000"), BASE), base(5));
  const octets = written((out) => writeValue(out, base(5), BASE));
  t.is(hex(octets), hexOf(`02ffff7f ${BASE_ID} 00 05000000`));
  t.deepEqual(readValue(new CdrInput(octets), BASE), base(5));
  t.deepEqual(readValue(new CdrInput(octets, { context: knowing(BASE) })), base(5));
});

// The next four are what omniORB 4.2.5 sends, little endian, with 0 for padding.
const DER_ALONE = `0effff7f ${DER_IDS} 10000000 01000000 03000000 686900 00 00000000
  0c000000 00000000 0000000000000440 ffffffff`;
const DER_WITH_BASE = `0effff7f ${DER_IDS} 0c000000 01000000 03000000 686900 00
  0affff7f ffffffff d4ffffff 04000000 05000000 feffffff
  08000000 0000000000000440 ffffffff ffffffff d4ffffff 00000000`;
const DER_ITSELF = `0effff7f ${DER_IDS} 14000000 01000000 03000000 686900 00 ffffffff bcffffff
  08000000 0000000000000440 ffffffff`;
const BOXED = `00ffff7f 06000000 ${ascii("boxed")}`;

test("a truncatable value from omniORB, whole and truncated", (t) => {
  const whole = input(DER_ALONE, DER);
  t.deepEqual(readValue(whole, BASE), der(1, "hi", null, 2.5));
  t.is(whole.remaining, 0);
  const cut = input(DER_ALONE);
  t.deepEqual(readValue(cut, BASE), base(1));
  t.is(cut.remaining, 0);
});

test("a shared value inside a truncatable one, its id by indirection, from omniORB", (t) => {
  for (const type of [DER, DER_IN_STEPS]) {
    const all = input(DER_WITH_BASE, type, BASE);
    const first = readValue<Der>(all, BASE);
    t.deepEqual(first, der(1, "hi", base(5), 2.5));
    t.is<unknown, unknown>(readValue(all, BASE), first?.other);
    t.is(readValue(all, BASE), null);
    t.is(all.remaining, 0);
  }
});

test("a cycle from omniORB; truncated, what refers into the part cut off is MARSHAL", (t) => {
  const whole = readValue<Der>(input(DER_ITSELF, DER), BASE);
  t.is(whole?.other, whole);
  t.deepEqual(readValue(input(DER_ITSELF), BASE), base(1));
  const cut = input(DER_WITH_BASE);
  t.deepEqual(readValue(cut, BASE), base(1));
  const error = t.throws(() => readValue(cut, BASE), { instanceOf: MARSHAL });
  t.is(minorOf(error), MINOR.badValueIndirection);
});

test("a box from omniORB, and ours", (t) => {
  const read = (i: CdrInput): string => i.string();
  const id = "IDL:V/Box:1.0";
  t.is(readBox(input(BOXED), id, read), "boxed");
  t.is(readBox(input("00000000"), id, read), null);
  const octets = written((out) => writeBox(out, "boxed", id, (o, v) => void o.string(v)));
  t.is(hex(octets), hexOf(`02ffff7f 0e000000 ${ascii(id)} 0000 06000000 ${ascii("boxed")}`));
  t.is(readBox(new CdrInput(octets), id, read), "boxed");
  const error = t.throws(() => readBox(new CdrInput(octets), "IDL:V/Other:1.0", read), {
    instanceOf: MARSHAL,
  });
  t.is(minorOf(error), MINOR.wrongValueType);
});

test("boxes of one content are one box; of two types they are two", (t) => {
  const id = "IDL:V/Longs:1.0";
  const longs = [1, 2];
  const write = (o: CdrOutput, v: number[]): void => {
    o.sequenceLength(v.length);
    for (const n of v) o.long(n);
  };
  const read = (i: CdrInput): number[] => {
    const v: number[] = [];
    for (let n = i.sequenceLength(4); n > 0; n--) v.push(i.long());
    return v;
  };
  const octets = written((out) => {
    writeBox(out, longs, id, write);
    writeBox(out, longs, id, write);
    writeBox(out, longs, "IDL:V/Other:1.0", write);
  });
  const all = new CdrInput(octets);
  const first = readBox(all, id, read);
  t.deepEqual(first, longs);
  t.is(readBox(all, id, read), first);
  t.not(readBox(all, "IDL:V/Other:1.0", read), first);
  t.is(all.remaining, 0);
});

test("an abstract interface is a value, a reference or null, as omniORB sends them and as we do", (t) => {
  const sent = `00 000000 02ffff7f ${BASE_ID} 00 05000000`;
  t.deepEqual(readAbstract(input(sent, BASE)), base(5));
  t.is(hex(written((out) => writeAbstract(out, base(5)))), hexOf(sent));
  t.is(hex(written((out) => writeAbstract(out, null))), "0000000000000000");
  t.is(readAbstract(input("00 000000 00000000")), null);
  const reference = written((out) => writeAbstract(out, "IOR" as unknown as object));
  t.is(hex(reference), hexOf(`01 000000 04000000 ${ascii("IOR")}`));
  t.is(readAbstract(new CdrInput(reference, { context: knowing() })), "IOR");
  const untyped = t.throws(() => readAbstract(input("00 000000 00ffff7f 05000000", BASE)), {
    instanceOf: MARSHAL,
  });
  t.is(minorOf(untyped), MINOR.badValueTag);
});

test("what is neither a value nor a reference is BAD_PARAM OMG 6 where an abstract interface is declared", (t) => {
  const out = new CdrOutput({ context: new ObjectContext() });
  for (const wrong of [{}, [], "IOR" as unknown as object]) {
    const thrown = t.throws(() => writeAbstract(out, wrong), { instanceOf: BAD_PARAM });
    t.is(minorOf(thrown), MINOR.wrongTypeForAbstractInterface);
  }
});

test("our truncatable value, octet for octet", (t) => {
  const shared = base(5);
  const octets = written((out) => {
    out.long(0);
    writeValue(out, der(1, "hi", shared, 2.5), BASE);
    writeValue(out, shared, BASE);
    writeValue(out, null, BASE);
  });
  // As omniORB's, but no chunk ends in padding.
  const expected = DER_WITH_BASE.replace("0c000000 01000000", "0b000000 01000000");
  t.is(hex(octets.subarray(4)), hexOf(expected));
});

test("end tags may end several values at once", (t) => {
  // Der in Der, where the inner one is the last thing of the outer; nobody's state follows.
  const inner = `0affff7f ${BASE_ID} 00 04000000 05000000`;
  const text: ValueDescriptor = {
    ...TEXT,
    create: () => ({ unmarshal: (i: CdrInput) => void readValue(i, BASE) }),
  };
  const all = input(
    `0affff7f 0f000000 ${ascii("IDL:V/Text:1.0")} 00 ${inner} ffffffff 07000000`,
    text,
  );
  t.truthy(readValue(all));
  t.is(all.long(), 7);
  const more = input(
    `0effff7f ${DER_IDS} 0b000000 01000000 03000000 686900 00 ${inner} ffffffff
    0000000000000440`,
    DER,
  );
  t.is(minorOf(t.throws(() => readValue(more, BASE), { instanceOf: MARSHAL })), MINOR.badChunk);
  const deeper = input(
    `0effff7f ${DER_IDS} 0b000000 01000000 03000000 686900 00 ${inner} fdffffff`,
    DER,
  );
  t.is(minorOf(t.throws(() => readValue(deeper, BASE), { instanceOf: MARSHAL })), MINOR.badChunk);
});

test("null and indirections are read between chunks as well", (t) => {
  const head = `0effff7f ${DER_IDS} 0b000000 01000000 03000000 686900 00`;
  const tail = "08000000 0000000000000440 ffffffff";
  const none = input(`${head} 00000000 0c000000 00000000 0000000000000440 ffffffff`, DER);
  t.deepEqual(readValue(none, BASE), der(1, "hi", null, 2.5));
  const own = readValue<Der>(input(`${head} ffffffff bcffffff ${tail}`, DER), BASE);
  t.is(own?.other, own);
  t.is(own?.d, 2.5);
});

test("chunks may end anywhere but inside a number", (t) => {
  const start = `0effff7f ${DER_IDS}`;
  const end = "08000000 6900 0000 00000000 08000000 0000000000000440 ffffffff";
  const inText = `${start} 04000000 01000000 05000000 03000000 68 000000 ${end}`;
  t.deepEqual(readValue(input(inText, DER), BASE), der(1, "hi", null, 2.5));
  const inNumber = input(`${start} 02000000 0100 0000 02000000 0000`, DER);
  t.is(minorOf(t.throws(() => readValue(inNumber, BASE), { instanceOf: MARSHAL })), MINOR.badChunk);
});

test("chunks that lie are MARSHAL", (t) => {
  const long = DER_ALONE.replace("0c000000 00000000", "10000000 00000000");
  const short = DER_ALONE.replace("10000000 01000000", "0a000000 01000000");
  const huge = DER_ALONE.replace("10000000 01000000", "fffeff7f 01000000");
  const late = DER_ALONE.replace("0c000000 00000000", "08000000 00000000");
  const early = DER_ALONE.replace("10000000 01000000", "ffffffff 01000000");
  for (const lie of [long, short, huge, late, early]) {
    t.throws(() => readValue(input(lie, DER), BASE), { instanceOf: MARSHAL }, lie);
  }
  const left = input(`0affff7f ${BASE_ID} 00 08000000 05000000 06000000 ffffffff`);
  t.is(minorOf(t.throws(() => readValue(left, BASE), { instanceOf: MARSHAL })), MINOR.badChunk);
  const inner = input(
    `0effff7f ${DER_IDS} 0b000000 01000000 03000000 686900 00 00ffff7f 05000000`,
    DER,
  );
  t.is(minorOf(t.throws(() => readValue(inner, BASE), { instanceOf: MARSHAL })), MINOR.badChunk);
});

test("a truncated value is skipped with all that is nested in it", (t) => {
  const octets = written((out) => {
    const deep = der(1, "a", der(2, "b", der(3, "c", null, 3), 2), 1);
    writeValue(out, deep, BASE);
    out.long(7);
  });
  const all = new CdrInput(octets);
  t.deepEqual(readValue(all, BASE), base(1));
  t.is(all.long(), 7);
});

test("ids met in what is cut off are known later; a codebase is passed over", (t) => {
  const inner = `0bffff7f 04000000 ${ascii("x:/")} ffffffff ccffffff`;
  const octets = `0effff7f ${DER_IDS} 0b000000 01000000 03000000 686900 00 ${inner}
    04000000 05000000 feffffff 08000000 0000000000000440 ffffffff`;
  const whole = input(octets, DER);
  t.deepEqual(readValue(whole, BASE), der(1, "hi", base(5), 2.5));
  const again = `0effff7f 02000000 0e000000 ${ascii("IDL:V/Der:1.0")} 0000 ${BASE_ID} 00
    04000000 01000000 0affff7f 0f000000 ${ascii("IDL:V/Text:1.0")} 00 04000000 00000000 feffffff
    ffffffff 02ffff7f ffffffff d4ffffff`;
  const all = input(again, { ...TEXT, isCustom: false });
  t.deepEqual(readValue(all, BASE), base(1));
  t.deepEqual(readValue(all), new Text());
});

test("a list of ids may be an indirection to one before", (t) => {
  const again = `0effff7f ffffffff a4ffffff 10000000 01000000 03000000 686900 00 00000000
    08000000 0000000000000440 ffffffff`;
  const both = input(`${DER_ALONE} ${again}`, DER);
  t.deepEqual(readValue(both, BASE), der(1, "hi", null, 2.5));
  t.deepEqual(readValue(both, BASE), der(1, "hi", null, 2.5));
  t.is(both.remaining, 0);
  const wrong = input(`${DER_ALONE} ${again.replace("a4ffffff", "a8ffffff")}`, DER);
  readValue(wrong, BASE);
  const error = t.throws(() => readValue(wrong, BASE), { instanceOf: MARSHAL });
  t.is(minorOf(error), MINOR.badValueIndirection);
});

test("a type nobody knows is MARSHAL with minor OMG 1", (t) => {
  for (const [text, formal] of [
    [DER_ALONE, undefined],
    [`02ffff7f ${BASE_ID} 00 05000000`, NODE],
    [`00ffff7f 05000000`, { ...BASE, create: undefined }],
  ] as const) {
    const error = t.throws(() => readValue(input(text), formal), { instanceOf: MARSHAL });
    t.is(minorOf(error), MINOR.valueFactoryMissing);
  }
});

test("a known type that is not of the declared one is MARSHAL", (t) => {
  const fresh = input(`02ffff7f ${BASE_ID} 00 05000000`, BASE);
  t.is(
    minorOf(t.throws(() => readValue(fresh, NODE), { instanceOf: MARSHAL })),
    MINOR.wrongValueType,
  );
  const again = input(`02ffff7f ${BASE_ID} 00 05000000 ffffffff e0ffffff`, BASE);
  t.deepEqual(readValue(again), base(5));
  t.is(
    minorOf(t.throws(() => readValue(again, NODE), { instanceOf: MARSHAL })),
    MINOR.wrongValueType,
  );
});

test("tags and indirections that lead nowhere are MARSHAL", (t) => {
  const bad = [
    "10ffff7f",
    "04ffff7f",
    "00ffff6f",
    "01000000",
    "feffffff",
    "ffffffff fcffffff",
    "ffffffff 00000000",
  ];
  for (const tag of bad) {
    t.throws(() => readValue(input(`${tag} 05000000`), BASE), { instanceOf: MARSHAL }, tag);
  }
  for (const count of ["00000000", "01010000"]) {
    const ids = input(`06ffff7f ${count}`);
    t.is(minorOf(t.throws(() => readValue(ids), { instanceOf: MARSHAL })), MINOR.badValueTag);
  }
  const unended = input("02ffff7f 02000000 4141");
  t.is(
    minorOf(t.throws(() => readValue(unended), { instanceOf: MARSHAL })),
    MINOR.stringNotTerminated,
  );
});

test("a custom value writes its state in chunks, and what its reader leaves is skipped", (t) => {
  const value = Object.assign(new Text(), { text: "abc", rest: base(9) });
  const octets = written((out) => {
    writeValue(out, value, TEXT);
    writeValue(out, value.rest, BASE);
    out.long(7);
  });
  const whole = new CdrInput(octets);
  const read = readValue<Text>(whole, TEXT);
  t.deepEqual(read, value);
  t.is<unknown, unknown>(readValue(whole, BASE), read?.rest);
  t.is(whole.long(), 7);
  const lazy = { ...TEXT, create: () => ({ unmarshal: (i: CdrInput) => i.ulong() }) };
  const all = new CdrInput(octets);
  readValue(all, lazy);
  t.throws(() => readValue(all, BASE), { instanceOf: MARSHAL });
  t.is(all.long(), 7);
});

test("an object with the members of the declared type is written as one", (t) => {
  const octets = written((out) => writeValue(out, { x: 5 }, BASE));
  t.deepEqual(readValue(new CdrInput(octets), BASE), base(5));
  const wrong: readonly (readonly [unknown, ValueDescriptor | undefined])[] = [
    [{ x: 5 }, undefined],
    [5, BASE],
    [undefined, BASE],
    [node(1), BASE],
    [base(1), DER],
    [{ text: "" }, TEXT],
    [{ weight: 1, left: null }, NODE],
  ];
  for (const [v, formal] of wrong) {
    t.throws(() => written((out) => writeValue(out, v as object, formal)), {
      instanceOf: BAD_PARAM,
    });
  }
});

test("values are shared within an encapsulation, not across its border", (t) => {
  const value = base(5);
  const octets = written((out) => {
    writeValue(out, value, BASE);
    out.encapsulation((inner) => {
      writeValue(inner, value, BASE);
      writeValue(inner, value, BASE);
    });
    writeValue(out, value, BASE);
  });
  const all = new CdrInput(octets);
  const outer = readValue(all, BASE);
  all.encapsulation((inner) => {
    const own = readValue(inner, BASE);
    t.deepEqual(own, value);
    t.not(own, outer);
    t.is(readValue(inner, BASE), own);
  });
  t.is(readValue(all, BASE), outer);
  t.is(all.remaining, 0);
});

test("an output that is used again forgets its values", (t) => {
  const out = new CdrOutput();
  const value = base(5);
  writeValue(out, value, BASE);
  const first = hex(out.finish());
  out.reset();
  writeValue(out, value, BASE);
  t.is(hex(out.finish()), first);
});

test("a class knows the instances of derived types by its descriptor", (t) => {
  class Root extends ValueBase {
    static readonly descriptor: ValueDescriptor = BASE;
    override get _value(): ValueDescriptor {
      return BASE;
    }
  }
  class Leaf extends ValueBase {
    static readonly descriptor: ValueDescriptor = DER;
    override get _value(): ValueDescriptor {
      return DER;
    }
  }
  class OwnRoot extends Root {}
  t.true(new Leaf() instanceof Root);
  t.true(new Leaf() instanceof ValueBase);
  t.false(new Root() instanceof Leaf);
  t.true(new OwnRoot() instanceof Root);
  t.false(new Leaf() instanceof OwnRoot);
  t.false(({} as unknown) instanceof Root);
  t.false(({} as unknown) instanceof ValueBase);
  t.false((null as unknown) instanceof Root);
});
