import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock, Timer } from "../base/index.ts";
import { Completion, MINOR, TIMEOUT } from "../exception/index.ts";
import type { ObjectReference } from "../object/index.ts";
import { NoContext } from "./exceptions.ts";
import { Inside, isThenable } from "./inside.ts";
import type { ObjectId } from "./object-id.ts";
import type { Servant } from "./servant.ts";

/** One upcall, as `POACurrent` tells it. */
export interface UpcallContext<P> {
  readonly poa: P;
  readonly objectId: ObjectId;
  readonly servant: Servant;
  /** It was answered: what goes on behind it is no upcall any more. */
  hasEnded: boolean;
}

/** What Current asks of a POA. */
export interface ReferenceMaker {
  id_to_reference_of(id: ObjectId, servant: Servant): ObjectReference;
}

/**
 * PortableServer::Current: which object a servant is being called for (CORBA 3.3 Part 1, 15.3.10).
 * Following a call through its awaits costs every promise of the process a little, so it starts with the
 * first `resolve_initial_references("POACurrent")`; upcalls begun before are not known to it.
 */
export class Current<P extends ReferenceMaker> {
  /** Internal: what upcalls wait for. */
  readonly _inside: Inside;
  #storage: AsyncLocalStorage<UpcallContext<P>> | undefined;
  /** The upcall whose synchronous part is on the stack. */
  #synchronous: UpcallContext<P> | undefined;
  /** Servant managers and adapter activators on the stack: upcalls, too, but on no object. */
  #managing = 0;

  readonly #clock: Clock;
  readonly #deadlineMs: number;

  /**
   * @param name of this run of the ORB, unlike every other
   * @param deadlineMs milliseconds for what others wait for: an activator's operation
   */
  constructor(name: string, clock: Clock, deadlineMs: number) {
    this._inside = new Inside(`upcall of ORB ${name}`);
    this.#clock = clock;
    this.#deadlineMs = deadlineMs;
  }

  /** Internal: from now on upcalls are followed. */
  _enable(): void {
    this.#storage ??= new AsyncLocalStorage();
  }

  /** Internal: runs `call` as the upcall `context` describes. */
  _run(context: UpcallContext<P>, call: () => void): void {
    const outer = this.#synchronous;
    this.#synchronous = context;
    try {
      if (this.#storage === undefined) call();
      else this.#storage.run(context, call);
    } finally {
      this.#synchronous = outer;
    }
  }

  /** Internal: whether contexts are kept longer than their message. */
  get _isEnabled(): boolean {
    return this.#storage !== undefined;
  }

  /** Internal: calls a servant manager or an adapter activator and tells what came of it, at once where it gave no promise. */
  _manage<T>(
    call: () => T | Promise<T>,
    then: (value: T) => void,
    failed: (thrown: unknown) => void,
  ): void {
    const outer = this.#synchronous;
    this.#synchronous = undefined;
    this.#managing++;
    let result: T | Promise<T>;
    try {
      result = call();
    } catch (thrown) {
      failed(thrown);
      return;
    } finally {
      this.#managing--;
      this.#synchronous = outer;
    }
    if (isThenable(result)) this._inside.follow(result as Promise<T>, then, failed);
    else then(result as T);
  }

  /**
   * Internal: the same for what others wait for. After the ORB's deadline `failed` is told TIMEOUT, and `late`
   * what comes behind it.
   */
  _manageInTime<T>(
    what: string,
    call: () => T | Promise<T>,
    then: (value: T) => void,
    failed: (thrown: unknown) => void,
    late: (value: T) => void = () => undefined,
  ): void {
    let step: "running" | "settled" | "expired" = "running";
    let timer: Timer | undefined;
    const settled = (): boolean => {
      timer?.cancel();
      if (step === "expired") return false;
      step = "settled";
      return true;
    };
    this._manage(
      call,
      (value) => (settled() ? then(value) : late(value)),
      (thrown) => {
        if (settled()) failed(thrown);
      },
    );
    // What `call` did by then may have settled it.
    if ((step as string) !== "running") return;
    timer = this.#clock.timer(this.#deadlineMs, () => {
      step = "expired";
      const text = `${what} gave no answer within ${this.#deadlineMs} ms (orb.deadlineMs)`;
      failed(new TIMEOUT(text, MINOR.managerExpired, Completion.no));
    });
  }

  /** Internal: the upcall this runs in, as far as it is known. */
  _peek(): UpcallContext<P> | undefined {
    const context = this.#synchronous ?? this.#storage?.getStore();
    return context?.hasEnded === true ? undefined : context;
  }

  /** Internal: whether waiting for all upcalls to end would be waiting for oneself. */
  _isInsideUpcall(): boolean {
    return this.#managing > 0 || this._peek() !== undefined || this._inside.isAwaited();
  }

  /** @throws NoContext outside an upcall */
  get_POA(): P {
    return this.#context().poa;
  }

  /** @throws NoContext outside an upcall */
  get_object_id(): ObjectId {
    return this.#context().objectId.slice();
  }

  /** @throws NoContext outside an upcall */
  get_servant(): Servant {
    return this.#context().servant;
  }

  /** @throws NoContext outside an upcall */
  get_reference(): ObjectReference {
    const { poa, objectId, servant } = this.#context();
    return poa.id_to_reference_of(objectId, servant);
  }

  #context(): UpcallContext<P> {
    const context = this._peek();
    if (context === undefined) {
      throw new NoContext("POACurrent is only known inside an upcall");
    }
    return context;
  }
}
