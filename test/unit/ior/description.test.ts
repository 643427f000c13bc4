import test from "ava";
import { CdrOutput, encapsulate } from "../../../orb/cdr/index.ts";
import {
  type ComponentDescription,
  describeIor,
  describeReference,
  type Ior,
  iorToString,
  PROFILE_TAG,
  type TaggedComponent,
  writeComponents,
  writeIiopProfile,
} from "../../../orb/ior/index.ts";
import { readIors } from "../../support/vectors.ts";

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found = ""]) => found);
}

/** Every string and number that stands in a description, field names too. */
function wordsIn(value: unknown): string {
  return JSON.stringify(value ?? null, (_name, field: unknown) =>
    field instanceof Uint8Array ? Buffer.from(field).toString("hex") : field,
  );
}

for (const { name, text: ior, decoded } of readIors()) {
  test(`${name}: all that TAO's catior tells is told`, (t) => {
    const { typeId, profiles } = describeReference(ior);
    t.deepEqual([typeId], matches(decoded, /Type Id:\t"([^"]*)"/g));
    t.deepEqual([String(profiles.length)], matches(decoded, /Number of Profiles in IOR:\t(\d+)/g));
    const [profile] = profiles;
    t.is(profile?.problem, undefined);
    t.deepEqual([`1.${profile?.iiop?.minor}`], matches(decoded, /IIOP Version:\t(\S+)/g));
    t.deepEqual([profile?.iiop?.host], matches(decoded, /Host Name:\t(\S+)/g));
    t.deepEqual([String(profile?.iiop?.port)], matches(decoded, /Port Number:\t(\d+)/g));
    const components = profile?.components ?? [];
    t.deepEqual(
      components.map((component) => component.name),
      matches(decoded, /The component <\d+> ID is \d+ \((\w+)\)/g),
    );
    const told = (tag: string): string =>
      wordsIn(components.find((component) => component.name === tag)?.content);
    for (const type of matches(decoded, /ORB Type: (0x\w+)/g))
      t.true(told("TAG_ORB_TYPE").includes(type));
    const codeSets = matches(decoded, /Hex - (\w+)/g).map((hex) => `(0x${hex.padStart(8, "0")})`);
    t.deepEqual(told("TAG_CODE_SETS").match(/\(0x\w+\)/g) ?? [], codeSets);
    const endpoints = [...decoded.matchAll(/Host: (\S+)\s+Port: (\d+)\s+Priority: (-?\d+)/g)];
    const content = components.find(({ name: tag }) => tag === "TAO_TAG_ENDPOINTS")?.content;
    t.deepEqual(
      content ?? [],
      endpoints.map(([, host = "", port, priority]) => ({
        host,
        port: Number(port),
        priority: Number(priority),
      })),
    );
    t.deepEqual(
      [...told("TAG_POLICIES").matchAll(/"type":(\d+),"name":"(\w+)"/g)].map((found) =>
        found.slice(1),
      ),
      [...decoded.matchAll(/Policy #\d Type: (\d+) \((\w+)\)/g)].map((found) => found.slice(1)),
    );
    t.deepEqual(
      [...told("TAG_POLICIES").matchAll(/"model":"(\w+)","priority":(\d+)/g)].map((found) =>
        found.slice(1),
      ),
      [...decoded.matchAll(/Priority Model: \d \((\w+)\)\s+Priority: (\d+)/g)].map((found) =>
        found.slice(1),
      ),
    );
  });
}

function withComponents(...components: readonly TaggedComponent[]): Ior {
  const profile = { minor: 2, host: "h", port: 0, objectKey: Buffer.from("k"), components };
  return { typeId: "", profiles: [writeIiopProfile(profile)] };
}

function described(component: TaggedComponent): ComponentDescription | undefined {
  return describeIor(withComponents(component)).profiles[0]?.components[0];
}

test("the group of a fault-tolerant object, in the octets of either byte order", (t) => {
  const write = (out: CdrOutput): void => {
    out.octet(1).octet(0).string("metro").ulonglong(7n).ulong(3);
  };
  for (const littleEndian of [false, true]) {
    const group = described({ tag: 27, data: encapsulate(write, { littleEndian }) });
    t.is(group?.name, "TAG_FT_GROUP");
    t.deepEqual(group?.content, { version: "1.0", domain: "metro", group: 7n, groupVersion: 3 });
  }
  const primary = described({ tag: 28, data: encapsulate((out) => out.boolean(true)) });
  t.deepEqual([primary?.name, primary?.content], ["TAG_FT_PRIMARY", true]);
  const heartbeat = described({ tag: 29, data: encapsulate((out) => out.boolean(false)) });
  t.deepEqual([heartbeat?.name, heartbeat?.content], ["TAG_FT_HEARTBEAT_ENABLED", false]);
});

test("TLS: the port of SSLIOP, TAO's ports and the mechanisms of CSIv2 with the address inside", (t) => {
  const ssl = encapsulate((out) => out.ushort(0x66).ushort(0x60).ushort(684));
  const options = {
    supports: "Integrity Confidentiality EstablishTrustInTarget EstablishTrustInClient",
    requires: "EstablishTrustInTarget EstablishTrustInClient",
  };
  t.deepEqual(described({ tag: 20, data: ssl })?.content, { ...options, port: 684 });
  const taoSsl = encapsulate((out) => out.ulong(1).ushort(0x66).ushort(0x60).ushort(684));
  t.deepEqual(described({ tag: 0x5441_4f01, data: taoSsl })?.content, [{ ...options, port: 684 }]);

  const tls = encapsulate((out) =>
    out.ushort(0x66).ushort(0x06).ulong(1).string("secure").ushort(3820),
  );
  const mechanisms = encapsulate((out) => {
    out.boolean(false).ulong(1).ushort(0x06).ulong(36).octetSequence(tls);
    out
      .ushort(0x40)
      .ushort(0)
      .octetSequence(Buffer.from("0606", "hex"))
      .octetSequence(Buffer.from("04", "hex"));
    out.ushort(0x400).ushort(0).ulong(0).ulong(1).octetSequence(Buffer.from("aa", "hex")).ulong(3);
  });
  t.deepEqual(described({ tag: 33, data: mechanisms })?.content, {
    stateful: false,
    mechanisms: [
      {
        requires: "Integrity Confidentiality",
        transport: {
          tag: "TAG_TLS_SEC_TRANS",
          content: {
            supports: options.supports,
            requires: "Integrity Confidentiality",
            addresses: [{ host: "secure", port: 3820 }],
          },
        },
        authentication: {
          supports: "EstablishTrustInClient",
          requires: "none",
          mechanism: new Uint8Array([6, 6]),
          target: new Uint8Array([4]),
        },
        attributes: {
          supports: "IdentityAssertion",
          requires: "none",
          authorities: [],
          naming: [new Uint8Array([0xaa])],
          identities: "Anonymous PrincipalName",
        },
      },
    ],
  });
});

test("what omniORB and the others add", (t) => {
  const unix = encapsulate((out) => out.string("host").string("/tmp/omni"));
  t.deepEqual(described({ tag: 0x4154_5402, data: unix })?.content, {
    host: "host",
    path: "/tmp/omni",
  });
  const codebase = encapsulate((out) => out.string("http://h/classes"));
  t.is(described({ tag: 25, data: codebase })?.content, "http://h/classes");
  t.is(described({ tag: 38, data: Buffer.from([0, 2]) })?.content, 2);
  const shared = encapsulate((out) => out.ushort(1));
  t.is(described({ tag: 32, data: shared })?.content, "SHARED");
  const jacorb = encapsulate((out) => out.ulong(0x4a41_4300));
  t.deepEqual(described({ tag: 0, data: jacorb })?.content, { orb: "JacORB", type: "0x4a414300" });
});

test("what cannot be read is told and hinders nothing else", (t) => {
  const { profiles } = describeIor({
    typeId: "IDL:X:1.0",
    profiles: [
      { tag: PROFILE_TAG.internetIop, data: Buffer.from("000102", "hex") },
      ...withComponents(
        { tag: 27, data: Buffer.from([0, 1]) },
        { tag: 0x1234_5678, data: Buffer.from([1, 2]) },
        { tag: 32, data: encapsulate((out) => out.ushort(9)) },
      ).profiles,
      {
        tag: PROFILE_TAG.multipleComponents,
        data: encapsulate((out) => writeComponents(out, [{ tag: 28, data: Buffer.from([0, 1]) }])),
      },
      { tag: 0x5441_4f00, data: Buffer.from("uiop") },
    ],
  });
  t.regex(profiles[0]?.problem ?? "", /past the end/);
  const [group, unknown, shared] = profiles[1]?.components ?? [];
  t.regex(group?.problem ?? "", /past the end/);
  t.deepEqual(
    [unknown?.name, unknown?.content, unknown?.problem],
    ["0x12345678", undefined, undefined],
  );
  t.regex(shared?.problem ?? "", /9 where EITHER, SHARED, UNSHARED are known/);
  t.deepEqual(
    profiles[2]?.components.map(({ content }) => content),
    [true],
  );
  t.is(profiles[3]?.name, "TAO_TAG_UIOP_PROFILE");
});

const KEYS: readonly (readonly [key: string, expected: object | undefined])[] = [
  ["OWP\0" + "id", { maker: "Orbweaver", lifespan: "persistent", adapters: [] }],
  [
    "OWPstations\0north\0\0id",
    { maker: "Orbweaver", lifespan: "persistent", adapters: ["stations", "north"] },
  ],
  ["OWT12345678calls\0\0id", { maker: "Orbweaver", lifespan: "transient", adapters: ["calls"] }],
  ["\xfeabcd", { maker: "omniORB", lifespan: "transient", adapters: undefined }],
  ["\xffanchor\0peer", { maker: "omniORB", lifespan: "persistent", adapters: ["anchor"] }],
  ["NameService", undefined],
];

for (const [key, expected] of KEYS) {
  test(`the maker of the key ${JSON.stringify(key)}`, (t) => {
    const profile = {
      minor: 2,
      host: "h",
      port: 1,
      objectKey: Buffer.from(key, "latin1"),
      components: [],
    };
    const { profiles } = describeIor({ typeId: "", profiles: [writeIiopProfile(profile)] });
    t.is(JSON.stringify(profiles[0]?.iiop?.key), JSON.stringify(expected));
  });
}

test("corbaloc and the context of corbaname are described; other text is refused", (t) => {
  const { profiles } = describeReference("corbaloc:iiop:1.2@h:1,:[::1]:2/key");
  t.deepEqual(
    profiles.map(({ iiop }) => [iiop?.minor, iiop?.host, iiop?.port]),
    [
      [2, "h", 1],
      [0, "::1", 2],
    ],
  );
  const [context] = describeReference("corbaname::h#a/b").profiles;
  t.is(Buffer.from(context?.iiop?.objectKey ?? []).toString(), "NameService");
  t.throws(() => describeReference("http://h"), { message: /no object reference; allowed: IOR/ });
  t.throws(() => describeReference("corbaloc:rir:/NameService"), { message: /initial reference/ });
  t.is(describeReference(iorToString({ typeId: "", profiles: [] })).profiles.length, 0);
});
