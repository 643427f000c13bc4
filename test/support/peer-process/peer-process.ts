import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type {
  Answer,
  OverlayEvent,
  PeerRef,
  Query,
  Standing,
} from "../../../services/overlay/index.ts";
import type { Order, PeerState, ProgramOptions, Said } from "./words.ts";

const PROGRAM = fileURLToPath(new URL("./program.js", import.meta.url));
const WAIT_MS = 15_000;
/** Eighteen that start at once share the processor. */
const START_MS = 120_000;
const EXERCISE_MS = 120_000;

export interface PeerProcessOptions extends ProgramOptions {
  /** For people. */
  readonly name: string;
  /** A network namespace to run in. */
  readonly namespace?: string;
  /** Of Node. */
  readonly nodeOptions?: readonly string[];
}

/** An event of a peer, and when it said so. */
export interface HeardEvent {
  readonly atMs: number;
  readonly event: OverlayEvent;
}

/** A process that is one peer: `program.ts`. */
export class PeerProcess implements AsyncDisposable {
  readonly name: string;
  readonly events: HeardEvent[] = [];
  readonly logs: Extract<Said, { said: "log" }>[] = [];
  readonly carried: Extract<Said, { said: "carried" }>[] = [];
  #standing: Standing = { at: "out" };
  #stoodAtMs = 0;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #heard: Set<(said: Said) => void> = new Set();
  #errors = "";
  #ref: PeerRef | undefined;
  #openAtMs = 0;
  #asked = 0;

  private constructor({ name, namespace, nodeOptions = [], ...options }: PeerProcessOptions) {
    this.name = name;
    const node = [process.execPath, "--max-semi-space-size=1", ...nodeOptions];
    const line = [...node, PROGRAM, JSON.stringify(options)];
    const inside = namespace === undefined ? [] : ["ip", "netns", "exec", namespace];
    const [command = "", ...args] = [...inside, ...line];
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stdin?.on("error", () => undefined);
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#errors += text));
    this.#ended = new Promise((resolve) => this.#child.once("close", () => resolve()));
    if (this.#child.stdout !== null)
      createInterface({ input: this.#child.stdout }).on("line", (text) => this.#take(text));
  }

  /** Starts it. @returns when it is open; it has yet to join */
  static async start(options: PeerProcessOptions): Promise<PeerProcess> {
    const peer = new PeerProcess(options);
    const { ref, atMs } = await peer.said("open", undefined, START_MS);
    peer.#ref = ref;
    peer.#openAtMs = atMs;
    return peer;
  }

  get ref(): PeerRef {
    if (this.#ref === undefined) throw new Error(`${this.name} is not open`);
    return this.#ref;
  }

  get openAtMs(): number {
    return this.#openAtMs;
  }

  /** As it said last, and when. */
  get standing(): Standing {
    return this.#standing;
  }

  get stoodAtMs(): number {
    return this.#stoodAtMs;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it wrote to its standard error. */
  get errors(): string {
    return this.#errors;
  }

  order(order: Order): void {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The next line of a kind. @throws Error when it does not come in time */
  said<K extends Said["said"]>(
    kind: K,
    isIt: (said: Extract<Said, { said: K }>) => boolean = () => true,
    timeoutMs: number = WAIT_MS,
  ): Promise<Extract<Said, { said: K }>> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        this.#heard.delete(hear);
      };
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`${this.name} said no "${kind}" in ${timeoutMs} ms\n${this.#errors}`));
      }, timeoutMs);
      void this.#ended.then(() => {
        stop();
        reject(new Error(`${this.name} ended before it said "${kind}"\n${this.#errors}`));
      });
      const hear = (said: Said): void => {
        if (said.said !== kind || !isIt(said as Extract<Said, { said: K }>)) return;
        stop();
        resolve(said as Extract<Said, { said: K }>);
      };
      this.#heard.add(hear);
    });
  }

  async ask(query: Query): Promise<{ readonly answer: Answer; readonly tookMs: number }> {
    const number = ++this.#asked;
    const answered = this.said("answer", (said) => said.number === number);
    this.order({ do: "ask", number, query });
    return await answered;
  }

  /** Has it ask for each of these services so often that its code is as fast as it gets. */
  async exercise(names: readonly string[], times: number): Promise<void> {
    const done = this.said("exercised", undefined, EXERCISE_MS);
    this.order({ do: "exercise", names, times });
    await done;
  }

  async state(timeoutMs: number = WAIT_MS): Promise<PeerState> {
    const told = this.said("state", undefined, timeoutMs);
    this.order({ do: "tell" });
    return (await told).state;
  }

  /** Megabytes in memory, as the kernel counts them. */
  residentMb(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) / 1_024;
  }

  async ended(): Promise<void> {
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  #take(text: string): void {
    const said = JSON.parse(text) as Said;
    if (said.said === "event") {
      this.events.push(said);
      if (said.event.kind === "standing") {
        this.#standing = said.event.standing;
        this.#stoodAtMs = said.atMs;
      }
    } else if (said.said === "log") this.logs.push(said);
    else if (said.said === "carried") this.carried.push(said);
    for (const hear of this.#heard) hear(said);
  }
}
