import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import type { Logger, ORB } from "../../../orb/index.ts";
import { type Command, type Surroundings, UsageError } from "../../command/index.ts";
import type { MonitorOptions } from "../../monitor/index.ts";
import { referenceText } from "../calling.ts";
import { lineLogger } from "../line-logger.ts";
import { type OwnArguments, readServing, serve, servingHelp } from "../serving.ts";

const DEFAULT_LISTEN = "127.0.0.1:0";
const DEFAULT_SOCKET = "/run/orbweaver/monitor.sock";
const MOST_MS = 3_600_000;
/** What a shell says of a program that a signal ended: so much more than the signal's number. */
const SIGNALLED = 128;

const HELP = `Usage: orbweaver monitor [OPTION]... [-ORB... VALUE]...
       orbweaver monitor --hold NAME [--socket PATH] [--] COMMAND [ARGUMENT]...

The resource monitor of a host: tells replication managers how busy the processor is, and which processes
live. Processes hold a connection to its socket, which ends with them. Serves until it is interrupted.

  --manager REF        who is told: corbaloc::HOST:PORT/ReplicationManager, or any Monitor::Observer; several allowed
  --processor NAME     what it is called there (default: the host's name)
  --socket PATH        where processes show that they live (default ${DEFAULT_SOCKET})
  --group PATH         watches a control group in place of the machine: its processor time over its quota
  --sample-ms N        looks so often (default 250)
  --report-ms N        tells so often (default 1000), and at once when a process dies
  --threshold PERCENT  and when the utilization rises above this (default 80)
  --hold NAME          runs a command and shows the monitor that it lives: for servers that do not do so themselves
${servingHelp(DEFAULT_LISTEN)}`;

const OWN = {
  manager: {},
  processor: {},
  socket: {},
  group: {},
  "sample-ms": {},
  "report-ms": {},
  threshold: {},
  hold: {},
} as const;

type Own = OwnArguments["values"];

function last(values: Own, name: keyof typeof OWN): string | undefined {
  return values[name]?.at(-1);
}

function numberOf(
  values: Own,
  name: keyof typeof OWN,
  least: number,
  most: number,
): number | undefined {
  const text = last(values, name);
  if (text === undefined) return undefined;
  const value = Number(text.trim() || Number.NaN);
  if (value >= least && value <= most) return value;
  throw new UsageError(`monitor: --${name} ${text}: a number is needed, ${least} to ${most}`);
}

/** What the command line says; what it leaves out is as the monitor has it. */
function optionsOf(values: Own): Partial<MonitorOptions> {
  const percent = numberOf(values, "threshold", 1, 100);
  const all = {
    processor: last(values, "processor"),
    socket: last(values, "socket"),
    sampleMs: numberOf(values, "sample-ms", 10, MOST_MS),
    reportMs: numberOf(values, "report-ms", 10, MOST_MS),
    threshold: percent === undefined ? undefined : percent / 100,
  };
  const said = Object.entries(all).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said) as Partial<MonitorOptions>;
}

async function start(
  orb: ORB,
  logger: Logger,
  values: Own,
): ReturnType<typeof import("../../monitor/index.ts").startMonitor> {
  const { groupUtilization, Monitor, startMonitor } = await import("../../monitor/index.ts");
  const observers: import("../../monitor/index.ts").Monitor.Observer[] = [];
  for (const each of values["manager"] ?? []) {
    const reference = await orb.string_to_object(await referenceText("monitor", each));
    const observer = Monitor.Observer.uncheckedNarrow(reference);
    if (observer !== null) observers.push(observer);
  }
  const group = last(values, "group");
  return await startMonitor({
    orb,
    logger,
    observers,
    ...optionsOf(values),
    ...(group === undefined ? {} : { source: groupUtilization(group) }),
  });
}

/** Runs a command with the monitor told that it lives; its end is the process's. @returns its exit code */
async function hold(
  name: string,
  [program = "", ...args]: readonly string[],
  socket: string | undefined,
  { complain, stop }: Surroundings,
): Promise<number> {
  const { Life } = await import("../../monitor/index.ts");
  const logger = lineLogger(complain, false);
  const life = await Life.begin({
    process: name,
    logger,
    ...(socket === undefined ? {} : { socket }),
  });
  if (stop.aborted) {
    await life.close();
    stop.throwIfAborted();
  }
  const child = spawn(program, args, { stdio: "inherit" });
  const onStop = (): void => void child.kill("SIGTERM");
  stop.addEventListener("abort", onStop, { once: true });
  try {
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    // Only who was told to end has ended in order.
    if (stop.aborted) await life.close();
    else life.break();
    if (signal !== null) complain(`orbweaver: monitor: ${program} was ended by ${signal}`);
    return code ?? SIGNALLED + (signal === null ? 0 : constants.signals[signal]);
  } catch (cause) {
    await life.close();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`monitor: ${program} cannot be run: ${why}`, { cause });
  } finally {
    stop.removeEventListener("abort", onStop);
  }
}

/** The monitor's options end where the command to be held begins. */
function splitHeld(args: readonly string[]): readonly [own: string[], held: string[]] {
  const own: string[] = [];
  for (let i = 0; i < args.length; i += 2) {
    const name = args[i] ?? "";
    if (name === "--") return [own, args.slice(i + 1)];
    if (name !== "--hold" && name !== "--socket") return [own, args.slice(i)];
    own.push(...args.slice(i, i + 2));
  }
  return [own, []];
}

/** `orbweaver monitor`: the resource monitor, and a wrapper for servers that do not know it. */
export const monitorCommand: Command = {
  name: "monitor",
  summary: "tells replication managers how busy a host is, and which processes live",
  help: HELP,
  run: async (args, surroundings) => {
    const [own, held] = args.includes("--hold") ? splitHeld(args) : [args, []];
    const serving = readServing("monitor", own, DEFAULT_LISTEN, OWN);
    const { values, files } = serving;
    const [file] = files;
    if (file !== undefined) throw new UsageError(`monitor: "${file}" has no place here`);
    const name = last(values, "hold");
    // Of another option that stands before --hold nobody would know which program it is of.
    if ((name === undefined) !== (held.length === 0))
      throw new UsageError(
        "monitor: --hold NAME and --socket PATH stand before the command, and no other option does",
      );
    if (name !== undefined) return await hold(name, held, last(values, "socket"), surroundings);
    const { MonitorError } = await import("../../monitor/index.ts");
    try {
      return await serve("Monitor", serving, surroundings, (orb, logger) =>
        start(orb, logger, values),
      );
    } catch (thrown) {
      if (thrown instanceof MonitorError)
        throw new Error(`monitor: ${thrown.message}`, { cause: thrown });
      throw thrown;
    }
  },
};
