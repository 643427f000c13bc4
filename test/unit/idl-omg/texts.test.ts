import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import test from "ava";
import { describe } from "./describe.ts";
import { complaintsAbout, FILES, modelOf, ROOT, STANDARD } from "./support.ts";

function textOf(name: string): string {
  return readFileSync(join(STANDARD, name), "utf8");
}

test("each file says what it is, has a guard of its own, and the prefix after its includes", (t) => {
  for (const name of FILES) {
    const guard = `${basename(name, ".idl").toUpperCase()}_IDL`;
    const lines = textOf(name).split("\n");
    t.true(lines[0]?.startsWith("// "), name);
    const directives = lines.filter((line) => /^#(?!pragma version)/u.test(line));
    t.deepEqual(directives.slice(0, 2), [`#ifndef ${guard}`, `#define ${guard}`], name);
    t.is(directives.at(-1), "#endif", name);
    const prefix = directives.indexOf('#pragma prefix "omg.org"');
    t.true(prefix > directives.findLastIndex((line) => line.startsWith("#include")), name);
  }
});

test("each file compiles alone, without a warning, and declares under omg.org only", (t) => {
  for (const name of FILES) {
    t.deepEqual(complaintsAbout([join(STANDARD, name)], [STANDARD]), [], name);
    const declared = [...describe(modelOf([join(STANDARD, name)], [STANDARD])).keys()];
    t.true(declared.length > 0, name);
    t.deepEqual(
      declared.filter((key) => !key.includes(" IDL:omg.org/")),
      [],
      name,
    );
  }
});

test("all files together compile as one, in either order", (t) => {
  const paths = FILES.map((name) => join(STANDARD, name));
  const forward = describe(modelOf(paths, [STANDARD]));
  const backward = describe(modelOf(paths.toReversed(), [STANDARD]));
  t.deepEqual(Object.fromEntries(forward), Object.fromEntries(backward));
});

test("GIOP.idl has the enums of GIOP 1.0 where they are asked for", (t) => {
  const enums = (defines: readonly string[]): readonly string[] =>
    [...describe(modelOf([join(STANDARD, "GIOP.idl")], [STANDARD], defines)).keys()].filter((key) =>
      key.startsWith("enum "),
    );
  const ids = (...names: readonly string[]): readonly string[] =>
    names.map((name) => `enum IDL:omg.org/GIOP/${name}:1.0`);
  t.deepEqual(enums([]), ids("MsgType_1_1", "ReplyStatusType_1_2", "LocateStatusType_1_2"));
  t.deepEqual(
    enums(["GIOP_1_0"]),
    ids("MsgType_1_0", "ReplyStatusType_1_0", "LocateStatusType_1_0"),
  );
});

test("idl/index.ts exports the generated code of every module", (t) => {
  const { members } = modelOf(
    FILES.map((name) => join(STANDARD, name)),
    [STANDARD],
  );
  t.deepEqual(
    readFileSync(join(ROOT, "idl/index.ts"), "utf8").trimEnd().split("\n").toSorted(),
    members.map(({ name }) => `export * as ${name} from "./gen/${name}.ts";`).toSorted(),
  );
});

const omniidl = spawnSync("omniidl", ["-V"]).error === undefined;
const ACCEPTED = "omniidl accepts each file";

(omniidl ? test : test.skip)(omniidl ? ACCEPTED : `${ACCEPTED} (skipped: no omniidl)`, (t) => {
  for (const name of FILES) {
    const args = ["-bdump", `-I${STANDARD}`, join(STANDARD, name)];
    const { status, stderr } = spawnSync("omniidl", args, { encoding: "utf8" });
    t.is(stderr, "", name);
    t.is(status, 0, name);
  }
});
