import { readdirSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { compilePaths, compileSamples, ROOT, STANDARD, textOf, writeFiles } from "./support.ts";
import { compile, type EmittedFile, memoryReader } from "../../../idlc/index.ts";

/** All files below a folder, with `/` between parts. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

function pathsOf(files: readonly EmittedFile[]): readonly string[] {
  return files.map((file) => file.path).toSorted();
}

// After a wanted change: UPDATE_GOLDEN=1 npx ava dist/test/unit/idlc-emit/golden.test.js
test("Bank.idl, Ten.idl and Whole.idl become the code under golden/", async (t) => {
  const folder = join(ROOT, "test/unit/idlc-emit/golden");
  const files = await compileSamples("Bank.idl", "Ten.idl", "Whole.idl");
  if (process.env["UPDATE_GOLDEN"] === "1") writeFiles(folder, files);
  for (const { path, text } of files) t.is(text, textOf(join(folder, path)) ?? "", path);
  t.deepEqual(filesBelow(folder), pathsOf(files));
});

test("idl/gen is what idlc makes of idl/omg (npm run idl)", async (t) => {
  const folder = join(ROOT, "idl/gen");
  const sources = readdirSync(STANDARD).filter((name) => name.endsWith(".idl"));
  const files = await compilePaths(sources.toSorted().map((name) => join(STANDARD, name)));
  for (const { path, text } of files) t.is(text, textOf(join(folder, path)) ?? "", path);
  t.deepEqual(filesBelow(folder), pathsOf(files));
});

test("the same IDL gives the same text, wherever it lies and however often it is compiled", async (t) => {
  const once = await compileSamples("broad.idl", "names.idl");
  t.deepEqual(await compileSamples("broad.idl", "names.idl"), once);
  t.false(once.some(({ text }) => text.includes(ROOT)));
});

test("files of one name in two folders, and a module named like its file, get files of their own", async (t) => {
  const { files } = await compile(
    ["x/a.idl", "y/A.idl"],
    {},
    memoryReader({
      "x/a.idl": "// ends like a comment */\ntypedef long X;\ninterface I {};",
      "y/A.idl": '#include "../x/a.idl"\nmodule a_ { typedef X Y; };\ninterface J : I {};',
    }),
  );
  t.deepEqual(pathsOf(files), ["A__.ts", "A__/J.ts", "a.ts", "a/I.ts", "a_.ts"]);
  const text = files.find((file) => file.path === "A__.ts")?.text ?? "";
  t.true(text.includes('import type { I } from "./a.js";'));
  t.true(files.find((f) => f.path === "a.ts")?.text.includes("/** ends like a comment *\\/ */"));
});

test("a long line of interfaces, each deriving from the one before, costs no more than its output", async (t) => {
  const depth = 60; // Work that doubles with each level would not end.
  const line = Array.from({ length: depth }, (_, i) => {
    const base = i === 0 ? "" : ` : I${i - 1}`;
    return `interface I${i}${base} { void o${i}(); };`;
  });
  const { files } = await compile(["l.idl"], {}, memoryReader({ "l.idl": line.join("\n") }));
  const last = files.find((file) => file.path === `l/I${depth - 1}.ts`)?.text ?? "";
  for (let i = 0; i < depth; i++) t.true(last.includes(`abstract o${i}(`), `o${i}`);
});
