import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { Project } from "ts-morph";
import { Incremental, run, type RunOptions } from "../../../idlc/cli/index.ts";
import { check, compile, memoryReader } from "../../../idlc/index.ts";
import { compileText, ROOT, scratchFolder } from "./support.ts";

const IDL = `module A {
  struct S { long x; };
  exception Bad { S why; };
  interface Other { void poke(); };
  interface I { attribute S state; Other peer(in long class) raises (Bad); oneway void tell(in string t); };
};
`;

function folderFor(t: ExecutionContext): string {
  const folder = scratchFolder();
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function idlc(
  args: readonly string[],
  surroundings: RunOptions = {},
): Promise<{ status: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const output = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
  };
  const status = await run(args, output, surroundings);
  return { status, out, err };
}

/** What the compiler says of generated files under the house's settings. */
function errorsOf(folder: string): readonly string[] {
  const project = new Project({
    tsConfigFilePath: join(ROOT, "tsconfig.json"),
    skipAddingFilesFromTsConfig: true,
    compilerOptions: { noEmit: true },
  });
  project.addSourceFilesAtPaths(join(folder, "**/*.ts"));
  return project
    .getPreEmitDiagnostics()
    .map((d) => `${d.getSourceFile()?.getBaseName()}: ${JSON.stringify(d.getMessageText())}`);
}

test("--client has nothing of servants, --servant nothing of clients but for references it is given", async (t) => {
  const client = await compileText(IDL, { sides: "client" });
  const all = [...client.values()].join("\n");
  t.false(/Servant|Skeleton|tie\(|upcall|readArguments|writeResult/.test(all));
  t.true(all.includes("export class IStub extends ObjectReference"));
  const servant = await compileText(IDL, { sides: "servant" });
  t.false(/IStub|narrow\(|readResult/.test(servant.get("A/I.ts") ?? ""));
  t.true(servant.get("A/I.ts")?.includes("_this(): ObjectReference"));
  t.true(servant.get("A/Other.ts")?.includes("export class OtherStub"));
  t.true(servant.get("A.ts")?.includes("from main.idl --servant. Do not edit."));
});

test("each side compiles alone", async (t) => {
  const folder = folderFor(t);
  for (const side of ["client", "servant"]) {
    const file = join(folder, "a.idl");
    writeFileSync(file, IDL);
    const out = join(folder, side);
    t.is((await idlc([`--${side}`, "-o", out, file])).status, 0);
    t.deepEqual(errorsOf(out), [], side);
  }
});

test("--scaffold writes classes that compile, and never again", async (t) => {
  const folder = folderFor(t);
  const [file, gen, src] = [join(folder, "a.idl"), join(folder, "gen"), join(folder, "src")];
  writeFileSync(file, IDL);
  t.is((await idlc(["-o", gen, "--scaffold", src, file])).status, 0);
  const text = readFileSync(join(src, "A/I.ts"), "utf8");
  t.true(
    text.includes('import { type Other, type S } from "../../gen/A.js";') ||
      text.includes("gen/A.js"),
  );
  t.true(text.includes("export class I extends ISkeleton {"));
  t.true(text.includes("peer(_class_: number): Promise<Other | null> {"));
  t.true(text.includes('new NO_IMPLEMENT("A::I::peer")'));
  t.deepEqual(errorsOf(folder), []);
  writeFileSync(join(src, "A/I.ts"), "// mine");
  rmSync(join(src, "A/Other.ts"));
  t.is((await idlc(["-o", gen, "--scaffold", src, file])).status, 0);
  t.is(readFileSync(join(src, "A/I.ts"), "utf8"), "// mine");
  t.true(existsSync(join(src, "A/Other.ts")));
});

test("--json is one object to a line, with both places", async (t) => {
  const folder = folderFor(t);
  const file = join(folder, "a.idl");
  writeFileSync(
    file,
    "module A {\n  struct S { long x; };\n  struct S { long y; };\n  typedef Nope T;\n};\n",
  );
  const { status, out, err } = await idlc(["--json", "--check", file]);
  t.is(status, 1);
  t.is(err, "");
  const [first, second] = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  t.like(first, { severity: "error", code: "redefinition", file, line: 3, column: 10 });
  t.like(first?.["related"], { file, line: 2, column: 10 });
  t.like(second, { code: "not-found", line: 4 });
});

test("--depfile names what was written and what was read; make can be trusted with blanks", async (t) => {
  const folder = join(folderFor(t), "a b");
  mkdirSync(folder);
  writeFileSync(join(folder, "b.idl"), "module B { typedef long T; };");
  writeFileSync(join(folder, "a.idl"), '#include "b.idl"\nmodule A { typedef B::T U; };');
  const rule = join(folder, "deps/a.d");
  const { status } = await idlc([
    "-o",
    join(folder, "gen"),
    "--depfile",
    rule,
    join(folder, "a.idl"),
  ]);
  t.is(status, 0);
  const escaped = folder.replaceAll(" ", "\\ ");
  t.is(
    readFileSync(rule, "utf8"),
    `${escaped}/gen/A.ts: ${escaped}/a.idl ${escaped}/b.idl\n${escaped}/a.idl:\n${escaped}/b.idl:\n`,
  );
});

test("--explain says what a code means, and which there are not", async (t) => {
  const { status, out } = await idlc(["--explain", "redefinition"]);
  t.is(status, 0);
  t.true(out.length > 80);
  const unknown = await idlc(["--explain", "no-such"]);
  t.is(unknown.status, 2);
  t.regex(unknown.err, /there is no diagnostic "no-such"/);
});

test("--stdin is compiled as stdin.idl", async (t) => {
  const folder = folderFor(t);
  const { status } = await idlc(["--stdin", "-o", folder], { readStdin: () => "typedef long T;" });
  t.is(status, 0);
  t.true(readFileSync(join(folder, "stdin.ts"), "utf8").includes("from stdin.idl. Do not edit."));
});

test("options that contradict each other are refused", async (t) => {
  for (const [args, says] of [
    [["--idl", "5", "a.idl"], /--idl is "5"; allowed: 3, 4/],
    [["--watch", "--stdin"], /--stdin is none/],
    [["--check", "--depfile", "x", "a.idl"], /--check writes nothing, --depfile does/],
    [["--client", "--scaffold", "x", "a.idl"], /--scaffold writes servants/],
  ] as const) {
    const { status, err } = await idlc(args);
    t.is(status, 2);
    t.regex(err, says);
  }
});

test("what was touched is compiled again with what depends on it, and no more", async (t) => {
  const files: Record<string, string> = {
    "a.idl": '#include "c.idl"\nmodule A { typedef C::T U; };',
    "b.idl": "module B { typedef long T; };",
    "c.idl": "module C { typedef long T; };",
    "d.idl": "module B { typedef short V; };",
  };
  const compiled: string[] = [];
  const incremental = new Incremental(["a.idl", "b.idl", "c.idl", "d.idl"], {
    compile: (mains) => {
      compiled.push(mains.join(" "));
      return compile(mains, {}, memoryReader(files));
    },
    dependencies: (mains) =>
      mains.flatMap((main) => (main === "a.idl" ? ["a.idl", "c.idl"] : [main])),
  });
  const whole = await incremental.all();
  const touch = async (path: string): Promise<readonly string[] | undefined> => {
    const result = await incremental.touched(new Set([path]));
    return result?.files.map((file) => file.path);
  };
  t.deepEqual(await touch("d.idl"), ["B.ts"]);
  t.deepEqual((await touch("c.idl"))?.toSorted(), ["A.ts", "C.ts"]);
  t.is(await touch("e.idl"), undefined);
  files["c.idl"] = "module C { typedef Nope T; };";
  t.deepEqual(await touch("c.idl"), []);
  files["c.idl"] = "module C { typedef long T; };\nmodule B { typedef long W; };";
  t.deepEqual((await touch("e.idl"))?.toSorted(), ["A.ts", "B.ts", "C.ts"]);
  t.deepEqual(compiled, [
    "a.idl b.idl c.idl d.idl",
    "b.idl d.idl",
    "a.idl c.idl",
    "a.idl c.idl",
    "a.idl c.idl",
    "a.idl b.idl c.idl d.idl",
  ]);
  t.is(whole.files.length, 3);
});

test("--watch compiles at once and after a change, until it is told to end", async (t) => {
  const folder = folderFor(t);
  const file = join(folder, "a.idl");
  writeFileSync(file, "module A { const long N = 1; };");
  const end = new AbortController();
  let heard = (): void => undefined;
  const said = (): Promise<void> => new Promise((resolve) => (heard = resolve));
  let next = said();
  const output = { out: () => undefined, err: () => heard() };
  const running = run(["--watch", "-o", folder, file], output, { signal: end.signal });
  await next;
  const text = (): string => readFileSync(join(folder, "A.ts"), "utf8");
  t.true(text().includes("const N = 1;"));
  next = said();
  writeFileSync(file, "module A { const long N = 2; };");
  await next;
  t.true(text().includes("const N = 2;"));
  end.abort();
  t.is(await running, 0);
});

test("asynchronous calls without Messaging.idl are an error that says where it was looked for", async (t) => {
  const main = "interface I { void f(); };";
  const files = { "a.idl": main };
  const none = await compile(["a.idl"], { ami: true }, memoryReader(files));
  t.deepEqual(none.files, []);
  t.deepEqual(
    none.diagnostics.map(({ severity, code }) => [severity, code]),
    [["error", "file-not-found"]],
  );
  t.regex(none.diagnostics[0]?.message ?? "", /need Messaging\.idl.*there are no folders/);
  const elsewhere = { ami: true, includeDirs: ["/here"], systemDirs: ["/there"] };
  const { diagnostics } = await compile(["a.idl"], elsewhere, memoryReader(files));
  t.regex(diagnostics[0]?.message ?? "", /there is none in \/here, \/there/);
  t.is(check(["a.idl"], { ami: true }, memoryReader(files)).diagnostics.length, 1);

  const messaging = `module Messaging {
    valuetype ExceptionHolder { private boolean is_system_exception; };
    interface ReplyHandler { };
  };`;
  const own = { "a.idl": `#include "own.idl"\n${main}`, "own.idl": messaging };
  const declared = await compile(["a.idl"], { ami: true }, memoryReader(own));
  t.deepEqual(declared.diagnostics, []);
  t.true(declared.files.some(({ text }) => text.includes("AMI_IHandler")));
});
