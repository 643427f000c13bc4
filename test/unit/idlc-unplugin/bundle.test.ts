import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import test from "ava";
import { build, type BuildFailure, type BuildOptions, type BuildResult, context } from "esbuild";
import { idlc, type IdlcPluginOptions } from "../../../idlc/unplugin/index.ts";

/** The repository, seen from `dist/test/unit/idlc-unplugin`. */
const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

const GREETINGS = `
  module Greetings {
    exception Rude { string what; };
    enum Tone { warm, cold };
    interface Greeter { string greet(in string name, in Tone how) raises (Rude); };
  };
`;

// Inside the package, where generated code finds the runtime by the package's own name.
mkdirSync(join(ROOT, "build"), { recursive: true });
const folder = mkdtempSync(join(ROOT, "build/idlc-unplugin-"));
test.after.always(() => rmSync(folder, { recursive: true }));

function write(name: string, files: Readonly<Record<string, string>>): string {
  const home = join(folder, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(home, path, ".."), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  return home;
}

function settings(home: string, options?: IdlcPluginOptions): BuildOptions {
  return {
    entryPoints: [join(home, "main.ts")],
    outfile: join(home, "out.mjs"),
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "silent",
    banner: {
      js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`,
    },
    plugins: [idlc.esbuild(options)],
  };
}

/** Bundles and runs `main.ts`. @returns what it exports */
async function run(home: string, options?: IdlcPluginOptions): Promise<Record<string, unknown>> {
  await build(settings(home, options));
  return (await import(pathToFileURL(join(home, "out.mjs")).href)) as Record<string, unknown>;
}

function failureOf(attempt: Promise<BuildResult>): Promise<BuildFailure> {
  return attempt.then(
    () => {
      throw new Error("the build did not fail");
    },
    (error: BuildFailure) => error,
  );
}

test("a program uses what the IDL it imports declares", async (t) => {
  const home = write("call", {
    "Greetings.idl": GREETINGS,
    "main.ts": `
      import { ORB_init } from "orbweaver/orb";
      import * as Greetings from "./Greetings.idl";
      class Polite extends Greetings.GreeterSkeleton {
        greet(name: string, tone: string): string {
          if (name === "") throw new Greetings.Rude({ what: "no name" });
          return tone + " " + name;
        }
      }
      export const id = Greetings.Greeter.repositoryId;
      export const tone = Greetings.Tone.warm;
      export const isRude = new Greetings.Rude({ what: "x" }) instanceof Error;
      export const isServant = new Polite().greet("Ada", Greetings.Tone.cold);
      export const hasOrb = typeof ORB_init;
    `,
  });
  const { id, tone, isRude, isServant, hasOrb } = await run(home);
  t.is(id, "IDL:Greetings/Greeter:1.0");
  t.is(tone, "warm");
  t.true(isRude);
  t.is(isServant, "cold Ada");
  t.is(hasOrb, "function");
});

test("what two files include is one module, found in the include folders", async (t) => {
  const home = write("shared", {
    "include/Greetings.idl": GREETINGS,
    "A.idl": `#include <Greetings.idl>\nmodule A { struct S { Greetings::Tone tone; }; interface I { void f() raises (Greetings::Rude); }; };`,
    "B.idl": `#include <Greetings.idl>\nmodule B { interface J { void g() raises (Greetings::Rude); }; };`,
    "main.ts": `
      import * as A from "./A.idl";
      import * as B from "./B.idl";
      import * as Greetings from "./include/Greetings.idl";
      const raised = (d) => d.operations[0].raises()[0].type;
      export const kinds = new Set([Greetings.Rude, raised(A.I.descriptor), raised(B.J.descriptor)]).size;
    `,
  });
  t.is((await run(home, { includeDirs: [join(home, "include")] }))["kinds"], 1);
});

test("a file of several modules gives each by name", async (t) => {
  const home = write("several", {
    "Two.idl": `module One { const long N = 1; };\nmodule Two { const long N = 2; };`,
    "main.ts": `import { One, Two } from "./Two.idl";\nexport const sum = One.N + Two.N;`,
  });
  t.is((await run(home))["sum"], 3);
});

test("standard IDL is the package's own", async (t) => {
  const home = write("standard", {
    "Names.idl": `#include <CosNaming.idl>\nmodule Names { typedef CosNaming::Name Path; interface I { Path get(); }; };`,
    "main.ts": `
      import { CosNaming } from "orbweaver/idl";
      import * as Names from "./Names.idl";
      export const ids = [CosNaming.NamingContext.repositoryId, Names.I.repositoryId];
    `,
  });
  t.deepEqual((await run(home))["ids"], [
    "IDL:omg.org/CosNaming/NamingContext:1.0",
    "IDL:Names/I:1.0",
  ]);
});

test("errors in the IDL are errors of the bundler, with their place", async (t) => {
  const home = write("wrong", {
    "Wrong.idl": `module Wrong {\n  struct S { Nowhere x; };\n  typedef Never T;\n};\n`,
    "main.ts": `import * as Wrong from "./Wrong.idl";\nexport const s = Wrong;`,
  });
  const { errors } = await failureOf(build(settings(home)));
  t.is(errors.length, 1);
  const [{ text, location } = { text: "", location: null }] = errors;
  t.true(location?.file.endsWith("Wrong.idl"));
  t.deepEqual([location?.line, location?.column], [2, 13]);
  t.regex(text, /Wrong\.idl:2:14: error: /);
  t.regex(text, /Wrong\.idl:3:11: error: /);
});

test("an IDL file that is not there is not resolved", async (t) => {
  const home = write("absent", { "main.ts": `import "./Absent.idl";` });
  const { errors } = await failureOf(build(settings(home)));
  t.regex(errors[0]?.text ?? "", /Could not resolve ".\/Absent.idl"/);
});

test("building again sees what changed in an included file", async (t) => {
  const home = write("again", {
    "N.idl": `module Inner { const long N = 1; };`,
    "Outer.idl": `#include "N.idl"\nmodule Outer { const long M = Inner::N + 1; };`,
    "main.ts": `import * as Outer from "./Outer.idl";\nconsole.log("M is", Outer.M);`,
  });
  const again = await context({ ...settings(home), write: false });
  t.teardown(() => again.dispose());
  const text = async (): Promise<string> => (await again.rebuild()).outputFiles?.[0]?.text ?? "";
  t.regex(await text(), /M = 2;/);
  write("again", { "N.idl": `module Inner { const long N = 41; };` });
  t.regex(await text(), /M = 42;/);
});

/** The hooks as a bundler's development server calls them: no start between two builds. */
interface Hooks {
  resolveId(specifier: string, importer: string): Promise<string>;
  load(id: string): Promise<string>;
  watchChange(file: string): void;
}

test("a module stays when the file that brought it first lets go of it", async (t) => {
  const home = write("moved", {
    "Inner.idl": `module Inner { enum Tone { warm, cold }; };`,
    "Outer.idl": `#include "Inner.idl"\nmodule Outer { typedef Inner::Tone T; };`,
  });
  const raw = idlc.raw(undefined, { framework: "rollup", versions: {} });
  const hooks = { ...raw, addWatchFile: () => undefined } as unknown as Hooks;
  const main = join(home, "main.ts");
  const entry = await hooks.resolveId("./Outer.idl", main);
  const outer = await hooks.resolveId("./Outer.js", entry);
  const inner = await hooks.resolveId("./Inner.js", outer);
  const again = await hooks.resolveId("./Inner.idl", main);
  t.is(await hooks.resolveId("./Inner.js", again), inner);
  t.regex(await hooks.load(inner), /warm/);
  write("moved", { "Outer.idl": `module Outer { const long N = 1; };` });
  hooks.watchChange(join(home, "Outer.idl"));
  t.regex(await hooks.load(outer), /N = 1/);
  t.regex(await hooks.load(inner), /warm/);
});
