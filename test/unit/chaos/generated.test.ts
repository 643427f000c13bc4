import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { compile, memoryReader } from "../../../idlc/index.ts";

const FOLDER = "services/chaos/gen";
const NAMES: readonly string[] = ["Chaos.idl"];

test("services/chaos/gen is what idlc makes of its IDL now", async (t) => {
  const texts: Record<string, string> = {};
  for (const name of NAMES) texts[name] = await readFile(join("idl/own", name), "utf8");
  const { files, diagnostics } = await compile(NAMES, {}, memoryReader(texts));
  t.deepEqual(diagnostics, []);
  const there = await readdir(FOLDER, { recursive: true, withFileTypes: true });
  t.is(there.filter((entry) => entry.isFile()).length, files.length);
  for (const file of files)
    t.is(await readFile(join(FOLDER, file.path), "utf8"), file.text, `${file.path}: npm run idl`);
});
