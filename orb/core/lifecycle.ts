import { type Clock, type Deadline, IllegalTransition, type Timer } from "../base/index.ts";
import { BAD_INV_ORDER, Completion, MINOR } from "../exception/index.ts";

/** Life of an ORB (CORBA 3.3 Part 1, 8.4.2). */
export type OrbState = "running" | "shuttingDown" | "shutDown" | "destroyed";

export type OrbEvent = "shutdown" | "drained" | "destroy";

const NEXT: Readonly<Record<OrbState, Partial<Record<OrbEvent, OrbState>>>> = {
  running: { shutdown: "shuttingDown" },
  shuttingDown: { drained: "shutDown" },
  shutDown: { destroy: "destroyed" },
  destroyed: {},
};

/** @throws IllegalTransition */
export function step(state: OrbState, event: OrbEvent): OrbState {
  const next = NEXT[state][event];
  if (next === undefined) throw new IllegalTransition("ORB", state, event);
  return next;
}

/** @throws BAD_INV_ORDER within an upcall, which would wait for itself */
export function checkOutside(current: { _isInsideUpcall(): boolean }, operation: string): void {
  if (!current._isInsideUpcall()) return;
  throw new BAD_INV_ORDER(
    `${operation} inside an upcall would wait for the upcall itself: let the upcall return first`,
    MINOR.wouldDeadlock,
    Completion.no,
  );
}

/** Waits for a promise as long as there is time. */
export async function settledBy(
  deadline: Deadline,
  clock: Clock,
  promise: Promise<void>,
): Promise<void> {
  let timer: Timer | undefined;
  const late = new Promise<void>((resolve) => {
    timer = clock.timer(deadline.remainingMs(clock), resolve);
  });
  await Promise.race([promise, late]).finally(() => timer?.cancel());
}
