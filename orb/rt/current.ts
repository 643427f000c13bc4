import { AsyncLocalStorage } from "node:async_hooks";
import { Completion, INITIALIZE, MINOR } from "../exception/index.ts";
import type { PriorityMappingManager } from "./mapping.ts";
import { checkPriority } from "./priority.ts";

/** What runs now: at which priority, and for which object where it is an upcall. */
export interface Running {
  readonly priority: number;
  readonly objectId?: Uint8Array;
}

/**
 * RTCORBA::Current: the priority of what runs now (RT-CORBA 1.2, 5.6); the initial reference `RTCurrent`.
 *
 * What a thread is elsewhere is a chain of calls and awaits here: each has the priority it was given, and hands it to
 * what it begins. Following that costs every promise of the process a little, so it starts with the first use: chains
 * begun before cannot be told apart, and upcalls begun before are known up to their first `await`. No thread's scheduling is changed: that is the lanes' affair.
 */
export class RTCurrent {
  readonly #mappings: PriorityMappingManager;
  #storage: AsyncLocalStorage<Running> | undefined;
  /** Of the thread: what runs where nobody says anything else. */
  #ofThread: Running | undefined;
  /** Of the upcall whose synchronous part is on the stack. */
  #synchronous: Running | undefined;

  constructor(mappings: PriorityMappingManager) {
    this.#mappings = mappings;
  }

  /** @throws INITIALIZE where nobody has set it, and nobody was called with one */
  get the_priority(): number {
    const running = this._peek();
    if (running !== undefined) return running.priority;
    throw new INITIALIZE(
      "RTCurrent.the_priority was never set where this runs",
      MINOR.none,
      Completion.no,
    );
  }

  /** @throws BAD_PARAM outside 0 to 32767, DATA_CONVERSION minor OMG 2 for one that has no native priority */
  set the_priority(priority: number) {
    this.#check(priority);
    this._enable();
    const running = { ...this._peek(), priority };
    if (this.#synchronous !== undefined) this.#synchronous = running;
    this.#storage?.enterWith(running);
  }

  /** Runs `call`, with all that it begins, at a priority; what runs now keeps its own. @throws as setting it */
  withPriority<T>(priority: number, call: () => T): T {
    this.#check(priority);
    this._enable();
    return this._run({ ...this._peek(), priority }, call);
  }

  #check(priority: number): void {
    this.#mappings._native(checkPriority(priority, "RTCurrent.the_priority"));
  }

  /** Internal: from now on priorities are followed. */
  _enable(): void {
    this.#storage ??= new AsyncLocalStorage();
  }

  /** Internal: all that runs in this thread runs at a priority, where nobody says anything else: in that of a lane. */
  _runAt(priority: number): void {
    this.#ofThread = { priority };
  }

  /** Internal: whether anybody asked for it yet. */
  get _isEnabled(): boolean {
    return this.#storage !== undefined;
  }

  /** Internal: runs an upcall at its priority. */
  _run<T>(running: Running, call: () => T): T {
    const outer = this.#synchronous;
    this.#synchronous = running;
    try {
      return this.#storage === undefined ? call() : this.#storage.run(running, call);
    } finally {
      this.#synchronous = outer;
    }
  }

  /** Internal: what is in force; undefined where nothing is. */
  _peek(): Running | undefined {
    return this.#storage?.getStore() ?? this.#synchronous ?? this.#ofThread;
  }
}
