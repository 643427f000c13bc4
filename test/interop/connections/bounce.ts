import type { Peers } from "../../support/omniorb.ts";
import { runToEnd } from "../../support/process.ts";

/** Milliseconds all calls of one run may take. */
const CALLS_TIMEOUT_MS = 30_000;

/**
 * Lets omniORB's `bounce call` call a Player.
 * @param args --depth, --times, --pause and -ORB options
 * @returns a line for each call
 * @throws Error when it did not come to its end
 */
export async function bounces(
  peers: Peers,
  address: string,
  args: readonly string[],
): Promise<readonly string[]> {
  const endPoint = args.includes("-ORBendPoint") ? [] : ["-ORBendPoint", "giop:tcp:127.0.0.1:"];
  const all = ["call", "--address", address, ...args, ...endPoint];
  const { output, errors } = await runToEnd(peers.bounce, all, { timeoutMs: CALLS_TIMEOUT_MS });
  const lines = output.trim().split("\n");
  if (lines.pop() !== "done") throw new Error(`bounce ended early:\n${output}\n${errors}`);
  return lines;
}
