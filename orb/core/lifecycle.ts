import { IllegalTransition } from "../base/index.ts";

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
