/** What a command of `orbweaver` is given by the process it runs in. */
export interface Surroundings {
  /** One line for whoever started the command. */
  readonly print: (line: string) => void;
  /** One line that is no part of the result: errors, advice. */
  readonly complain: (line: string) => void;
  /** Aborted when the command is to end in order. */
  readonly stop: AbortSignal;
  /** Has the process end within so many milliseconds of the command's end, whatever still runs in it. */
  readonly exitWithin?: (ms: number) => void;
}

/** One word after `orbweaver`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The whole of its own `--help`; a function where it is made of what other commands need not load. */
  readonly help: string | (() => Promise<string>);
  /** Runs until it is done or told to stop; the result is the process's exit code. */
  readonly run: (args: readonly string[], surroundings: Surroundings) => Promise<number>;
}

/** The command was called in a way it does not know; the message says what is allowed. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}
