import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import test from "ava";
import { compilePaths, scratchFolder, writeFiles } from "../idlc-emit/support.ts";
import { ROOT } from "./support.ts";

const SETTINGS = {
  extends: join(ROOT, "tsconfig.json"),
  compilerOptions: { noEmit: true, incremental: false, tsBuildInfoFile: null, rootDir: ROOT },
  include: ["gen"],
  exclude: [],
};

test("IDL that builds upon standard IDL becomes code that builds upon orbweaver/idl", async (t) => {
  const folder = scratchFolder();
  t.teardown(() => rmSync(folder, { recursive: true }));
  const files = await compilePaths([join(ROOT, "test/unit/idl-omg/idl/User.idl")]);
  t.deepEqual(
    files
      .map(({ path }) => path.split("/")[0])
      .filter((path) => !/^User(\.ts)?$/u.test(path ?? "")),
    [],
    "nothing but what the file itself declares",
  );
  const packages = files.flatMap(({ text }) =>
    [...text.matchAll(/ from "(?<name>[^."][^"]*)"/gu)].map(
      (match) => match.groups?.["name"] ?? "",
    ),
  );
  t.deepEqual([...new Set(packages)].toSorted(), ["orbweaver/idl", "orbweaver/orb/generated"]);
  writeFiles(join(folder, "gen"), files);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(SETTINGS));
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const ran = await promisify(execFile)(process.execPath, [tsc, "-p", folder]).then(
    () => "",
    (error: { stdout?: string }) => error.stdout ?? "tsc did not run",
  );
  t.is(ran, "");
});
