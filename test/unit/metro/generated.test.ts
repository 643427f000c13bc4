import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import test from "ava";

import { compile, memoryReader } from "../../../idlc/index.ts";

const FOLDER = "examples/metro";

test("examples/metro/gen is what idlc makes of Metro.idl now", async (t) => {
  const text = await readFile(join(FOLDER, "Metro.idl"), "utf8");
  const { files, diagnostics } = await compile(
    ["Metro.idl"],
    {},
    memoryReader({ "Metro.idl": text }),
  );
  t.deepEqual(diagnostics, []);
  const there = await readdir(join(FOLDER, "gen"), { recursive: true, withFileTypes: true });
  t.is(there.filter((entry) => entry.isFile()).length, files.length);
  for (const file of files)
    t.is(
      await readFile(join(FOLDER, "gen", file.path), "utf8"),
      file.text,
      `${file.path}: npm run idl`,
    );
});
