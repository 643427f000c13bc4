// `npm start`: the light-train network of Oporto as peers that need no server, a client that knows nothing of them, and the
// death of a coordinator.

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { Children } from "./children.ts";
import { buildCppClient, type CppClient } from "./cpp-build.ts";
import { heading, print } from "./layout.ts";
import { limit } from "./limit.ts";
import { killCoordinator } from "./oporto/failover.ts";
import { type Oporto, SMALL, startOporto, WHOLE } from "./oporto/peers.ts";
import { openResolver } from "./oporto/resolving.ts";

const HELP = `Usage: npm start [-- OPTION]...

Runs the light-train network of Oporto: peers with lines, stations, sensors and names, and a client. Then the
coordinator of the peers' root cell is killed, and a client goes on resolving names.

  --whole         five lines, 70 stations, 200 sensors; else a small form of 13 stations and 6 sensors
  --stay          keeps serving and tells how to reach it, until interrupted
  --client=KIND   cpp (omniORB) or ts; cpp where omniORB is installed if not given
  --help          this text

Exit codes: 0 all went well, 1 something failed, 2 started in a wrong way, 130 interrupted before it was done.`;

/** Exit codes: started in a wrong way, and ended by Ctrl-C before it was done. */
const WRONG_USE = 2;
const INTERRUPTED = 130;
/** Milliseconds until all peers are ready and all sensors report, the small form or the whole, and a client is done. */
const READY_MS = 60_000;
const WHOLE_READY_MS = 120_000;
const CLIENT_MS = 20_000;
const WHOLE_CLIENT_MS = 240_000;

// This file runs from dist/examples/metro.
const script = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const SOURCE = script("../../../examples/metro/");

interface Options {
  readonly whole: boolean;
  readonly stay: boolean;
  readonly client: "cpp" | "ts" | undefined;
}

/** It was started with what it does not know. */
class WrongUse extends Error {}

function readOptions(args: readonly string[]): Options | "help" {
  const options = {
    whole: { type: "boolean", default: false },
    stay: { type: "boolean", default: false },
    client: { type: "string" },
    help: { type: "boolean", default: false },
  } as const;
  const { values } = orWrongUse(() => parseArgs({ args: [...args], options }));
  if (values.help) return "help";
  const { whole, stay, client } = values;
  if (client !== undefined && client !== "cpp" && client !== "ts")
    throw new WrongUse(`--client=${client}: allowed are cpp and ts`);
  return { whole, stay, client };
}

function orWrongUse<T>(read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    const [what = ""] = String((thrown as Error).message).split(". ");
    throw new WrongUse(`${what}; allowed: --whole, --stay, --client=cpp|ts, --help`);
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

function tellHowToReach({ portals, lines }: Oporto, reference: string, client: CppClient): void {
  const argument = `-ORBInitRef ${reference}`;
  heading("Still serving. From another terminal:");
  if (client.is === "built") print(`  ${client.program} ${argument}`);
  print(`  node ${script("./client.js")} ${argument}`);
  print(`  nameclt ${argument} list metro/stations`);
  for (const { name, at, health } of [...portals, ...lines])
    print(`  orbweaver service ls --peer ${at}    # ${name}; ${health}/topology`);
  print("\nCtrl-C ends it.");
}

function tellPeers({ portals, lines, sensors, sensorCount }: Oporto): void {
  const row = (name: string, pid: number, what: string): void =>
    print(`  ${name.padEnd(10)} pid ${`${pid}`.padEnd(8)} ${what}`);
  for (const { name, child, at } of portals)
    row(name, child.pid, `root cell; NameService=corbaloc::${at}/NameService`);
  for (const { name, child, at } of lines) row(name, child.pid, `lines; ${at}`);
  for (const { name, pid } of sensors)
    row(name, pid, `${Math.ceil(sensorCount / sensors.length)} sensors, each a leaf of the tree`);
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** The client's own part. @returns its exit code */
async function runClient(
  children: Children,
  reference: string,
  choice: CppClient,
  timeoutMs: number,
): Promise<number> {
  const argument = ["-ORBInitRef", reference];
  const limits = { shown: true, timeoutMs };
  const client =
    choice.is === "built"
      ? children.start("client", choice.program, argument, limits)
      : children.startNode("client", script("./client.js"), argument, limits);
  print(`  client     pid ${`${client.pid}`.padEnd(8)} ${describeClient(choice)}`);
  return await client.ended;
}

function readyMsOf({ whole }: Options): number {
  return whole ? WHOLE_READY_MS : READY_MS;
}

async function startAll(children: Children, options: Options, stop: AbortSignal): Promise<Oporto> {
  using ready = limit(stop, readyMsOf(options), "the peers were not ready");
  return await startOporto(children, options.whole ? WHOLE : SMALL, ready.signal);
}

async function tellSensors(
  { sensors }: Oporto,
  options: Options,
  stop: AbortSignal,
): Promise<void> {
  heading("Sensors, which found their lines by discovery");
  using ready = limit(stop, readyMsOf(options), "not all sensors reported");
  for (const each of sensors) {
    const [line] = await each.line(/^(\d+) of \1 sensors report, .*/, ready.signal);
    print(`  ${each.name}: ${line}`);
  }
}

async function demonstrate(options: Options, stop: AbortSignal): Promise<number> {
  await using children = new Children();
  const startMs = performance.now();
  // The compiler works while the peers start.
  const choosing = chooseClient(options, stop);
  choosing.catch(() => undefined);

  heading(
    "Orbweaver: public information of the light-train network of Oporto, peers without a server\n",
  );
  const oporto = await startAll(children, options, stop);
  tellPeers(oporto);
  const [first, second] = oporto.portals;
  // Of two peers one may die.
  const reference = `NameService=corbaloc::${first?.at},:${second?.at}/NameService`;
  const choice = await choosing;
  const code = await runClient(
    children,
    reference,
    choice,
    options.whole ? WHOLE_CLIENT_MS : CLIENT_MS,
  );
  if (stop.aborted) return INTERRUPTED;
  if (code !== 0) {
    print(`\nThe client failed with exit code ${code}.`);
    return 1;
  }
  await tellSensors(oporto, options, stop);
  await using resolver = await openResolver(reference, options.client);
  const goesOn = await killCoordinator([...oporto.portals, ...oporto.lines], resolver, stop);
  if (!goesOn) return 1;
  print(`\nDone in ${((performance.now() - startMs) / 1_000).toFixed(1)} s.`);
  if (options.stay) {
    tellHowToReach(oporto, reference, choice);
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
  process.exitCode = thrown instanceof WrongUse ? WRONG_USE : 1;
}
