import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Contender, Workload } from "../contender.ts";
import { clientArgumentsOf } from "./raw.ts";

const run = promisify(execFile);
/** The repository, seen from `dist/test/bench/rpc`. */
const ROOT: string = fileURLToPath(new URL("../../../../", import.meta.url));
const SOURCES: readonly string[] = ["Echo.idl", "cpp/server.cc", "cpp/client.cc"];
const LIBRARIES: readonly string[] = ["-lomniORB4", "-lomnithread", "-lpthread"];

/** omniORB's C++ client and server, compiled once per content of their sources. */
export function omniOrb(): Contender {
  let built = "";
  return {
    name: "omniORB C++",
    prepare: async () => {
      const missing = await missingTools();
      if (missing.length > 0) return `not installed: ${missing.join(", ")}`;
      built = await build();
      return undefined;
    },
    server: () => [join(built, "server"), "-ORBendPoint", "giop:tcp:127.0.0.1:"],
    client: (address, workload) => [
      join(built, "client"),
      ...connectionOptions(workload),
      ...clientArgumentsOf(address, workload),
    ],
  };
}

/** As many connections as asked for, and calls of several threads on one where they share it. */
function connectionOptions({ connections, outstanding }: Workload): readonly string[] {
  const options = ["-ORBmaxGIOPConnectionPerServer", String(connections)];
  return outstanding > 1 ? [...options, "-ORBoneCallPerConnection", "0"] : options;
}

async function missingTools(): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const [tool, flag] of [
    ["omniidl", "-V"],
    ["g++", "--version"],
  ] as const)
    await run(tool, [flag]).catch(() => missing.push(tool));
  await access("/usr/include/omniORB4/CORBA.h").catch(() => missing.push("libomniorb4-dev"));
  return missing;
}

/** @returns the directory with `client` and `server` */
async function build(): Promise<string> {
  const sources = SOURCES.map((source) => join(ROOT, "test/bench", source));
  const hash = createHash("sha256");
  for (const source of sources) hash.update(await readFile(source)).update("\0");
  hash.update((await run("g++", ["--version"])).stdout);
  const directory = join(ROOT, "build", `bench-omniorb-${hash.digest("hex").slice(0, 16)}`);
  if (await exists(directory)) return directory;
  // Built beside its place and then moved, so that a build that was stopped is not taken for one.
  const draft = `${directory}.${process.pid}`;
  try {
    await compile(sources, draft);
    await rename(draft, directory);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another run may have finished the same build first.
    if (!(await exists(directory))) throw error;
  }
  return directory;
}

async function compile([idl = "", ...programs]: readonly string[], into: string): Promise<void> {
  await mkdir(into, { recursive: true });
  await run("omniidl", ["-bcxx", "-C", into, idl]);
  await Promise.all(
    programs.map((source) => {
      const name = source.endsWith("server.cc") ? "server" : "client";
      const options = ["-std=c++17", "-O2", "-I", into, "-o", join(into, name)];
      return run("g++", [...options, source, join(into, "EchoSK.cc"), ...LIBRARIES]);
    }),
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
