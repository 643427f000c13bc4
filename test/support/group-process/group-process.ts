import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Entry } from "../../../services/replication/index.ts";
import type { Order, ProgramOptions, Said } from "./words.ts";

const PROGRAM = fileURLToPath(new URL("./program.js", import.meta.url));
/** Tests share the processor with others. */
const WAIT_MS = 40_000;
const LOG_LINES = 200;

type SaidOpen = Extract<Said, { said: "open" }>;
export type SaidBooks = Extract<Said, { said: "books" }>;
export type SaidStanding = Extract<Said, { said: "standing" }>;

export interface GroupProcessOptions extends ProgramOptions {
  /** A network namespace to run in. */
  readonly namespace?: string;
}

/** A process with one replica of the bank: `program.ts`. */
export class GroupProcess implements AsyncDisposable {
  readonly site: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #watchers: Set<() => void> = new Set();
  readonly #log: string[] = [];
  #host: string | undefined;
  #open: SaidOpen | undefined;
  #standing: SaidStanding | undefined;
  readonly #standings: SaidStanding[] = [];
  #books: SaidBooks | undefined;
  #isOver = false;
  #divergence: string | undefined;

  private constructor({ namespace, ...options }: GroupProcessOptions) {
    this.site = options.site;
    const inside = namespace === undefined ? [] : ["ip", "netns", "exec", namespace];
    const line = [...inside, process.execPath, PROGRAM, JSON.stringify(options)];
    const [command = "", ...args] = line;
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stdin?.on("error", () => undefined);
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#note(text));
    this.#ended = new Promise((resolve) =>
      this.#child.once("close", () => {
        this.#isOver = true;
        resolve();
        this.#changed();
      }),
    );
    if (this.#child.stdout !== null)
      createInterface({ input: this.#child.stdout }).on("line", (text) => this.#take(text));
  }

  /** Starts it. @returns when its host can be reached; it has yet to join */
  static async start(options: GroupProcessOptions): Promise<GroupProcess> {
    const one = new GroupProcess(options);
    await one.until(() => one.#host !== undefined, "open its host");
    return one;
  }

  /** Where its host of groups is reached. */
  get host(): string {
    if (this.#host === undefined) throw new Error(`${this.site} has not started`);
    return this.#host;
  }

  /** Of all replicas. */
  get reference(): string {
    return this.#joined.reference;
  }

  /** Of its replica alone, as a client has it that knows of no group. */
  get own(): string {
    return this.#joined.own;
  }

  get #joined(): SaidOpen {
    if (this.#open === undefined) throw new Error(`${this.site} has not joined`);
    return this.#open;
  }

  /** As it said last. */
  get standing(): SaidStanding | undefined {
    return this.#standing;
  }

  /** All that it said of it, the first first. */
  get standings(): readonly SaidStanding[] {
    return this.#standings;
  }

  /** What its servant has now. */
  async books(): Promise<SaidBooks> {
    const before = this.#books;
    this.order({ do: "books" });
    await this.until(() => this.#books !== before, "tell of its books");
    if (this.#books === undefined) throw new TypeError("no books");
    return this.#books;
  }

  /** As it said, when a replica's state was another one. */
  get divergence(): string | undefined {
    return this.#divergence;
  }

  /** What it wrote to its log and to its standard error, the end of it. */
  get log(): string {
    return this.#log.join("\n");
  }

  async join(entry: Entry): Promise<void> {
    this.order({ do: "join", entry });
    await this.until(() => this.#open !== undefined, "join");
  }

  /** Ends it as the kernel would. */
  async killed(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  order(order: Order): void {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Called whenever it says something, and when it ends. @returns ends it */
  watch(heard: () => void): () => void {
    const own = (): void => heard();
    this.#watchers.add(own);
    return () => void this.#watchers.delete(own);
  }

  /** Settled when it is so, looked at with everything that it says. @throws Error when it does not become so */
  until(isSo: () => boolean, what: string, timeoutMs: number = WAIT_MS): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
      };
      const fail = (how: string): void => {
        stop();
        const now = JSON.stringify(this.#standing);
        reject(new Error(`${this.site} ${how}: ${what}; it stands as ${now}\n${this.log}`));
      };
      const look = (): void => {
        if (isSo()) {
          stop();
          resolve();
        } else if (this.#isOver) fail("ended before it did");
      };
      const timer = setTimeout(() => fail(`did not in ${timeoutMs} ms`), timeoutMs);
      this.#watchers.add(look);
      look();
    });
  }

  /** Settled when it is in a view of so many members, with its history. */
  inViewOf(count: number): Promise<void> {
    return this.until(
      () => isServing(this.#standing) && this.#standing?.members.length === count,
      `be in a view of ${count}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.killed();
  }

  #take(text: string): void {
    const said = JSON.parse(text) as Said;
    if (said.said === "host") this.#host = said.address;
    else if (said.said === "open") this.#open = said;
    else if (said.said === "books") this.#books = said;
    else if (said.said === "standing") {
      this.#standing = said;
      this.#standings.push(said);
    } else if (said.said === "diverged") this.#divergence ??= said.fault;
    this.#note(text);
    this.#changed();
  }

  #note(line: string): void {
    this.#log.push(line);
    if (this.#log.length > LOG_LINES) this.#log.shift();
  }

  #changed(): void {
    for (const look of this.#watchers) look();
  }
}

export function isServing(standing: SaidStanding | undefined): boolean {
  return standing?.at === "primary" || standing?.at === "follower";
}
