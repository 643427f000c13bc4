import { readdirSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { compilePaths, ROOT, textOf } from "../idlc-emit/support.ts";

test("test/bench/gen is what idlc makes of Echo.idl and Mixed.idl (npm run idl)", async (t) => {
  const folder = join(ROOT, "test/bench/gen");
  const files = await compilePaths(
    ["Echo.idl", "idlc/Mixed.idl"].map((name) => join(ROOT, "test/bench", name)),
  );
  for (const { path, text } of files) t.is(textOf(join(folder, path)), text, path);
  const found = readdirSync(folder, { recursive: true }).map(String);
  t.deepEqual(
    found.filter((name) => name.endsWith(".ts")).toSorted(),
    files.map(({ path }) => path).toSorted(),
  );
});
