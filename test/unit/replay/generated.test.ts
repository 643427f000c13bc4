import { readdirSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { compilePaths, ROOT, textOf } from "../idlc-emit/support.ts";

test("test/vectors/gen is what idlc makes of Peer.idl (npm run idl)", async (t) => {
  const folder = join(ROOT, "test/vectors/gen");
  const files = await compilePaths([join(ROOT, "test/vectors/Peer.idl")]);
  for (const { path, text } of files) t.is(textOf(join(folder, path)), text, path);
  const found = readdirSync(folder, { recursive: true }).map(String);
  t.deepEqual(
    found.filter((name) => name.endsWith(".ts")).toSorted(),
    files.map(({ path }) => path).toSorted(),
  );
});
