import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CosNaming } from "orbweaver/idl";
import { ORB_init } from "orbweaver/orb";

const execute = promisify(execFile);

/** The name that is resolved over and over. */
export const NAME = "metro/stations/trindade.station";
/** Milliseconds that one try may take, and a pause between two. */
const TRY_MS = 5_000;
const PAUSE_MS = 20;

/** A client that resolves a name. */
export interface Resolver extends AsyncDisposable {
  readonly what: string;
  /** @throws when the name could not be resolved */
  resolve(): Promise<void>;
}

/** omniORB's own tool, unchanged, a process for each try; undefined where it is not installed. */
async function nameclt(reference: string): Promise<Resolver | undefined> {
  const args = ["-ORBInitRef", reference, "resolve", NAME];
  const resolve = async (): Promise<void> => {
    const { stdout } = await execute("nameclt", args, { timeout: TRY_MS });
    if (!stdout.startsWith("IOR:")) throw new Error(stdout);
  };
  try {
    await resolve();
  } catch (thrown) {
    const isMissing = thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
    if (isMissing) return undefined;
    throw thrown;
  }
  return { what: "omniORB's nameclt", resolve, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** Our client, one naming context for all tries. */
async function ours(reference: string, why: string): Promise<Resolver> {
  const orb = await ORB_init(["-ORBInitRef", reference, "-ORBDeadlineMs", `${TRY_MS}`]);
  const names = await CosNaming.NamingContextExt.narrow(
    await orb.resolve_initial_references("NameService"),
  );
  if (names === null) throw new TypeError("NameService is no CosNaming::NamingContextExt");
  return {
    what: `our client (${why})`,
    resolve: async () => void (await names.resolve_str(NAME)),
    [Symbol.asyncDispose]: () => orb.destroy(),
  };
}

/**
 * The client that goes on resolving: omniORB's where it is installed.
 * @param reference `NameService=corbaloc:…`, of several peers
 */
export async function openResolver(
  reference: string,
  only: "cpp" | "ts" | undefined,
): Promise<Resolver> {
  if (only === "ts") return await ours(reference, "asked for by --client=ts");
  return (await nameclt(reference)) ?? (await ours(reference, "omniORB's nameclt is missing"));
}

/** A try that failed. */
export interface Failure {
  readonly why: string;
  /** Instants of `performance.now()` between which it was made. */
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** What came of it. */
export interface Tally {
  readonly resolved: number;
  readonly failed: readonly Failure[];
  /** Milliseconds of the longest try. */
  readonly longestMs: number;
}

/** What a tool wrote to its error output, or what an exception says, in a line. */
function reasonOf(thrown: unknown): string {
  const stderr = thrown instanceof Error && "stderr" in thrown ? String(thrown.stderr).trim() : "";
  const text = stderr === "" ? String(thrown) : stderr;
  return text.split("\n").at(-1) ?? "";
}

/** Resolves over and over until `stop` is aborted. */
export async function resolveUntil(resolver: Resolver, stop: AbortSignal): Promise<Tally> {
  let resolved = 0;
  let longestMs = 0;
  const failed: Failure[] = [];
  while (!stop.aborted) {
    const sinceMs = performance.now();
    try {
      await resolver.resolve();
      resolved++;
    } catch (thrown) {
      failed.push({ why: reasonOf(thrown), sinceMs, untilMs: performance.now() });
    }
    longestMs = Math.max(longestMs, performance.now() - sinceMs);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return { resolved, failed, longestMs };
}
