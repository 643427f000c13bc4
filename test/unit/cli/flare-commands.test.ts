// `orbweaver manager` and `orbweaver monitor`, as processes and in this one.
import { mkdtemp, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { ORB_init } from "../../../orb/index.ts";
import { run } from "../../../services/cli/index.ts";
import { Flare } from "../../../services/monitor/index.ts";
import { eventually, TestProcess } from "../../support/process.ts";

const MAIN: string = fileURLToPath(new URL("../../../services/cli/main.js", import.meta.url));
const HERE = ["--listen", "127.0.0.1:0"] as const;

function start(t: ExecutionContext, ...args: readonly string[]): TestProcess {
  const child = new TestProcess(process.execPath, [MAIN, ...args]);
  t.teardown(() => {
    child.kill("SIGTERM");
    return child[Symbol.asyncDispose]();
  });
  return child;
}

async function complaints(args: readonly string[]): Promise<readonly string[]> {
  const said: string[] = [];
  const stop = new AbortController().signal;
  const complain = (line: string): void => void said.push(line);
  await run(args, { print: () => undefined, complain, stop, exitWithin: () => undefined });
  return said;
}

test("a monitor tells the manager of the process that it holds, and of its death", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "orbweaver-monitor-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const socket = ["--socket", join(folder, "monitor.sock")] as const;
  const manager = start(t, "manager", ...HERE);
  const [, at = ""] = await manager.match(/^ReplicationManager=(\S+)$/m);
  const monitor = start(
    t,
    "monitor",
    ...HERE,
    ...socket,
    "--manager",
    at,
    "--processor",
    "tango",
    "--sample-ms",
    "20",
    "--report-ms",
    "20",
  );
  await monitor.match(/^Monitor=/m);
  const held = start(
    t,
    "monitor",
    "--hold",
    "p1",
    ...socket,
    "--",
    process.execPath,
    "-e",
    'console.log("pid", process.pid); setInterval(() => 0, 1000)',
  );
  const [, pid = ""] = await held.match(/^pid (\d+)$/m);
  await using orb = await ORB_init([]);
  const managing = Flare.ReplicationManager.uncheckedNarrow(await orb.string_to_object(at));
  const processes = async (): Promise<readonly string[]> =>
    (await managing?.report())?.processors[0]?.processes ?? [];
  await eventually("p1 is known", async () => (await processes()).includes("p1"));
  process.kill(Number(pid), "SIGKILL");
  await monitor.match(/a process has died/, undefined, "errors");
  await eventually("p1 is gone", async () => !(await processes()).includes("p1"));
  t.is((await held.ended()).code, 128 + constants.signals.SIGKILL);
  t.regex(held.errors, /was ended by SIGKILL/);
});

test("a peer is the monitor of its host by its configuration", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "orbweaver-monitor-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const manager = start(t, "manager", ...HERE);
  const [, at = ""] = await manager.match(/^ReplicationManager=(\S+)$/m);
  const settings = [
    'orb.listen=["iiop://127.0.0.1:0"]',
    'overlay.kind="none"',
    "health.enabled=false",
    "monitor.enabled=true",
    `monitor.managers=["${at}"]`,
    'monitor.processor="tango"',
    `monitor.socket=${JSON.stringify(join(folder, "monitor.sock"))}`,
    "monitor.reportMs=50",
  ];
  const peer = start(t, "peer", ...settings.flatMap((each) => ["--set", each]));
  await peer.match(/^ready$/m);
  await using orb = await ORB_init([]);
  const managing = Flare.ReplicationManager.uncheckedNarrow(await orb.string_to_object(at));
  await eventually("tango is known", async () => {
    const processor = (await managing?.report())?.processors[0];
    return processor?.processor === "tango" && processor.alive;
  });
  peer.kill("SIGTERM");
  t.deepEqual(await peer.ended(), { code: 0, signal: null });
});

test("a process that cannot be held, and a socket where nobody listens, are told in words", async (t) => {
  const [line = ""] = await complaints(["monitor", "--hold", "p", "--socket", "/nowhere", "true"]);
  t.regex(line, /no monitor answers at \/nowhere \(ENOENT\); "orbweaver monitor" starts one/);
});

const WRONG: readonly (readonly [args: readonly string[], fault: RegExp])[] = [
  [["manager", "--silent-ms", "5"], /--silent-ms 5: a number is needed, 100 to 3600000/],
  [["manager", "--group", "here"], /here: HOST:PORT is needed, port 1 to 65535/],
  [
    ["manager", "--group", "h:1", "--member", "i:1"],
    /--group h:1 is needed, and to be among --member i:1/,
  ],
  [["manager", "--member", "i:1"], /--group HOST:PORT is needed, and to be among --member i:1/],
  [["manager", "word"], /"word" has no place here/],
  [["monitor", "--threshold", "0"], /--threshold 0: a number is needed, 1 to 100/],
  [["monitor", "--sample-ms", "soon"], /--sample-ms soon: a number is needed, 10 to 3600000/],
  [["monitor", "--hold", "p"], /stand before the command/],
  [["monitor", "--manager", "corbaloc::h/x", "--hold", "p", "true"], /no other option does/],
  [["monitor", "word"], /"word" has no place here/],
  [["monitor", ...HERE, "--group", "no/such", "--socket", "/tmp/x.sock"], /no control group/],
];

for (const [args, fault] of WRONG)
  test(`refused: ${args.join(" ")}`, async (t) => {
    const [line = ""] = await complaints(args);
    t.regex(line, fault);
  });
