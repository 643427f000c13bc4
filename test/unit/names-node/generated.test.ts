import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { compile, memoryReader } from "../../../idlc/index.ts";

const FOLDER = "services/names-node/gen";

test("services/names-node/gen is what idlc makes of Names.idl now", async (t) => {
  const text = await readFile("idl/own/Names.idl", "utf8");
  const { files, diagnostics } = await compile(
    ["Names.idl"],
    {},
    memoryReader({ "Names.idl": text }),
  );
  t.deepEqual(diagnostics, []);
  const there = await readdir(FOLDER, { recursive: true, withFileTypes: true });
  t.is(there.filter((entry) => entry.isFile()).length, files.length);
  for (const file of files)
    t.is(await readFile(join(FOLDER, file.path), "utf8"), file.text, `${file.path}: npm run idl`);
});
