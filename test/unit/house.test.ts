import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { Project } from "ts-morph";
import { TOP } from "../house/floors.ts";
import { entryPoints, readHouse } from "../house/reading.ts";
import type { HouseFile } from "../house/reading.ts";
import * as rules from "../house/rules.ts";
import type { Rule } from "../house/rules.ts";

const NAME = "orbweaver";
/** The repository, seen from `dist/test/unit`. */
const ROOT = fileURLToPath(new URL("../../../", import.meta.url)).replace(/\/$/, "");
const TITLES: Readonly<Record<string, Rule>> = {
  "top folders import lower ones": rules.topFloors,
  "floors inside a folder import lower ones": rules.innerFloors,
  "a folder is entered through its index.ts": rules.throughIndex,
  "index.ts holds export … from only": rules.indexOnlyExports,
  "sockets, TOML and ts-morph are touched in one place each": rules.belongings,
  "orb and native import no package": rules.noPackages,
  "the emitter is loaded on demand": rules.emitterIsDeferred,
  "codecs know no promise": rules.pureFolders,
  "no limit is collected before it fires": rules.limitsFire,
  "files stay short": rules.fileSizes,
  "folders stay small": rules.folderSizes,
};

const real = new Project({
  tsConfigFilePath: `${ROOT}/tsconfig.json`,
  skipAddingFilesFromTsConfig: true,
});
real.addSourceFilesAtPaths(Object.keys(TOP).map((top) => `${ROOT}/${top}/**/*.ts`));
const entries = entriesOf(real, ROOT);
const house = readHouse(real, ROOT, { name: NAME, entries });

function entriesOf(project: Project, root: string): Readonly<Record<string, string>> {
  const { exports } = JSON.parse(readFileSync(`${ROOT}/package.json`, "utf8")) as {
    exports: Readonly<Record<string, string>>;
  };
  const paths = project.getSourceFiles().map((file) => posix.relative(root, file.getFilePath()));
  return entryPoints(exports, paths);
}

/** The files of a house that exists only here, each text read as the real ones are. */
function imagined(files: Readonly<Record<string, string>>): readonly HouseFile[] {
  const project = new Project({ useInMemoryFileSystem: true });
  for (const [path, text] of Object.entries(files)) project.createSourceFile(`/${path}`, text);
  return readHouse(project, "/", { name: NAME, entries: entriesOf(project, "/") });
}

for (const [title, rule] of Object.entries(TITLES))
  test(`house: ${title}`, (t) => {
    t.true(house.length > 0);
    t.deepEqual(rule(house), []);
  });

/** A rule, a house that keeps it and one that breaks it, and what the rule must say of the latter. */
const PROOFS: readonly (readonly [
  title: string,
  rule: Rule,
  good: Readonly<Record<string, string>>,
  bad: Readonly<Record<string, string>>,
  says: readonly string[],
])[] = [
  [
    "an import upwards between top folders",
    rules.topFloors,
    { "services/naming/a.ts": `import { x } from "orbweaver/orb";`, "orb/index.ts": "" },
    {
      "orb/index.ts": "",
      "orb/cdr/a.ts": `import { x } from "../../services/naming/index.ts";`,
      "idlc/emit/b.ts": `import type { x } from "orbweaver/orb";`,
      "native/c.ts": `export { x } from "../orb/index.ts";`,
    },
    [
      "orb/cdr/a.ts -> services/naming/index.ts",
      "idlc/emit/b.ts -> orb/index.ts",
      "native/c.ts -> orb/index.ts",
    ],
  ],
  [
    "idlc imported by a service that may not",
    rules.topFloors,
    { "services/cli/a.ts": `import { compile } from "../../idlc/index.ts";` },
    { "services/naming/a.ts": `import { compile } from "../../idlc/index.ts";` },
    ["services/naming/a.ts -> idlc/index.ts"],
  ],
  [
    "imports, re-exports, dynamic imports and import types upwards inside orb",
    rules.innerFloors,
    {
      "orb/giop/a.ts": `import { x } from "../ior/index.ts"; import { y } from "../base/index.ts";`,
      "orb/core/b.ts": `import { x } from "../poa/index.ts";`,
    },
    {
      "orb/cdr/a.ts": `import { x } from "../giop/index.ts";`,
      "orb/ior/b.ts": `export { x } from "../typecode/index.ts";`,
      "orb/giop/c.ts": `export const f = () => import("../iiop/index.ts");`,
      "orb/any/d.ts": `export type X = import("../transport/index.ts").X;`,
      "orb/attic/e.ts": "",
    },
    [
      "orb/attic/e.ts -> no floor for orb/attic",
      "orb/cdr/a.ts -> orb/giop/index.ts",
      "orb/ior/b.ts -> orb/typecode/index.ts",
      "orb/giop/c.ts -> orb/iiop/index.ts",
      "orb/any/d.ts -> orb/transport/index.ts",
    ],
  ],
  [
    "floors of idlc and of services",
    rules.innerFloors,
    {
      "idlc/emit/a.ts": `import type { Model } from "../model/index.ts";`,
      "idlc/cli/b.ts": `import { compile } from "../index.ts";`,
      "services/naming/c.ts": `import { join } from "../overlay/index.ts";`,
    },
    {
      "idlc/emit/a.ts": `import { Scope } from "../check/index.ts";`,
      "services/monitor/b.ts": `import { join } from "../overlay/index.ts";`,
    },
    ["idlc/emit/a.ts -> idlc/check/index.ts", "services/monitor/b.ts -> services/overlay/index.ts"],
  ],
  [
    "a folder entered by the window",
    rules.throughIndex,
    {
      "orb/giop/a.ts": `import { x } from "../cdr/index.ts";`,
      "orb/ior/b.ts": `import { x } from "./components/code-sets.ts";`,
      "services/replication/c.ts": `import { x } from "../../orb/hook/index.ts";`,
      "idl/gen/d.ts": `import { x } from "orbweaver/orb/generated";`,
      "orb/generated.ts": "",
      "native/f.ts": `import { x } from "./g.ts";`,
      "services/node/h.ts": `import { x } from "../../native/index.ts";`,
      "test/unit/cdr/e.test.ts": `import { x } from "../../../orb/cdr/index.ts";`,
    },
    {
      "orb/giop/a.ts": `import { x } from "../cdr/input.ts";`,
      "services/naming/b.ts": `import { x } from "../../orb/hook/index.ts";`,
      "services/naming/c.ts": `import { x } from "../../orb/cdr/index.ts";`,
      "test/unit/cdr/d.test.ts": `import { x } from "../../../orb/cdr/input.ts";`,
      "services/node/e.ts": `import { x } from "../../native/g.ts";`,
    },
    [
      "orb/giop/a.ts -> orb/cdr/input.ts",
      "services/naming/b.ts -> orb/hook/index.ts",
      "services/naming/c.ts -> orb/cdr/index.ts",
      "test/unit/cdr/d.test.ts -> orb/cdr/input.ts",
      "services/node/e.ts -> native/g.ts",
    ],
  ],
  [
    "code in an index.ts",
    rules.indexOnlyExports,
    { "orb/cdr/index.ts": `export { a } from "./a.ts";\nexport type { B } from "./b.ts";` },
    {
      "orb/cdr/index.ts": `import { a } from "./a.ts";\nexport { a };\nexport const two = 2;`,
    },
    [
      `orb/cdr/index.ts -> import { a } from "./a.ts";`,
      "orb/cdr/index.ts -> export { a };",
      "orb/cdr/index.ts -> export const two = 2;",
    ],
  ],
  [
    "modules out of their place",
    rules.belongings,
    {
      "orb/transport/a.ts": `import net from "node:net";`,
      "services/node/b.ts": `import toml from "@iarna/toml";`,
      "idlc/emit/c.ts": `import { Project } from "ts-morph";`,
    },
    {
      "orb/iiop/a.ts": `import type { Socket } from "node:net";`,
      "services/naming/b.ts": `export const f = () => import("@iarna/toml");`,
      "idlc/check/c.ts": `import { Project } from "ts-morph";`,
      "services/node/d.ts": `import { connect } from "node:tls";`,
    },
    [
      "orb/iiop/a.ts -> node:net",
      "services/naming/b.ts -> @iarna/toml",
      "idlc/check/c.ts -> ts-morph",
      "services/node/d.ts -> node:tls",
    ],
  ],
  [
    "a package inside orb",
    rules.noPackages,
    { "orb/core/a.ts": `import { join } from "node:path"; import { x } from "../cdr/index.ts";` },
    {
      "orb/core/a.ts": `import pino from "pino";`,
      "orb/base/b.ts": `export * from "orbweaver/x";`,
    },
    ["orb/core/a.ts -> pino", "orb/base/b.ts -> orbweaver/x"],
  ],
  [
    "the emitter loaded with the checker",
    rules.emitterIsDeferred,
    {
      "idlc/index.ts": `import type { X } from "./emit/index.ts"; await import("./emit/index.ts");`,
    },
    { "idlc/index.ts": `import { emit } from "./emit/index.ts";` },
    ["idlc/index.ts -> idlc/emit/index.ts"],
  ],
  [
    "a promise in a codec",
    rules.pureFolders,
    { "orb/cdr/a.ts": "/** No Promise here. */\nexport const a = 1;" },
    { "orb/cdr/a.ts": "export async function f(): Promise<void> {}" },
    ["orb/cdr/a.ts -> promise or timer"],
  ],
  [
    "a limit that may be collected",
    rules.limitsFire,
    { "orb/cdr/a.ts": "const s = AbortSignal.any([a, b]); const t = AbortSignal.timeout(1);" },
    { "orb/cdr/a.ts": `const s = AbortSignal.any([\n  a,\n  AbortSignal.${"timeout"}(1),\n]);` },
    ["orb/cdr/a.ts -> AbortSignal.timeout in AbortSignal.any"],
  ],
  [
    "a long file",
    rules.fileSizes,
    {
      "orb/cdr/a.ts": `${"a();\n".repeat(500)}${"// why\n\n/*\n * because\n */\n".repeat(100)}`,
      "test/unit/a.test.ts": "a();\n".repeat(800),
      "idl/gen/b.ts": "a();\n".repeat(5000),
    },
    { "orb/cdr/a.ts": "a();\n".repeat(501), "test/unit/a.test.ts": "a();\n".repeat(801) },
    ["orb/cdr/a.ts -> 501 code lines", "test/unit/a.test.ts -> 801 code lines"],
  ],
  [
    "a full folder",
    rules.folderSizes,
    { "orb/cdr/index.ts": "", ...manyFiles("orb/cdr", 18), ...manyFiles("idl/gen/CosNaming", 40) },
    manyFiles("orb/cdr", 19),
    ["orb/cdr -> 19 files"],
  ],
];

function manyFiles(folder: string, count: number): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`${folder}/f${n}.ts`, ""]));
}

for (const [title, rule, good, bad, says] of PROOFS)
  test(`rule can fail: ${title}`, (t) => {
    t.deepEqual(rule(imagined(good)), []);
    t.deepEqual([...rule(imagined(bad))].toSorted(), [...says].toSorted());
  });

test("entries of the package are found by their pattern", (t) => {
  const exports = {
    "./orb": "./dist/orb/index.js",
    "./services/*": "./dist/services/*/index.js",
    "./idl/*": "./idl/*",
    "./native": "./dist/native/index.js",
  };
  const sources = ["orb/index.ts", "services/naming/index.ts", "services/a/b/index.ts"];
  t.deepEqual(entryPoints(exports, sources), {
    "./orb": "orb/index.ts",
    "./services/naming": "services/naming/index.ts",
  });
});

for (const [entry, source] of Object.entries(entries))
  test(`surface of ${entry}`, (t) => {
    const names = real.getSourceFileOrThrow(`${ROOT}/${source}`).getExportedDeclarations();
    t.snapshot(
      [...names].map(([name, [first]]) => `${first?.getKindName()} ${name}`).toSorted(),
      `exported by ${entry}`,
    );
  });
