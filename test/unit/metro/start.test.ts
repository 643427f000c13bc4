import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import test from "ava";

const START = fileURLToPath(new URL("../../../examples/metro/start.js", import.meta.url));

/** Six processes on a machine that runs other tests, too. */
const LIMIT_MS = 180_000;

interface Running {
  readonly process: ChildProcess;
  /** All it printed so far. */
  readonly text: () => string;
  /** Resolves when it printed something that matches. */
  readonly said: (pattern: RegExp) => Promise<void>;
  /**
   * Its exit code, when it and every process that it started has ended: they share its error
   * output, which closes with the last of them.
   */
  readonly ended: Promise<number | null>;
}

function start(...args: readonly string[]): Running {
  const child = spawn(process.execPath, [START, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  let tell: () => void = () => undefined;
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      tell();
    });
  const ended = once(child, "close").then(([code]) => code as number | null);
  return {
    process: child,
    text: () => text,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        tell = () => void (pattern.test(text) && resolve());
        tell();
        void ended.then((code) => reject(new Error(`it ended with ${code} and printed\n${text}`)));
      }),
    ended,
  };
}

test.serial("npm start shows the whole of it and ends by itself", async (t) => {
  t.timeout(LIMIT_MS);
  const run = start("--client=ts");
  const code = await run.ended;
  const text = run.text();
  t.is(code, 0, text);
  for (const pattern of [
    /portal-1 {3}pid \d+ +root cell; NameService=corbaloc::127\.0\.0\.1:\d+\/NameService/,
    /north {6}pid \d+ +lines; 127\.0\.0\.1:\d+/,
    /sensors-1 {2}pid \d+ +6 sensors, each a leaf of the tree/,
    /client {5}pid \d+ +TypeScript/,
    /Names bound\n(?: {2}metro\/\S+\n){19}/,
    / {2}IOR:[0-9a-f]+\n/,
    /bolhao +Bolhão +A B C E +2 +3\n/,
    /#1 \d\d:\d\d:\d\d\.\d{3} {2}Atenção: o próximo metro/,
    /write: display trindade-1 shows "Linha D → Santo Ovídio {2}2 min"/,
    /Metro::Refused, "Trindade is closed"/,
    /Metro::UnknownStation, 13 are known/,
    /alarm from trindade\/track-1: train EF-104 inbound at 27\.5 m\/s/,
    /ms from the sensor's report to the callback/,
    /Station::announce +300( +\d+){3}\n/,
    /sensors-1: 6 of 6 sensors report, \d+ reports\n/,
    /root cell is killed while our client .* resolves metro\/stations\/trindade\.station\n {2}(portal-\d), pid \d+: SIGKILL\n {2}(?!\1)portal-\d is its coordinator after \d+ ms\n/,
    // Our client goes to another peer after the one call that was in flight.
    /\d+ times resolved, (?:none failed|1 failed, in flight while the peer died: COMM_FAILURE: .*); the longest/,
    /Done in/,
  ])
    t.regex(text, pattern);
});

test.serial("what npm start leaves running ends when it is interrupted", async (t) => {
  t.timeout(LIMIT_MS);
  const run = start("--client=ts", "--stay");
  await run.said(/Ctrl-C ends it/);
  t.regex(run.text(), /node \S+client\.js -ORBInitRef NameService=/);
  run.process.kill("SIGINT");
  t.is(await run.ended, 0, run.text());
});

test.serial("no process outlives it, even when it is killed", async (t) => {
  t.timeout(LIMIT_MS);
  const run = start("--client=ts", "--stay");
  await run.said(/Ctrl-C ends it/);
  run.process.kill("SIGKILL");
  t.is(await run.ended, null);
});

test("options it does not know are refused", async (t) => {
  const run = start("--client=java");
  t.is(await run.ended, 2);
  t.regex(run.text(), /--client=java: allowed are cpp and ts/);
  const other = start("--hole");
  t.is(await other.ended, 2);
  t.is(
    other.text(),
    "Unknown option '--hole'; allowed: --whole, --stay, --client=cpp|ts, --help\n",
  );
});
