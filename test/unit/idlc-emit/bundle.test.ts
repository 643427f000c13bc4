import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import test from "ava";
import { compileSamples, ROOT, scratchFolder, writeFiles } from "./support.ts";

const ESBUILD = join(ROOT, "node_modules/esbuild/bin/esbuild");

const folder = scratchFolder();
test.after.always(() => rmSync(folder, { recursive: true }));

/** Octets of the bundle of a program beside the generated code. */
async function bundleSize(name: string, program: string): Promise<number> {
  const entry = join(folder, `${name}.ts`);
  writeFileSync(entry, program);
  const args = [entry, "--bundle", "--format=esm", "--platform=node", "--minify-whitespace"];
  const { stdout } = await promisify(execFile)(ESBUILD, args, { maxBuffer: 1 << 28 });
  return Buffer.byteLength(stdout);
}

test("what a program does not use costs nothing in its bundle", async (t) => {
  writeFiles(
    folder,
    (await compileSamples("Bank.idl", "Whole.idl", "broad.idl")).map((file) => ({
      ...file,
      path: join("gen", file.path),
    })),
  );
  const empty = await bundleSize("empty", "export const n = 1;\n");
  const unused = ["Bank", "Whole", "Broad"].map((m) => `import * as ${m} from "./gen/${m}.js";\n`);
  t.is(await bundleSize("unused", `${unused.join("")}export const n = 1;\n`), empty);
  const kept = `import { Kind } from "./gen/Bank.js";\nexport const n = Kind.save;\n`;
  t.true((await bundleSize("kept", kept)) < empty + 200);
});
