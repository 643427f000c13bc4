import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import test from "ava";

import { ConfigError, loadConfig, parseConfig } from "../../../services/node/index.ts";

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
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("nothing is needed", (t) => {
  t.deepEqual(parseConfig("", "empty.toml").orb, {});
  t.deepEqual(parseConfig("[orb]\n", "empty.toml").orb, {});
});

const WRONG: readonly (readonly [text: string, key: string | undefined, message: RegExp])[] = [
  [
    "[orb]\nlisten_on = []",
    "orb.listen_on",
    /^m\.toml: orb\.listen_on: .*"listen_on".*allowed: acceptedIdleMs, bidirectional, connectTimeoutMs, deadlineMs, fragmentOctets, initRef, keepAliveMs, listen, maxConnections, maxHeldRequests, maxMessageOctets, maxQueuedOctets, maxValues, openedIdleMs, publish, trace$/,
  ],
  ["[lanes.alarms]\nthreads = 1", "lanes", /no key "lanes" here; allowed: orb$/],
  ["orb = 3", "orb", /a table is needed, not 3$/],
  ["[orb]\nlisten = 'iiop://h:1'", "orb.listen", /an array like .* is needed, not "iiop:/],
  ["[orb]\nlisten = ['tcp://h:1']", "orb.listen", /"iiop:\/\/127\.0\.0\.1:2810" is the form/],
  ["[orb]\nlisten = ['iiop://h:65536']", "orb.listen", /is the form/],
  ["[orb]\npublish = ['h']", "orb.publish", /"metro1\.example:2810" is the form/],
  ["[orb]\ndeadlineMs = 0", "orb.deadlineMs", /integer from 1 to 2147483647 is needed, not 0$/],
  ["[orb]\ndeadlineMs = 1.5", "orb.deadlineMs", /not 1\.5$/],
  ["[orb]\nmaxMessageOctets = 4294967296", "orb.maxMessageOctets", /to 4294967295/],
  ["[orb]\nmaxMessageOctets = 99999999999999999", "orb.maxMessageOctets", /not 99999999999999999$/],
  ["[orb]\ninitRef = { A = 'http://x' }", "orb.initRef", /A is to be an IOR:, corbaloc: or/],
  ["[orb]\ninitRef = 1979-05-27", "orb.initRef", /a table like/],
  ["[orb]\ntoString = 1", "orb.toString", /no key "toString"/],
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
