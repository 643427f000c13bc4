import type { Clock } from "../base/index.ts";
import type { ClientOperation, InvokeOptions, PolledCall } from "../call/index.ts";
import {
  BAD_INV_ORDER,
  BAD_PARAM,
  Completion,
  MINOR,
  NO_RESPONSE,
  OBJECT_NOT_EXIST,
  type SystemException,
  TIMEOUT,
  UserException,
} from "../exception/index.ts";
import type { ClientEnd } from "../hook/index.ts";
import { ExceptionHolder, holderOf } from "../messaging/index.ts";
import { type Pollable, PollableSet, waitAtMost } from "./pollable-set.ts";
import type { ObjectReference } from "./reference.ts";

/** How a reply handler is told of an answer. */
interface Told<R, H> {
  readonly reply: (handler: H, result: R) => Promise<unknown>;
  readonly failed: (handler: H, holder: ExceptionHolder) => Promise<unknown>;
}

type Answer<R> =
  | { readonly kind: "result"; readonly value: R }
  | { readonly kind: "exception"; readonly error: unknown };

/** A poller with the method that gives its answer: that of the operation, `sendp_` taken off. */
export type PollerOf<N extends string, R, H = unknown> = Poller<R, H> &
  Readonly<Record<N, (timeout: number) => Promise<R>>>;

/**
 * Asks for the answer of one asynchronous call: what `sendp_` methods give (Messaging::Poller, CORBA 3.3 Part 1,
 * 17.9). It stays in this process.
 */
export class Poller<R = unknown, H = unknown> implements Pollable {
  readonly operation_target: ObjectReference;
  readonly operation_name: string;
  readonly #operation: Pick<ClientOperation<readonly unknown[], R>, "name" | "raises">;
  readonly #told: Told<R, H>;
  readonly #polled: PolledCall;
  /** Settled when the answer is there. */
  readonly #arrival: Promise<unknown>;
  #answer: Answer<R> | undefined;
  #isTaken = false;
  #isAsking = false;
  #isOwn = false;
  #handler: H | null = null;

  /** Internal: use a `sendp_` method. */
  constructor(
    target: ObjectReference,
    operation: Pick<ClientOperation<readonly unknown[], R>, "name" | "raises">,
    called: Promise<R>,
    polled: PolledCall,
    told: Told<R, H>,
  ) {
    this.operation_target = target;
    this.operation_name = operation.name.replace(/^_/, "");
    this.#operation = operation;
    this.#polled = polled;
    this.#told = told;
    this.#arrival = called.then(
      (value) => this.#arrived({ kind: "result", value }),
      (error: unknown) => this.#arrived({ kind: "exception", error }),
    );
  }

  /** Internal: what set it waits in measures time by. */
  get _clock(): Clock {
    return this.operation_target._core.invoker.clock;
  }

  /** Internal: settled when the answer is there. */
  get _arrival(): Promise<unknown> {
    return this.#arrival;
  }

  /** Whether what was raised last came from the poller itself, not from the call. */
  get is_from_poller(): boolean {
    return this.#isOwn;
  }

  /** Who is told the answer instead; null for nobody. */
  get associated_handler(): H | null {
    return this.#handler;
  }

  /** The answer goes there, at once where it is there already, and cannot be asked for any more. */
  set associated_handler(handler: H | null) {
    this.#checkUntaken();
    if (this.#isAsking) throw this.#misused("is being waited for already");
    this.#handler = handler;
    if (handler !== null && this.#answer !== undefined) this.#tell(handler, this.#answer);
  }

  /**
   * Whether the answer is there, or comes in time.
   * @param timeout milliseconds; 0 does not wait, 4294967295 waits without end
   * @throws OBJECT_NOT_EXIST when the answer was taken
   */
  async is_ready(timeout: number): Promise<boolean> {
    this.#checkUntaken();
    if (this.#answer === undefined) await waitAtMost(this.#arrival, timeout, this._clock);
    return this.#answer !== undefined;
  }

  /** A set that this one is in. */
  create_pollable_set(): PollableSet {
    const set = new PollableSet();
    set.add_pollable(this);
    return set;
  }

  /** Internal: the answer, once; what the method of the operation does. */
  async _take(timeout: number): Promise<R> {
    this.#checkUntaken();
    if (this.#handler !== null) throw this.#misused("goes to the associated handler");
    if (this.#isAsking) throw this.#misused("is being waited for already");
    this.#isOwn = false;
    const refused = this.#polled.flow?.poll?.();
    if (refused?.kind === "exception") throw refused.error;
    this.#isAsking = true;
    if (this.#answer === undefined) await waitAtMost(this.#arrival, timeout, this._clock);
    this.#isAsking = false;
    const answer: Answer<R> = this.#answer ?? { kind: "exception", error: this.#late(timeout) };
    this.#isTaken = this.#answer !== undefined;
    return this.#given(answer);
  }

  /** What those who look at the call make of its answer. */
  #given(answer: Answer<R>): R {
    const userId =
      answer.kind === "exception" && answer.error instanceof UserException
        ? { userId: answer.error.repositoryId }
        : {};
    const end: ClientEnd = this.#polled.flow?.answered?.({ ...answer, ...userId }) ?? answer;
    if (end.kind === "result") return end.value as R;
    // The request was answered: nobody sends it again.
    if (end.kind === "exception") throw end.error;
    if (answer.kind === "exception") throw answer.error;
    return answer.value;
  }

  #misused(why: string): BAD_INV_ORDER {
    const text = `the answer of ${this.operation_name} ${why}`;
    return this.#own(new BAD_INV_ORDER(text, MINOR.none, Completion.no));
  }

  #late(timeout: number): SystemException {
    const text = `there is no answer of ${this.operation_name}`;
    return this.#own(
      timeout === 0
        ? new NO_RESPONSE(`${text} yet`, MINOR.none, Completion.maybe)
        : new TIMEOUT(`${text} after ${timeout} ms`, MINOR.none, Completion.maybe),
    );
  }

  #arrived(answer: Answer<R>): void {
    this.#answer = answer;
    if (this.#handler !== null) this.#tell(this.#handler, answer);
  }

  #tell(handler: H, answer: Answer<R>): void {
    this.#isTaken = true;
    const raises = this.#operation.raises?.() ?? [];
    const told =
      answer.kind === "result"
        ? this.#told.reply(handler, answer.value)
        : this.#told.failed(handler, holderOf(answer.error, raises));
    told.catch((error: unknown) => {
      this.operation_target._core.invoker.log.warn("a poller's handler could not be told", {
        operation: this.operation_name,
        error,
      });
    });
  }

  #checkUntaken(): void {
    if (!this.#isTaken) return;
    const text = `the answer of ${this.operation_name} was taken from the poller already`;
    throw this.#own(new OBJECT_NOT_EXIST(text, MINOR.none, Completion.no));
  }

  #own<E>(error: E): E {
    this.#isOwn = true;
    return error;
  }
}

/** @throws BAD_PARAM for what is no `unsigned long` */
function checkedTimeout(timeout: number): number {
  if (Number.isInteger(timeout) && timeout >= 0 && timeout <= 0xffff_ffff) return timeout;
  throw new BAD_PARAM(`a timeout is milliseconds from 0 to 4294967295, not ${String(timeout)}`);
}

/**
 * Calls an operation whose answer is asked for later: what `sendp_` methods do.
 * @param name of the poller's method
 */
export function sendp<N extends string, A extends readonly unknown[], R, H>(
  target: ObjectReference,
  operation: ClientOperation<A, R>,
  args: A,
  name: N,
  reply: (handler: H, result: R) => Promise<unknown>,
  failed: (handler: H, holder: ExceptionHolder) => Promise<unknown>,
  options?: InvokeOptions,
): PollerOf<N, R, H> {
  const polled: PolledCall = { flow: undefined };
  const { invoker } = target._core;
  const called = invoker.invoke(target._core, operation, args, options, polled) as Promise<R>;
  const poller = new Poller<R, H>(target, operation, called, polled, { reply, failed });
  const take = async (timeout: number): Promise<R> => await poller._take(checkedTimeout(timeout));
  return Object.assign(poller, { [name]: take }) as PollerOf<N, R, H>;
}
