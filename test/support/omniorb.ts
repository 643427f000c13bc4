import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { access, constants, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runToEnd } from "./process.ts";

/** The repository, seen from `dist/test/support`. */
export const ROOT: string = fileURLToPath(new URL("../../../", import.meta.url));
/** Where the tests against other ORBs write down which checks passed. */
export const RESULTS: string = join(ROOT, "build/interop-results.txt");

const SOURCES = join(ROOT, "test/interop");
/** Names every check. */
export const CHECKS_FILE: string = join(SOURCES, "checks.txt");
/** Files that no tool brings along: the headers, and the IDL that the corpus check reads. */
const FILES: readonly string[] = [
  "/usr/include/omniORB4/CORBA.h",
  "/usr/share/idl/omniORB/COS/CosNaming.idl",
];
const TOOLS: readonly string[] = ["omniidl", "g++", "omniNames", "nameclt", "catior"];
/** Debian packages that hold the tools and the headers. */
export const PACKAGES: readonly string[] = [
  "omniorb",
  "omniidl",
  "libomniorb4-dev",
  "omniorb-nameserver",
  "omniorb-idl",
  "g++",
];

const LIBRARIES: readonly string[] = ["-lomniDynamic4", "-lomniORB4", "-lomnithread", "-lpthread"];
/** Of which sources each program is made, besides the generated ones. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  server: [
    "server",
    "servants-basic",
    "servants-constructed",
    "servants-live",
    "servants-mirror",
    "servants-values",
    "servants-poa",
    "samples",
    "dynany",
    "values",
  ],
  client: [
    "client",
    "checks-basic",
    "checks-constructed",
    "checks-dynamic",
    "checks-dii",
    "checks-ifr",
    "checks-live",
    "checks-poa",
    "checks-references",
    "checks-naming",
    "checks-values",
    "references",
    "servants-live",
    "samples",
    "dynany",
    "values",
  ],
  bounce: ["bounce"],
  ami: ["ami"],
  caller: ["caller"],
};
/** With asynchronous calls. */
const AMI_IDL: readonly string[] = ["Ami"];
const IDL: readonly string[] = ["Interop", "Values", ...AMI_IDL];
const GENERATED: readonly string[] = IDL.flatMap((name) => [`${name}SK`, `${name}DynSK`]);
/** Milliseconds one compiler run may take. */
const COMPILE_TIMEOUT_MS = 300_000;

/** The omniORB programs of the interop tests. */
export interface Peers {
  readonly server: string;
  readonly client: string;
  /** Calls and is called back: see its source. */
  readonly bounce: string;
  /** Asynchronous calls, and their handlers. */
  readonly ami: string;
  /** Calls when it is told to. */
  readonly caller: string;
}

async function isThere(path: string, mode: number = constants.F_OK): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

async function isOnPath(tool: string): Promise<boolean> {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const found = await Promise.all(folders.map((f) => isThere(join(f, tool), constants.X_OK)));
  return found.includes(true);
}

/** Tools and headers that are not on this machine; empty when the peers can be built and run. */
export async function missingTools(): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const tool of TOOLS) if (!(await isOnPath(tool))) missing.push(tool);
  for (const file of FILES) if (!(await isThere(file))) missing.push(file);
  return missing;
}

/** Every named check of test/interop/checks.txt. */
export function checkNames(): readonly string[] {
  const text = readFileSync(CHECKS_FILE, "utf8");
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

/** The folder of the build of these very sources by this very compiler. */
async function buildFolder(): Promise<string> {
  const hash = createHash("sha256");
  const names = (await readdir(join(SOURCES, "cpp"))).filter((name) => /\.(?:cc|hh)$/.test(name));
  const paths = [...IDL.map((name) => `${name}.idl`), ...names.toSorted().map((n) => `cpp/${n}`)];
  for (const path of paths) hash.update(`${path}\0`).update(await readFile(join(SOURCES, path)));
  for (const [tool, flag] of [
    ["g++", "--version"],
    ["omniidl", "-V"],
  ] as const) {
    const { output, errors } = await runToEnd(tool, [flag]);
    hash.update(output + errors);
  }
  // How it is built is of the content, too.
  hash.update(JSON.stringify([PROGRAMS, AMI_IDL, GENERATED, LIBRARIES, compilerArguments("", "")]));
  return join(ROOT, "build", `interop-${hash.digest("hex").slice(0, 16)}`);
}

function compilerArguments(into: string, name: string): readonly string[] {
  const output = ["-c", "-o", join(into, `${name}.o`)];
  const folder = GENERATED.includes(name) ? into : join(SOURCES, "cpp");
  const includes = ["-isystem", into, "-I", join(SOURCES, "cpp")];
  return ["-std=c++17", "-w", ...includes, ...output, join(folder, `${name}.cc`)];
}

async function tool(command: string, args: readonly string[]): Promise<void> {
  const { code, errors } = await runToEnd(command, args, { timeoutMs: COMPILE_TIMEOUT_MS });
  if (code !== 0) throw new Error(`${command} ${args.join(" ")}\n${errors}`);
}

/** Runs as many at a time as there are processors. */
async function eachOf(
  names: Iterable<string>,
  work: (name: string) => Promise<void>,
): Promise<void> {
  const left = [...names];
  const worker = async (): Promise<void> => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) await work(name);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

async function compileAll(into: string): Promise<void> {
  await mkdir(into, { recursive: true });
  for (const name of IDL) {
    const ami = AMI_IDL.includes(name) ? ["-Wbami"] : [];
    await tool("omniidl", ["-bcxx", "-Wba", ...ami, `-C${into}`, join(SOURCES, `${name}.idl`)]);
  }
  const units = new Set([...GENERATED, ...Object.values(PROGRAMS).flat()]);
  await eachOf(units, (name) => tool("g++", compilerArguments(into, name)));
  await eachOf(Object.keys(PROGRAMS), (program) => {
    const objects = [...(PROGRAMS[program] ?? []), ...GENERATED].map((n) => join(into, `${n}.o`));
    return tool("g++", ["-o", join(into, program), ...objects, ...LIBRARIES]);
  });
  await eachOf(units, (name) => rm(join(into, `${name}.o`)));
}

/**
 * The peers, built unless a build of the same sources is there.
 * @returns undefined where tools are missing
 * @throws Error with the compiler's words
 */
export async function findPeers(): Promise<Peers | undefined> {
  if ((await missingTools()).length > 0) return undefined;
  const folder = await buildFolder();
  const peers = {
    server: join(folder, "server"),
    client: join(folder, "client"),
    bounce: join(folder, "bounce"),
    caller: join(folder, "caller"),
    ami: join(folder, "ami"),
  };
  if (await isThere(folder)) return peers;
  // Built beside its place and then moved, so that a build that was stopped is not taken for one.
  const draft = `${folder}.${process.pid}`;
  try {
    await compileAll(draft);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another run may have finished the same build first.
    if (!(await isThere(folder))) throw error;
  }
  return peers;
}
