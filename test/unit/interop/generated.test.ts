import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import test from "ava";

import { diskReader, STANDARD_IDL } from "../../../idlc/cli/index.ts";
import { compile, type EmittedFile } from "../../../idlc/index.ts";

const FOLDER = "test/interop";

async function compiled(names: readonly string[], isAmi: boolean): Promise<readonly EmittedFile[]> {
  const paths = names.map((name) => join(FOLDER, name));
  const standard = [STANDARD_IDL];
  const options = { ami: isAmi, systemDirs: standard, standardDirs: standard };
  const { files, diagnostics } = await compile(paths, options, diskReader);
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
