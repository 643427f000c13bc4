import { createHash } from "node:crypto";
import type { Deadline } from "../../orb/base/index.ts";
import type { Outcome, Upcall } from "../../orb/index.ts";
import type { Effect, Executed, GroupSettings, ReplicaEvent } from "../group/index.ts";
import type { Entry } from "../history/index.ts";
import { packDecisions, packOutcome, unpackArrival, unpackDecisions } from "./encoding.ts";
import type { StateSource } from "./plain-state.ts";
import { supplying } from "./supplied.ts";

type Chore = Extract<Effect, { kind: "execute" | "capture" | "update" | "restore" }>;
type Task = Extract<Chore, { kind: "execute" }>["task"];

/** What the executor works with. */
export interface ExecutorOptions {
  readonly settings: GroupSettings;
  readonly state: StateSource;
  readonly upcall: Upcall;
  /** Until when a servant may take; the ORB's own deadline for servants where there is no other. */
  readonly deadline: () => Deadline;
  /** After each so many operations the states of all replicas are compared; 0: never. */
  readonly digestEvery: number;
  readonly done: (event: ReplicaEvent) => void;
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
  /** Results of earlier runs are of no more use, and what was not begun is not begun. */
  #run = 0;

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  add(chore: Chore): void {
    this.#run = Math.max(this.#run, chore.run);
    this.#chores.push(chore);
  }

  /** Works until something takes its time, or nothing is left. */
  work(): void {
    while (!this.#isWorking) {
      const chore = this.#chores.shift();
      if (chore === undefined) return;
      if (chore.run === this.#run) this.#do(chore);
    }
  }

  #do(chore: Chore): void {
    const { state, done } = this.#options;
    const { run } = chore;
    switch (chore.kind) {
      case "restore":
        return state.restore(chore.state);
      case "capture":
        return done({ kind: "captured", run, state: state.capture() });
      case "update":
        return done({ kind: "updated", run, update: state.capture() });
      case "execute":
        return this.#execute(run, chore.task);
    }
  }

  #execute(run: number, task: Task): void {
    if (task.kind === "ordered" && task.work.kind === "update") {
      this.#options.state.restore(task.work.update);
      return this.#options.done({ kind: "executed", run, of: task.op, outcome: NOTHING });
    }
    const { of, request, atMs, choices } = partsOf(task);
    const arrival = unpackArrival(request.body);
    const supplied = supplying({ id: request.id, atMs }, choices, () =>
      this.#options.upcall(arrival, this.#options.deadline()),
    );
    const end = (outcome: Outcome): void => {
      this.#options.done(this.#told(run, of, atMs, task, packOutcome(outcome), supplied.choices));
    };
    if (!(supplied.result instanceof Promise)) return end(supplied.result);
    this.#isWorking = true;
    void supplied.result.then((outcome) => {
      this.#isWorking = false;
      end(outcome);
      this.work();
    });
  }

  #told(
    run: number,
    of: number | string,
    atMs: number,
    task: Task,
    outcome: Uint8Array,
    choices: readonly Uint8Array[],
  ): Executed {
    const { style, isDeferred } = this.#options.settings;
    const plain = { kind: "executed", run, of, outcome } as const;
    const digest = this.#digestOf(task);
    const told = digest === undefined ? plain : { ...plain, digest };
    if (task.kind !== "first") return told;
    if (style === "semi-active") return { ...told, decisions: packDecisions(atMs, choices) };
    return isDeferred ? told : { ...told, update: this.#options.state.capture() };
  }

  /** Only where replicas execute, and so may differ. */
  #digestOf(task: Task): string | undefined {
    const { digestEvery, settings, state } = this.#options;
    const isCompared = settings.style === "active" || settings.style === "semi-active";
    if (task.kind === "read" || digestEvery === 0 || !isCompared) return undefined;
    if (task.op % digestEvery !== 0) return undefined;
    return createHash("sha256").update(state.capture()).digest("hex");
  }
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
