// Random types and values in anys through omniORB: the TypeCodes are those that idlc generates. Left out are valuetypes,
// which omniORB reads in no any without their classes, and long double, which it keeps in the format of the machine.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { ts } from "ts-morph";
import { Any, ORB_init, tc, TypeCode } from "../../orb/index.ts";
import { findPeers, type Peers } from "../support/omniorb.ts";
import { runToEnd } from "../support/process.ts";
import { compileText, scratchFolder, writeFiles } from "../unit/idlc-emit/support.ts";
import { valuesOf } from "../unit/idlc-emit/values.ts";
import { describe, expect, expectSame, given } from "./checks/check.ts";
import { startCppServer } from "./cpp-peers.ts";
import * as Interop from "./gen/Interop.ts";
import { randomIdl } from "./random-idl.ts";
import { declareGroup, type Outcomes } from "./results.ts";

const TYPES = 500;
const VALUES_OF_EACH = 3;
/** How deep values go in recursive types. */
const DEPTH = 3;
/** Set to repeat a run. */
const SEED = Number(process.env["RANDOM_TYPES_SEED"] ?? Date.now() % 2 ** 31);

const peers = await findPeers();

/** The generated TypeCodes of the types, in order. */
async function typeCodesOf(idl: string, folder: string): Promise<readonly TypeCode[]> {
  const files = await compileText(idl, { standardDirs: [] });
  const compilerOptions: ts.CompilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2022,
    verbatimModuleSyntax: true,
  };
  const modules = Array.from(files, ([path, text]) => ({
    path: path.replace(/\.ts$/, ".js"),
    text: ts.transpileModule(text, { compilerOptions }).outputText,
  }));
  writeFiles(folder, modules);
  const url = pathToFileURL(join(folder, "RandomTypes.js")).href;
  const generated = (await import(url)) as Readonly<Record<string, unknown>>;
  return Array.from({ length: TYPES }, (_, i) => {
    const type = generated[`_tc_T${i}`];
    if (!(type instanceof TypeCode)) throw new TypeError(`no TypeCode of T${i} was generated`);
    return type;
  });
}

/** What is wrong with the first of some types; undefined when omniORB gives back everything as it was sent. */
async function faultOf(
  object: Interop.Dynamic,
  types: readonly TypeCode[],
): Promise<string | undefined> {
  const samples: Any[] = [];
  for (const type of types) {
    const what = `seed ${SEED}, ${type.name()}`;
    try {
      expectSame(await object.echo_typecode(type), type, what);
      for (const value of fc.sample(valuesOf(type, DEPTH), {
        numRuns: VALUES_OF_EACH,
        seed: SEED,
      })) {
        const any = new Any(type, value);
        const echo = await object.echo_any(any);
        expectSame(echo, any, what);
        expect(echo.type.equivalent(type), `${what}: not equivalent`);
        samples.push(any);
      }
    } catch (thrown) {
      return `${what}: ${describe(thrown)}`;
    }
  }
  const all = new Any(tc.sequence(tc.any), samples);
  try {
    expectSame(await object.echo_any(all), all, "all together");
  } catch (thrown) {
    return `seed ${SEED}, all in one sequence: ${describe(thrown)}`;
  }
  return undefined;
}

async function run(cpp: Peers, names: readonly string[]): Promise<Outcomes> {
  console.log(`random types: RANDOM_TYPES_SEED=${SEED}`);
  const folder = scratchFolder();
  try {
    const idl = randomIdl(SEED, TYPES);
    const file = join(folder, "random.idl");
    writeFileSync(file, idl);
    const { code, errors } = await runToEnd("omniidl", ["-bdump", file]);
    if (code !== 0) throw new Error(`seed ${SEED}: omniidl refuses the random types: ${errors}`);
    const types = await typeCodesOf(idl, folder);
    await using server = await startCppServer(cpp);
    await using orb = await ORB_init();
    const root = given(await Interop.Root.narrow(await orb.string_to_object(server.ior)));
    const object = given(await root._get_of_dynamic());
    const outcomes = new Map<string, string | undefined>();
    for (const name of names) {
      const [first = 0, last = -1] = name.split("-").map(Number);
      outcomes.set(name, await faultOf(object, types.slice(first, last + 1)));
    }
    return outcomes;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

declareGroup("random-types", peers && ((names) => run(peers, names)));
