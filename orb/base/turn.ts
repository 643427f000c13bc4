const SETTLED: Promise<void> = Promise.resolve();

/**
 * Has something done when what runs now is through: as a microtask, at a fraction of the cost of `queueMicrotask`, which
 * makes a resource of each. What it throws is a rejection that nobody handles.
 */
export function atTurnEnd(act: () => void): void {
  void SETTLED.then(act);
}
