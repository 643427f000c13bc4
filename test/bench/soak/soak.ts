import { fileURLToPath } from "node:url";
import type { Row } from "../block.ts";
import type { BenchOptions } from "../options.ts";
import { Program } from "../program.ts";
import { type Change, changesOf, type State } from "./state.ts";

const SERVER = fileURLToPath(new URL("./server.js", import.meta.url));
const CLIENT = fileURLToPath(new URL("./client.js", import.meta.url));
const SAY_TIMEOUT_MS = 60_000;
const DEFAULT_MINUTES = 1;
const QUICK_MINUTES = 0.15;
/** States taken in one run. */
const STATES = 18;

interface Report extends State {
  readonly rounds: number;
  readonly calls: number;
  /** Checks there are. */
  readonly kinds: number;
  readonly failures: Readonly<Record<string, string>>;
}

function node(script: string, ...args: readonly string[]): readonly [string, ...string[]] {
  return [process.execPath, "--expose-gc", script, ...args];
}

function changeText({ what, from, to, isGrown }: Change): string {
  const isMemory = what === "heap" || what === "rss";
  const text = (value: number): string =>
    isMemory ? `${(value / (1 << 20)).toFixed(1)} MiB` : String(value);
  return `${what} ${text(from)} → ${text(to)}${isGrown ? " GROWN" : ""}`;
}

async function stateOf<T extends State>(program: Program): Promise<T> {
  program.say("state");
  return JSON.parse(await program.hear("state", SAY_TIMEOUT_MS)) as T;
}

/**
 * Calls of every type that the interop checks know, by ORBs that come and go, and peers that break off. Heap,
 * descriptors, timers and listeners of server and client must not grow once they are warm.
 * @throws Error when something grew or a check failed
 */
export async function soak(options: BenchOptions, print: (line: string) => void): Promise<Row[]> {
  const minutes = options.minutes ?? (options.isQuick ? QUICK_MINUTES : DEFAULT_MINUTES);
  const seed = 1 + (Date.now() % 1_000_000);
  print(`soak: ${minutes} minutes, seed ${seed}`);
  await using server = new Program(node(SERVER));
  const ior = await server.hear("ready", SAY_TIMEOUT_MS);
  await using client = new Program(node(CLIENT, ior, String(seed)));
  const states: { readonly server: State; readonly client: Report }[] = [];
  const everyMs = (minutes * 60_000) / STATES;
  for (let i = 0; i < STATES; i++) {
    await new Promise((resolve) => setTimeout(resolve, everyMs));
    const report = await stateOf<Report>(client);
    states.push({ client: report, server: await stateOf(server) });
    client.say("go");
  }
  const last = states.at(-1)?.client;
  print(`${last?.rounds} ORBs, ${last?.calls} checks of ${last?.kinds} kinds`);
  const faults = Object.entries(last?.failures ?? {}).map(([name, text]) => `${name}: ${text}`);
  for (const side of ["server", "client"] as const) {
    const changes = changesOf(states.map((state) => state[side]));
    print(`${side.padEnd(7)} ${changes.map(changeText).join(", ")}`);
    for (const change of changes) {
      if (change.isGrown) faults.push(`${side}: ${changeText(change)}`);
    }
  }
  if (faults.length > 0) throw new Error(`soak:\n${faults.join("\n")}`);
  return [];
}
