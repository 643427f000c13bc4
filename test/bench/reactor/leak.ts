import { fileURLToPath } from "node:url";
import type { Row } from "../block.ts";
import type { BenchOptions } from "../options.ts";
import { Program } from "../program.ts";
import { changeText, judge, type State, stateText } from "../soak/state.ts";

const PROGRAM = fileURLToPath(new URL("./leak-program.js", import.meta.url));
const REQUESTS = 1_000_000;
const QUICK_REQUESTS = 50_000;
const STATES = 20;
/** Milliseconds for one part of the run. */
const PART_TIMEOUT_MS = 120_000;
/** From so many requests on the resident memory has come to rest early enough to be judged. */
const RSS_REQUESTS = 500_000;

/**
 * Requests of all sizes through the reactor, over connections that come and go. Heap, descriptors, timers and
 * resident memory must not grow once they are warm, and octets that were kept must stay as they are.
 * @throws Error when something grew or changed
 */
export async function reactorLeak(
  options: BenchOptions,
  print: (line: string) => void,
): Promise<Row[]> {
  const requests = options.messages ?? (options.isQuick ? QUICK_REQUESTS : REQUESTS);
  await using program = new Program([
    process.execPath,
    "--expose-gc",
    PROGRAM,
    String(requests),
    String(STATES),
  ]);
  const states: State[] = [];
  while (states.length < STATES) {
    const state = JSON.parse(await program.hear("state", PART_TIMEOUT_MS)) as State;
    states.push(state);
    print(stateText(state));
  }
  const made = await program.hear("done", PART_TIMEOUT_MS);
  const { changes } = judge(states, requests >= RSS_REQUESTS);
  print(`${made} requests: ${changes.map(changeText).join(", ")}`);
  const grown = changes.filter(({ isGrown }) => isGrown);
  if (grown.length > 0) throw new Error(`grown: ${grown.map(changeText).join(", ")}`);
  return [];
}
