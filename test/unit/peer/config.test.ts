import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { blocksOf } from "../../support/guide.ts";
import {
  ConfigError,
  loadPeerConfig,
  parsePeerConfig,
  PEER_TABLES,
  peerConfigText,
} from "../../../services/node/index.ts";
import { helpText, markdownText } from "../../../services/settings/index.ts";

const SERVICE = `
[[service]]
name = "trindade"
module = "./station.js"
export = "Station"
`;

test("an empty file is a peer with what is in force where nothing is said", (t) => {
  const { settings, orb, lanes, services } = parsePeerConfig("", "/etc/peer.toml");
  t.is(settings.overlay.kind, "p3");
  t.is(settings.health.listen, "127.0.0.1:9410");
  t.deepEqual(orb.listen, ["iiop://127.0.0.1:2809"]);
  t.deepEqual([lanes, services], [{}, []]);
});

test("a module's path is relative to its file; URLs and packages stay", (t) => {
  const moduleOf = (module: string): string | undefined =>
    parsePeerConfig(SERVICE.replace("./station.js", module), "/etc/metro/peer.toml").services[0]
      ?.module;
  t.is(moduleOf("./station.js"), "file:///etc/metro/station.js");
  t.is(moduleOf("/opt/station.js"), "file:///opt/station.js");
  t.is(moduleOf("file:///opt/x/../station.js"), "file:///opt/station.js");
  t.is(moduleOf("metro-stations"), "metro-stations");
});

test("later files win key by key, services are added, and --set wins over all", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "orbweaver-peer-"));
  try {
    const [first, second] = [join(folder, "a.toml"), join(folder, "b.toml")];
    await writeFile(first, `[overlay]\nport = 1\nspan = 3\n${SERVICE}`);
    await writeFile(second, `[overlay]\nport = 2\n${SERVICE.replace("trindade", "bolhao")}`);
    const { settings, services } = await loadPeerConfig({
      files: [first, second],
      settings: ["overlay.role=leaf", 'overlay.seeds=["h:1"]', "overlay.cacheMs=7"],
    });
    const { port, span, role, seeds, cacheMs } = settings.overlay;
    t.deepEqual([port, span, role, seeds, cacheMs], [2, 3, "leaf", ["h:1"], 7]);
    t.deepEqual(
      services.map(({ name }) => name),
      ["trindade", "bolhao"],
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("what --print-config prints is read again as the same", (t) => {
  const text = `
[peer]
name = "north"
[overlay]
attributes = { cores = 4, zone = "a" }
[orb.policies]
rebind = "NO_REBIND"
[lanes.alarms]
priority = 25000
${SERVICE}args = [1, "a", { deep = [true] }]
lane = "alarms"
names = ["metro/trindade.station"]
`;
  const config = parsePeerConfig(text, "/etc/peer.toml");
  const again = parsePeerConfig(peerConfigText(config), "/elsewhere/printed.toml");
  // Lanes are printed with what holds where they say nothing; that is what holds then.
  t.deepEqual({ ...again, lanes: {} }, { ...config, lanes: {} });
  t.like(again.lanes["alarms"], { ...config.lanes["alarms"], threads: 1, scheduling: "fifo" });
});

/** Text, settings, and what the refusal says. */
const WRONG: readonly (readonly [string, readonly string[], RegExp])[] = [
  [
    "\n[overlay]\nprot = 1",
    [],
    /^p\.toml:3: overlay\.prot: there is no key "prot" here; did you mean "port"\? allowed: /,
  ],
  [
    "[overly]\nport = 1",
    [],
    /^p\.toml:1: overly: there is no key "overly" here; did you mean "overlay"\?/,
  ],
  [
    "[overlay]\nport = 70000",
    [],
    /^p\.toml:2: overlay\.port: an integer from 0 to 65535 is needed, not 70000$/,
  ],
  ["overlay.port = 70000", [], /^p\.toml:1: overlay\.port: /],
  ["[overlay]\n\n'port' = true", [], /^p\.toml:3: overlay\.port: .*, not true$/],
  ["overlay = { port = -1 }", [], /^p\.toml:1: overlay\.port: /],
  ["[overlay]\nport = 1", ["overlay.port=x"], /^--set overlay\.port=x: overlay\.port: .*not "x"$/],
  ["[orb]\ndeadlineMs = 0", [], /^p\.toml:2: orb\.deadlineMs: an integer from 1 to/],
  [
    '[health]\nlisten = "1.2.3.4:99999"',
    [],
    /^p\.toml:2: health\.listen: .* is needed \(`HOST:PORT`\), not "1\.2\.3\.4:99999"/,
  ],
  ["[orb]\nlisten = []", [], /^p\.toml:2: orb\.listen: a peer is called/],
  ["[orb]\n[orb.policies]\nrebind = 1", [], /^p\.toml:3: orb\.policies\.rebind: one of/],
  ["[lanes.a]\nthreads = 1", [], /^p\.toml:1: lanes\.a\.priority: a lane has a priority/],
  ["[lanes.a]\npriority = 1\nthreads = 0", [], /^p\.toml:3: lanes\.a\.threads: /],
  ["[overlay]\nport = ", [], /^p\.toml: .*row 2/],
  [
    `${SERVICE}[[service]]\nname = "b"\nexport = "X"\n`,
    [],
    /^p\.toml:6: service\.module: it is needed$/,
  ],
  [`${SERVICE}${SERVICE}`, [], /^p\.toml:8: service\.name: there are two services "trindade"$/],
  [
    `${SERVICE}lane = "fast"\n[lanes.slow]\npriority = 1`,
    [],
    /^p\.toml:6: service\.lane: there is no \[lanes\.fast\]; there are: slow$/,
  ],
  [
    `${SERVICE}names = ["a"]\n[naming]\nkind = "none"`,
    [],
    /^p\.toml:6: service\.names: naming\.kind is "none"/,
  ],
  [`${SERVICE}names = "a"`, [], /^p\.toml:6: service\.names: an array is needed, not "a"$/],
  [`${SERVICE}exprot = "a"`, [], /^p\.toml:6: service\.exprot: .*did you mean "export"\?/],
  ["[service]\nname = 'a'", [], /^p\.toml:1: service: tables \[\[service\]\] are needed$/],
  [
    '[overlay]\nkind = "static"\npeers = ["h:1"]',
    [],
    /^p\.toml:3: overlay\.peers: it is to name this peer, too: "127\.0\.0\.1:7400"/,
  ],
  [
    '[overlay]\nkind = "none"\n[naming]\nkind = "replicated"',
    [],
    /^p\.toml:4: naming\.kind: replicated names need overlay\.kind "p3"$/,
  ],
  [
    '[naming]\nkind = "replicated"\nvoters = ["h:1,2,3", "h:4,5,6"]',
    [],
    /^p\.toml:3: naming\.voters: one, three or five voters are needed, not 2$/,
  ],
  [
    "[monitor]\nsampleMs = 1",
    [],
    /^p\.toml:2: monitor\.sampleMs: an integer from 10 to 3600000 is needed, not 1$/,
  ],
  [
    '[monitor]\nmanagers = ["10.0.0.1:2811"]',
    [],
    /^p\.toml:2: monitor\.managers: .*corbaloc.*, not "10\.0\.0\.1:2811"/,
  ],
  [
    `[monitor]\nmanagers = [${Array.from({ length: 17 }, () => '"corbaloc::h:1/M"').join()}]`,
    [],
    /^p\.toml:2: monitor\.managers: 16 managers at most are told, not 17$/,
  ],
  ["[monitor]\nthreshold = 5", [], /^p\.toml:2: monitor\.threshold: .*did you mean "thresholdP/],
  [
    `${SERVICE}names = ["a/b.c", "a..b"]`,
    [],
    /^p\.toml:6: service\.names: "a\.\.b" is no name: a second "\." at character 3; components are/,
  ],
  [
    `${SERVICE}replication = { members = ["h:65536"] }\n[groups]\nenabled = true`,
    [],
    /^p\.toml:6: service\.replication\S*: a text like .*HOST:PORT.*, not "h:65536"$/,
  ],
  [
    `${SERVICE}poa = "a/b"\nreplication = { members = ["h:1"] }\n[groups]\nenabled = true`,
    [],
    /^p\.toml:6: service\.poa: a replicated service has an adapter of its own.* no poa and no lane$/,
  ],
  [
    `${SERVICE}lane = "a"\nreplication = { members = ["h:1"] }\n[groups]\nenabled = true\n[lanes.a]\npriority = 1`,
    [],
    /^p\.toml:6: service\.lane: a replicated service has an adapter of its own/,
  ],
  [
    `${SERVICE}replication = { members = ["h:1"], restoreWithinMs = 0 }\n[groups]\nenabled = true`,
    [],
    /^p\.toml:6: service\.replication\S*: an integer from 1 to 2147483647 is needed, not 0$/,
  ],
  [
    `${SERVICE}replication = { members = ["h:1"], style = "active", durable = true }\n[groups]\nenabled = true`,
    [],
    /^p\.toml:6: service\.replication\S*: durable is for cold-passive groups, and this is active$/,
  ],
  ["", ["overlay=1"], /^--set overlay=1: TABLE\.KEY=VALUE is needed/],
  ["", ["servic.x=1"], /^--set servic\.x=1: servic: .*did you mean "service"\?/],
  ["", ["service.x=1"], /services are listed in files/],
];

for (const [text, settings, pattern] of WRONG)
  test(`refused: ${JSON.stringify(text)} ${settings.join(" ")}`, (t) => {
    const error = t.throws(() => parsePeerConfig(text, "p.toml", settings), {
      instanceOf: ConfigError,
    });
    t.regex(error.message, pattern);
  });

test("docs/configuration.md has every key as the table in the code has it: orbweaver peer --options", async (t) => {
  const text = await readFile("docs/configuration.md", "utf8");
  t.true(text.includes(markdownText(PEER_TABLES)));
});

test("the configurations of the guide are right ones", async (t) => {
  const texts = blocksOf(await readFile("docs/configuration.md", "utf8")).filter(
    ({ info }) => info === "toml",
  );
  t.true(texts.length > 0);
  for (const { text } of texts) t.notThrows(() => parsePeerConfig(text, "docs/configuration.md"));
});

test("every key has a type, a meaning, and a default or words in its place", (t) => {
  for (const { header, options } of PEER_TABLES)
    for (const [key, option] of Object.entries(options)) {
      t.truthy(option.check.allows, `${header} ${key}`);
      t.true(option.means.length > 0, `${header} ${key}`);
      t.true((option.standard ?? option.otherwise) !== undefined, `${header} ${key}`);
    }
  t.true(helpText(PEER_TABLES).includes("[lanes.NAME]"));
});

test("what is in force where nothing is said passes its own check", (t) => {
  for (const { header, options } of PEER_TABLES)
    for (const [key, { check, standard }] of Object.entries(options)) {
      if (standard === undefined) continue;
      t.notThrows(
        () =>
          check(standard, (what) => {
            throw new RangeError(what);
          }),
        `${header} ${key}`,
      );
    }
});
