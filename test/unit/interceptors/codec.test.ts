import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import type { Codec, CodecFactory } from "../../../interceptors/index.ts";
import { IOP } from "../../../idl/index.ts";
import { Any, BAD_PARAM, MemoryTransport, ObjectReference, tc } from "../../../orb/index.ts";
import { Sample } from "../../support/sample.ts";
import { watchedOrb } from "./support.ts";

const { FormatMismatch, InvalidTypeForEncoding, TypeMismatch } = IOP.Codec;

async function factoryOf(t: ExecutionContext): Promise<CodecFactory> {
  const orb = await watchedOrb(t, new MemoryTransport());
  return (await orb.resolve_initial_references("CodecFactory")) as unknown as CodecFactory;
}

async function codecOf(t: ExecutionContext, minor: number): Promise<Codec> {
  const factory = await factoryOf(t);
  return factory.create_codec({
    format: IOP.ENCODING_CDR_ENCAPS,
    major_version: 1,
    minor_version: minor,
  });
}

const pair = tc.struct("IDL:Pair:1.0", "Pair", () => [
  ["name", tc.string()],
  ["number", tc.longlong],
]);

for (const minor of [0, 1, 2])
  test(`GIOP 1.${minor}: values survive, with their type and without`, async (t) => {
    const codec = await codecOf(t, minor);
    fc.assert(
      fc.property(
        fc.string().filter((s) => !s.includes("\0")),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        (name, number) => {
          const any = new Any(pair, { name, number });
          const back = codec.decode(codec.encode(any));
          t.deepEqual(back.value, any.value);
          t.true(back.type.equal(pair));
          t.deepEqual(codec.decode_value(codec.encode_value(any), pair).value, any.value);
        },
      ),
    );
  });

test("the octets are an encapsulation: byte order, then the value, or TypeCode and value", async (t) => {
  const codec = await codecOf(t, 2);
  const any = new Any(tc.long, 5);
  t.deepEqual([...codec.encode_value(any)], [1, 0, 0, 0, 5, 0, 0, 0]);
  t.deepEqual([...codec.encode(any)], [1, 0, 0, 0, 3, 0, 0, 0, 5, 0, 0, 0]);
  t.is(codec.decode_value(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 5), tc.long).value, 5);
});

test("wide characters: none in GIOP 1.0, a length in octets in 1.2, in characters in 1.1", async (t) => {
  const any = new Any(tc.wstring(), "hi");
  const old = await codecOf(t, 0);
  t.throws(() => old.encode(any), { instanceOf: InvalidTypeForEncoding });
  t.throws(() => old.encode_value(any), { instanceOf: InvalidTypeForEncoding });
  const [lengths] = [[1, 2].map(async (minor) => (await codecOf(t, minor)).encode_value(any)[4])];
  t.deepEqual(await Promise.all(lengths ?? []), [3, 4]);
});

test("references are sent; local interfaces are not", async (t) => {
  const orb = await watchedOrb(t, new MemoryTransport());
  const factory = (await orb.resolve_initial_references("CodecFactory")) as unknown as CodecFactory;
  const codec = factory.create_codec({ format: 0, major_version: 1, minor_version: 2 });
  const reference = await orb.rootPOA.activate(new Sample());
  const back = codec.decode(codec.encode(new Any(tc.Object, reference))).value;
  t.true(back instanceof ObjectReference && back._is_equivalent(reference));
  const local = tc.local_interface("IDL:Near:1.0", "Near");
  t.throws(() => codec.encode(new Any(local, {})), { instanceOf: InvalidTypeForEncoding });
});

test("a value that is not of its type is BAD_PARAM", async (t) => {
  const codec = await codecOf(t, 2);
  t.throws(() => codec.encode(new Any(tc.long, "five")), { instanceOf: BAD_PARAM });
});

test("octets of another kind are FormatMismatch, of another type TypeMismatch", async (t) => {
  const codec = await codecOf(t, 2);
  for (const octets of [[], [1], [7, 0, 0, 0], [1, 0, 0, 0, 99, 0, 0, 0]])
    t.throws(
      () => codec.decode(Uint8Array.from(octets)),
      { instanceOf: FormatMismatch },
      String(octets),
    );
  for (const octets of [[], [7, 0, 0, 0, 5, 0, 0, 0]])
    t.throws(() => codec.decode_value(Uint8Array.from(octets), tc.long), {
      instanceOf: FormatMismatch,
    });
  const long = codec.encode_value(new Any(tc.long, 5));
  for (const type of [tc.longlong, tc.short, tc.string(), pair])
    t.throws(() => codec.decode_value(long, type), { instanceOf: TypeMismatch });
});

test("every cut of an encoding is a mismatch", async (t) => {
  const codec = await codecOf(t, 2);
  const any = new Any(pair, { name: "x", number: 5n });
  const whole = codec.encode(any);
  const value = codec.encode_value(any);
  for (let n = 0; n < whole.length; n++)
    t.throws(() => codec.decode(whole.subarray(0, n)), { instanceOf: FormatMismatch });
  for (let n = 1; n < value.length; n++)
    t.throws(() => codec.decode_value(value.subarray(0, n), pair), { instanceOf: TypeMismatch });
});

test("other encodings are UnknownEncoding", async (t) => {
  const factory = await factoryOf(t);
  for (const [format, major_version, minor_version] of [
    [1, 1, 2],
    [0, 2, 0],
    [0, 1, 3],
    [0, 0, 9],
  ] as const)
    t.throws(() => factory.create_codec({ format, major_version, minor_version }), {
      instanceOf: IOP.CodecFactory.UnknownEncoding,
    });
});
