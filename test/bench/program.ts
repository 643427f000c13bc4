import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Command } from "./contender.ts";

/** Milliseconds a process may take to end after its input ended, before it is killed. */
const END_TIMEOUT_MS = 3_000;
/** Octets of error output kept to explain a failure. */
const KEPT_ERROR_OCTETS = 4_000;

// The program has another input than the one whose end is awaited: Node.js has its input never block, and leaves it so.
const KEEP = 'exec 3>&2 2>/dev/null; cat | (exec "$@" 2>&3 3>&-)';

/**
 * A program behind a shell that stays when it dies, says nothing of it, and ends with its input. What a process hears of the end
 * of its child would else be in the way of a client in it, at the very moment that is measured.
 */
export const outlived = (command: Command): Command => ["sh", "-c", KEEP, "sh", ...command];

/** A child process that is spoken to in lines. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #name: string;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;
  #errors = "";

  constructor(command: Command, core?: number) {
    const [program, ...args]: Command =
      core === undefined ? command : ["taskset", "-c", String(core), ...command];
    this.#name = command
      .map((part) => part.split("/").at(-1))
      .join(" ")
      .slice(0, 80);
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-KEPT_ERROR_OCTETS);
    });
    // A process that is gone makes writes fail; the missing answer is what is reported.
    this.#child.stdin.on("error", () => undefined);
    this.#ended = once(this.#child, "exit").catch(() => undefined);
    this.#child.on("error", (error) => {
      this.#errors += error.message;
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** undefined: it could not be started. */
  get processId(): number | undefined {
    return this.#child.pid;
  }

  say(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /**
   * The rest of the next line of the form `keyword rest`.
   * @throws Error when the process ends, says something else, or says nothing in time
   */
  async hear(keyword: string, timeoutMs: number): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), timeoutMs);
    });
    const heard = await Promise.race([this.#lines.next(), late]).finally(() => clearTimeout(timer));
    if (heard === "late") throw this.#failure(`no "${keyword}" within ${timeoutMs} ms`);
    if (heard.done === true) throw this.#failure(`ended before "${keyword}"`);
    const [first, ...rest] = heard.value.split(" ");
    if (first !== keyword) throw this.#failure(`said: ${heard.value}`);
    return rest.join(" ");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    const killer = setTimeout(() => this.#child.kill("SIGKILL"), END_TIMEOUT_MS);
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.#ended;
    clearTimeout(killer);
  }

  #failure(what: string): Error {
    const errors = this.#errors.trim();
    return new Error(`${this.#name}: ${what}${errors === "" ? "" : `\n${errors}`}`);
  }
}
