import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { run } from "../../../idlc/cli/index.ts";

/** The command as it is installed; this file runs from `dist/test/unit/idlc-emit`. */
const COMMAND: string = fileURLToPath(new URL("../../../idlc/cli/main.js", import.meta.url));
const DEADLINE_MS = 30_000;

const OPTIONS =
  "-I --system -D -U --stdin --idl -o --with-includes --import-extension --client --servant --scaffold --depfile --watch --check --json --explain --help --version --nonsense -x -- -";

/** A folder with one file of each odd kind, gone after the test. */
function folderFor(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), "idlc-fuzz-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "good.idl"), "module M { struct S { long x; }; };");
  writeFileSync(join(folder, "wrong.idl"), "module M { struct S { lung x; }; };");
  writeFileSync(join(folder, "empty.idl"), "");
  const octets = Uint8Array.from({ length: 4_096 }, (_, i) => (i * 167 + (i >> 5)) & 255);
  writeFileSync(join(folder, "binary.idl"), octets);
  mkdirSync(join(folder, "folder.idl"));
  return folder;
}

interface Ended {
  readonly status: number;
  readonly text: string;
}

async function idlc(args: readonly string[]): Promise<Ended> {
  let text = "";
  const add = (more: string): void => void (text += more);
  const surroundings = { readStdin: () => "interface I { };", signal: AbortSignal.abort() };
  const status = await run(args, { out: add, err: add }, surroundings);
  return { status, text };
}

/** Nothing that only the people who make the compiler can read. */
function isForPeople({ status, text }: Ended): boolean {
  return [0, 1, 2].includes(status) && !/^\s+at .*:\d+|fault of the compiler/m.test(text);
}

test("no command line makes the command throw, print a stack or wait", async (t) => {
  t.timeout(120_000);
  const folder = folderFor(t);
  const path = fc
    .constantFrom(..."good wrong empty binary folder absent".split(" "))
    .map((name) => join(folder, `${name}.idl`));
  const word = fc.oneof(
    fc.constantFrom("", "3", "4", "5", "=", "A=", "A=1", "1=A", ".js", "syntax", "/dev/null", "\0"),
    fc.string({ maxLength: 6 }),
    path,
  );
  const output = fc.constant(["-o", join(folder, "gen")]);
  const argument = fc.oneof(fc.constantFrom(...OPTIONS.split(" ")), word, path);
  const line = fc.tuple(fc.array(argument, { maxLength: 7 }), output);
  await fc.assert(
    fc.asyncProperty(line, async ([args, last]) => {
      // What is written goes below the folder, whatever the line says.
      const isElsewhere = args.some((a) => /^(-o|--o|--sc|--dep)/.test(a));
      const ended = await idlc([...(isElsewhere ? ["--check"] : []), ...last, ...args]);
      t.true(isForPeople(ended), `${args.join(" ")}: ${ended.status} ${ended.text}`);
    }),
    { numRuns: 400 },
  );
});

for (const [what, file, said] of [
  ["a folder", "folder.idl", /cannot read .*folder\.idl/],
  ["a file that is not there", "absent.idl", /cannot read .*absent\.idl/],
  ["a binary file", "binary.idl", /binary\.idl:1:\d+: error: /],
  ["a file below a file", "good.idl/x.idl", /cannot read .*x\.idl/],
] as const) {
  test(`${what} is refused in words`, async (t) => {
    const ended = await idlc(["--check", join(folderFor(t), file)]);
    t.is(ended.status, 1);
    t.regex(ended.text, said);
    t.true(isForPeople(ended), ended.text);
  });
}

test("a file that cannot be read is refused in words", async (t) => {
  // Reading it fails for everyone, the superuser too.
  const ended = await idlc(["--check", "/proc/self/mem"]);
  t.is(ended.status, 1);
  t.true(isForPeople(ended), ended.text);
});

test("a header that is a folder is one that is not found", async (t) => {
  const folder = folderFor(t);
  const file = join(folder, "a.idl");
  writeFileSync(file, '\n#include "folder.idl"\n');
  const ended = await idlc(["--check", file]);
  t.regex(ended.text, /a\.idl:2:10: error: cannot find "folder\.idl"/);
});

for (const args of [["--help"], ["--json", "--check", "wrong.idl"], ["--check", "wrong.idl"]]) {
  test(`idlc ${args.join(" ")} ends quietly when nobody reads`, async (t) => {
    const child = spawn(process.execPath, [COMMAND, ...args], {
      cwd: folderFor(t),
      stdio: ["ignore", "pipe", "pipe"],
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    // One stream is closed before the command says anything; the other tells whether it complains.
    const [closed, open] =
      args.length === 2 ? [child.stderr, child.stdout] : [child.stdout, child.stderr];
    closed.destroy();
    let text = "";
    open.on("data", (more: Buffer) => (text += more.toString()));
    const [status] = (await once(child, "close")) as [number];
    t.true(isForPeople({ status, text }), text);
  });
}
