import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";

/** Milliseconds to wait for a line, or for the end of a process, where nothing else is said. */
export const WAIT_MS: number = 30_000;
/** Milliseconds a process has to end in good order once its input has ended, then again after SIGTERM. */
const GRACE_MS = 2_000;
/** Characters of output that a failure quotes. */
const QUOTED_CHARACTERS = 4_000;

export interface ProcessOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Ended {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * A child process of a test. Its standard input stays open until it is disposed of: peers end when it does, so that
 * none outlives the test that started it, however that ends.
 */
export class TestProcess implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #name: string;
  readonly #ended: Promise<Ended>;
  readonly #watchers: Set<() => void> = new Set();
  #output = "";
  #errors = "";
  #end: Ended | undefined;

  constructor(command: string, args: readonly string[], options: ProcessOptions = {}) {
    this.#name = [command.split("/").at(-1) ?? command, ...args].join(" ").slice(0, 120);
    this.#child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
      this.#changed();
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
      this.#changed();
    });
    // A process that is gone makes writes fail; its end is what is reported.
    this.#child.stdin.on("error", () => undefined);
    this.#ended = new Promise((resolve) => {
      const settle = (end: Ended): void => {
        this.#end ??= end;
        resolve(this.#end);
        this.#changed();
      };
      this.#child.once("error", (error) => {
        this.#errors += error.message;
        settle({ code: null, signal: null });
      });
      // "close" comes after the last output, "exit" may not.
      this.#child.once("close", (code, signal) => settle({ code, signal }));
    });
  }

  /** Its number; 0 where it could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it printed so far. */
  get output(): string {
    return this.#output;
  }

  /** What it printed to standard error so far. */
  get errors(): string {
    return this.#errors;
  }

  /** Writes to its standard input. */
  write(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Ends its standard input. */
  endInput(): void {
    this.#child.stdin.end();
  }

  /**
   * The first match in what it prints, what it has printed already included.
   * @param from which output is searched
   * @param start characters of it that are not
   * @throws Error when it ends without, or `timeoutMs` pass
   */
  match(
    pattern: RegExp,
    timeoutMs: number = WAIT_MS,
    from: "output" | "errors" = "output",
    start: number = 0,
  ): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
      };
      const look = (): void => {
        const text = from === "output" ? this.#output : this.#errors;
        const found = pattern.exec(text.slice(start));
        if (found === null && this.#end === undefined) return;
        stop();
        if (found !== null) resolve(found);
        else reject(this.#failure(`ended before it printed ${pattern}`));
      };
      const timer = setTimeout(() => {
        stop();
        reject(this.#failure(`did not print ${pattern} within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#watchers.add(look);
      look();
    });
  }

  /**
   * How it ended.
   * @throws Error when it has not after `timeoutMs`; it is killed then
   */
  async ended(timeoutMs: number = WAIT_MS): Promise<Ended> {
    const end = await this.#within(timeoutMs);
    if (end !== undefined) return end;
    this.#child.kill("SIGKILL");
    await this.#ended;
    throw this.#failure(`did not end within ${timeoutMs} ms`);
  }

  /** Ends its input, and if that does not end it, sends SIGTERM and then SIGKILL. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    if ((await this.#within(GRACE_MS)) !== undefined) return;
    this.#child.kill("SIGTERM");
    if ((await this.#within(GRACE_MS)) !== undefined) return;
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  /** Sends a signal. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async #within(timeoutMs: number): Promise<Ended | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), timeoutMs);
    });
    return await Promise.race([this.#ended, late]).finally(() => clearTimeout(timer));
  }

  #changed(): void {
    for (const look of this.#watchers) look();
  }

  #failure(what: string): Error {
    const said = [this.#output, this.#errors]
      .map((text) => text.trim().slice(-QUOTED_CHARACTERS))
      .filter((text) => text !== "");
    return new Error([`${this.#name}: ${what}`, ...said].join("\n"));
  }
}

/** A finished program: how it ended and what it printed. */
export interface Finished extends Ended {
  readonly output: string;
  readonly errors: string;
}

/**
 * Runs a program to its end; its standard input is empty.
 * @throws Error when it has not ended after `timeoutMs`
 */
export async function runToEnd(
  command: string,
  args: readonly string[],
  options: ProcessOptions & { readonly timeoutMs?: number; readonly input?: string } = {},
): Promise<Finished> {
  await using child = new TestProcess(command, args, options);
  if (options.input !== undefined) child.write(options.input);
  const end = await child.ended(options.timeoutMs);
  return { ...end, output: child.output, errors: child.errors };
}

/** Milliseconds between two looks of `eventually`. */
const LOOK_MS = 10;

/**
 * Looks until it is so: for what nothing tells, such as another process's state.
 * @param what for the failure: "the load burns"
 * @throws Error when it is not so in time
 */
export async function eventually(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  timeoutMs: number = 30_000,
): Promise<void> {
  const begunAtMs = performance.now();
  while (!(await isSo())) {
    if (performance.now() - begunAtMs > timeoutMs)
      throw new Error(`not so within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** A process that is spoken to in lines: what was heard once is not heard again. */
export class Talk implements AsyncDisposable {
  readonly process: TestProcess;
  #heard = 0;

  constructor(process: TestProcess) {
    this.process = process;
  }

  async hear(pattern: RegExp): Promise<RegExpExecArray> {
    const start = this.#heard;
    const found = await this.process.match(pattern, WAIT_MS, "output", start);
    this.#heard = start + found.index + found[0].length;
    return found;
  }

  async say(line: string, answer: RegExp): Promise<RegExpExecArray> {
    this.process.write(`${line}\n`);
    return await this.hear(answer);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.process[Symbol.asyncDispose]();
  }
}
