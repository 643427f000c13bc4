import type { Clock, Timer } from "../base/index.ts";
import { Completion, MINOR, NO_RESPONSE, TIMEOUT, UserException } from "../exception/index.ts";

/** As long as `unsigned long` has it: without end. */
const FOREVER = 0xffff_ffff;

/** CORBA::Pollable: something whose answer may be waited for. */
export interface Pollable {
  /** Internal: what time is measured by. */
  readonly _clock: Clock;
  /** Internal: settled when the answer is there; never rejected. */
  readonly _arrival: Promise<unknown>;
  is_ready(timeout: number): Promise<boolean>;
}

/** Settled when `event` is, or when the time is over. @param timeout milliseconds, 0xffffffff for no end */
export async function waitAtMost(
  event: Promise<unknown>,
  timeout: number,
  clock: Clock,
): Promise<void> {
  // What has happened is noticed without waiting, too.
  if (timeout === 0) {
    await Promise.resolve();
    return;
  }
  let timer: Timer | undefined;
  const over = new Promise<void>((resolve) => {
    if (timeout < FOREVER) timer = clock.timer(timeout, resolve);
  });
  await Promise.race([event, over]);
  timer?.cancel();
}

/** There is nothing in the set that could become ready (CORBA 3.3 Part 1, 11.3). */
export class NoPossiblePollable extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/CORBA/PollableSet/NoPossiblePollable:1.0";
  override readonly name: string = "NoPossiblePollable";
  override readonly repositoryId: string = NoPossiblePollable.repositoryId;
}

/** It is not in the set (CORBA 3.3 Part 1, 11.3). */
export class UnknownPollable extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/CORBA/PollableSet/UnknownPollable:1.0";
  override readonly name: string = "UnknownPollable";
  override readonly repositoryId: string = UnknownPollable.repositoryId;
}

/** CORBA::PollableSet: waits for whichever answer comes first. */
export class PollableSet {
  readonly #held = new Set<Pollable>();
  readonly #ready: Pollable[] = [];
  #wakes: (() => void)[] = [];

  /** Nothing happens for one that is in the set. */
  add_pollable(potential: Pollable): void {
    if (this.#held.has(potential)) return;
    this.#held.add(potential);
    void potential._arrival.then(() => {
      this.#ready.push(potential);
      const wakes = this.#wakes;
      this.#wakes = [];
      for (const wake of wakes) wake();
    });
  }

  /**
   * One whose answer is there, the first to arrive first; the set no longer holds it then.
   * @param timeout milliseconds; 0 does not wait, 4294967295 waits without end
   * @throws NoPossiblePollable when the set is empty, NO_RESPONSE or TIMEOUT when none is ready in time
   */
  async get_ready_pollable(timeout: number): Promise<Pollable> {
    const [any] = this.#held;
    if (any === undefined) throw new NoPossiblePollable("the set is empty");
    let ready = this.#shift();
    if (ready === undefined) {
      const arrival = new Promise<void>((resolve) => this.#wakes.push(resolve));
      await waitAtMost(arrival, timeout, any._clock);
      ready = this.#shift();
    }
    if (ready !== undefined) return ready;
    const text = `of ${this.#held.size} answers none is there`;
    throw timeout === 0
      ? new NO_RESPONSE(text, MINOR.none, Completion.maybe)
      : new TIMEOUT(`${text} after ${timeout} ms`, MINOR.none, Completion.maybe);
  }

  #shift(): Pollable | undefined {
    for (let next = this.#ready.shift(); next !== undefined; next = this.#ready.shift()) {
      if (this.#held.delete(next)) return next;
    }
    return undefined;
  }

  /** @throws UnknownPollable when it is not in the set */
  remove(potential: Pollable): void {
    if (!this.#held.delete(potential)) throw new UnknownPollable("it is not in the set");
  }

  number_left(): number {
    return this.#held.size;
  }
}
