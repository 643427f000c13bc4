import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import test from "ava";

import { INITIALIZE, MemoryTransport, ORB_init } from "../../../orb/index.ts";
import {
  ConfigError,
  loadConfig,
  parseConfig,
  threadpoolLanes,
} from "../../../services/node/index.ts";

const SAMPLE = `
[orb]
listen = ["iiop://127.0.0.1:2810", "iiop://[::1]:0"]
publish = ["metro1.example:2810"]
deadlineMs = 30000
maxMessageOctets = 67_108_864
initRef = { NameService = "corbaloc:iiop:1.2@h1:2809,iiop:1.2@h2:2809/NameService" }
`;

test("a file becomes a typed record", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "orbweaver-config-"));
  try {
    const file = join(folder, "metro.toml");
    await writeFile(file, SAMPLE);
    t.deepEqual(await loadConfig(file), {
      file,
      orb: {
        listen: ["iiop://127.0.0.1:2810", "iiop://[::1]:0"],
        publish: ["metro1.example:2810"],
        deadlineMs: 30_000,
        maxMessageOctets: 67_108_864,
        initRef: { NameService: "corbaloc:iiop:1.2@h1:2809,iiop:1.2@h2:2809/NameService" },
      },
      lanes: {},
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

const POLICIES = `
[orb.policies]
relativeRoundtripTimeoutMs = 2000
relativeRequestTimeoutMs = 1000
connectionTimeoutMs = 500
rebind = "NO_RECONNECT"
syncScope = "SYNC_WITH_TARGET"
requestPriority = { min = -1, max = 5 }
replyPriority = { min = 0, max = 0 }
routing = { min = "ROUTE_NONE", max = "ROUTE_FORWARD" }
maxHops = 0
queueOrder = ["PRIORITY", "DEADLINE"]
requestDurationMs = 60000

[orb.policies.heartbeat]
enabled = true
intervalMs = 1000
timeoutMs = 250
`;

test("policies of a file are those of the ORB's level, and win over deadlineMs", async (t) => {
  const config = parseConfig(POLICIES, "m.toml");
  const { policies = {} } = config.orb;
  await using orb = await ORB_init([], { config, transport: new MemoryTransport() });
  const { settings } = orb.policyManager._overrides;
  t.deepEqual<object, object>(settings, policies);
  t.is(orb.policyManager.get_policy_overrides([]).length, 12);
  const nobody = await orb.string_to_object("corbaloc::127.0.0.1:1/x");
  t.is(nobody?._get_client_policy(32)?.value, 20_000_000n);
  await t.throwsAsync(
    ORB_init([], {
      config: { orb: { policies: { maxHops: -1 } } },
      transport: new MemoryTransport(),
    }),
    { instanceOf: INITIALIZE, message: /^orb\.policies: .*maxHops/ },
  );
});

test("priorities of a file are those of the ORB", async (t) => {
  const text =
    "[orb]\nrtPriorityRange = [0, 38]\nrtNativeRange = [10, 48]\nrtMapping = 'continuous'";
  const config = parseConfig(text, "m.toml");
  await using orb = await ORB_init([], { config, transport: new MemoryTransport() });
  t.is(orb.rt.priorityMappings.mapping.to_native(38), 48);
});

test("nothing is needed", (t) => {
  t.deepEqual(parseConfig("", "empty.toml").orb, {});
  t.deepEqual(parseConfig("[orb]\n", "empty.toml").orb, {});
});

const WRONG: readonly (readonly [text: string, key: string | undefined, message: RegExp])[] = [
  [
    "[orb]\nlisten_on = []",
    "orb.listen_on",
    /^m\.toml: orb\.listen_on: .*"listen_on".*allowed: acceptedIdleMs, bidirectional, connectTimeoutMs, deadlineMs, fragmentOctets, initRef, keepAliveMs, listen, maxConnections, maxHeldRequests, maxMessageOctets, maxQueuedOctets, maxValues, openedIdleMs, policies, publish, resetOnCrash, rtMapping, rtNativeRange, rtPriorityRange, trace$/,
  ],
  [
    "[lane.alarms]\nthreads = 1",
    "lane",
    /no key "lane" here; did you mean "lanes"\? allowed: lanes, orb$/,
  ],
  ["lanes = 3", "lanes", /tables \[lanes\.NAME\] are needed, not 3$/],
  ["[lanes.a]\nthreads = 1", "lanes.a.priority", /a lane has a priority, 0 to 32767$/],
  ["[lanes.a]\npriority = 40000", "lanes.a.priority", /0 to 32767 is needed, not 40000$/],
  ["[lanes.a]\npriority = 1\nreserve = 1", "lanes.a.reserve", /a table like \{ core = 1 \}/],
  ["[lanes.a]\npriority = 1\nreserve = { cpu = 1 }", "lanes.a.reserve", /core: an integer/],
  [
    "[lanes.a]\npriority = 1\nreserve = { core = 1, awake = 3 }",
    "lanes.a.reserve",
    /awake: true or false/,
  ],
  ["[lanes.a]\npriority = 1\nlisten = 'unix:///x'", "lanes.a.listen", /is the form/],
  [
    "[lanes.a]\npriority = 1\nv8Flags = '--single-threaded-gc'",
    "lanes.a.v8Flags",
    /flags of V8 are the whole process's, from its start on: run `node --single-threaded-gc …`/,
  ],
  [
    "[lanes.a]\npriority = 1\nsingleThreadedGc = true",
    "lanes.a.singleThreadedGc",
    /run `node --single-threaded-gc …`; a lane has youngGenerationMb and oldGenerationMb$/,
  ],
  [
    "[lanes.a]\npriority = 1\nruntimeUs = 5",
    "lanes.a.runtimeUs",
    /is for scheduling = "deadline", not "fifo"$/,
  ],
  [
    "[lanes.a]\npriority = 1\nscheduling = 'deadline'\nruntimeUs = 5",
    "lanes.a.periodUs",
    /scheduling = "deadline" needs it$/,
  ],
  [
    "[lanes.a]\npriority = 1\nscheduling = 'deadline'\nruntimeUs = 9\nperiodUs = 5",
    "lanes.a.runtimeUs",
    /9 is more than the deadline, 5$/,
  ],
  [
    "[lanes.a]\npriority = 1\nscheduling = 'deadline'\nruntimeUs = 10\nperiodUs = 99",
    "lanes.a.periodUs",
    /the kernel takes 100 to 4194304 µs \(sched_deadline_period_\*_us\), not 99$/,
  ],
  [
    "[lanes.a]\npriority = 1\nscheduling = 'deadline'\nruntimeUs = 1\nperiodUs = 500",
    "lanes.a.runtimeUs",
    /the kernel takes 2 µs and more, not 1$/,
  ],
  [
    "[lanes.a]\npriority = 1\nscheduling = 'deadline'\nruntimeUs = 10\nperiodUs = 500\nreserve = { core = 1 }",
    "lanes.a.reserve",
    /is for threads that may use all cores; leave it out, and have the QoS daemon give the lane its cores$/,
  ],
  ["orb = 3", "orb", /a table is needed, not 3$/],
  ["[orb]\nlisten = 'iiop://h:1'", "orb.listen", /an array like .* is needed, not "iiop:/],
  ["[orb]\nlisten = ['tcp://h:1']", "orb.listen", /"iiop:\/\/127\.0\.0\.1:2810" is the form/],
  ["[orb]\nlisten = ['iiop://h:65536']", "orb.listen", /is the form/],
  ["[orb]\npublish = ['h']", "orb.publish", /"metro1\.example:2810" is the form/],
  ["[orb]\ndeadlineMs = 0", "orb.deadlineMs", /integer from 1 to 2147483647 is needed, not 0$/],
  ["[orb]\ndeadlineMs = 1.5", "orb.deadlineMs", /not 1\.5$/],
  [
    "[orb]\nrtNativeRange = [1, 100]",
    "orb.rtNativeRange",
    /\[low, high\] within 1 to 99 .* not \[1,100\]$/,
  ],
  ["[orb]\nrtPriorityRange = [9, 8]", "orb.rtPriorityRange", /within 0 to 32767/],
  ["[orb]\nrtPriorityRange = 9", "orb.rtPriorityRange", /not 9$/],
  ["[orb]\nrtMapping = 'log'", "orb.rtMapping", /one of linear, direct, continuous/],
  ["[orb]\nmaxMessageOctets = 4294967296", "orb.maxMessageOctets", /to 4294967295/],
  ["[orb]\nmaxMessageOctets = 99999999999999999", "orb.maxMessageOctets", /not 99999999999999999$/],
  ["[orb]\ninitRef = { A = 'http://x' }", "orb.initRef", /A is to be an IOR:, corbaloc: or/],
  ["[orb]\ninitRef = 1979-05-27", "orb.initRef", /a table like/],
  ["[orb]\ntoString = 1", "orb.toString", /no key "toString"/],
  ["[orb]\npolicies = 3", "orb.policies", /a table is needed, not 3$/],
  ["[orb.policies]\ntimeout = 3", "orb.policies.timeout", /no key "timeout" here; allowed: conn/],
  [
    "[orb.policies]\nrelativeRoundtripTimeoutMs = 0",
    "orb.policies.relativeRoundtripTimeoutMs",
    /^m\.toml: orb\.policies\.relativeRoundtripTimeoutMs: an integer from 1 to 2147483647 .*not 0$/,
  ],
  [
    "[orb.policies]\nrebind = 'NEVER'",
    "orb.policies.rebind",
    /one of TRANSPARENT, NO_REBIND, NO_RECONNECT is needed, not "NEVER"$/,
  ],
  ["[orb.policies]\nmaxHops = 65536", "orb.policies.maxHops", /from 0 to 65535 is needed/],
  ["[orb.policies]\nqueueOrder = []", "orb.policies.queueOrder", /at least one entry is needed/],
  [
    "[orb.policies]\nqueueOrder = ['LIFO']",
    "orb.policies.queueOrder",
    /one of ANY, TEMPORAL, PRIORITY, DEADLINE is needed, not "LIFO"$/,
  ],
  ["[orb.policies.requestPriority]\nmin = 1", "orb.policies.requestPriority", /"max" is missing$/],
  [
    "[orb.policies.replyPriority]\nmin = 2\nmax = 1",
    "orb.policies.replyPriority",
    /min is above max: 2, 1$/,
  ],
  [
    "[orb.policies]\nrequestPriority = { min = 0, max = 40000 }",
    "orb.policies.requestPriority.max",
    /from -32768 to 32767 is needed, not 40000$/,
  ],
  [
    "[orb.policies]\nrouting = { min = 'ROUTE_FORWARD', max = 'ROUTE_NONE' }",
    "orb.policies.routing",
    /min is above max: ROUTE_FORWARD, ROUTE_NONE$/,
  ],
  [
    "[orb.policies.heartbeat]\nenabled = 1\nintervalMs = 1\ntimeoutMs = 1",
    "orb.policies.heartbeat.enabled",
    /true or false is needed, not 1$/,
  ],
  ["[orb\n", undefined, /^m\.toml: .*row 1, col/],
];

for (const [text, key, message] of WRONG) {
  test(`refused: ${text.replaceAll("\n", " ")}`, (t) => {
    const thrown = t.throws(() => parseConfig(text, "m.toml"), {
      instanceOf: ConfigError,
      message,
    });
    t.is(thrown?.key, key);
  });
}

test("a file that is not there is named", async (t) => {
  await t.throwsAsync(loadConfig("no/such.toml"), {
    instanceOf: ConfigError,
    message: /^no\/such\.toml: cannot be read: ENOENT/,
  });
});

test("lanes of a configuration are those of a thread pool, the least urgent first", (t) => {
  const { lanes } = parseConfig(
    "[lanes.alarms]\npriority = 25000\nthreads = 2\n[lanes.log]\npriority = 5\ndynamicThreads = 3\n",
    "m.toml",
  );
  t.deepEqual(threadpoolLanes(lanes), [
    { name: "log", lane_priority: 5, static_threads: 1, dynamic_threads: 3 },
    { name: "alarms", lane_priority: 25_000, static_threads: 2, dynamic_threads: 0 },
  ]);
});
