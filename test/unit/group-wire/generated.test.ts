import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { compile, memoryReader } from "../../../idlc/index.ts";

const FOLDER = "services/group-wire/gen";

test("services/group-wire/gen is what idlc makes of Group.idl now", async (t) => {
  const text = await readFile("idl/own/Group.idl", "utf8");
  const { files, diagnostics } = await compile(
    ["Group.idl"],
    {},
    memoryReader({ "Group.idl": text }),
  );
  t.deepEqual(diagnostics, []);
  const there = await readdir(FOLDER, { recursive: true, withFileTypes: true });
  t.is(there.filter((entry) => entry.isFile()).length, files.length);
  for (const file of files)
    t.is(await readFile(join(FOLDER, file.path), "utf8"), file.text, `${file.path}: npm run idl`);
});
