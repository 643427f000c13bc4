// Runs the unit tests and then those against other ORBs, the second also where the first failed. A file with a failed
// test runs once more by itself: what fails then, too, has failed. What passes then is named at the end, since a test
// that depends on what else the machine does wants mending.
//
//   node dist/test/support/run/tests.js
import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "../omniorb.ts";
import { SuiteReport } from "./suite-report.ts";

interface Suite {
  /** Where its test files are, from the repository's root. */
  readonly folder: string;
  /** For AVA. */
  readonly args: readonly string[];
}

const SUITES: readonly Suite[] = [
  { folder: "dist/test/unit", args: [] },
  { folder: "dist/test/interop", args: ["--config", "test/house/ava.interop.config.js"] },
];
/** A run that says nothing for so long hangs: no test may take that, and AVA's own limit is shorter. */
const SILENCE_MS = 240_000;
/** What an interrupted run has for printing what it waits for. */
const INTERRUPT_MS = 10_000;
const AVA = join(ROOT, "node_modules/ava/entrypoints/cli.mjs");

const say = (line: string): void => void process.stdout.write(`tests: ${line}\n`);

/** What AVA ended with: its exit code, or the signal that ended it. */
type End = number | NodeJS.Signals;

/**
 * Runs AVA; each line it prints is passed on and shown to `read`. When it hangs it is interrupted, upon which it prints
 * the tests that it waits for, and then killed.
 */
async function ava(args: readonly string[], read: (line: string) => void): Promise<End> {
  const child = spawn(process.execPath, [AVA, ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<End>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal ?? "SIGKILL"));
  });
  let hung: NodeJS.Timeout | undefined;
  const silence = setTimeout(() => {
    say(`nothing was printed for ${SILENCE_MS} ms: interrupted`);
    child.kill("SIGINT");
    hung = setTimeout(() => child.kill("SIGKILL"), INTERRUPT_MS);
  }, SILENCE_MS);
  for await (const line of createInterface({ input: child.stdout })) {
    silence.refresh();
    process.stdout.write(`${line}\n`);
    read(line.trimEnd());
  }
  clearTimeout(silence);
  const end = await ended;
  clearTimeout(hung);
  return end;
}

async function testFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(ROOT, folder), { recursive: true });
  return entries.filter((entry) => entry.endsWith(".test.js")).sort();
}

async function runSuite({ folder, args }: Suite): Promise<SuiteReport> {
  const report = new SuiteReport(folder, await testFiles(folder));
  const read = (line: string): void => report.read(line);
  const end = await ava(args, read);
  const again = end === 0 ? [] : report.filesToRepeat();
  if (end !== 0 && (typeof end === "string" || again.length === 0))
    report.failedOutside(`AVA ended with ${end} in ${folder}`);
  for (const file of again) {
    say(`once more, by itself: ${join(folder, file)}`);
    report.repeat(file);
    report.endRepeat((await ava([...args, join(folder, file)], read)) === 0);
  }
  return report;
}

async function main(): Promise<void> {
  const reports: SuiteReport[] = [];
  for (const suite of SUITES) reports.push(await runSuite(suite));
  const alone = reports.flatMap((report) => report.passedOnlyAlone);
  const failed = reports.flatMap((report) => report.failed);
  const passed = reports.reduce((sum, report) => sum + report.passed, 0);
  for (const name of alone) say(`passed only when its file ran by itself: ${name}`);
  for (const name of failed) say(`failed: ${name}`);
  say(`${passed} passed, ${failed.length} failed`);
  process.exitCode = failed.length === 0 && passed > 0 ? 0 : 1;
}

process.env["FORCE_COLOR"] = "0";
await main();
