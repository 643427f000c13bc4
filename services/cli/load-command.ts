import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import {
  loadNative,
  type LoadSpec,
  type NativeAddon,
  NativeError,
  nativeFault,
  readCoreList,
  writeCoreList,
} from "../../native/index.ts";
import { type Command, readArguments, type Surroundings, UsageError } from "../command/index.ts";

/** The highest that there is: Ctrl-C is heard, and the load killed, whatever it does. */
const WATCHDOG_PRIORITY = 99;
const MOST_SECONDS = 600;
const MOST_SLICE_MS = 50;
const MOST_THREADS = 256;
/** What is left of each core keeps a shell alive, and the kernel from stopping real-time threads. */
const MOST_DUTY = 95;
/** A process has this long to start and to end, on a busy machine, beside the time of the load. */
const START_MS = 20_000;
/** Told to end, it has this long; it is killed then. */
const GRACE_MS = 2_000;

const HELP = `Usage: orbweaver load [OPTION]...

Takes a share of the processor, to see how services do meanwhile: threads of SCHED_FIFO that burn slices of
random length and rest in between. A process of its own does it, which ends by itself; the one that started it
watches over it at the highest priority, so that Ctrl-C always ends it. At least 5 % of each core are left.

  --threads N          threads (default: one for each core)
  --cores LIST         cores they are bound to in turn, as 0-3,6 (default: all that this shell may use)
  --priority P         of SCHED_FIFO, 1 to ${WATCHDOG_PRIORITY - 1}, or 0 for ordinary threads (default 48)
  --duty PERCENT       share of the time of a core that each thread takes, 0.1 to ${MOST_DUTY} (default 50)
  --slice-ms MS        slices are uniformly long, up to this, at most ${MOST_SLICE_MS} (default 5)
  --seconds S          at most ${MOST_SECONDS} (default 10)
  --unwatched          no process that watches: for scripts that do so themselves
  --help               this text

A real-time priority needs the capability CAP_SYS_NICE or a limit of real-time priority (ulimit -r): orbweaver
doctor rt tells what is missing.
`;

const OPTIONS = {
  threads: { type: "string" },
  cores: { type: "string" },
  priority: { type: "string" },
  duty: { type: "string" },
  "slice-ms": { type: "string" },
  seconds: { type: "string" },
  unwatched: { type: "boolean" },
} as const;

interface Wish extends LoadSpec {
  readonly cores: readonly number[];
  readonly isWatched: boolean;
}

/** @throws UsageError that says what is allowed */
function readWish(args: readonly string[], allowed: readonly number[]): Wish {
  const { strings, flags, words } = readArguments("load", args, OPTIONS);
  if (words.length > 0) throw new UsageError(`load: "${words.join(" ")}" has no place here`);
  const take = (name: keyof typeof OPTIONS, other: number, least: number, most: number): number => {
    const text = strings[name];
    const value = text === undefined ? other : Number(text.trim() || Number.NaN);
    if (value >= least && value <= most) return value;
    throw new UsageError(`load: --${name} ${text}: a number is needed, ${least} to ${most}`);
  };
  const whole = (
    name: keyof typeof OPTIONS,
    other: number,
    least: number,
    most: number,
  ): number => {
    const value = take(name, other, least, most);
    if (Number.isInteger(value)) return value;
    throw new UsageError(`load: --${name} ${value}: a whole number is needed`);
  };
  const cores = coresOf(strings["cores"], allowed);
  const threads = whole("threads", cores.length, 1, MOST_THREADS);
  const priority = whole("priority", 48, 0, WATCHDOG_PRIORITY - 1);
  const duty = take("duty", 50, 0.1, MOST_DUTY);
  const onOne = Math.ceil(threads / cores.length);
  if (priority > 0 && onOne * duty > MOST_DUTY)
    throw new UsageError(
      `load: ${threads} threads on ${cores.length} cores: ${onOne} × ${duty} % of one core, at most ${MOST_DUTY} % are allowed`,
    );
  return {
    priority,
    duty: duty / 100,
    sliceMs: take("slice-ms", 5, 0.1, MOST_SLICE_MS),
    seconds: take("seconds", 10, 0.1, MOST_SECONDS),
    cores: Array.from({ length: threads }, (_, i) => cores[i % cores.length] ?? 0),
    isWatched: !flags.has("unwatched"),
  };
}

function coresOf(text: string | undefined, allowed: readonly number[]): readonly number[] {
  if (text === undefined) return allowed;
  const cores = parsed(text);
  const wrong = cores.filter((core) => !allowed.includes(core));
  if (cores.length > 0 && wrong.length === 0) return cores;
  throw new UsageError(`load: --cores ${text}: some of ${writeCoreList(allowed)} are needed`);
}

function parsed(text: string): readonly number[] {
  try {
    return readCoreList(text);
  } catch (cause) {
    throw new UsageError(`load: --cores ${text}: a list as 0-3,6 is needed`, { cause });
  }
}

function describe({ priority, duty, sliceMs, seconds, cores }: Wish): string {
  const threads = cores.length === 1 ? "1 thread" : `${cores.length} threads`;
  const policy = priority === 0 ? "ordinary" : `FIFO priority ${priority}`;
  return (
    `${threads} on cores ${writeCoreList(cores)}, ${policy}, ${percent(duty)} each ` +
    `in slices up to ${sliceMs} ms, for ${seconds} s`
  );
}

/** Ends after `ms` or at the signal. */
async function pause(ms: number, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stop.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stop.addEventListener("abort", done);
  });
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Burns in this process. */
async function burn(
  wish: Wish,
  { burner }: NativeAddon,
  surroundings: Surroundings,
): Promise<void> {
  burner.endWithParent();
  const burning = burner.start(wish);
  await pause(wish.seconds * 1_000, surroundings.stop);
  for (const [i, share] of burning.stop().entries())
    surroundings.print(`thread ${i + 1}, core ${wish.cores[i]}: ${percent(share)} of it taken`);
}

/** Burns in a process of its own, above which this one stays. */
async function watch(
  args: readonly string[],
  wish: Wish,
  { scheduler }: NativeAddon,
  { print, complain, stop }: Surroundings,
): Promise<number> {
  const policy = { policy: "fifo", priority: WATCHDOG_PRIORITY } as const;
  if (wish.priority > 0) scheduler.setScheduling(scheduler.threadId(), policy);
  const main = fileURLToPath(new URL("main.js", import.meta.url));
  const child = spawn(process.execPath, [main, "load", "--unwatched", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines = (text: string): readonly string[] => text.split("\n").filter((line) => line !== "");
  child.stdout.setEncoding("utf8").on("data", (text: string) => lines(text).forEach(print));
  child.stderr.setEncoding("utf8").on("data", (text: string) => lines(text).forEach(complain));
  const ended = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  const isOver = new AbortController();
  void ended.finally(() => isOver.abort());
  print(`${describe(wish)}; Ctrl-C ends it`);
  await pause(wish.seconds * 1_000 + START_MS, AbortSignal.any([stop, isOver.signal]));
  child.kill("SIGTERM");
  await pause(GRACE_MS, isOver.signal);
  if (!isOver.signal.aborted) child.kill("SIGKILL");
  const [code, signal] = await ended;
  if (signal === "SIGKILL") complain("load: it did not end by itself and was killed");
  // Told to end before it could listen to that, it dies of it.
  return code ?? (signal === "SIGTERM" && stop.aborted ? 0 : 1);
}

/** `orbweaver load`: the load generator of the experiments. */
export const loadCommand: Command = {
  name: "load",
  summary: "takes a share of the processor at a real-time priority, bounded in time",
  help: HELP,
  run: async (args, surroundings) => {
    const addon = loadNative();
    const cores = addon?.scheduler.affinity(addon.scheduler.threadId()) ?? [0];
    const wish = readWish(args, cores);
    if (addon === undefined) {
      surroundings.complain(`load: the native addon is needed: ${nativeFault()}`);
      return 1;
    }
    try {
      if (wish.isWatched) return await watch(args, wish, addon, surroundings);
      await burn(wish, addon, surroundings);
      return 0;
    } catch (error) {
      if (!(error instanceof NativeError)) throw error;
      surroundings.complain(`load: ${error.message}`);
      return 1;
    }
  },
};
