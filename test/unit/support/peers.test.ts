import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { checkNames } from "../../support/omniorb.ts";
import { runToEnd } from "../../support/process.ts";

const PROGRAM = fileURLToPath(new URL("../../support/peers.js", import.meta.url));

test("without the tools, and not to install, npm test says the line and names each check it skips", async (t) => {
  const results = join(mkdtempSync(join(tmpdir(), "peers-")), "results.txt");
  writeFileSync(results, "PASS something of old\n");
  const env = { PATH: "/nowhere", ORBWEAVER_NO_INSTALL: "1" };
  const { code, output, errors } = await runToEnd(process.execPath, [PROGRAM, results], { env });
  t.false(existsSync(results), "what passed before counts no more");
  t.is(code, 0, errors);
  const lines = output.split("\n");
  t.regex(lines[0] ?? "", /^interop: not here: omniidl, g\+\+, omniNames, nameclt, catior/);
  t.is(
    lines[1],
    "interop:   apt-get install -y omniorb omniidl libomniorb4-dev omniorb-nameserver omniorb-idl g++",
  );
  t.is(lines[2], "interop: it is not run from here: ORBWEAVER_NO_INSTALL is 1");
  t.deepEqual(
    lines.filter((line) => line.startsWith("interop: skipped: ")),
    checkNames().map((name) => `interop: skipped: ${name}`),
  );
});
