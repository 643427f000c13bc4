import { AsyncLocalStorage } from "node:async_hooks";
import { type Random, seededRandom } from "../../orb/base/index.ts";

/** What a replicated execution is given in place of the clock and of chance. */
interface Supplied {
  readonly atMs: number;
  readonly random: Random;
  /** Recorded by the primary, or taken from it. */
  readonly choices: Uint8Array[];
  readonly isDeciding: boolean;
}

const CURRENT: AsyncLocalStorage<Supplied> = new AsyncLocalStorage();

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
  nowMs: () => CURRENT.getStore()?.atMs ?? Date.now(),
  random: () => (CURRENT.getStore()?.random ?? { number: Math.random }).number(),
  decide: (choose) => {
    const supplied = CURRENT.getStore();
    if (supplied === undefined) return choose();
    if (!supplied.isDeciding) return supplied.choices.shift() ?? choose();
    const choice = choose();
    supplied.choices.push(choice);
    return choice;
  },
};

/** Runs an execution with the clock and the randomness of its operation. @param choices those of the primary */
export function supplying<T>(
  { id, atMs }: { readonly id: string; readonly atMs: number },
  choices: Uint8Array[] | undefined,
  run: () => T,
): { readonly result: T; readonly choices: readonly Uint8Array[] } {
  const supplied: Supplied = {
    atMs,
    random: seededRandom(seedOf(id)),
    choices: choices ?? [],
    isDeciding: choices === undefined,
  };
  return { result: CURRENT.run(supplied, run), choices: supplied.choices };
}

/** The same number for the same request at each replica. */
function seedOf(id: string): number {
  let seed = 0;
  for (let i = 0; i < id.length; i++) seed = (Math.imul(seed, 31) + id.charCodeAt(i)) >>> 0;
  return seed;
}
