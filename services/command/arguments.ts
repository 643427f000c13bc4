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

/** What stands in arguments that are not the ORB's, as `parseArgs` has it. */
export interface ParsedArguments {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
}

function codeOf(error: Error): unknown {
  return "code" in error ? error.code : undefined;
}

/** @throws UsageError for an option that the command has not, and for words where it takes none */
export function parseOwn(
  command: string,
  args: readonly string[],
  options: OptionTable,
  allowPositionals: boolean,
): ParsedArguments {
  try {
    return parseArgs({ args: [...args], options, allowPositionals });
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    const isUnknown = cause instanceof Error && codeOf(cause) === "ERR_PARSE_ARGS_UNKNOWN_OPTION";
    if (!isUnknown) throw new UsageError(`${command}: ${what}`, { cause });
    const allowed = Object.entries(options)
      .map(([name, { short }]) => (short === undefined ? `--${name}` : `-${short}, --${name}`))
      .join(", ");
    const [first = what] = what.split(". ");
    throw new UsageError(`${command}: ${first}; allowed: ${allowed}, --help, -ORB…`, { cause });
  }
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
  const { values, positionals } = parseOwn(command, own, options, true);
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === "string") strings[name] = value;
    else if (Array.isArray(value)) lists[name] = value.map(String);
    else if (value === true) flags.add(name);
  }
  return { strings, lists, flags, words: positionals, orb };
}

/** Milliseconds of an option that is given in seconds. @throws UsageError outside 0.001 to 3600 */
export function readSeconds(command: string, option: string, text: string): number {
  const seconds = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : 0;
  if (seconds >= 0.001 && seconds <= 3_600) return seconds * 1_000;
  throw new UsageError(`${command}: ${option} ${text}: seconds are needed, 0.001 to 3600`);
}
