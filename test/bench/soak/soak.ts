import { fileURLToPath } from "node:url";
import type { Row } from "../block.ts";
import type { BenchOptions } from "../options.ts";
import { Program } from "../program.ts";
import { changeText, judge, type State, stateText } from "./state.ts";

const SERVER = fileURLToPath(new URL("./server.js", import.meta.url));
const CLIENT = fileURLToPath(new URL("./client.js", import.meta.url));
const SAY_TIMEOUT_MS = 60_000;
const DEFAULT_MINUTES = 1;
const QUICK_MINUTES = 0.15;
/** States taken in one run, at least, and in each minute of a long one. */
const STATES = 18;
const STATES_A_MINUTE = 2;
/**
 * From so many minutes on the resident memory is judged, too: it takes two or three to come to rest, and then moves by
 * 5 % from state to state, so that only a line through dozens of them tells less than 10 % from growth.
 */
const RSS_MINUTES = 20;

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

async function stateOf<T extends State>(program: Program): Promise<T> {
  program.say("state");
  return JSON.parse(await program.hear("state", SAY_TIMEOUT_MS)) as T;
}

/** Since the start: `mm:ss`. */
function clock(sinceMs: number): string {
  const seconds = Math.round((performance.now() - sinceMs) / 1_000);
  return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}

/**
 * Calls of every type that the interop checks know, by ORBs that come and go, and peers that break off. Heap,
 * descriptors, timers and listeners of server and client must not grow once they are warm, and in a long run
 * neither must the resident memory.
 * @throws Error when something grew or a check failed
 */
export async function soak(options: BenchOptions, print: (line: string) => void): Promise<Row[]> {
  const minutes = options.minutes ?? (options.isQuick ? QUICK_MINUTES : DEFAULT_MINUTES);
  const seed = options.seed ?? 1 + (Date.now() % 1_000_000);
  print(`soak: ${minutes} minutes, seed ${seed}`);
  await using server = new Program(node(SERVER));
  const ior = await server.hear("ready", SAY_TIMEOUT_MS);
  await using client = new Program(node(CLIENT, ior, String(seed)));
  const states: { readonly server: State; readonly client: Report }[] = [];
  const startedMs = performance.now();
  const count = Math.max(STATES, Math.floor(minutes * STATES_A_MINUTE));
  const everyMs = (minutes * 60_000) / count;
  for (let i = 0; i < count; i++) {
    await new Promise((resolve) => setTimeout(resolve, everyMs));
    const report = await stateOf<Report>(client);
    const state = { client: report, server: await stateOf<State>(server) };
    states.push(state);
    client.say("go");
    const at = clock(startedMs);
    print(`${at} server  ${stateText(state.server)}`);
    print(`${at} client  ${stateText(report)}, ${report.calls} checks`);
  }
  const last = states.at(-1)?.client;
  print(`${last?.rounds} ORBs, ${last?.calls} checks of ${last?.kinds} kinds`);
  const faults = Object.entries(last?.failures ?? {}).map(([name, text]) => `${name}: ${text}`);
  const isRssJudged = minutes >= RSS_MINUTES;
  for (const side of ["server", "client"] as const) {
    const { warmUp, isSettled, changes } = judge(
      states.map((state) => state[side]),
      isRssJudged,
    );
    const warm = `warm after ${((warmUp * everyMs) / 60_000).toFixed(1)} min${isSettled ? "" : " (still rising)"}`;
    print(`${side.padEnd(7)} ${warm}: ${changes.map(changeText).join(", ")}`);
    for (const change of changes) {
      if (change.isGrown) faults.push(`${side}: ${changeText(change)}`);
    }
  }
  if (!isRssJudged) print(`rss is told, not judged: that takes --minutes ${RSS_MINUTES} or more`);
  if (faults.length > 0) throw new Error(`soak:\n${faults.join("\n")}`);
  return [];
}
