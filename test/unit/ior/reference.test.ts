import test from "ava";
import fc from "fast-check";
import { CdrInput, CdrOutput } from "../../../orb/cdr/index.ts";
import { BAD_PARAM, INV_OBJREF, MARSHAL, MINOR } from "../../../orb/exception/index.ts";
import {
  alternateAddressComponent,
  alternateAddressesOf,
  codeSetsComponent,
  COMPONENT_TAG,
  componentTagName,
  findComponent,
  type Ior,
  iorFromString,
  iorToString,
  isNilIor,
  NIL_IOR,
  ORB_TYPE,
  orbTypeComponent,
  readCodeSetsComponent,
  readIiopProfile,
  readIor,
  readOrbTypeComponent,
  writeIiopProfile,
  writeIor,
} from "../../../orb/ior/index.ts";

const octets = fc.uint8Array({ maxLength: 40 });
const ulong = fc.nat(0xffff_ffff);
const tagged = fc.record({ tag: ulong, data: octets });
const typeId = fc.string({ unit: fc.constantFrom("I", "D", ":", "/", "1") });
const iors = fc.record({ typeId, profiles: fc.array(tagged, { maxLength: 5 }) });

test("nil is an empty type and no profile", (t) => {
  t.is(iorToString(NIL_IOR), "IOR:010000000100000000000000" + "00000000");
  t.true(isNilIor(iorFromString(iorToString(NIL_IOR))));
});

test("every reference survives CDR in both byte orders and as text", (t) => {
  fc.assert(
    fc.property(iors, fc.boolean(), (ior: Ior, littleEndian) => {
      const out = new CdrOutput({ littleEndian });
      writeIor(out, ior);
      t.deepEqual(readIor(new CdrInput(out.finish(), { littleEndian })), ior);
      t.deepEqual(iorFromString(iorToString(ior)), ior);
      t.deepEqual(iorFromString(` ${iorToString(ior).toUpperCase()}\n`), ior);
    }),
    { numRuns: 60 },
  );
});

test("every cut of a reference is MARSHAL in CDR and BAD_PARAM in text", (t) => {
  fc.assert(
    fc.property(iors, (ior) => {
      const out = new CdrOutput();
      writeIor(out, ior);
      const whole = out.finish();
      for (let n = 0; n < whole.length; n++) {
        t.throws(() => readIor(new CdrInput(whole.subarray(0, n))), { instanceOf: MARSHAL });
      }
      const text = iorToString(ior);
      for (let n = 0; n < text.length; n++) {
        t.throws(() => iorFromString(text.slice(0, n)), { instanceOf: BAD_PARAM });
      }
    }),
    { numRuns: 15 },
  );
});

test("an error in a stringified reference names the character", (t) => {
  const digit = t.throws(() => iorFromString("IOR:01g0"), { instanceOf: BAD_PARAM });
  t.true(digit.message.includes('character 7: "g" is no hexadecimal digit'));
  t.is(digit.minor, MINOR.badStringifiedReference);
  const odd = t.throws(() => iorFromString("IOR:010"), { instanceOf: BAD_PARAM });
  t.throws(() => iorFromString("IOR:"), { message: /nothing after the prefix/u });
  t.true(odd.message.includes("3 hexadecimal digits; each octet takes two"));
  t.is(t.throws(() => iorFromString("IOP:01"), { instanceOf: BAD_PARAM }).minor, MINOR.badScheme);
});

test("a count of profiles that lies costs nothing", (t) => {
  const out = new CdrOutput().string("").ulong(0xffff_ffff).ulong(0).ulong(0);
  t.throws(() => readIor(new CdrInput(out.finish())), { instanceOf: MARSHAL });
  const many = new CdrOutput().string("").ulong(2000);
  for (let i = 0; i < 2000; i++) many.ulong(0).ulong(0);
  t.throws(() => readIor(new CdrInput(many.finish())), { message: /at most 1024/u });
});

test("a count of components that lies costs nothing", (t) => {
  const components = Array.from({ length: 1025 }, () => ({ tag: 9, data: new Uint8Array(0) }));
  const profile = { minor: 2, host: "h", port: 1, objectKey: new Uint8Array(1), components };
  t.throws(() => readIiopProfile(writeIiopProfile(profile).data), { message: /at most 1024/u });
});

test("a profile survives; at 1.0 it has no room for components", (t) => {
  const components = [
    orbTypeComponent(ORB_TYPE.orbweaver),
    codeSetsComponent({
      char: { native: 0x0501_0001, conversions: [0x0001_0001] },
      wchar: { native: 0x0001_0109, conversions: [] },
    }),
    alternateAddressComponent({ host: "other", port: 65_535 }),
    { tag: 4711, data: Uint8Array.of(9) },
  ];
  for (const minor of [0, 1, 2, 3]) {
    const profile = {
      minor,
      host: "::1",
      port: 2809,
      objectKey: Uint8Array.of(0, 255),
      components,
    };
    const { tag, data } = writeIiopProfile(profile);
    const read = readIiopProfile(data);
    t.is(tag, 0);
    t.is(read.minor, minor);
    t.is(read.host, "::1");
    t.is(read.port, 2809);
    t.deepEqual([...read.objectKey], [0, 255]);
    t.deepEqual(
      read.components.map((component) => [component.tag, ...component.data]),
      minor === 0 ? [] : components.map((component) => [component.tag, ...component.data]),
    );
  }
});

test("components by tag", (t) => {
  const char = { native: 1, conversions: [2, 3] };
  const wchar = { native: 0, conversions: [] };
  const components = [
    alternateAddressComponent({ host: "a", port: 1 }),
    codeSetsComponent({ char, wchar }),
    orbTypeComponent(ORB_TYPE.orbweaver),
    alternateAddressComponent({ host: "b", port: 2 }),
  ];
  t.deepEqual(alternateAddressesOf(components), [
    { host: "a", port: 1 },
    { host: "b", port: 2 },
  ]);
  const data = (tag: number): Uint8Array =>
    findComponent(components, tag)?.data ?? new Uint8Array(0);
  t.deepEqual(readCodeSetsComponent(data(COMPONENT_TAG.codeSets)), { char, wchar });
  t.is(readOrbTypeComponent(data(COMPONENT_TAG.orbType)), 0x4f52_4257);
  t.is(findComponent(components, COMPONENT_TAG.policies), undefined);
  t.is(componentTagName(3), "TAG_ALTERNATE_IIOP_ADDRESS");
  t.is(componentTagName(0x4f4f), "0x00004f4f");
});

test("a profile of another major version is INV_OBJREF, an empty one MARSHAL", (t) => {
  t.throws(() => readIiopProfile(Uint8Array.of(1, 2, 0)), { instanceOf: INV_OBJREF });
  t.throws(() => readIiopProfile(new Uint8Array(0)), { instanceOf: MARSHAL });
});
