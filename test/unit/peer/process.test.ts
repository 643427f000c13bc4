import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { WebSocket } from "ws";
import * as Metro from "../../../examples/metro/gen/Metro.ts";
import { CosNaming } from "../../../idl/index.ts";
import { type ORB, ORB_init } from "../../../orb/index.ts";
import { nameFromString } from "../../../services/naming/index.ts";
import { type Finished, runToEnd, TestProcess } from "../../support/process.ts";

// The real process, as an operator runs it.
const MAIN: string = fileURLToPath(new URL("../../../services/cli/main.js", import.meta.url));
const STATION: string = fileURLToPath(
  new URL("../../../examples/metro/station.js", import.meta.url),
);

/** No port is anybody's: all are free ones. */
const BASE = `
[orb]
listen = ["iiop://127.0.0.1:0"]
[overlay]
port = 0
discoveryPort = 0
faultTolerancePort = 0
[health]
listen = "127.0.0.1:0"
[log]
form = "text"
`;

const SERVICES = `
[control]
access = "full"
allow = [${JSON.stringify(STATION)}]
[lanes.alarms]
priority = 20000
scheduling = "other"
warmUpCalls = 0
[[service]]
name = "north"
module = ${JSON.stringify(STATION)}
export = "Display"
args = ["north-1"]
names = ["metro/displays/north.display"]
[[service]]
name = "urgent"
module = ${JSON.stringify(STATION)}
export = "Display"
args = ["urgent-1"]
lane = "alarms"
[[service]]
name = "spare"
module = ${JSON.stringify(STATION)}
export = "Display"
args = ["spare-1"]
start = "manual"
`;

interface Started {
  readonly process: TestProcess;
  readonly file: string;
  /** `HOST:PORT` of its ORB. */
  readonly at: string;
  readonly health: string;
}

async function fileOf(t: ExecutionContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "orbweaver-peer-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = join(folder, "peer.toml");
  await writeFile(file, text);
  return file;
}

async function start(
  t: ExecutionContext,
  text: string,
  ...args: readonly string[]
): Promise<Started> {
  const file = await fileOf(t, text);
  const process = new TestProcess(globalThis.process.execPath, [
    MAIN,
    "peer",
    "--config",
    file,
    ...args,
  ]);
  t.teardown(() => process[Symbol.asyncDispose]());
  const [, at = ""] = await process.match(/^Peer=corbaloc::(.*)\/Peer$/m);
  const [, health = ""] = await process.match(/^health=(.*)$/m);
  await process.match(/^ready$/m);
  return { process, file, at, health };
}

function orbweaver(...args: readonly string[]): Promise<Finished> {
  return runToEnd(process.execPath, [MAIN, ...args]);
}

async function namesOf(orb: ORB, at: string): Promise<CosNaming.NamingContext> {
  const root = await orb.string_to_object(`corbaloc::${at}/NameService`);
  const names = await CosNaming.NamingContext.narrow(root);
  if (names === null) throw new TypeError("no naming context");
  return names;
}

test.serial("a peer starts, tells how it is, and ends in order with 0", async (t) => {
  const { process, health, file } = await start(t, BASE, "--set", "peer.name=north");
  t.is(await (await fetch(`${health}/healthz`)).text(), "ok\n");
  const ready = await fetch(`${health}/readyz`);
  t.is(ready.status, 200);
  const { parts } = (await ready.json()) as { parts: Record<string, unknown> };
  t.deepEqual(Object.keys(parts), ["health", "orb", "overlay", "naming", "services", "control"]);
  t.deepEqual(parts["overlay"], { ready: true, state: "coordinator of 1 (root)" });
  t.regex(await (await fetch(`${health}/metrics`)).text(), /^process_resident_memory_bytes \d/m);
  const topology = (await (await fetch(`${health}/topology`)).json()) as {
    peer: { name: string };
    tree: readonly { cell: string; members: readonly { attributes: { peer: string } }[] }[];
  };
  t.is(topology.peer.name, "north");
  t.deepEqual(
    topology.tree.map(({ cell, members }) => [cell, members[0]?.attributes.peer]),
    [["1", "north"]],
  );
  const startMs = performance.now();
  process.kill("SIGTERM");
  t.deepEqual(await process.ended(), { code: 0, signal: null });
  t.true(performance.now() - startMs < 10_000);
  t.is(process.errors.match(/not ended|error:/)?.[0], undefined, process.errors);
  const again = await orbweaver("peer", "--config", file, "--check");
  t.deepEqual([again.code, again.output], [0, ""]);
});

test.serial("services run with the peer, in lanes too, and their names are bound", async (t) => {
  const { at, health } = await start(t, BASE + SERVICES);
  await using orb = await ORB_init();
  const names = await namesOf(orb, at);
  const found = await names.resolve(nameFromString("metro/displays/north.display"));
  const display = await Metro.Display.narrow(found);
  t.is(await display?._get_id(), "north-1");

  const listed = await orbweaver("service", "ls", "--peer", at, "--json");
  const statuses = JSON.parse(listed.output) as {
    name: string;
    state: string;
    lane: string;
    reference: string;
  }[];
  t.deepEqual(
    statuses.map(({ name, state, lane }) => [name, state, lane]),
    [
      ["north", "running", ""],
      ["urgent", "running", "alarms"],
      ["spare", "stopped", ""],
    ],
  );
  const urgent = await orb.string_to_object(statuses[1]?.reference ?? "");
  t.is(await (await Metro.Display.narrow(urgent))?._get_id(), "urgent-1");
  // Threads of lanes are asked ahead of the scrape.
  t.regex(
    await (await fetch(`${health}/metrics`)).text(),
    /^orbweaver_server_requests_total\{operation="_get_id",outcome="NO_EXCEPTION",lane="alarms"\} 1$/m,
  );
  const topology = (await (await fetch(`${health}/topology`)).json()) as {
    tree: readonly { members: readonly { services: readonly { name: string }[] }[] }[];
  };
  t.deepEqual(topology.tree[0]?.members[0]?.services.map(({ name }) => name).toSorted(), [
    "north",
    "urgent",
  ]);
});

test.serial(
  "services are stopped and started from afar, and those who watch are told",
  async (t) => {
    const { at, health } = await start(t, BASE + SERVICES);
    const socket = new WebSocket(`${health.replace("http", "ws")}/events`);
    t.teardown(() => socket.terminate());
    const seen: string[] = [];
    const told = new Promise<void>((resolve) => {
      socket.on("message", (data: Buffer) => {
        const { about, what } = JSON.parse(data.toString()) as {
          about: string;
          what: { name: string; at: string };
        };
        if (about !== "services") return;
        seen.push(`${what.name} ${what.at}`);
        if (seen.at(-1) === "south stopped") resolve();
      });
    });
    await new Promise((resolve) => socket.once("open", resolve));
    await using orb = await ORB_init();
    const names = await namesOf(orb, at);
    const name = nameFromString("metro/displays/north.display");

    const stopped = await orbweaver("service", "stop", "north", "--peer", at);
    t.regex(stopped.output, /^ {2}north +stopped +main thread/m);
    await t.throwsAsync(names.resolve(name), { instanceOf: CosNaming.NamingContext.NotFound });
    t.is((await orbweaver("service", "start", "north", "--peer", at)).code, 0);
    const display = await Metro.Display.narrow(await names.resolve(name));
    t.is(await display?._get_id(), "north-1");

    const deploy = ["--module", STATION, "--export", "Display", "--args", '["south-1"]'];
    const bound = ["--name", "metro/displays/south.display", "--poa", "displays/south"];
    const made = await orbweaver("service", "start", "south", "--peer", at, ...deploy, ...bound);
    t.deepEqual([made.code, made.errors], [0, ""]);
    const south = await names.resolve(nameFromString("metro/displays/south.display"));
    t.is(await (await Metro.Display.narrow(south))?._get_id(), "south-1");
    t.is((await orbweaver("service", "stop", "south", "--peer", at)).code, 0);
    await told;
    t.deepEqual(seen, [
      "north stopping",
      "north stopped",
      "north starting",
      "north running",
      "south starting",
      "south running",
      "south stopping",
      "south stopped",
    ]);
  },
);

test.serial(
  "what is not allowed from afar is refused, with the key that would allow it",
  async (t) => {
    const { at } = await start(t, BASE + SERVICES);
    const fault = async (...args: readonly string[]): Promise<string> => {
      const { code, errors } = await orbweaver("service", ...args, "--peer", at);
      t.is(code, 1, args.join(" "));
      return errors;
    };
    const evil = ["--export", "X", "--module", "/tmp/evil.js"];
    t.regex(
      await fault("start", "x", ...evil),
      /not allowed: file:\/\/\/tmp\/evil\.js .*control\.allow/,
    );
    t.regex(await fault("stop", "x"), /has no service "x"; it has: north, urgent, spare/);
    const station = ["--module", STATION, "--export"];
    t.regex(
      await fault("start", "north", ...station, "Display"),
      /there is a service "north" already/,
    );
    t.regex(
      await fault("start", "x", ...station, "Nobody"),
      /has no export "Nobody"; it has: Display/,
    );
    t.regex(await fault("start", "x", ...station, "Display", "--args", "{}"), /JSON array/);
    t.regex(
      await fault("start", "x", ...station, "Display", "--lane", "y"),
      /there is no lane "y"; there are: alarms/,
    );
    t.regex(await fault("start", "a/b", ...station, "Display"), /name: a text like/);
    const after = await orbweaver("service", "ls", "--peer", at);
    t.is(after.output.trim().split("\n").length, 4, after.output);
  },
);

test.serial("control.access decides what is let in", async (t) => {
  const { at } = await start(t, BASE);
  t.is((await orbweaver("service", "ls", "--peer", at)).code, 0);
  const { code, errors } = await orbweaver("service", "stop", "north", "--peer", at);
  t.deepEqual(
    [code, errors.trim()],
    [1, 'service stop: not allowed: control.access of this peer is "read"; "full" is needed'],
  );
});

test.serial("a service that fails does not keep the others, and is told in /readyz", async (t) => {
  const file = await fileOf(
    t,
    `${BASE}[[service]]\nname = "broken"\nmodule = "./nowhere.js"\nexport = "X"\nrestart = "never"\n${SERVICES}`,
  );
  const peer = new TestProcess(process.execPath, [MAIN, "peer", "--config", file]);
  t.teardown(() => peer[Symbol.asyncDispose]());
  const [, health = ""] = await peer.match(/^health=(.*)$/m);
  // Services start when the peer has: one of them fails, two come up.
  for (const line of [/service "broken" failed/, /"north" is running/, /"urgent" is running/])
    await peer.match(line, undefined, "errors");
  const response = await fetch(`${health}/readyz`);
  t.is(response.status, 503);
  const { parts } = (await response.json()) as { parts: { services: { state: string } } };
  t.is(parts.services.state, "2 running; broken failed");
  peer.kill("SIGINT");
  t.deepEqual(await peer.ended(), { code: 0, signal: null });
});

test.serial(
  "two peers find each other by a seed, and one that leaves is gone at once",
  async (t) => {
    const first = await start(t, BASE, "--set", "peer.name=first");
    const [, seed = ""] = await first.process.match(/^overlay=([^,]*)/m);
    const second = await start(
      t,
      BASE,
      "--set",
      "peer.name=second",
      // On a machine that is busy it would found a tree of its own, and be merged later.
      "--set",
      "overlay.mayFound=false",
      "--set",
      `overlay.seeds=["${seed}"]`,
    );
    const namesIn = async ({ health }: Started): Promise<readonly string[]> => {
      const { tree } = (await (await fetch(`${health}/topology`)).json()) as {
        tree: readonly { members: readonly { attributes: { peer: string } }[] }[];
      };
      return (tree[0]?.members ?? []).map(({ attributes }) => attributes.peer).toSorted();
    };
    t.deepEqual(await namesIn(second), ["first", "second"]);
    const events = new WebSocket(`${first.health.replace("http", "ws")}/events`);
    t.teardown(() => events.terminate());
    await new Promise((resolve) => events.once("open", resolve));
    const gone = new Promise<string>((resolve) => {
      events.on("message", (data: Buffer) => {
        const { about, what } = JSON.parse(data.toString()) as {
          about: string;
          what: { kind: string; why: string };
        };
        if (about === "membership" && what.kind === "gone") resolve(what.why);
      });
    });
    second.process.kill("SIGTERM");
    // The end of its connections may be seen before its word, which goes another way.
    t.regex(await gone, /^(left|reset)$/);
    t.deepEqual(await second.process.ended(), { code: 0, signal: null });
    t.deepEqual(await namesIn(first), ["first"]);
  },
);

test.serial(
  "a wrong configuration ends with 2, a port that is taken with 1, and nothing is left",
  async (t) => {
    const wrong = await orbweaver("peer", "--set", "overlay.prot=1");
    t.is(wrong.code, 2);
    t.regex(wrong.errors, /overlay\.prot: there is no key "prot" here; did you mean "port"\?/);
    t.is((await orbweaver("peer")).code, 2);
    const { at, file, health } = await start(t, BASE);
    const pidFile = `${file}.pid`;
    // As the peer has written it that runs.
    await writeFile(pidFile, "4711\n");
    const port = new URL(health).port;
    for (const taken of [`orb.listen=["iiop://${at}"]`, `health.listen="127.0.0.1:${port}"`]) {
      const second = await orbweaver(
        "peer",
        "--config",
        file,
        "--set",
        taken,
        "--set",
        `peer.pidFile=${pidFile}`,
      );
      t.is(second.code, 1, taken);
      t.regex(second.errors, /orbweaver: peer: (?:orb|health) did not start: .*EADDRINUSE/, taken);
      t.is(await readFile(pidFile, "utf8"), "4711\n");
    }
    const nowhere = `${pidFile}/x`;
    const third = await orbweaver("peer", "--config", file, "--set", `peer.pidFile=${nowhere}`);
    t.is(third.code, 1);
    t.regex(third.errors, /orbweaver: peer\.pidFile: \S+ cannot be written: ENOTDIR\n$/);
  },
);

test.serial("what hangs in a service does not keep the peer: 3 within peer.stopMs", async (t) => {
  const file = await fileOf(t, "");
  const stuck = `${file}.mjs`;
  await writeFile(
    stuck,
    `import { Display } from ${JSON.stringify(STATION)};
     export class Stuck extends Display {
       constructor() { super("stuck"); setInterval(() => undefined, 1000); }
       _get_text() { return new Promise(() => undefined); }
     }`,
  );
  await writeFile(
    file,
    `${BASE}[peer]\nstopMs = 400\n[[service]]\nname = "stuck"\nmodule = ${JSON.stringify(stuck)}\nexport = "Stuck"\nnames = ["stuck"]\n`,
  );
  const peer = new TestProcess(process.execPath, [MAIN, "peer", "--config", file]);
  t.teardown(() => peer[Symbol.asyncDispose]());
  const [, at = ""] = await peer.match(/^Peer=corbaloc::(.*)\/Peer$/m);
  await peer.match(/^ready$/m);
  await using orb = await ORB_init();
  const display = await Metro.Display.narrow(
    await (await namesOf(orb, at)).resolve(nameFromString("stuck")),
  );
  if (display === null) throw new TypeError("stuck is no display");
  t.is(await display._get_id(), "stuck");
  display._get_text().catch(() => undefined);
  // Behind it on the same connection: the call has come when this one is answered.
  t.is(await display._get_id(), "stuck");
  const startMs = performance.now();
  peer.kill("SIGTERM");
  const { code } = await peer.ended();
  t.is(code, 3, peer.errors);
  t.true(performance.now() - startMs < 5_000);
  t.regex(peer.errors, /had not ended in order in time: /);
});
