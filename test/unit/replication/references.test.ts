import test from "ava";
import {
  groupReference,
  iiopProfilesOf,
  alternateAddressesOf,
  iorFromString,
  isPrimaryProfile,
  objectGroupOf,
  withComponents,
  heartbeatComponent,
  hasHeartbeat,
  type Ior,
  writeIiopProfile,
  codeSetsComponent,
} from "../../../orb/ior/index.ts";
import { OWN_CODE_SETS } from "../../../orb/cdr/index.ts";
import { InvalidPolicy, ORB_init, replicationPolicy } from "../../../orb/index.ts";
import { Sites } from "../../support/replication/sites.ts";

interface Seen {
  readonly at: string;
  readonly alternates: readonly string[];
  readonly version: number | undefined;
  readonly isPrimary: boolean;
  readonly key: string;
}

function seen(ior: Ior): readonly Seen[] {
  return iiopProfilesOf(ior).map(({ host, port, components, objectKey }) => ({
    at: `${host}:${port}`,
    alternates: alternateAddressesOf(components).map((each) => `${each.host}:${each.port}`),
    version: objectGroupOf(components)?.version,
    isPrimary: isPrimaryProfile(components),
    key: Buffer.from(objectKey).toString("latin1"),
  }));
}

test("a reference names every replica in every profile, its primary first", async (t) => {
  const sites = new Sites(t, { style: "active", replicas: 3 });
  await sites.found();
  const ports = Object.fromEntries(
    [...sites.all].map(([address, { orb }]) => [address, `127.0.0.1:${orb.endpoints[0]?.port}`]),
  );
  const { a, b, c } = ports;
  for (const address of ["a", "b", "c"]) {
    const profiles = seen(iorFromString(sites.get(address).reference()));
    t.deepEqual(
      profiles.map(({ at, alternates, isPrimary, version }) => ({
        at,
        alternates,
        isPrimary,
        version,
      })),
      [
        { at: a, alternates: [b, c], isPrimary: true, version: 1 },
        { at: b, alternates: [c, a], isPrimary: false, version: 1 },
        { at: c, alternates: [a, b], isPrimary: false, version: 1 },
      ] as unknown as typeof profiles,
    );
    t.is(new Set(profiles.map(({ key }) => key)).size, 1);
  }
  await sites.migrate("b");
  const [first] = seen(iorFromString(sites.get("c").reference()));
  t.is(first?.at, b);
  t.true(first?.isPrimary);
  t.deepEqual(first?.alternates, [a, c] as unknown as readonly string[]);
  t.true((first?.version ?? 0) > 1);
});

test("whatever else the profile of a member says is said of all; a socket of one machine is not", (t) => {
  const own: Ior = withComponents(
    {
      typeId: "IDL:x:1.0",
      profiles: [
        writeIiopProfile({
          minor: 2,
          host: "h1",
          port: 1,
          objectKey: Buffer.from("key"),
          components: [
            codeSetsComponent(OWN_CODE_SETS),
            { tag: 0x4154_5402, data: new Uint8Array(8) },
          ],
        }),
      ],
    },
    [heartbeatComponent(true)],
  );
  const other: Ior = {
    typeId: "",
    profiles: [
      writeIiopProfile({
        minor: 2,
        host: "h2",
        port: 2,
        objectKey: new Uint8Array(),
        components: [],
      }),
    ],
  };
  const group = { domain: "d", id: 7n, version: 3 };
  const members = [other.profiles, own.profiles, []];
  const profiles = iiopProfilesOf(groupReference(own, { group, members }));
  t.deepEqual(
    profiles.map(({ host, components, objectKey }) => [
      host,
      Buffer.from(objectKey).toString(),
      hasHeartbeat(components),
      components.some(({ tag }) => tag === 0x4154_5402),
      components.some(({ tag }) => tag === 1),
    ]),
    [
      ["h2", "key", true, false, true],
      ["h1", "key", true, false, true],
    ],
  );
  t.deepEqual(objectGroupOf(profiles[0]?.components ?? []), group);
  t.is(groupReference(own, { group, members: [[]] }), own);
});

test("a policy that is wrong is refused, and says what is allowed", async (t) => {
  const sites = new Sites(t, { style: "active" });
  const { orb } = await sites.start("a");
  const refusals: readonly (readonly [object, RegExp])[] = [
    [
      { replication: { style: "passive" } },
      /style cannot be passive; allowed: active, semi-active, /,
    ],
    [{ replication: { replicas: 4 } }, /4 replicas need as many places, and the list has 3/],
    [
      { replication: { restoreWithinMs: 0 } },
      /restoreWithinMs cannot be 0; allowed: above 0, 2147483647 at most/,
    ],
    [{ replication: { style: "active", deterministic: false } }, /need deterministic servants/],
    [{ replication: { replicas: 0 } }, /replicas cannot be 0; allowed: whole numbers from 1 on/],
    [
      { replication: { periodMs: 5 } },
      /periodMs 5 is for warm-passive groups, and this is semi-active/,
    ],
    [{ replication: { durable: true } }, /durable is for cold-passive groups/],
    [{ replication: { acks: 1 } }, /"acks" is unknown; known: group, style, /],
    [{ replication: {}, lifespan: "TRANSIENT" }, /lifespan TRANSIENT .*allowed: PERSISTENT/],
    [{ replication: {}, idAssignment: "SYSTEM_ID" }, /idAssignment SYSTEM_ID .*allowed: USER_ID/],
    [{ replication: { group: "ledgers" } }, /ledgers is joined already/],
  ];
  for (const [options, message] of refusals)
    await t.throwsAsync(orb.rootPOA.createPoa("other", options), {
      instanceOf: InvalidPolicy,
      message,
    });
  const plain = await ORB_init([]);
  t.teardown(() => plain.destroy());
  await t.throwsAsync(plain.rootPOA.createPoa("p", { replication: {} }), {
    instanceOf: InvalidPolicy,
    message: /this ORB replicates nothing; the option `replicator` of ORB_init says who does/,
  });
});

test("create_POA takes it as a policy, too", async (t) => {
  const sites = new Sites(t, { style: "active" });
  const { orb, host } = await sites.start("a");
  const root = orb.rootPOA;
  const policies = [
    replicationPolicy({ style: "active", group: "by policy" }),
    root.create_lifespan_policy("PERSISTENT"),
    root.create_id_assignment_policy("USER_ID"),
  ];
  const poa = await root.create_POA("other", null, policies);
  t.true(host.groups.has("by policy"));
  t.is(poa.the_name, "other");
});
