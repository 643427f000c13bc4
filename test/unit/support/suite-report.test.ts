import { mkdtempSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test from "ava";
import { ROOT } from "../../support/omniorb.ts";
import { runToEnd } from "../../support/process.ts";
import { SuiteReport } from "../../support/run/suite-report.ts";

const FOLDER = "dist/test/unit";
const FILES: Readonly<Record<string, string>> = {
  "good.test.js": `
    import test from "ava";
    test("passes", (t) => t.is(1 + 1, 2));
    test("a title › with a separator", (t) => t.is(1 + 1, 2));`,
  "deep/first-time.test.js": `
    import { existsSync, writeFileSync } from "node:fs";
    import test from "ava";
    test("passes the second time", (t) => {
      const isSecond = existsSync("once");
      writeFileSync("once", "");
      t.true(isSecond);
    });
    test("passes beside it", (t) => t.is(1 + 1, 2));`,
  "deep/never.test.js": `
    import test from "ava";
    test("fails", (t) => t.fail());
    const { skip: skipped } = test;
    skipped("is left out", (t) => t.is(1 + 1, 2));`,
  "ends.test.js": `
    import test from "ava";
    process.kill(process.pid, "SIGKILL");
    test("never runs", (t) => t.is(1 + 1, 2));`,
  "skipped.test.js": `
    import test from "ava";
    const { skip: skipped } = test;
    skipped("is left out, too", (t) => t.is(1 + 1, 2));`,
};

/** A project of its own, with the AVA of this one. */
function project(): string {
  const root = mkdtempSync(join(tmpdir(), "suite-"));
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  const ava = { files: [`${FOLDER}/**/*.test.js`], workerThreads: false };
  writeFileSync(join(root, "package.json"), JSON.stringify({ type: "module", ava }));
  for (const [file, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, FOLDER, file)), { recursive: true });
    writeFileSync(join(root, FOLDER, file), text);
  }
  return root;
}

async function run(
  root: string,
  report: SuiteReport,
  args: readonly string[],
): Promise<number | null> {
  // AVA of a test is told by its environment that it runs beneath another one.
  const env = { FORCE_COLOR: "0", CI: "true", AVA_PATH: "", NODE_ENV: "" };
  const ava = join(ROOT, "node_modules/ava/entrypoints/cli.mjs");
  const ended = await runToEnd(process.execPath, [ava, ...args], { cwd: root, env });
  for (const line of ended.output.split("\n")) report.read(line.trimEnd());
  return ended.code;
}

test("what failed runs again by itself: it has failed twice, or passed only alone", async (t) => {
  const root = project();
  const report = new SuiteReport(FOLDER, Object.keys(FILES));
  t.not(await run(root, report, []), 0);
  const again = report.filesToRepeat();
  t.deepEqual([...again].sort(), ["deep/first-time.test.js", "deep/never.test.js", "ends.test.js"]);
  for (const file of again) {
    report.repeat(file);
    report.endRepeat((await run(root, report, [join(FOLDER, file)])) === 0);
  }
  t.deepEqual([...report.failed].sort(), [
    "deep › never › fails Test failed via `t.fail()`",
    "ends.test.js",
  ]);
  t.deepEqual(report.passedOnlyAlone, ["deep › first-time › passes the second time"]);
  t.is(report.passed, 4);
});

test("a file whose tests did not end in time is repeated", (t) => {
  const report = new SuiteReport(FOLDER, ["a.test.js", "b.test.js"]);
  report.read("  ✔ a › passes (1.5s)");
  report.read("  ✔ b › passes (1.5s)");
  report.read("  1 tests were pending in dist/test/unit/b.test.js");
  t.deepEqual(report.filesToRepeat(), ["b.test.js"]);
});

test("files that AVA gave up before are repeated; a failure that is no file's is one, too", (t) => {
  const report = new SuiteReport(FOLDER, ["a.test.js", "b.test.js"]);
  report.read("  ✔ a › passes (1.5s)");
  report.read("  ✘ Timed out while running tests");
  t.deepEqual(report.filesToRepeat(), ["b.test.js"]);
  report.repeat("b.test.js");
  report.endRepeat(false);
  t.deepEqual(report.failed, ["b.test.js"]);
  report.failedOutside("AVA ended with 1");
  t.deepEqual(report.failed, ["b.test.js", "AVA ended with 1"]);
});
