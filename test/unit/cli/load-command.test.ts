import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import test from "ava";
import { eventually, runToEnd, TestProcess } from "../../support/process.ts";
import { ran } from "../../support/ran.ts";
import { commandOf, mayGrant } from "../native/child.ts";
import type { Who } from "../native/child.ts";

const MAIN: string = fileURLToPath(new URL("../../../services/cli/main.js", import.meta.url));
/** The last core: what else is tested has the others. */
const CORE: string =
  /(\d+)$/m.exec(
    readFileSync("/proc/self/status", "utf8").split("Cpus_allowed_list:")[1]?.split("\n")[0] ?? "0",
  )?.[1] ?? "0";
const PRIVILEGED: Who = mayGrant("sys_nice") ? { capability: "sys_nice" } : "ordinary";

function load(who: Who, ...args: readonly string[]): TestProcess {
  const [command, ...rest] = commandOf(who, [process.execPath, MAIN, "load", ...args]);
  return new TestProcess(command, rest);
}

/** The process that burns on behalf of a watchdog; `mark` is one of its arguments. */
function burnerMarked(mark: string): number | undefined {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      const words = textOf(`/proc/${pid}/cmdline`).split("\0");
      return words.includes("--unwatched") && words.includes(mark);
    });
}

/** The file's text; of a process that has ended since: nothing. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Real-time priorities of a process's threads of that name; proc(5), field 40 of `stat`. */
function priorities(pid: number, threadName: string): readonly number[] {
  return readdirSync(`/proc/${pid}/task`)
    .map((id) => textOf(`/proc/${pid}/task/${id}/stat`))
    .filter((stat) => stat.includes(`(${threadName})`))
    .map((stat) => Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[37]));
}

/** The process that burns, once its threads are there. */
async function burning(mark: string): Promise<number> {
  const isBurning = (pid: number | undefined): boolean =>
    pid !== undefined && priorities(pid, "orbweaver-load").length > 0;
  await eventually("the load burns", () => isBurning(burnerMarked(mark)));
  return burnerMarked(mark) ?? 0;
}

const WRONG: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [["--duty", "96"], /--duty 96: a number is needed, 0.1 to 95/],
  [["--duty", "half"], /--duty half: a number is needed/],
  [["--priority", "99"], /--priority 99: a number is needed, 0 to 98/],
  [["--priority", "1.5"], /--priority 1.5: a whole number is needed/],
  [["--seconds", "601"], /--seconds 601: a number is needed, 0.1 to 600/],
  [["--slice-ms", "0"], /--slice-ms 0: a number is needed, 0.1 to 50/],
  [["--threads", "0"], /--threads 0: a number is needed, 1 to 256/],
  [["--cores", "5000"], /--cores 5000: some of [\d,-]+ are needed/],
  [["--cores", "all"], /--cores all: a list as 0-3,6 is needed/],
  [["--cores", ""], /--cores : some of/],
  [["--cores", CORE, "--threads", "2"], /2 threads on 1 cores: 2 × 50 % of one core, at most 95 %/],
  [["now"], /"now" has no place here/],
];

for (const [args, message] of WRONG)
  test(`refused: orbweaver load ${args.join(" ")}`, async (t) => {
    const { code, err } = await ran(["load", ...args]);
    t.is(code, 2);
    t.regex(err[0] ?? "", message);
  });

test("a load of ordinary threads takes its share and ends by itself", async (t) => {
  const args = ["--priority", "0", "--threads", "2", "--cores", CORE, "--duty", "20"];
  await using process = load("ordinary", ...args, "--seconds", "0.3", "--slice-ms", "2");
  const { code } = await process.ended();
  t.is(process.errors, "");
  t.is(code, 0);
  const [first, ...shares] = process.output.trimEnd().split("\n");
  t.is(
    first,
    `2 threads on cores ${CORE}, ordinary, 20.0 % each in slices up to 2 ms, for 0.3 s; Ctrl-C ends it`,
  );
  t.is(shares.length, 2);
  for (const [i, line] of shares.entries())
    t.regex(line, new RegExp(`^thread ${i + 1}, core ${CORE}: \\d+\\.\\d % of it taken$`));
});

test("a process that takes long to start has its time all the same", async (t) => {
  const late = `if (process.argv.includes("--unwatched"))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000)`;
  const args = ["load", "--priority", "0", "--duty", "1", "--seconds", "0.1", "--cores", CORE];
  const { code, output } = await runToEnd(process.execPath, [MAIN, ...args], {
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(late)}` },
  });
  t.is(code, 0);
  t.regex(output, /thread 1, core \d+: /);
});

test("a real-time load runs below its watchdog, and Ctrl-C ends both", async (t) => {
  const mark = `0.${process.pid}1`;
  const args = ["--cores", CORE, "--duty", "5", "--seconds", "60", "--slice-ms", mark];
  await using watchdog = load(PRIVILEGED, ...args);
  if (!mayGrant("sys_nice")) {
    t.is((await watchdog.ended()).code, 1);
    t.regex(
      watchdog.errors,
      /^load: thread \d+ is not scheduled FIFO priority 99: .* RLIMIT_RTPRIO of 99 is missing/,
    );
    return;
  }
  const pid = await burning(mark);
  t.deepEqual(priorities(pid, "orbweaver-load"), [48]);
  t.deepEqual(
    priorities(pid, "node").filter((priority) => priority > 0),
    [],
  );
  watchdog.kill("SIGINT");
  const { code } = await watchdog.ended();
  t.is(watchdog.errors, "");
  t.is(code, 0);
  t.is(burnerMarked(mark), undefined);
});

test("a load whose watchdog is killed ends, too", async (t) => {
  const mark = `0.${process.pid}2`;
  const args = ["--priority", "0", "--cores", CORE, "--duty", "5", "--seconds", "60"];
  await using watchdog = load("same", ...args, "--slice-ms", mark);
  await burning(mark);
  watchdog.kill("SIGKILL");
  await watchdog.ended();
  await t.notThrowsAsync(eventually("the load has ended", () => burnerMarked(mark) === undefined));
});

test("without the addon it says why it cannot", async (t) => {
  await using process_ = new TestProcess(process.execPath, [MAIN, "load"], {
    env: { ORBWEAVER_NATIVE: "off" },
  });
  t.is((await process_.ended()).code, 1);
  t.is(process_.errors, "load: the native addon is needed: switched off by ORBWEAVER_NATIVE=off\n");
});
