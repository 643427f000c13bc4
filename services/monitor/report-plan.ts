import type * as Monitor from "./gen/Monitor.ts";

/** When reports are due. */
export interface ReportTimes {
  /** Milliseconds between two reports, at most. */
  readonly reportMs: number;
  /** A utilization beyond which nobody waits for the next report: 0 to 1. */
  readonly threshold: number;
}

/** What has happened. */
export type MonitorEvent =
  | { readonly kind: "sample"; readonly utilization: number }
  | { readonly kind: "change" }
  | { readonly kind: "fault" };

export interface PlanState {
  readonly reportedMs: number;
  /** It has told of the threshold, and does so again when the utilization has fallen in between. */
  readonly isAbove: boolean;
}

export interface PlanStep {
  readonly state: PlanState;
  /** Why a report is due now; undefined: none is. */
  readonly due: Monitor.Cause | undefined;
}

/** How far beneath the threshold the utilization must fall: one that swings about it is told of once. */
const HYSTERESIS = 0.05;

export const PLAN_BEGINNING: PlanState = { reportedMs: -Infinity, isAbove: false };

/** Decides whether a report is due: periodically, and at once on a threshold or a fault. */
export function stepPlan(
  state: PlanState,
  event: MonitorEvent,
  nowMs: number,
  { reportMs, threshold }: ReportTimes,
): PlanStep {
  const told = (due: Monitor.Cause, isAbove: boolean): PlanStep => ({
    state: { reportedMs: nowMs, isAbove },
    due,
  });
  if (event.kind === "fault") return told("CAUSE_FAULT", state.isAbove);
  if (event.kind === "change") return told("CAUSE_CHANGE", state.isAbove);
  const { utilization } = event;
  const isAbove = utilization >= (state.isAbove ? threshold - HYSTERESIS : threshold);
  if (isAbove && !state.isAbove) return told("CAUSE_THRESHOLD", true);
  if (nowMs - state.reportedMs >= reportMs) return told("CAUSE_PERIOD", isAbove);
  return { state: { ...state, isAbove }, due: undefined };
}
