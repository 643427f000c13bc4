import type { Peers } from "../support/omniorb.ts";
import { runToEnd, TestProcess } from "../support/process.ts";
import type { Outcomes } from "./results.ts";

/** omniORB listens on all interfaces unless told otherwise. */
const LOOPBACK = "127.0.0.1:";

const endPoint = (address: string): readonly string[] => ["-ORBendPoint", `giop:tcp:${address}`];
/** Milliseconds all checks of one run may take. */
const CHECKS_TIMEOUT_MS = 90_000;

/** A process that serves an `Interop::Root`. */
export interface Server extends AsyncDisposable {
  readonly ior: string;
  readonly process: TestProcess;
}

/** Starts a server that prints its IOR and then "ready". */
export async function startServer(command: string, args: readonly string[]): Promise<Server> {
  const child = new TestProcess(command, args);
  try {
    const [, ior = ""] = await child.match(/^(IOR:[0-9a-f]+)\nready$/m);
    return { ior, process: child, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() };
  } catch (error) {
    await child[Symbol.asyncDispose]();
    throw error;
  }
}

/** @param address `HOST:PORT` to listen at, the port empty for a free one */
export async function startCppServer(
  peers: Pick<Peers, "server">,
  args: readonly string[] = [],
  address: string = LOOPBACK,
): Promise<Server> {
  return await startServer(peers.server, [...endPoint(address), ...args]);
}

/** Reads lines `ok NAME` and `not ok NAME: why`. */
export function readOutcomes(output: string): Outcomes {
  const outcomes = new Map<string, string | undefined>();
  for (const [, not, name = "", why] of output.matchAll(/^(not )?ok ([^\s:]+)(?:: (.*))?$/gm))
    outcomes.set(name, not === undefined ? undefined : (why ?? "no reason given"));
  return outcomes;
}

/**
 * Runs checks of the omniORB client.
 * @param address an IOR or another URL of the Root
 * @param args more arguments: -ORB options
 * @throws Error when it did not come to its end, as after a crash
 */
export async function runCppClient(
  peers: Peers,
  address: string,
  names: readonly string[],
  args: readonly string[] = [],
): Promise<Outcomes> {
  const all = [...endPoint(LOOPBACK), "--address", address, ...args, ...names];
  const ended = await runToEnd(peers.client, all, { timeoutMs: CHECKS_TIMEOUT_MS });
  if (/^# \d+ checks/m.test(ended.output)) return readOutcomes(ended.output);
  const how = ended.signal ?? `exit code ${ended.code}`;
  throw new Error(`the omniORB client ended early (${how}):\n${ended.output}\n${ended.errors}`);
}
