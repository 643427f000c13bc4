// `npm start`: naming, server and client of the light-train network as processes of their own.

import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { type Child, Children } from "./children.ts";
import { buildCppClient, type CppClient } from "./cpp-build.ts";
import { heading, print } from "./layout.ts";

const HELP = `Usage: npm start [-- OPTION]...

Runs naming service, server and client of the light-train network as separate processes.

  --stay          keeps serving and tells how to reach it, until interrupted
  --client=KIND   cpp (omniORB) or ts; cpp where omniORB is installed if not given
  --help          this text`;

/** Exit code of what Ctrl-C ends before it is done. */
const INTERRUPTED = 130;
const HOST = "127.0.0.1";
const NAMING_PORT = 2809;
/** Milliseconds a server may take until it is ready, and a client until it is done. */
const READY_MS = 10_000;
const CLIENT_MS = 20_000;

// This file runs from dist/examples/metro.
const script = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const SOURCE = script("../../../examples/metro/");

interface Options {
  readonly stay: boolean;
  readonly client: "cpp" | "ts" | undefined;
}

function readOptions(args: readonly string[]): Options | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      stay: { type: "boolean", default: false },
      client: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const { stay, client } = values;
  if (client !== undefined && client !== "cpp" && client !== "ts")
    throw new TypeError(`--client=${client}: allowed are cpp and ts`);
  return { stay, client };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });
}

/** The naming service at its usual port, or at a free one where that is taken. */
async function startNaming(
  children: Children,
  signal: AbortSignal,
): Promise<{ naming: Child; reference: string }> {
  const startAt = async (port: number): Promise<{ naming: Child; reference: string }> => {
    const args = ["naming", "--listen", `${HOST}:${port}`];
    const naming = children.startNode("naming", script("../../services/cli/main.js"), args);
    const [reference] = await naming.line(/^NameService=\S+/, signal);
    return { naming, reference };
  };
  if (!(await isFree(NAMING_PORT))) return startAt(0);
  try {
    return await startAt(NAMING_PORT);
  } catch {
    // Somebody else was faster; had it another reason, the next try says so.
    signal.throwIfAborted();
    return startAt(0);
  }
}

/** Which client runs, and why if it is not the one of omniORB. */
async function chooseClient(options: Options, signal: AbortSignal): Promise<CppClient> {
  if (options.client === "ts") return { is: "missing", why: "asked for by --client=ts" };
  const built = await buildCppClient(SOURCE, script("./cpp-build"), signal);
  if (built.is === "missing" && options.client === "cpp") throw new TypeError(built.why);
  return built;
}

function describeClient(client: CppClient): string {
  if (client.is === "missing") return `TypeScript (${client.why})`;
  const built =
    client.tookMs === 0 ? "built before" : `built in ${(client.tookMs / 1_000).toFixed(1)} s`;
  return `C++, omniORB (cpp/client.cc, ${built})`;
}

function tellHowToReach(reference: string, client: CppClient): void {
  const argument = `-ORBInitRef ${reference}`;
  heading("Still serving. From another terminal:");
  if (client.is === "built") print(`  ${client.program} ${argument}`);
  print(`  node ${script("./client.js")} ${argument}`);
  print(`  nameclt ${argument} list metro/stations`);
  print("\nCtrl-C ends it.");
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function demonstrate(options: Options, stop: AbortSignal): Promise<number> {
  await using children = new Children();
  const startMs = performance.now();
  const ready = (): AbortSignal => AbortSignal.any([stop, AbortSignal.timeout(READY_MS)]);
  // The compiler works while the servers start.
  const choosing = chooseClient(options, stop);
  choosing.catch(() => undefined);

  heading("Orbweaver: public information of a light-train network, in three processes\n");
  const { naming, reference } = await startNaming(children, ready());
  const why = reference.includes(`:${NAMING_PORT}/`) ? "" : ` (port ${NAMING_PORT} is taken)`;
  print(`  naming  pid ${`${naming.pid}`.padEnd(8)} ${reference}${why}`);

  const server = children.startNode("server", script("./server.js"), ["-ORBInitRef", reference]);
  const [bound] = await server.line(/.*names bound.*/, ready());
  print(`  server  pid ${`${server.pid}`.padEnd(8)} ${bound}`);

  const choice = await choosing;
  const argument = ["-ORBInitRef", reference];
  const limits = { shown: true, timeoutMs: CLIENT_MS };
  const client =
    choice.is === "built"
      ? children.start("client", choice.program, argument, limits)
      : children.startNode("client", script("./client.js"), argument, limits);
  print(`  client  pid ${`${client.pid}`.padEnd(8)} ${describeClient(choice)}`);

  const code = await client.ended;
  if (stop.aborted) return INTERRUPTED;
  if (code !== 0) {
    print(`\nThe client failed with exit code ${code}.`);
    return 1;
  }
  print(`\nDone in ${((performance.now() - startMs) / 1_000).toFixed(1)} s.`);
  if (options.stay) {
    tellHowToReach(reference, choice);
    await untilAborted(stop);
  }
  return 0;
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === "help") {
    print(HELP);
    return 0;
  }
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  try {
    return await demonstrate(options, stop.signal);
  } catch (thrown) {
    if (stop.signal.aborted) return INTERRUPTED;
    throw thrown;
  }
}

try {
  process.exitCode = await main();
} catch (thrown) {
  process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 1;
}
