// The command as a user runs it, against processes that are there.
import { once } from "node:events";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { eventually, TestProcess } from "../../support/process.ts";
import { ran } from "../../support/ran.ts";

const MAIN: string = fileURLToPath(new URL("../../../services/cli/main.js", import.meta.url));

/** A process that does nothing, and is there when this returns. */
async function idle(t: ExecutionContext): Promise<ReturnType<typeof spawn>> {
  const child = spawn(process.execPath, ["-e", "console.log(1); setInterval(() => 0, 1000)"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.teardown(() => void child.kill("SIGKILL"));
  if (child.stdout !== null) await once(child.stdout, "data");
  return child;
}

/** `R`, `S`, `T` and so on of proc(5). */
function stateOf(pid: number | undefined): string | undefined {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2)[0];
}

const ifLinux = process.platform === "linux" ? test : test.skip;

ifLinux("a process is frozen, and goes on", async (t) => {
  const { pid } = await idle(t);
  const command = new TestProcess(process.execPath, [
    MAIN,
    "chaos",
    "freeze",
    "--pid",
    `${pid}`,
    "--for",
    "600",
  ]);
  t.teardown(() => command[Symbol.asyncDispose]());
  await command.match(/^\d+@\d+: freeze for 600000 ms$/m);
  await eventually("the process is stopped", () => stateOf(pid) === "T");
  command.kill("SIGINT");
  t.deepEqual(await command.ended(), { code: null, signal: "SIGINT" });
  t.not(stateOf(pid), "T");
});

ifLinux("a process is killed, and one that is gone is not there", async (t) => {
  const child = await idle(t);
  const ended = once(child, "exit");
  const { code, out } = await ran(["chaos", "crash", "--pid", `${child.pid}`]);
  t.deepEqual([code, out.length], [0, 1]);
  t.deepEqual(await ended, [null, "SIGKILL"]);
  const again = await ran(["chaos", "crash", "--pid", `${child.pid}`]);
  t.deepEqual([again.code, again.err], [1, [`chaos crash: there is no process ${child.pid}`]]);
});

ifLinux("this process is not harmed", async (t) => {
  const { code, err } = await ran(["chaos", "crash", "--pid", `${process.pid}`]);
  t.is(code, 1);
  t.regex(err.join("\n"), /is this command, or one that started it/);
});

test("what it is not told rightly is said with what is allowed", async (t) => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /what is it to do\? allowed: crash, freeze/],
    [["explode"], /"explode" is nothing it does; allowed: crash, freeze/],
    [["crash"], /one --pid PID is needed/],
    [["crash", "--for", "3", "--pid", "7"], /--for is nothing to it; allowed: --pid/],
    [["leak"], /--peer HOST:PORT is needed/],
    [["partition"], /--link HOST:PORT=HOST:PORT is needed/],
    [["partition", "--link", "x=y"], /--link x=y: HOST:PORT=HOST:PORT is needed/],
    [["partition", "--way", "burn"], /--way burn: allowed are hold, refuse, cut, delay/],
    [["slow", "--pid", "7", "--percent", "99"], /--percent 99: a number is needed, 1 to 95/],
    [["random"], /--pid, --link or -- COMMAND is needed/],
    [["random", "--pid", "7", "--faults", "x"], /--faults: "x" is none; allowed: crash, freeze/],
    [["random", "--pid", "7", "--faults", "cut"], /none of cut can be done to what is given/],
    [["crash", "--pid", "7", "--", "sh"], /a command is for random alone/],
  ];
  for (const [args, message] of wrong) {
    const { code, err } = await ran(["chaos", ...args]);
    t.is(code, 2, args.join(" "));
    t.regex(err[0] ?? "", message);
  }
});

test("by chance: printed, harmless and the same again with --dry-run", async (t) => {
  const args = ["chaos", "random", "--dry-run", "--for", "20", "--every", "2", "--pid", "7"];
  const first = await ran(args);
  t.is(first.code, 0);
  const [, seed = ""] = /^seed (\d+): \d+ faults/.exec(first.out[0] ?? "") ?? [];
  t.deepEqual((await ran([...args, "--seed", seed])).out, first.out);
});

ifLinux(
  "a program that is started to be harmed is started again, and ends with the drill",
  async (t) => {
    const script = "console.log('up ' + process.pid); setInterval(() => 0, 1000)";
    const own = ["--seed", "3", "--faults", "crash", "--every", "0.3", "--for", "1.5"];
    const more = ["--restart", "0.05", "--", process.execPath, "-e", script];
    const command = new TestProcess(process.execPath, [MAIN, "chaos", "random", ...own, ...more]);
    t.teardown(() => command[Symbol.asyncDispose]());
    t.is((await command.ended()).code, 0, command.errors);
    const pids = [...command.output.matchAll(/: process (\d+)$/gm)].map(([, pid]) => Number(pid));
    t.true(pids.length >= 2, command.output);
    for (const pid of pids) t.throws(() => process.kill(pid, 0), { code: "ESRCH" });
  },
);

test("a link passes on, breaks, and passes on", async (t) => {
  const server = createServer((socket) => socket.on("error", () => undefined).pipe(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => void server.close());
  const { port } = server.address() as { port: number };
  const link = `127.0.0.1:0=127.0.0.1:${port}`;
  const command = new TestProcess(process.execPath, [
    MAIN,
    "chaos",
    "partition",
    "--link",
    link,
    "--way",
    "refuse",
    "--for",
    "0.3",
    "--after",
    "0.3",
  ]);
  t.teardown(() => command[Symbol.asyncDispose]());
  const [, at] = await command.match(/^link=127\.0\.0\.1:(\d+)=/m);
  const echoed = async (): Promise<string> => {
    const socket = connect(Number(at), "127.0.0.1");
    t.teardown(() => void socket.destroy());
    socket.on("error", () => undefined);
    socket.write("hello");
    return await new Promise((resolve) => {
      socket.once("data", (octets) => resolve(octets.toString()));
      socket.once("close", () => resolve("closed"));
    });
  };
  await command.match(/^everything goes through$/m);
  t.is(await echoed(), "hello");
  command.kill("SIGINT");
  t.is((await command.ended()).code, 0);
});

test("within a peer: only where its configuration allows it, up to its bound, and given back", async (t) => {
  const peer = async (...settings: readonly string[]): Promise<string> => {
    const all = [
      'orb.listen=["iiop://127.0.0.1:0"]',
      'overlay.kind="none"',
      "health.enabled=false",
      ...settings,
    ];
    const started = new TestProcess(process.execPath, [
      MAIN,
      "peer",
      ...all.flatMap((each) => ["--set", each]),
    ]);
    t.teardown(() => started[Symbol.asyncDispose]());
    const [, at = ""] = await started.match(/^Peer=corbaloc::(.*)\/Peer$/m);
    await started.match(/^ready$/m);
    return at;
  };
  const at = await peer("chaos.enabled=true", "chaos.mostOctets=3000000");
  const taken = async (...args: readonly string[]): Promise<string> =>
    (await ran(["chaos", ...args, "--peer", at])).out.join("\n");
  t.regex(await taken("leak", "--rate", "1000", "--most", "2"), /: 2\.0 MB taken, /);
  t.regex(await taken("slow", "--percent", "30", "--for", "60"), /busy by 30 % for \d+ ms$/);
  const beyond = await ran(["chaos", "leak", "--most", "4", "--peer", at]);
  t.is(beyond.code, 1);
  t.regex(beyond.err.join("\n"), /refuses: 4000000 octets are more than chaos\.mostOctets/);
  t.regex(await taken("stop"), /: 0\.0 MB taken, 0\.0 MB\/s$/);

  const other = await peer();
  const refused = await ran(["chaos", "leak", "--peer", other]);
  t.is(refused.code, 1);
  t.regex(refused.err.join("\n"), /\[chaos\] enabled = true in its configuration would let it$/);
});
