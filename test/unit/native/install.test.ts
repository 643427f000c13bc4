import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { runToEnd } from "../../support/process.ts";
import type { Finished } from "../../support/process.ts";

const NATIVE: string = fileURLToPath(new URL("../../../../native/", import.meta.url));
const MODULE = `#include <node_api.h>
NAPI_MODULE_INIT() { return exports; }
`;
const BINDING = `{ "targets": [
  { "target_name": "orb_native", "sources": ["src/addon.c"] },
  { "target_name": "mead_shim", "type": "shared_library", "product_prefix": "", "sources": ["shim/mead.c"] }
] }`;
const PREFIX = "orbweaver: native addon not built, so no real-time scheduling: ";

/** A folder like `native/`, with one source for each of its two products, and programs that may be found: names, or all of the path. */
function folder(t: ExecutionContext, source: string): string {
  const path = mkdtempSync(join(tmpdir(), "orbweaver-install-"));
  t.teardown(() => rmSync(path, { recursive: true }));
  cpSync(join(NATIVE, "install.mjs"), join(path, "install.mjs"));
  mkdirSync(join(path, "src"));
  writeFileSync(join(path, "src", "addon.c"), source);
  mkdirSync(join(path, "shim"));
  writeFileSync(join(path, "shim", "mead.c"), "int mead;\n");
  writeFileSync(join(path, "binding.gyp"), BINDING);
  return path;
}

/** Runs it as somebody would without npm: nothing in the environment but the path. */
function install(path: string, programs: string): Promise<Finished> {
  const script = join(path, "install.mjs");
  return runToEnd("/usr/bin/env", ["-i", `PATH=${programs}`, process.execPath, script], {
    timeoutMs: 50_000,
  });
}

test("the addon is built by npm's node-gyp, once", async (t) => {
  const path = folder(t, MODULE);
  const built = await install(path, process.env["PATH"] ?? "");
  t.deepEqual({ ...built, errors: "" }, { code: 0, signal: null, output: "", errors: "" });
  t.notThrows(() => {
    const loaded = { exports: {} };
    process.dlopen(loaded, join(path, "build/Release/orb_native.node"));
  });
  // Neither a compiler nor node-gyp is looked for when it is newer than its sources.
  t.like(await install(path, "/nowhere"), { code: 0, output: "" });
});

test("a compiler that is missing is said, with how to get it, and nothing fails", async (t) => {
  const path = folder(t, MODULE);
  const programs = join(path, "bin");
  mkdirSync(programs);
  const { code, output } = await install(path, programs);
  t.is(code, 0);
  t.is(
    output,
    `${PREFIX}python3, make, a C compiler not found (Debian, Ubuntu: apt install python3 make gcc)\n`,
  );
  for (const name of ["python3", "make"]) symlinkSync("/bin/true", join(programs, name));
  t.is(
    (await install(path, programs)).output,
    `${PREFIX}a C compiler not found (Debian, Ubuntu: apt install python3 make gcc)\n`,
  );
});

test("what the compiler says is the reason", async (t) => {
  const path = folder(t, `${MODULE}int wrong = "text" 1;\n`);
  const { code, output } = await install(path, process.env["PATH"] ?? "");
  t.is(code, 0);
  t.true(output.startsWith(PREFIX));
  t.regex(
    output,
    /addon\.c:\d+:\d+: error: .*; "npm run build:native -- --verbose" shows all of it\n$/,
  );
});
