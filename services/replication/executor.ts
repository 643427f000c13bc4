import { createHash } from "node:crypto";
import { type Clock, Deadline } from "../../orb/base/index.ts";
import { MINOR, TIMEOUT, type Upcall } from "../../orb/index.ts";
import type { Effect, Executed, GroupSettings, ReplicaEvent } from "../group/index.ts";
import type { Entry } from "../history/index.ts";
import { arrivalOf, packDecisions, packOutcome, unpackDecisions } from "./encoding.ts";
import type { StateSource } from "./state-source.ts";
import { supplying } from "./supplied.ts";

type Chore = Extract<Effect, { kind: "execute" | "capture" | "update" | "restore" }>;
type Task = Extract<Chore, { kind: "execute" }>["task"];

/**
 * After so long the thread does something else first: who worked on for all that waits would let nobody hear of the
 * group for as long.
 */
const MOST_AT_ONCE_MS = 10;

/** What the executor works with. */
export interface ExecutorOptions {
  /** As they are: a group's style may be changed. */
  readonly settings: () => GroupSettings;
  readonly state: StateSource;
  readonly upcall: Upcall;
  readonly clock: Clock;
  /** What a servant may take for an operation, or for its state; beyond it the replica is given up. */
  readonly mostMs: number;
  /** After each so many operations the states of all replicas are compared; 0: never. */
  readonly digestEvery: number;
  readonly done: (event: ReplicaEvent) => void;
  /** A servant's state could not be had or set: this replica is no longer one. */
  readonly failed: (error: unknown) => void;
}

/**
 * Does what a member asks of its servants, strictly one after the other: an operation begins when the one before has
 * ended, however long its servant waits for something. So the order of the history is the order of all effects, at
 * every replica, and a state that is captured between two operations is that after the first.
 */
export class Executor {
  readonly #options: ExecutorOptions;
  readonly #chores: Chore[] = [];
  #isWorking = false;
  #isAtIt = false;
  /** The thread has worked for long, and does something else. */
  #isResting = false;
  /** Results of earlier runs are of no more use, and what was not begun is not begun. */
  #run = 0;
  #isStopped = false;
  #whenIdle: (() => void)[] = [];
  readonly #habits = new Habits();

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /** Begins nothing more. @returns settled when what its servant does at the moment has ended */
  stop(): Promise<void> {
    this.#isStopped = true;
    this.#chores.length = 0;
    if (!this.#isWorking) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  add(chore: Chore): void {
    if (this.#isStopped) return;
    this.#run = Math.max(this.#run, chore.run);
    this.#chores.push(chore);
  }

  /** What was added and not begun. */
  get waitingCount(): number {
    return this.#chores.length;
  }

  /** Works until something takes its time, or nothing is left. */
  work(): void {
    // What an operation brings about is done after it, by whoever called it.
    if (this.#isAtIt || this.#chores.length === 0) return;
    this.#isAtIt = true;
    try {
      this.#workOn();
    } finally {
      this.#isAtIt = false;
    }
  }

  #workOn(): void {
    const { clock } = this.#options;
    const beganMs = clock.nowMs();
    while (!this.#isWorking && !this.#isResting) {
      const chore = this.#chores.shift();
      if (chore === undefined) return;
      if (chore.run === this.#run) this.#do(chore);
      if (clock.nowMs() - beganMs >= MOST_AT_ONCE_MS) this.#restATurn();
    }
  }

  /** For one turn of the event loop: timers that are due and what came go first. */
  #restATurn(): void {
    this.#isResting = true;
    const goOn = (): void => {
      this.#isResting = false;
      this.work();
    };
    setImmediate(() => setImmediate(goOn));
  }

  #do(chore: Chore): void {
    const { state, done } = this.#options;
    const { run } = chore;
    switch (chore.kind) {
      case "restore":
        return this.#then(state.restore(chore.state), () => undefined);
      case "capture":
        return this.#then(state.capture(), (whole) =>
          done({ kind: "captured", run, state: whole }),
        );
      case "update":
        return this.#then(this.#update(), (update) => done({ kind: "updated", run, update }));
      case "execute":
        return this.#execute(run, chore.task);
    }
  }

  /** Goes on with a value when it is there; nothing else is begun before. */
  #then<T>(value: T | Promise<T>, proceed: (value: T) => void): void {
    if (!(value instanceof Promise)) return proceed(value);
    this.#isWorking = true;
    const { clock, mostMs, failed } = this.#options;
    const late = clock.timer(mostMs, () => {
      const message = `a servant has not ended after ${mostMs} ms, and nothing may begin before it has`;
      failed(new TIMEOUT(message, MINOR.gateExpired, "COMPLETED_MAYBE"));
    });
    late.unref();
    void value
      .then((there) => {
        late.cancel();
        this.#isWorking = false;
        if (this.#isStopped) return;
        proceed(there);
        this.work();
      })
      .catch((error: unknown) => {
        late.cancel();
        failed(error);
      })
      .finally(() => this.#wake());
  }

  /** A servant that threw has ended, too; one that only takes too long has not. */
  #wake(): void {
    if (this.#isStopped) for (const wake of this.#whenIdle.splice(0)) wake();
  }

  #update(): Uint8Array | Promise<Uint8Array> {
    const { state } = this.#options;
    return state.update === undefined ? state.capture() : state.update();
  }

  #execute(run: number, task: Task): void {
    const { state, upcall, clock, mostMs, done } = this.#options;
    if (task.kind === "ordered" && task.work.kind === "update") {
      const { update } = task.work;
      const taken = state.apply === undefined ? state.restore(update) : state.apply(update);
      const event = { kind: "executed", run, of: task.op, outcome: NOTHING } as const;
      return this.#then(taken, () => done(event));
    }
    const { of, request, atMs, choices } = partsOf(task);
    const arrival = arrivalOf(request);
    const { operation } = arrival;
    const supplied = supplying(request.id, atMs, choices, this.#habits.mayWait(operation), () =>
      upcall(arrival, Deadline.after(clock, mostMs)),
    );
    this.#habits.saw(operation, supplied.result instanceof Promise);
    this.#then(supplied.result, (outcome) =>
      this.#tell({ run, of, outcome: packOutcome(outcome) }, atMs, task, supplied.choices),
    );
  }

  /** Tells a result, with all that the others need of it. */
  #tell(
    { run, of, outcome }: Pick<Executed, "run" | "of" | "outcome">,
    atMs: number,
    task: Task,
    choices: readonly Uint8Array[],
  ): void {
    const { done } = this.#options;
    const settings = this.#options.settings();
    const isFirst = task.kind === "first" && !settings.isDeferred;
    const isSemiActive = settings.style === "semi-active";
    this.#then(this.#digestOf(task), (digest) => {
      const decisions = isFirst && isSemiActive ? packDecisions(atMs, choices) : undefined;
      if (!isFirst || isSemiActive)
        return done({ kind: "executed", run, of, outcome, decisions, update: undefined, digest });
      this.#then(this.#update(), (update) =>
        done({ kind: "executed", run, of, outcome, decisions, update, digest }),
      );
    });
  }

  /** Only where replicas execute, and so may differ. */
  #digestOf(task: Task): string | undefined | Promise<string> {
    const { digestEvery, settings, state } = this.#options;
    if (task.kind === "read" || digestEvery === 0) return undefined;
    const { style } = settings();
    if (style !== "active" && style !== "semi-active") return undefined;
    if (task.op % digestEvery !== 0) return undefined;
    const whole = state.capture();
    return whole instanceof Promise ? whole.then(hashOf) : hashOf(whole);
  }
}

/** Operations that are remembered: clients may name as many as they like. */
const MOST_OPERATIONS = 1_000;

/** Which operations' servants answer at once. */
class Habits {
  readonly #answersAtOnce = new Set<string>();
  readonly #waits = new Set<string>();

  mayWait(operation: string): boolean {
    return !this.#answersAtOnce.has(operation);
  }

  saw(operation: string, waited: boolean): void {
    if (waited) {
      this.#answersAtOnce.delete(operation);
      if (this.#waits.size < MOST_OPERATIONS) this.#waits.add(operation);
    } else if (this.mayWait(operation)) this.#sawAnswer(operation);
  }

  /** Who waited once may do so again. */
  #sawAnswer(operation: string): void {
    const isFull = Math.max(this.#answersAtOnce.size, this.#waits.size) >= MOST_OPERATIONS;
    if (!isFull && !this.#waits.has(operation)) this.#answersAtOnce.add(operation);
  }
}

function hashOf(state: Uint8Array): string {
  return createHash("sha256").update(state).digest("hex");
}

type Request = Extract<Entry["work"], { kind: "request" }>["request"];

interface Parts {
  readonly of: number | string;
  readonly request: Request;
  readonly atMs: number;
  readonly choices: Uint8Array[] | undefined;
}

function partsOf(task: Task): Parts {
  if (task.kind === "read")
    return { of: task.request.id, request: task.request, atMs: 0, choices: undefined };
  if (task.kind === "first")
    return { of: task.request.id, request: task.request, atMs: task.atMs, choices: undefined };
  const { work, op, atMs } = task;
  if (work.kind !== "request") throw new TypeError(`operation ${op} is no request`);
  const { request, decisions } = work;
  if (decisions === undefined) return { of: op, request, atMs, choices: undefined };
  // The primary executed it earlier than it ordered it: its clock at that time is one of its decisions.
  const decided = unpackDecisions(decisions);
  return { of: op, request, atMs: decided.atMs, choices: [...decided.choices] };
}

const NOTHING: Uint8Array = new Uint8Array();
