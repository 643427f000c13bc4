import test from "ava";
import fc from "fast-check";
import { Any } from "../../../orb/any/index.ts";
import { CdrInput, CdrOutput, decapsulate } from "../../../orb/cdr/index.ts";
import { MARSHAL } from "../../../orb/exception/index.ts";
import {
  COMPONENT_TAG,
  findComponent,
  iiopProfilesOf,
  iorFromString,
  taoEndpointsComponent,
  taoEndpointsOf,
  type TaggedComponent,
} from "../../../orb/ior/index.ts";
import { policyComponents, publishedPolicies } from "../../../orb/messaging/index.ts";
import {
  POLICY_KIND_BY_TYPE,
  PolicyError,
  readPolicies,
  RT_POLICY,
  type Policy,
  writePolicies,
} from "../../../orb/policy/index.ts";
import { tc } from "../../../orb/typecode/index.ts";
import { readIors } from "../../support/vectors.ts";

function make(type: number, value: unknown): Policy {
  const kind = POLICY_KIND_BY_TYPE.get(type);
  if (kind === undefined) throw new RangeError(`type ${type} is not known`);
  return kind.create(value);
}

const IIOP = {
  protocol_type: 0,
  orb_protocol_properties: null,
  transport_protocol_properties: {
    send_buffer_size: 65_536,
    recv_buffer_size: 32_768,
    keep_alive: true,
    dont_route: false,
    no_delay: true,
  },
};

test("each of the six policies is made of its value and has the attributes of its interface", (t) => {
  const bands = [{ low: 0, high: 9 }];
  const model = { priority_model: "SERVER_DECLARED", server_priority: 5 };
  t.like(make(40, model), { policy_type: 40, value: model, ...model });
  t.like(make(41, 7), { policy_type: 41, value: 7, threadpool: 7 });
  t.like(make(42, [IIOP]), { policy_type: 42, protocols: [IIOP] });
  t.like(make(43, [IIOP]), { policy_type: 43, protocols: [IIOP] });
  t.like(make(44, null), { policy_type: 44 });
  t.like(make(45, bands), { policy_type: 45, priority_bands: bands });
});

test("values that cannot be are BAD_POLICY_VALUE and say what is allowed; anys of another type BAD_POLICY_TYPE", (t) => {
  const wrong: readonly (readonly [number, unknown])[] = [
    [40, { priority_model: "BOTH", server_priority: 5 }],
    [40, { priority_model: "SERVER_DECLARED", server_priority: 40_000 }],
    [40, undefined],
    [41, -1],
    [42, [{ protocol_type: "iiop" }]],
    [43, [{ ...IIOP, transport_protocol_properties: { no_delay: 1 } }]],
    [44, 5],
    [45, [{ low: 9, high: 8 }]],
    [45, [{ low: -1, high: 8 }]],
    [45, 45],
  ];
  for (const [type, value] of wrong) {
    const error = t.throws(() => make(type, value), {
      instanceOf: PolicyError,
      message: /allowed/,
    });
    t.is(error?.reason, 3, `${type} ${JSON.stringify(value)}`);
  }
  t.like(make(41, new Any(tc.ulong, 3)), { value: 3 });
  t.is(t.throws(() => make(41, new Any(tc.string(), "3")), { instanceOf: PolicyError })?.reason, 2);
  t.is(t.throws(() => make(45, new Any(tc.ulong, 3)), { instanceOf: PolicyError })?.reason, 2);
});

test("octets of a priority model and of bands, as the standard has them", (t) => {
  const octets = (policy: Policy, littleEndian: boolean): string => {
    const kind = POLICY_KIND_BY_TYPE.get(policy.policy_type);
    const out = new CdrOutput({ littleEndian }).octet(littleEndian ? 1 : 0);
    kind?.wire?.write(out, policy.value);
    return Buffer.from(out.finish()).toString("hex");
  };
  const model = make(40, { priority_model: "CLIENT_PROPAGATED", server_priority: 5 });
  t.is(octets(model, false), "00000000000000000005");
  t.is(
    octets(make(40, { priority_model: "SERVER_DECLARED", server_priority: 15_000 }), true),
    "0100000001000000983a",
  );
  t.is(octets(make(45, [{ low: 1, high: 2 }]), false), "000000000000000100010002");
});

const priority = fc.integer({ min: 0, max: 32_767 });
const band = fc
  .tuple(priority, priority)
  .map(([a, b]) => ({ low: Math.min(a, b), high: Math.max(a, b) }));
const size = fc.integer({ min: 0, max: 0x7fff_ffff });
const protocol = fc
  .record({
    send_buffer_size: size,
    recv_buffer_size: size,
    keep_alive: fc.boolean(),
    dont_route: fc.boolean(),
    no_delay: fc.boolean(),
  })
  .map((transport_protocol_properties) => ({ ...IIOP, transport_protocol_properties }));

test("what references carry survives in both byte orders, and every cut of it is MARSHAL", (t) => {
  const policies = fc
    .tuple(
      fc.constantFrom("CLIENT_PROPAGATED", "SERVER_DECLARED"),
      priority,
      fc.array(band),
      fc.array(protocol),
    )
    .map(([priority_model, server_priority, bands, protocols]) => [
      make(40, { priority_model, server_priority }),
      make(45, bands),
      make(43, protocols),
    ]);
  fc.assert(
    fc.property(policies, fc.boolean(), (given, littleEndian) => {
      const out = new CdrOutput({ littleEndian });
      writePolicies(out, [
        ...given,
        make(41, 1),
        make(42, []),
        make(44, null),
        make(RT_POLICY.lane, { priority: 9, pool: [] }),
      ]);
      const octets = out.finish();
      t.deepEqual(readPolicies(new CdrInput(octets, { littleEndian })), given);
      for (const cut of [octets.length - 1, octets.length >> 1]) {
        t.throws(() => readPolicies(new CdrInput(octets.subarray(0, cut), { littleEndian })), {
          instanceOf: MARSHAL,
        });
      }
    }),
    { numRuns: 50 },
  );
});

/** The component as TAO wrote it. */
function recorded(name: string, tag: number): TaggedComponent {
  const ior = readIors().find((each) => each.name === name);
  const [profile] = iiopProfilesOf(iorFromString(ior?.text ?? ""));
  const component = findComponent(profile?.components ?? [], tag);
  if (component === undefined) throw new RangeError(`${name} has no component ${tag}`);
  return component;
}

/** Equal where it means something: TAO leaves padding as it was. Changing an octet that differs must change nothing that is read. */
function sameOctets<T>(
  t: {
    is(a: unknown, b: unknown, why?: string): void;
    deepEqual(a: unknown, b: unknown, why?: string): void;
  },
  ours: Uint8Array,
  theirs: Uint8Array,
  read: (data: Uint8Array) => T,
): void {
  t.is(ours.length, theirs.length);
  for (let i = 0; i < ours.length; i++) {
    if (ours[i] === theirs[i]) continue;
    for (const other of [0, 0xff]) {
      const changed = Uint8Array.from(theirs);
      changed[i] = other;
      t.deepEqual(read(changed), read(theirs), `octet ${i} is ${ours[i]}, TAO's ${theirs[i]}`);
    }
  }
}

const CLIENT = (server_priority: number): Policy =>
  make(40, { priority_model: "CLIENT_PROPAGATED", server_priority });
const SERVER = (server_priority: number): Policy =>
  make(40, { priority_model: "SERVER_DECLARED", server_priority });
const BANDS = make(45, [
  { low: 0, high: 9_999 },
  { low: 10_000, high: 19_999 },
  { low: 20_000, high: 32_767 },
]);
const at = (port: number, priority: number): { host: string; port: number; priority: number } => ({
  host: "127.0.0.1",
  port,
  priority,
});
const LANES = [at(24_301, 5_000), at(24_302, 15_000), at(24_303, 25_000)];

const REFERENCES: readonly (readonly [
  name: string,
  policies: readonly Policy[],
  endpoints: readonly ReturnType<typeof at>[],
])[] = [
  ["rt-cp", [CLIENT(5_000)], LANES],
  ["rt-cp-bands", [BANDS, CLIENT(5_000)], LANES],
  ["rt-sd", [SERVER(15_000)], [at(24_302, -1)]],
  ["rt-sd-high", [SERVER(25_000)], [at(24_303, -1)]],
  ["rt-nolanes", [CLIENT(5_000)], [at(24_304, -1)]],
];

for (const [name, policies, endpoints] of REFERENCES)
  test(`${name}: TAG_POLICIES and TAO_TAG_ENDPOINTS are written as TAO wrote them, octet for octet, and read`, (t) => {
    const told = recorded(name, COMPONENT_TAG.policies);
    const [ours] = policyComponents(policies);
    t.is(ours?.tag, told.tag);
    t.deepEqual(decapsulate(told.data, readPolicies), policies);
    sameOctets(t, ours?.data ?? new Uint8Array(), told.data, (data) =>
      decapsulate(data, readPolicies),
    );
    const places = recorded(name, COMPONENT_TAG.taoEndpoints);
    const mine = taoEndpointsComponent(endpoints);
    t.is(mine.tag, places.tag);
    t.deepEqual(taoEndpointsOf([places]), endpoints);
    sameOctets(t, mine.data, places.data, (data) => taoEndpointsOf([{ tag: places.tag, data }]));
    const ior = readIors().find((each) => each.name === name);
    t.is(publishedPolicies(iorFromString(ior?.text ?? "")).size, policies.length);
  });
