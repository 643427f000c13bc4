import test from "ava";
import { compile, hasErrors, memoryReader, renderDiagnostic } from "../../../idlc/index.ts";

/** The text of one generated file of a set of IDL files. */
async function generated(sources: Readonly<Record<string, string>>, path: string): Promise<string> {
  const { files, diagnostics } = await compile(
    Object.keys(sources),
    {},
    memoryReader({ ...sources }),
  );
  if (hasErrors(diagnostics)) throw new Error(diagnostics.map(renderDiagnostic).join("\n"));
  const file = files.find((f) => f.path === path);
  if (!file) throw new Error(`no ${path}; there are ${files.map((f) => f.path).join(", ")}`);
  return file.text;
}

/** Names that a file imports and does not mention again: the compiler refuses them under noUnusedLocals. */
function unusedImports(text: string): readonly string[] {
  const imports = text.match(/^import [^;]*;$/gm) ?? [];
  const body = text.replaceAll(/^import [^;]*;$/gm, "").replaceAll(/"[^"\n]*"/g, "");
  return imports
    .flatMap((line) => (/\{([^}]*)\}/.exec(line)?.[1] ?? "").split(","))
    .map((name) => name.trim().split(/\s+/).at(-1) ?? "")
    .filter((name) => name !== "" && !new RegExp(String.raw`\b${name}\b`).test(body));
}

test("a union whose labels name all values of another file's enum does not import its type", async (t) => {
  const text = await generated(
    {
      "kinds.idl": "enum Kind { first, second, third };",
      "shapes.idl":
        '#include "kinds.idl"\nunion Shape switch (Kind) { case first: long a; case second: short b; };',
    },
    "shapes.ts",
  );
  t.regex(text, /readKind\(/);
  t.deepEqual(unusedImports(text), []);
});

test("only our own standard IDL is mapped to the runtime: another ORB's POA is generated as it says", async (t) => {
  const text = await generated(
    {
      "poa.idl": `#pragma prefix "omg.org"
      module PortableServer {
        typedef short Servant;
        interface POA { exception WrongPolicy {}; void deactivate() raises (WrongPolicy); };
        interface ServantActivator { Servant incarnate(in POA adapter); };
      };`,
    },
    "PortableServer/ServantActivator.ts",
  );
  t.regex(text, /class ServantActivatorStub/);
  t.regex(text, /import [^;]*\bPOA\b[^;]* from "\.\.\/PortableServer\.js"/);
  t.notRegex(text, /import[^;]*\bPOA\b[^;]*from "orbweaver\/orb\/generated"/);
});

test("a default beside the last label that was free is the branch of that label", async (t) => {
  const text = await generated(
    {
      "shapes.idl":
        "enum E { a, b };\nunion U switch (E) { case a: long x; case b: default: string y; };",
    },
    "shapes.ts",
  );
  t.true(text.includes('| { readonly $d: "b"; readonly y: string };'), text);
});
