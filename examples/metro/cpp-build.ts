import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Milliseconds a compiler may take. */
const BUILD_MS = 20_000;

/** The client of omniORB, or why there is none. */
export type CppClient =
  /** `tookMs` is 0 when it was built before. */
  | { readonly is: "built"; readonly program: string; readonly tookMs: number }
  | { readonly is: "missing"; readonly why: string };

/** What is installed by which package of Debian. */
const TOOLS: ReadonlyMap<string, string> = new Map([
  ["omniidl", "omniidl"],
  ["g++", "g++"],
]);

async function outputOf(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await execute(program, [...args], { timeout: BUILD_MS });
    return `${stdout}${stderr}`;
  } catch {
    return undefined;
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}

/** First line of a compiler's complaint. */
function complaint(thrown: unknown): string {
  const stderr = thrown instanceof Error && "stderr" in thrown ? String(thrown.stderr) : "";
  const [line = ""] = stderr.split("\n").filter((text) => /error/i.test(text));
  return line === "" ? String(thrown) : line;
}

/**
 * Builds cpp/client.cc with omniidl and g++, unless it was built from the same sources before.
 * @param source the folder of Metro.idl
 * @param output a folder for what is built
 */
export async function buildCppClient(
  source: string,
  output: string,
  signal: AbortSignal,
): Promise<CppClient> {
  const versions = await Promise.all([
    outputOf("omniidl", ["-V"]),
    outputOf("g++", ["-dumpversion"]),
  ]);
  for (const [at, [tool, debian]] of [...TOOLS].entries())
    if (versions[at] === undefined)
      return { is: "missing", why: `${tool} is not installed (Debian: apt-get install ${debian})` };
  const idl = join(source, "Metro.idl");
  const client = join(source, "cpp", "client.cc");
  const hash = createHash("sha256").update(versions.join());
  for (const file of [idl, client]) hash.update(await readFile(file));
  const program = join(output, `metro-client-${hash.digest("hex").slice(0, 12)}`);
  if (await exists(program)) return { is: "built", program, tookMs: 0 };

  const startMs = performance.now();
  const part = `${program}.${process.pid}`;
  const options = { cwd: part, signal, timeout: BUILD_MS };
  try {
    await mkdir(part, { recursive: true });
    await execute("omniidl", ["-bcxx", idl], options);
    const libraries = ["-lomniORB4", "-lomnithread"];
    const sources = [client, "MetroSK.cc"];
    await execute("g++", ["-I.", "-o", "metro-client", ...sources, ...libraries], options);
    await rename(join(part, "metro-client"), program);
  } catch (thrown) {
    signal.throwIfAborted();
    return { is: "missing", why: `building the C++ client failed: ${complaint(thrown)}` };
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return { is: "built", program, tookMs: performance.now() - startMs };
}
