import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import test from "ava";

import { compile, type EmittedFile, memoryReader } from "../../../idlc/index.ts";

const FOLDER = "test/interop";

async function compiled(names: readonly string[], isAmi: boolean): Promise<readonly EmittedFile[]> {
  const texts = names.map(async (name) => [name, await readFile(join(FOLDER, name), "utf8")]);
  const sources = Object.fromEntries(await Promise.all(texts)) as Record<string, string>;
  const { files, diagnostics } = await compile(names, { withAmi: isAmi }, memoryReader(sources));
  if (diagnostics.length > 0) throw new TypeError(names.join());
  return files;
}

test("test/interop/gen is what idlc makes of Interop.idl, Values.idl and, with --ami, Ami.idl now", async (t) => {
  const files = [
    ...(await compiled(["Interop.idl", "Values.idl"], false)),
    ...(await compiled(["Ami.idl"], true)),
  ];
  const there = await readdir(join(FOLDER, "gen"), { recursive: true, withFileTypes: true });
  t.is(there.filter((entry) => entry.isFile()).length, files.length);
  for (const file of files)
    t.is(
      await readFile(join(FOLDER, "gen", file.path), "utf8"),
      file.text,
      `${file.path}: npm run idl`,
    );
});
