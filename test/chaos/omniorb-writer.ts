import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { missingTools, ROOT } from "../support/omniorb.ts";

const run = promisify(execFile);
const IDL = join(ROOT, "test/support/bank/Bank.idl");
const SOURCE = join(ROOT, "test/chaos/writer.cc");
const LIBRARIES: readonly string[] = ["-lomniORB4", "-lomnithread", "-lpthread"];

/** The writer that is an omniORB client, built unless it is there; undefined where tools are missing. */
export async function omniOrbWriter(): Promise<string | undefined> {
  if ((await missingTools()).length > 0) return undefined;
  const hash = createHash("sha256").update(await readFile(IDL));
  hash.update(await readFile(SOURCE)).update((await run("g++", ["--version"])).stdout);
  const folder = join(ROOT, "build", `chaos-${hash.digest("hex").slice(0, 16)}`);
  const program = join(folder, "writer");
  const isThere = (): Promise<boolean> =>
    access(program).then(
      () => true,
      () => false,
    );
  if (await isThere()) return program;
  // Built beside its place and then moved, so that a build that was stopped is not taken for one.
  const draft = `${folder}.${process.pid}`;
  try {
    await mkdir(draft, { recursive: true });
    await run("omniidl", ["-bcxx", `-C${draft}`, IDL]);
    const output = ["-o", join(draft, "writer")];
    const sources = [SOURCE, join(draft, "BankSK.cc")];
    await run("g++", ["-std=c++17", "-w", "-isystem", draft, ...output, ...sources, ...LIBRARIES]);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another run may have finished the same build first.
    if (!(await isThere())) throw error;
  }
  return program;
}
