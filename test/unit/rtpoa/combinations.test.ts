import test from "ava";
import { InvalidPolicy, type ORB, type Policy, type PriorityModel } from "../../../orb/index.ts";
import { lanePool, pair } from "./support.ts";

type Pool = "lanes" | "no lanes" | "default";
type Bands = "none" | "each with a lane" | "one without a lane";

const BANDS: Readonly<Record<Bands, readonly { readonly low: number; readonly high: number }[]>> = {
  none: [],
  "each with a lane": [
    { low: 0, high: 10_000 },
    { low: 10_001, high: 30_000 },
  ],
  "one without a lane": [
    { low: 0, high: 20_000 },
    { low: 26_000, high: 30_000 },
  ],
};

/** Section 10 of the standard's table: undefined where the POA is made, else which policy is wrong. */
const TABLE: readonly (readonly [
  Pool,
  PriorityModel | "none",
  priority: number,
  Bands,
  wrong?: RegExp,
])[] = [
  ["lanes", "none", 0, "none", /lanes needs a priorityModel/],
  ["lanes", "none", 0, "each with a lane", /priorityBands need a priorityModel/],
  ["lanes", "SERVER_DECLARED", 15_000, "none"],
  [
    "lanes",
    "SERVER_DECLARED",
    15_001,
    "none",
    /15001 is that of no lane; lanes: 5000, 15000, 25000/,
  ],
  ["lanes", "CLIENT_PROPAGATED", 15_000, "none"],
  ["lanes", "CLIENT_PROPAGATED", 7, "none"],
  ["lanes", "SERVER_DECLARED", 15_000, "each with a lane"],
  ["lanes", "SERVER_DECLARED", 14_000, "each with a lane", /14000 is that of no lane/],
  ["lanes", "SERVER_DECLARED", 15_000, "one without a lane", /no lane in 26000 to 30000/],
  ["lanes", "CLIENT_PROPAGATED", 7, "each with a lane"],
  ["lanes", "CLIENT_PROPAGATED", 7, "one without a lane", /no lane in 26000 to 30000/],
  ...(["no lanes", "default"] as const).flatMap((pool): typeof TABLE => [
    [pool, "none", 0, "none"],
    [pool, "SERVER_DECLARED", 7, "none"],
    [pool, "CLIENT_PROPAGATED", 7, "none"],
    [pool, "none", 0, "each with a lane", /priorityBands need a priorityModel/],
    [pool, "SERVER_DECLARED", 7, "each with a lane"],
    [
      pool,
      "SERVER_DECLARED",
      31_000,
      "each with a lane",
      /31000 is in no band; bands: 0 to 10000, 10001 to 30000/,
    ],
    [pool, "CLIENT_PROPAGATED", 31_000, "each with a lane"],
    [pool, "SERVER_DECLARED", -1, "none", /priority -1; allowed: 0 to 32767/],
    [pool, "CLIENT_PROPAGATED", -1, "none", /priority -1; allowed: 0 to 32767/],
  ]),
];

async function poolOf(orb: ORB, pool: Pool): Promise<number | undefined> {
  if (pool === "default") return undefined;
  return pool === "lanes"
    ? await lanePool(orb)
    : await orb.rt.create_threadpool(0, 1, 0, 100, false, 0, 0);
}

for (const [pool, model, priority, bands, wrong] of TABLE) {
  const outcome = wrong === undefined ? "made" : "InvalidPolicy";
  test(`create_POA: pool ${pool}, model ${model} ${priority}, bands ${bands}: ${outcome}`, async (t) => {
    const { server } = await pair(t);
    const { rt, rootPOA } = server;
    const id = await poolOf(server, pool);
    const list: Policy[] = [];
    if (id !== undefined) list.push(rt.create_threadpool_policy(id));
    if (model !== "none") list.push(rt.create_priority_model_policy(model, priority));
    if (bands !== "none") list.push(rt.create_priority_banded_connection_policy(BANDS[bands]));
    const byName = {
      ...(id === undefined ? {} : { threadpool: id }),
      ...(model === "none" ? {} : { priorityModel: { model, priority } }),
      ...(bands === "none" ? {} : { priorityBands: BANDS[bands] }),
    };
    const calls = [
      () => rootPOA.create_POA("list", null, list),
      () => rootPOA.createPoa("names", byName),
    ];
    for (const call of calls) {
      if (wrong === undefined) await t.notThrowsAsync(call);
      else await t.throwsAsync(call, { instanceOf: InvalidPolicy, message: wrong });
    }
  });
}

test("what else create_POA refuses: an unknown pool, a protocol that is not spoken, no band at all", async (t) => {
  const { server } = await pair(t);
  const { rt, rootPOA } = server;
  const sctp = {
    protocol_type: 0x5441_4f0e,
    orb_protocol_properties: null,
    transport_protocol_properties: null,
  };
  const refused = (policies: readonly Policy[], message: RegExp): Promise<unknown> =>
    t.throwsAsync(rootPOA.create_POA("p", null, policies), { instanceOf: InvalidPolicy, message });
  await refused([rt.create_threadpool_policy(99)], /no thread pool 99/);
  await refused([rt.create_server_protocol_policy([sctp])], /1413566222 is not spoken here/);
  await refused(
    [
      rt.create_priority_model_policy("SERVER_DECLARED", 1),
      rt.create_priority_banded_connection_policy([]),
    ],
    /one band at least/,
  );
  const index = await t.throwsAsync(
    rootPOA.create_POA("p", null, [
      rt.create_priority_model_policy("SERVER_DECLARED", 1),
      rt.create_threadpool_policy(99),
    ]),
    { instanceOf: InvalidPolicy },
  );
  t.is(index?.index, 1);
  t.deepEqual(rootPOA.the_children, []);
});
