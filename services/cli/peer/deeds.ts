import type { ORB } from "../../../orb/index.ts";
import {
  type readArguments,
  readSeconds,
  type Surroundings,
  UsageError,
} from "../../command/index.ts";
import { calling } from "../calling.ts";

/** What the first word of a command line has done to what is called. */
export interface Deed<T> {
  /** Names of the words that it takes. */
  readonly takes: readonly string[];
  /** @returns lines to print */
  readonly run: (target: T) => Promise<readonly string[]>;
}

/** A command that does one of several deeds. */
export interface Doing<T> {
  readonly command: string;
  readonly deeds: Readonly<Record<string, Deed<T>>>;
  readonly given: ReturnType<typeof readArguments>;
  /** What is called, and what it is given. */
  readonly target: (orb: ORB, words: readonly string[], timeoutMs: number) => Promise<T>;
  /** What refusals say to people; undefined for what is no refusal. */
  readonly refusal: (thrown: unknown) => string | undefined;
}

const TIMEOUT_SECONDS = "30";

/** Does it, within `--timeout`. @returns the exit code: 0 done, 1 refused @throws UsageError */
export async function doDeed<T>(
  { command, deeds, given, target, refusal }: Doing<T>,
  { print, complain, stop }: Surroundings,
): Promise<number> {
  const [verb = "", ...words] = given.words;
  const deed = Object.hasOwn(deeds, verb) ? deeds[verb] : undefined;
  if (deed === undefined) {
    const what = verb === "" ? "what is it to do?" : `"${verb}" is nothing it does;`;
    throw new UsageError(`${command}: ${what} allowed: ${Object.keys(deeds).join(", ")}`);
  }
  if (words.length !== deed.takes.length)
    throw new UsageError(`${command} ${verb}: takes ${deed.takes.join(" ") || "no name"}`);
  const { timeout = TIMEOUT_SECONDS } = given.strings;
  const timeoutMs = readSeconds(command, "--timeout", timeout);
  try {
    await calling({ command, orb: given.orb, timeoutMs, stop }, async (orb) => {
      for (const line of await deed.run(await target(orb, words, timeoutMs))) print(line);
    });
    return 0;
  } catch (thrown) {
    stop.throwIfAborted();
    const text = refusal(thrown);
    if (text === undefined) throw thrown;
    complain(`${command} ${verb}: ${text}`);
    return 1;
  }
}
