import { spawn } from "node:child_process";
import { once } from "node:events";
import { ControlGroups } from "../../native/index.ts";
import { type Logger, newTcpTransport } from "../../orb/index.ts";
import type { QosdConfig } from "./config.ts";
import { hold, QosConfigError } from "./hold.ts";

/** What is cleaned up after. */
type Guarded = Pick<QosdConfig, "at" | "group" | "socket">;

const READY = "ready";
/** What the daemon says at its end; without it, it was killed. */
const DONE = "done";
/** Milliseconds that the guard may take to be ready. */
const READY_WITHIN_MS = 10_000;
/** Milliseconds that it may take to end when the daemon has; it is killed then. */
const END_WITHIN_MS = 5_000;
/** More than a daemon writes. */
const MOST_TEXT = 65_536;

/** A process that outlives the daemon. */
export interface Guard extends AsyncDisposable {
  readonly processId: number | undefined;
}

/**
 * Starts a process that cleans up when this one is killed: a host whose threads are all confined, or whose cores
 * poll, is not to stay so until somebody starts the next daemon.
 * @param command of the process, whose standard input and output are for this
 * @param endWithinMs that it may take to end when the daemon has
 */
export async function startGuard(
  command: readonly string[],
  { at, group, socket }: Guarded,
  logger: Logger,
  endWithinMs: number = END_WITHIN_MS,
): Promise<Guard> {
  const [program = "", ...args] = command;
  // A session of its own: Ctrl-C is for the daemon.
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"], detached: true });
  let isOver = false;
  const fails = (why: string): void => {
    if (!isOver) logger.warn("nobody cleans up if this daemon is killed", { why });
    isOver = true;
  };
  child.on("error", (error) => fails(error.message));
  child.on("exit", (code, signal) => fails(`the guard has ended: ${signal ?? `code ${code}`}`));
  child.stdin.on("error", () => undefined); // It has ended: that is told by then.
  child.stdin.write(`${JSON.stringify({ at, group, socket } satisfies Guarded)}\n`);
  const within = AbortSignal.timeout(READY_WITHIN_MS);
  await Promise.race([
    once(child.stdout, "data", { signal: within }).catch(() => fails("the guard is not ready")),
    once(child, "close"),
  ]);
  child.unref();
  return {
    processId: child.pid,
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, "exit");
      child.ref();
      child.stdin.end(`${DONE}\n`);
      const late = setTimeout(() => child.kill("SIGKILL"), endWithinMs);
      await exit;
      clearTimeout(late);
    },
  };
}

/**
 * The process itself: waits until its input ends, and cleans up unless the daemon said that it is done.
 * @param ready says that it waits
 */
export async function guard(
  input: AsyncIterable<Buffer | string>,
  ready: (line: string) => void,
  logger: Logger,
): Promise<void> {
  // Now: a daemon that confines everything moves this process, too.
  const groups = { root: ControlGroups.find(), own: ControlGroups.find({ at: "own" }) };
  ready(READY);
  let text = "";
  for await (const chunk of input) {
    text += String(chunk);
    if (text.length > MOST_TEXT) throw new QosConfigError("this is for the daemon itself to start");
  }
  const [line = "", word = ""] = text.split("\n");
  if (word === DONE) return;
  const config = readGuarded(line);
  try {
    const held = await hold(newTcpTransport({ keepAliveMs: 0 }), groups[config.at], {
      config,
      logger,
    });
    await held.close();
  } catch (thrown) {
    // The next daemon is there already, and has cleaned up.
    if (!(thrown instanceof QosConfigError)) throw thrown;
  }
}

function readGuarded(line: string): Guarded {
  try {
    return JSON.parse(line) as Guarded;
  } catch (cause) {
    throw new QosConfigError("this is for the daemon itself to start", { cause });
  }
}
