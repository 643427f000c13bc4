import { AsyncLocalStorage } from "node:async_hooks";
import { type Random, seededRandom } from "../../orb/base/index.ts";

/** What a replicated execution is given in place of the clock and of chance. */
class Supplied {
  readonly atMs: number;
  /** Recorded by the primary, or taken from it. */
  readonly choices: Uint8Array[];
  readonly isDeciding: boolean;
  readonly #id: string;
  #random: Random | undefined;

  constructor(id: string, atMs: number, choices: Uint8Array[], isDeciding: boolean) {
    this.#id = id;
    this.atMs = atMs;
    this.choices = choices;
    this.isDeciding = isDeciding;
  }

  get random(): Random {
    this.#random ??= seededRandom(seedOf(this.#id));
    return this.#random;
  }
}

/**
 * What is executed. Following an execution through its awaits costs every promise of the process, so only operations
 * whose servants wait are followed: each is the first time, and those that answered at once no more.
 */
class Executions {
  readonly #storage: AsyncLocalStorage<Supplied> = new AsyncLocalStorage();
  /** Whose synchronous part is on the stack. */
  #present: Supplied | undefined;
  /** Followed, and not ended. */
  #followedCount = 0;
  /** Taken for one that answers at once, and it waits after all; there is never more than one. */
  #stray: Supplied | undefined;

  get current(): Supplied | undefined {
    return this.#present ?? this.#storage.getStore() ?? this.#stray;
  }

  run<T>(supplied: Supplied, isFollowed: boolean, run: () => T): T {
    const outer = this.#present;
    const follows = isFollowed || this.#stray !== undefined;
    this.#present = supplied;
    try {
      const result = follows ? this.#storage.run(supplied, run) : run();
      if (result instanceof Promise) this.#waits(supplied, result, follows);
      else if (follows && outer === undefined) this.#rest();
      return result;
    } finally {
      this.#present = outer;
    }
  }

  #waits(supplied: Supplied, result: Promise<unknown>, isFollowed: boolean): void {
    if (isFollowed) this.#followedCount++;
    else this.#stray = supplied;
    const ended = (): void => {
      if (isFollowed) this.#followedCount--;
      else this.#stray = undefined;
    };
    result.then(ended, ended);
  }

  /** Without anybody to follow promises cost what they cost. */
  #rest(): void {
    if (this.#followedCount === 0) this.#storage.disable();
  }
}

const EXECUTIONS: Executions = new Executions();

/**
 * For servants of active and semi-active groups: what would differ between replicas, the same at all of them. Outside
 * of a replicated execution each is what it always is.
 */
export const replicated: {
  /** The group's clock: that of the operation that is executed, milliseconds since 1970. */
  nowMs(): number;
  /** From 0 to 1, the same row of numbers for an operation at each replica. */
  random(): number;
  /** Something only one can decide: asked at the primary, told to the others (semi-active; else asked everywhere). */
  decide(choose: () => Uint8Array): Uint8Array;
} = {
  nowMs: () => EXECUTIONS.current?.atMs ?? Date.now(),
  random: () => (EXECUTIONS.current?.random ?? { number: Math.random }).number(),
  decide: (choose) => {
    const supplied = EXECUTIONS.current;
    if (supplied === undefined) return choose();
    if (!supplied.isDeciding) return supplied.choices.shift() ?? choose();
    const choice = choose();
    supplied.choices.push(choice);
    return choice;
  },
};

/**
 * Runs an execution with the clock and the randomness of its operation.
 * @param id of its request
 * @param choices those of the primary
 * @param isFollowed whether it may be told by what it does after its first `await`; false for operations that have none
 */
export function supplying<T>(
  id: string,
  atMs: number,
  choices: Uint8Array[] | undefined,
  isFollowed: boolean,
  run: () => T,
): { readonly result: T; readonly choices: readonly Uint8Array[] } {
  const supplied = new Supplied(id, atMs, choices ?? [], choices === undefined);
  return { result: EXECUTIONS.run(supplied, isFollowed, run), choices: supplied.choices };
}

/** The same number for the same request at each replica. */
function seedOf(id: string): number {
  let seed = 0;
  for (let i = 0; i < id.length; i++) seed = (Math.imul(seed, 31) + id.charCodeAt(i)) >>> 0;
  return seed;
}
