import type { Identifier } from "../ast/index.ts";
import { type Context, type Entity, type Inheritor, qualifiedName } from "../resolve/index.ts";

/** Bases that are told apart; a set of them is a number with one bit each. */
const MAX_TOLD_APART = 30;

/**
 * Operations and attributes of the same name from different bases have no meaning. What is inherited
 * through one base alone was compared when that was declared, so the ancestors are climbed, the latest
 * declared first, only until all that are left are common to all bases: stacked diamonds cost little.
 */
export function reportAmbiguousCallables(c: Context, entity: Inheritor, name: Identifier): void {
  const reach = new Map<Inheritor, number>();
  const frontier = new Frontier();
  const isTold = entity.bases.length <= MAX_TOLD_APART;
  for (const [i, base] of entity.bases.entries())
    reachBy(base, isTold ? 1 << i : 0, reach, frontier);
  const all = isTold ? 2 ** entity.bases.length - 1 : -1;
  const byKey = new Map<string, Entity>();
  /** Sets of bases through which the names in `byKey` came. */
  const ways = new Set<number>();
  for (let base = frontier.pop(); base; base = frontier.pop()) {
    const by = reach.get(base) ?? 0;
    if (by !== all && compare(c, entity, name, base, byKey)) ways.add(by);
    for (const next of base.bases) reachBy(next, by, reach, frontier);
    if (isTold && frontier.isSettled(reach, all, ways)) return;
  }
}

function reachBy(
  base: Inheritor,
  by: number,
  reach: Map<Inheritor, number>,
  frontier: Frontier,
): void {
  const before = reach.get(base);
  reach.set(base, (before ?? 0) | by);
  if (before === undefined) frontier.push(base);
}

function compare(
  c: Context,
  entity: Inheritor,
  name: Identifier,
  base: Inheritor,
  byKey: Map<string, Entity>,
): boolean {
  const { size } = byKey;
  const state = base.kind === "value" ? base.stateMembers : [];
  for (const list of [base.operations, base.attributes, state]) {
    for (const callable of list) {
      const key = callable.name.toLowerCase();
      if ((c.callableCounts.get(key) ?? 0) < 2) continue;
      const earlier = byKey.get(key);
      if (!earlier) byKey.set(key, callable);
      else {
        const message = `${entity.kind} ${entity.name} inherits both ${qualifiedName(earlier)} and ${qualifiedName(callable)}`;
        const place = { message: `${callable.name} is declared here`, span: callable.span };
        c.diagnostics.error("ambiguous", message, name.span, place);
      }
    }
  }
  return byKey.size > size;
}

/** Ancestors still to be looked at, the latest declared first: a heap. */
class Frontier {
  readonly #heap: Inheritor[] = [];

  /** Whether all that wait come by all bases, or else by the same ones as all names that may be met again. */
  isSettled(
    reach: ReadonlyMap<Inheritor, number>,
    all: number,
    ways: ReadonlySet<number>,
  ): boolean {
    const open = new Set(this.#heap.map((waiting) => reach.get(waiting) ?? 0));
    open.delete(all);
    if (open.size > 1) return false;
    const [by] = open;
    return by === undefined || [...ways].every((way) => way === by);
  }

  push(item: Inheritor): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up] as Inheritor;
      if (parent.order >= item.order) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = item;
  }

  pop(): Inheritor | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return top;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      const right = heap[child + 1];
      if (right && right.order > (heap[child] as Inheritor).order) child++;
      const below = heap[child] as Inheritor;
      if (below.order <= last.order) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}
