import type { Level } from "../predictor/index.ts";

/** What is done for one replica that will not last. */
export interface RecoveryState {
  readonly level: Level;
  /** The one that takes its place. "given up": nobody could start it. */
  readonly replacement: "none" | "starting" | "pausing" | "there" | "given up";
  readonly clients: "here" | "leaving" | "gone";
  /** It has ended, by itself or because it was told to. */
  readonly isGone: boolean;
  /** Starts of the replacement that failed. */
  readonly failures: number;
}

export type RecoveryInput =
  | { readonly kind: "level"; readonly level: Level }
  | { readonly kind: "started" }
  | { readonly kind: "start failed" }
  /** The pause after a failed start is over. */
  | { readonly kind: "again" }
  /** No client calls any more, or those that do were given their time. */
  | { readonly kind: "moved" }
  | { readonly kind: "ended" };

/** To be done now. "pause": tell "again" in a while. */
export type RecoveryEffect = "start" | "pause" | "move" | "retire" | "give up";

export interface RecoveryStep {
  readonly state: RecoveryState;
  readonly effects: readonly RecoveryEffect[];
}

export const NO_RECOVERY: RecoveryState = {
  level: "calm",
  replacement: "none",
  clients: "here",
  isGone: false,
  failures: 0,
};

/**
 * MEAD's recovery of one replica: the first threshold starts a replacement, the second has its clients leave for that as
 * soon as it is there, and a replica without clients is stopped. One that is exhausted, or of which no replacement can be
 * had, sends its clients to the replicas that are left. Pure; at most one replacement of a replica is started at a time.
 */
export function stepRecovery(
  before: RecoveryState,
  input: RecoveryInput,
  mostFailures: number,
): RecoveryStep {
  const effects: RecoveryEffect[] = [];
  let state = taken(before, input);
  const isNeeded = state.isGone || state.level !== "calm";
  if (isNeeded && state.replacement === "none") {
    state = { ...state, replacement: "starting" };
    effects.push("start");
  }
  if (input.kind === "again" && before.replacement === "pausing") effects.push("start");
  if (input.kind === "start failed" && before.replacement === "starting") {
    const isLast = state.failures >= mostFailures;
    state = { ...state, replacement: isLast ? "given up" : "pausing" };
    effects.push(isLast ? "give up" : "pause");
  }
  if (state.clients === "here" && !state.isGone && mustLeave(state)) {
    state = { ...state, clients: "leaving" };
    effects.push("move");
  }
  if (input.kind === "moved" && before.clients === "leaving" && !state.isGone)
    effects.push("retire");
  return { state, effects };
}

function taken(state: RecoveryState, input: RecoveryInput): RecoveryState {
  switch (input.kind) {
    case "level":
      return { ...state, level: input.level };
    case "started":
      return state.replacement === "starting" ? { ...state, replacement: "there" } : state;
    case "start failed":
      return state.replacement === "starting" ? { ...state, failures: state.failures + 1 } : state;
    case "again":
      return state.replacement === "pausing" ? { ...state, replacement: "starting" } : state;
    case "moved":
      return state.clients === "leaving" ? { ...state, clients: "gone" } : state;
    case "ended":
      return { ...state, clients: "gone", isGone: true };
  }
}

function mustLeave({ level, replacement }: RecoveryState): boolean {
  if (level === "exhausted") return true;
  return level === "second" && (replacement === "there" || replacement === "given up");
}
