import { parseArgs, type ParseArgsConfig } from "node:util";
import { UsageError } from "./command.ts";

/** Options by name, as `parseArgs` takes them. */
export type OptionTable = NonNullable<ParseArgsConfig["options"]>;

/** The arguments of one command, sorted. */
export interface Arguments {
  readonly strings: Readonly<Record<string, string | undefined>>;
  /** Options that may stand several times. */
  readonly lists: Readonly<Record<string, readonly string[] | undefined>>;
  readonly flags: ReadonlySet<string>;
  /** What is no option. */
  readonly words: readonly string[];
  /** Arguments of the ORB, `-ORBname value`. */
  readonly orb: readonly string[];
}

/** Takes `-ORBname value` pairs out: parseArgs would read `-O` as an option of one letter. */
export function splitOrbArguments(args: readonly string[]): { orb: string[]; own: string[] } {
  const orb: string[] = [];
  const own: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const argument = args[at] as string;
    if (!argument.startsWith("-ORB")) own.push(argument);
    else orb.push(argument, ...args.slice(++at, at + 1));
  }
  return { orb, own };
}

/** Reads a command's arguments. @throws UsageError for an option that it has not */
export function readArguments(
  command: string,
  args: readonly string[],
  options: OptionTable,
): Arguments {
  const { orb, own } = splitOrbArguments(args);
  const strings: Record<string, string> = {};
  const lists: Record<string, string[]> = {};
  const flags = new Set<string>();
  try {
    const { values, positionals } = parseArgs({ args: own, options, allowPositionals: true });
    for (const [name, value] of Object.entries(values)) {
      if (typeof value === "string") strings[name] = value;
      else if (Array.isArray(value)) lists[name] = value.map(String);
      else if (value === true) flags.add(name);
    }
    return { strings, lists, flags, words: positionals, orb };
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${command}: ${what}`, { cause });
  }
}

/** Milliseconds of an option that is given in seconds. @throws UsageError outside 0.001 to 3600 */
export function readSeconds(command: string, option: string, text: string): number {
  const seconds = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : 0;
  if (seconds >= 0.001 && seconds <= 3_600) return seconds * 1_000;
  throw new UsageError(`${command}: ${option} ${text}: seconds are needed, 0.001 to 3600`);
}
