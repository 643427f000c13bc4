import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import test from "ava";

import { compile, memoryReader } from "../../../idlc/index.ts";

const FOLDER = "test/interop";

test("test/interop/gen is what idlc makes of Interop.idl and Values.idl now", async (t) => {
  const names = ["Interop.idl", "Values.idl"];
  const texts = names.map(async (name) => [name, await readFile(join(FOLDER, name), "utf8")]);
  const sources = Object.fromEntries(await Promise.all(texts)) as Record<string, string>;
  const { files, diagnostics } = await compile(names, {}, memoryReader(sources));
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
