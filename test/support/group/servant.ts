import type {
  Executed,
  GroupSettings,
  MemberId,
  ReplicaEvent,
  State,
} from "../../../services/group/index.ts";
import type { Effect } from "../../../services/group/index.ts";

/** What a replica of the model serves: a list of what it executed, so that every wrong order and repetition shows. */
export type Executions = readonly string[];

/** What a member's effect asks of its servant. */
export type Chore = Extract<Effect, { kind: "execute" | "capture" | "update" | "restore" }>;

export function isChore(effect: Effect): effect is Chore {
  const { kind } = effect;
  return kind === "execute" || kind === "capture" || kind === "update" || kind === "restore";
}

/** One replica with its servant; never changed, a step makes another one. */
export interface Node {
  readonly id: MemberId;
  readonly state: State;
  readonly list: Executions;
  /** How much of the list the group has heard of. */
  readonly logged: number;
  /** What the servant is still to do. */
  readonly chores: readonly Chore[];
}

export function octets(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

export function text(from: Uint8Array): string {
  return Buffer.from(from).toString("latin1");
}

/** The list after one more request: `decision` is who decided, where that matters. */
function did(list: Executions, id: string, decision: string): Executions {
  return [...list, decision === "" ? id : `${id}@${decision}`];
}

/** What a client hears: the place its request has in the list. */
function outcomeOf(list: Executions): Uint8Array {
  return octets(String(list.length));
}

export function parseList(from: Uint8Array | undefined): Executions {
  const whole = from === undefined ? "" : text(from);
  return whole === "" ? [] : whole.split(" ");
}

/**
 * Does what a member's effect asks of its servant.
 * @returns the list afterwards, and what is to be told to the member
 */
export function serve(
  self: string,
  { style, isDeferred }: GroupSettings,
  list: Executions,
  logged: number,
  effect: Chore,
): {
  readonly list: Executions;
  readonly event: ReplicaEvent | undefined;
  readonly logged: number;
} {
  const { run } = effect;
  switch (effect.kind) {
    case "restore": {
      const restored = parseList(effect.state);
      return { list: restored, event: undefined, logged: restored.length };
    }
    case "capture":
      return { list, logged, event: { kind: "captured", run, state: octets(list.join(" ")) } };
    case "update": {
      const update = octets(list.slice(logged).join(" "));
      return { list, logged: list.length, event: { kind: "updated", run, update } };
    }
    case "execute":
      break;
  }
  const { task } = effect;
  const told = (of: string | number, after: Executions): Executed => ({
    kind: "executed",
    run,
    of,
    outcome: outcomeOf(after),
  });
  if (task.kind === "read")
    return {
      list,
      logged,
      event: { ...told(task.request.id, list), outcome: octets(list.join(" ")) },
    };
  if (task.kind === "first") {
    const { id } = task.request;
    const after = did(list, id, style === "semi-active" ? self : "");
    const event = told(id, after);
    if (style === "semi-active")
      return { list: after, logged, event: { ...event, decisions: octets(self) } };
    if (isDeferred) return { list: after, logged, event };
    const update = octets(after.slice(logged).join(" "));
    return { list: after, logged: after.length, event: { ...event, update } };
  }
  const { work, op } = task;
  const after =
    work.kind === "request"
      ? did(list, work.request.id, work.decisions === undefined ? "" : text(work.decisions))
      : [...list, ...parseList(work.update)];
  return { list: after, logged: after.length, event: told(op, after) };
}
