import { type ResourceLimits, Worker } from "node:worker_threads";
import type { Clock, Deadline, Logger, Timer } from "../../orb/base/index.ts";
import { Deadline as Within, Deferred } from "../../orb/base/index.ts";
import { Completion, type LaneEndpoint, MINOR, NO_RESOURCES, TRANSIENT } from "../../orb/index.ts";
import {
  forgetWork,
  isLogLine,
  type LaneBirth,
  type LaneControl,
  type PeerLine,
  type Seat,
  type Team,
  LaneLink,
  type Opened,
  type Opening,
  type Placement,
  type PlacementWish,
} from "../lane-thread/index.ts";
import { ThreadChanges } from "./changes.ts";
import type { RestartBudget } from "./restarts.ts";

/** Milliseconds a thread that is made anew may take to be ready. */
const REVIVE_TIMEOUT_MS = 10_000;
/** Milliseconds `terminate` is given: it cannot end a thread that is in native code. */
const TERMINATE_TIMEOUT_MS = 1_000;

/** What a thread is made of. */
export interface ThreadParts {
  /** The module it runs. */
  readonly program: URL;
  readonly birth: LaneBirth;
  readonly limits: ResourceLimits;
  readonly wish: PlacementWish;
  readonly team: Team;
  readonly clock: Clock;
  readonly log: Logger;
  readonly budget: RestartBudget;
  /** Brings the kernel's thread into its group; tells what could not be had. */
  readonly join: (threadId: number | undefined) => Promise<void>;
  /** Each time the thread was placed. */
  readonly placed: (placement: Placement) => void;
  /** It serves: for the first time, or again. */
  readonly serving: (isAgain: boolean) => Promise<void>;
  /** It died. */
  readonly died: () => void;
  /** A message that is no answer and no log line. */
  readonly told: (message: unknown) => void;
}

interface Running {
  readonly worker: Worker;
  readonly link: LaneLink<LaneControl>;
}

type State =
  | { readonly at: "new" }
  | ({ readonly at: "starting" | "serving" | "closing" } & Running)
  | { readonly at: "pausing"; readonly timer: Timer }
  | { readonly at: "ended"; readonly why: string };

/** One thread of a lane, seen from the main thread: made, placed, opened, made again when it dies. */
export class LaneThread {
  readonly #parts: ThreadParts;
  /** What it is told of adapters and servants. */
  readonly changes: ThreadChanges;
  #state: State = { at: "new" };
  /** Settled while it serves; anew after each death. */
  #serving = new Deferred<void>();
  #exited = new Deferred<void>();
  #lastError: unknown;
  #opening: Opening = {
    listen: [],
    publish: [],
    sharesPort: false,
    warmUpCalls: 0,
    rehearsalsPerSecond: 0,
  };
  /** Undefined before it served for the first time. */
  #opened: Opened | undefined;

  constructor(parts: ThreadParts) {
    this.#parts = parts;
    const isServing = (): boolean => this.isServing;
    this.changes = new ThreadChanges({
      get isServing() {
        return isServing();
      },
      whenServing: (call, deadline) => this.#whenServing(call, deadline),
      link: () => this.#running().link,
    });
    // Who waits hears of it; nobody need wait.
    this.#serving.promise.catch(() => undefined);
  }

  /** `lane "alarms", thread 0`. */
  get title(): string {
    const { lane, thread } = this.#parts.birth;
    return `lane "${lane}", thread ${thread}`;
  }

  get endpoint(): LaneEndpoint | undefined {
    return this.#opened?.published;
  }

  /** Where it listens itself. */
  get listening(): LaneEndpoint | undefined {
    return this.#opened?.listening;
  }

  get isServing(): boolean {
    return this.#state.at === "serving";
  }

  get seat(): Seat {
    return this.#parts.team.seat;
  }

  /** The thread is there, and does nothing. @throws NO_RESOURCES when the system gives none */
  async start(deadline: Deadline): Promise<void> {
    const { link } = this.#spawn();
    try {
      await link.call("name", [this.#parts.wish.threadName], deadline);
    } catch (cause) {
      throw new NO_RESOURCES(
        `${this.title} cannot be started: ${textOf(this.#lastError ?? cause)}`,
        MINOR.none,
        Completion.no,
        { cause },
      );
    }
  }

  /** Places it, and has it listen. @throws what opening the endpoint threw */
  async open(opening: Opening, deadline: Deadline): Promise<void> {
    const running = this.#running();
    this.#opening = opening;
    await this.#open(running, deadline);
    await this.#serve(running, false);
  }

  /** Joins it to another thread; what cannot be joined has died, and is joined when it is back. */
  async link(line: PeerLine, deadline: Deadline): Promise<void> {
    await this.#running().link.call("link", [line], deadline, [line.port]);
  }

  /** What it measured is told when this ends; of one that does not serve nothing. */
  async measure(deadline: Deadline): Promise<void> {
    if (this.isServing) await this.#running().link.call("measure", [], deadline);
  }

  async unlink(seat: Seat, deadline: Deadline): Promise<void> {
    if (this.isServing) await this.#running().link.call("unlink", [seat], deadline);
  }

  /** Ends it in good order, or at the deadline all the same. */
  async close(deadline: Deadline): Promise<void> {
    const state = this.#state;
    if (state.at === "pausing") state.timer.cancel();
    if (state.at === "new" || state.at === "pausing") this.#end("was closed");
    if (state.at !== "starting" && state.at !== "serving") return await this.#gone(deadline);
    const { worker, link } = state;
    this.#state = { at: "closing", worker, link };
    const leftMs = deadline.remainingMs(this.#parts.clock);
    try {
      await link.call("close", [leftMs], deadline);
    } catch (error) {
      this.#parts.log.warn(`${this.title} did not close in good order`, { error });
    }
    await this.#gone(deadline);
  }

  async #gone(deadline: Deadline): Promise<void> {
    const state = this.#state;
    if (state.at !== "closing") return;
    if (await this.#hasExited(deadline.remainingMs(this.#parts.clock))) return;
    void state.worker.terminate();
    if (await this.#hasExited(TERMINATE_TIMEOUT_MS)) return;
    this.#parts.log.error(`${this.title} is in native code and cannot be ended`);
    state.worker.unref();
    this.#end("cannot be ended");
  }

  async #hasExited(withinMs: number): Promise<boolean> {
    let timer: Timer | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = this.#parts.clock.timer(withinMs, () => resolve(false));
    });
    const exited = this.#exited.promise.then(() => true);
    return await Promise.race([exited, late]).finally(() => timer?.cancel());
  }

  #spawn(): Running {
    const { program, birth, limits, wish } = this.#parts;
    this.#exited = new Deferred();
    this.#lastError = undefined;
    const worker = new Worker(program, {
      workerData: birth,
      resourceLimits: limits,
      name: wish.threadName,
    });
    const link = new LaneLink<LaneControl>(worker, this.title, this.#parts.clock);
    worker.on("message", (message: unknown) => this.#take(link, message));
    worker.on("error", (error) => {
      this.#lastError = error;
    });
    worker.on("exit", (code) => this.#exit(worker, code));
    this.#state = { at: "starting", worker, link };
    return { worker, link };
  }

  #take(link: LaneLink<LaneControl>, message: unknown): void {
    if (link.take(message)) return;
    if (!isLogLine(message)) {
      this.#parts.told(message);
      return;
    }
    const { lane, thread } = this.#parts.birth;
    this.#parts.log[message.log](message.message, { ...message.fields, lane, thread });
  }

  #running(): Running {
    const state = this.#state;
    if (state.at === "starting" || state.at === "serving") return state;
    throw new TRANSIENT(`${this.title} does not run`, MINOR.none, Completion.no);
  }

  async #open({ link }: Running, deadline: Deadline): Promise<void> {
    const { wish, team, join, placed } = this.#parts;
    const threadId = await link.call("name", [wish.threadName], deadline);
    // The group first: one without real-time budget refuses the policy, and one of other cores the affinity. DEADLINE is
    // the other way round: the kernel gives it to threads alone that may use all cores of their scheduling domain, and
    // takes those that have it into a group of fewer.
    const isLast = wish.scheduling.policy === "deadline";
    if (isLast) await link.call("place", [wish], deadline);
    await join(threadId);
    placed(await link.call("place", [wish], deadline));
    forgetWork(team.counts, team.seat.thread);
    await link.call("join", [team], deadline);
    this.#opened = await link.call("open", [this.#again(this.#opening)], deadline);
  }

  /** At the port it had before. */
  #again(opening: Opening): Opening {
    const port = this.#opened?.listening?.port;
    if (port === undefined) return opening;
    return { ...opening, listen: opening.listen.map((at) => at.replace(/:\d+$/, `:${port}`)) };
  }

  async #serve({ worker, link }: Running, isAgain: boolean): Promise<void> {
    this.#state = { at: "serving", worker, link };
    await this.#parts.serving(isAgain);
    this.#serving.resolve();
  }

  #exit(worker: Worker, code: number): void {
    const state = this.#state;
    if (!("worker" in state) || state.worker !== worker) return;
    const why =
      this.#lastError === undefined
        ? `ended with code ${code}`
        : `died: ${textOf(this.#lastError)}`;
    state.link.break(why);
    this.#exited.resolve();
    this.#parts.died();
    if (state.at === "closing" || this.#opened === undefined) this.#end(why);
    else this.#pause(why);
  }

  #end(why: string): void {
    this.#state = { at: "ended", why };
    const text = `${this.title} ${why}`;
    this.#serving.reject(new TRANSIENT(text, MINOR.none, Completion.no));
  }

  #pause(why: string): void {
    const { log, clock, budget } = this.#parts;
    const delayMs = budget.next();
    if (this.#state.at === "serving") {
      this.#serving = new Deferred();
      this.#serving.promise.catch(() => undefined);
    }
    if (delayMs === undefined) {
      log.error(`${this.title} ${why}: given up, for it died ${budget.text}`);
      this.#end(why);
      return;
    }
    log.warn(`${this.title} ${why}: made again in ${delayMs} ms`);
    const timer = clock.timer(delayMs, () => void this.#revive());
    this.#state = { at: "pausing", timer };
  }

  async #revive(): Promise<void> {
    const { clock, log } = this.#parts;
    const deadline = Within.after(clock, REVIVE_TIMEOUT_MS);
    const running = this.#spawn();
    const { worker, link } = running;
    try {
      await this.#open(running, deadline);
      await this.changes.again(link, deadline);
    } catch (error) {
      // Its end leads to the next attempt.
      this.#lastError ??= error;
      await worker.terminate();
      return;
    }
    if (this.#state.at !== "starting") return;
    await this.#serve(running, true);
    log.info(`${this.title} serves again`);
  }

  /** While it is made anew the change waits: a lane that is back has all of it. */
  async #whenServing(call: string, deadline: Deadline): Promise<void> {
    const { clock } = this.#parts;
    const leftMs = deadline.remainingMs(clock);
    if (this.#state.at === "serving" || !Number.isFinite(leftMs))
      return await this.#serving.promise;
    let timer: Timer | undefined;
    const late = new Promise<never>((_, reject) => {
      const text = `${this.title}: ${call} waited ${Math.round(leftMs)} ms for the thread to serve`;
      timer = clock.timer(leftMs, () => reject(new TRANSIENT(text, MINOR.none, Completion.no)));
    });
    await Promise.race([this.#serving.promise, late]).finally(() => timer?.cancel());
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
