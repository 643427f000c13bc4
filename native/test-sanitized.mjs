// Runs the addon's tests on a build with AddressSanitizer, UndefinedBehaviorSanitizer and LeakSanitizer.
// Arguments: built test files, in place of the addon's own. The last line says how it ended.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, "..");
const ADDON = join(HERE, "build", "Sanitized", "orb_native.node");
const TESTS = ["dist/test/unit/native/**/*.test.js", "dist/test/unit/transport/reactor*.test.js"];
/** Left out: AddressSanitizer makes mlockall do nothing, so it is not refused either. */
const MATCH = "--match=!memory is locked*";
/** Uses all of the addon, again and again: what is left at its end is a leak. */
const EXERCISE = join(ROOT, "dist/test/unit/native/exercise.js");
const LIMIT_MS = 600_000;

/** The output of a program that must succeed. */
function outputOf(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? stderr}`);
  return stdout.trim();
}

/** The directory of node_api.h. */
function headers() {
  const prefixes = [process.env.npm_config_nodedir, join(dirname(process.execPath), "..")];
  const found = prefixes
    .filter((prefix) => prefix !== undefined)
    .map((prefix) => join(prefix, "include/node"))
    .find((folder) => existsSync(join(folder, "node_api.h")));
  if (found === undefined)
    throw new Error("node's headers are not beside it; npm_config_nodedir=PREFIX names another place");
  return found;
}

/** Builds what binding.gyp names, without node-gyp: it knows one build folder only. */
function build(compiler) {
  const [target] = JSON.parse(readFileSync(join(HERE, "binding.gyp"), "utf8")).targets;
  mkdirSync(dirname(ADDON), { recursive: true });
  outputOf(compiler, [
    "-shared",
    "-fPIC",
    "-g",
    "-fno-omit-frame-pointer",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
    ...target.cflags.map((flag) => (flag === "-O2" ? "-O1" : flag)),
    ...target.defines.map((name) => `-D${name}`),
    `-I${headers()}`,
    ...target.sources.map((source) => join(HERE, source)),
    ...target.libraries,
    "-o",
    ADDON,
  ]);
}

/** Runs node on the sanitized addon; whether that went well. */
function run(library, args, findsLeaks) {
  const env = {
    ...process.env,
    ORBWEAVER_NATIVE: ADDON,
    LD_PRELOAD: library,
    // Node has a handler of its own for SIGSEGV.
    ASAN_OPTIONS: `detect_leaks=${findsLeaks ? 1 : 0}:allow_user_segv_handler=1`,
    UBSAN_OPTIONS: "print_stacktrace=1",
  };
  const options = { cwd: ROOT, env, stdio: "inherit", timeout: LIMIT_MS };
  return spawnSync(process.execPath, args, options).status === 0;
}

const compiler = process.env.CC ?? "gcc";
const library = outputOf(compiler, ["-print-file-name=libasan.so"]);
if (!library.startsWith("/")) throw new Error(`${compiler} has no libasan.so (Debian: apt install libasan8)`);
build(compiler);
const tests = process.argv.length > 2 ? process.argv.slice(2) : TESTS;
// Programs that the tests start under other users cannot be searched for leaks: that needs the right to trace.
const ava = join(ROOT, "node_modules/ava/entrypoints/cli.mjs");
const arePassed = run(library, [ava, MATCH, ...tests], false);
const isTight = run(library, [EXERCISE, "20"], true);
console.log(`sanitized: tests ${arePassed ? "passed" : "failed"}, ${isTight ? "no leak" : "leaks"}`);
process.exitCode = arePassed && isTight ? 0 : 1;
