/** What a lane may do on its cores: work of `execution` each `period`, the least time between two. */
export interface Work {
  readonly name: string;
  /** Higher runs first. */
  readonly priority: number;
  readonly period: number;
  readonly execution: number;
  /**
   * Within which it is to be done, at most `period`; undefined: it is only in the way of others, with its
   * `execution` at any moments of each `period`.
   */
  readonly deadline: number | undefined;
}

/** A deadline that cannot be promised. */
export interface Late {
  readonly name: string;
  readonly deadline: number;
  /** The response time in the worst case; undefined when it is beyond the deadline and was not counted out. */
  readonly response: number;
}

/** Steps of one iteration: each adds a whole execution time, so few are needed; more means "beyond". */
const MOST_STEPS = 10_000;

/**
 * Work that others can do in a window of `length`: exact on one core, where all begin together at the worst. A budget
 * may have been left for the end of its period, and the next begins then: as a request that came late.
 */
function workOnOne(others: readonly Work[], length: number): number {
  let sum = 0;
  for (const { period, execution, deadline } of others) {
    const late = deadline === undefined ? period - execution : 0;
    sum += Math.ceil((length + late) / period) * execution;
  }
  return sum;
}

/**
 * The same on several cores, where no worst instant is known: work may also be carried into the window
 * (Bertogna and Cirinei, Response-Time Analysis for Globally Scheduled Symmetric Multiprocessor Platforms,
 * RTSS 2007, theorem 4), at most `length - own + 1` of each.
 */
function workOnSeveral(
  others: readonly Work[],
  length: number,
  own: number,
  cores: number,
): number {
  let sum = 0;
  for (const { period, execution, deadline = period } of others) {
    const reach = length + deadline - execution;
    const whole = Math.floor(reach / period);
    const rest = Math.min(execution, reach - whole * period);
    sum += Math.min(whole * execution + rest, length - own + 1);
  }
  return Math.floor(sum / cores);
}

/**
 * The longest that `work` can take from its request to its end while others of the same or a higher
 * priority are in the way; anything above the deadline stands for "too long".
 */
function responseOf(work: Work, others: readonly Work[], cores: number): number {
  const { execution, period } = work;
  const limit = work.deadline ?? period;
  let response = execution;
  for (let step = 0; step < MOST_STEPS && response <= limit; step++) {
    const more =
      cores === 1 ? workOnOne(others, response) : workOnSeveral(others, response, execution, cores);
    if (execution + more === response) return response;
    response = execution + more;
  }
  return Math.max(response, limit + 1);
}

/** The part of all cores that is used; above the number of cores nothing can hold. */
export function utilisationOf(works: readonly Work[]): number {
  return works.reduce((sum, { execution, period }) => sum + execution / period, 0);
}

/**
 * Tests fixed priorities: which deadlines cannot be promised, the first lane of the list first. Times are
 * integers of one unit. On one core the test is exact (every deadline that can be met is), on several it
 * is on the safe side.
 * @param cores that all of the work shares
 */
export function findLate(works: readonly Work[], cores: number): readonly Late[] {
  return works.flatMap((work): readonly Late[] => {
    const { name, deadline, priority } = work;
    if (deadline === undefined) return [];
    const others = works.filter((other) => other !== work && other.priority >= priority);
    const response = responseOf(work, others, cores);
    return response <= deadline ? [] : [{ name, deadline, response }];
  });
}
