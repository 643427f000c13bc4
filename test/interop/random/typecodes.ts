import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { ts } from "ts-morph";
import { Any, TypeCode } from "../../../orb/index.ts";
import { runToEnd } from "../../support/process.ts";
import { compileText, scratchFolder, writeFiles } from "../../unit/idlc-emit/support.ts";
import { valuesOf } from "../../unit/idlc-emit/values.ts";
import { randomIdl } from "./idl.ts";

const TYPES = 500;
const VALUES_OF_EACH = 3;
/** How deep values go in recursive types. */
const DEPTH = 3;
/** Set RANDOM_TYPES_SEED to repeat a run. */
export const SEED: number = Number(process.env["RANDOM_TYPES_SEED"] ?? Date.now() % 2 ** 31);

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

/** 500 random types of IDL that omniidl reads, too. */
export async function randomTypeCodes(): Promise<readonly TypeCode[]> {
  console.log(`random types: RANDOM_TYPES_SEED=${SEED}`);
  const folder = scratchFolder();
  try {
    const idl = randomIdl(SEED, TYPES);
    const file = join(folder, "random.idl");
    writeFileSync(file, idl);
    const { code, errors } = await runToEnd("omniidl", ["-bdump", file]);
    if (code !== 0) throw new Error(`seed ${SEED}: omniidl refuses the random types: ${errors}`);
    return await typeCodesOf(idl, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Three values of a type, the same for the same seed; fewer where `isFit` refuses too many.
 * @param isFit what can be sent at all
 */
export function randomValues(
  type: TypeCode,
  isFit: (any: Any) => boolean = () => true,
): readonly Any[] {
  const values = fc.sample(valuesOf(type, DEPTH), { numRuns: 4 * VALUES_OF_EACH, seed: SEED });
  return values
    .map((value) => new Any(type, value))
    .filter(isFit)
    .slice(0, VALUES_OF_EACH);
}

/** The types that a check called `0-49`, `50-99` … is about. */
export function typesOf(name: string, types: readonly TypeCode[]): readonly TypeCode[] {
  const [first = 0, last = -1] = name.split("-").map(Number);
  return types.slice(first, last + 1);
}
