import {
  type Effect,
  type MemberId,
  type Message,
  type State,
  stepState,
} from "../../../services/group/index.ts";
import { cutAfter, findReply, lastOf } from "../../../services/history/index.ts";
import type { Budget } from "./explore.ts";
import { octets } from "./servant.ts";
import type { Mutation, WorldOptions } from "./world.ts";

/** A broken machine, and a small world in which it shows. */
export interface Mutant {
  readonly mutation: Mutation;
  readonly members: readonly MemberId[];
  readonly witness?: MemberId;
  readonly settings?: Partial<WorldOptions["settings"]>;
  readonly isSlow?: boolean;
  readonly budget: Budget;
  /** What the checker must say. */
  readonly says: RegExp;
}

const TWO: readonly MemberId[] = ["a", "b"];
const THREE: readonly MemberId[] = ["a", "b", "c"];
const LOST = /lacks it|without committed|is not committed|operation \d+ is/;

function viewOf(state: State): number {
  return state.view?.number ?? 0;
}

/** As if another member had sent it. */
function forged(state: State, message: Message): readonly Effect[] {
  const [from] = othersOf(state);
  return from === undefined ? [] : stepState(state, { kind: "message", from, message }, 0);
}

function othersOf(state: State): readonly MemberId[] {
  return (state.view?.members ?? []).filter((id) => id !== state.self);
}

export const MUTANTS: readonly Mutant[] = [
  {
    mutation: {
      name: "an update is committed with one acknowledgement less than a majority",
      before: (state, event) => {
        const { role } = state;
        const [first] = othersOf(state);
        const peer =
          role.at === "primary" && first !== undefined ? role.peers.get(first) : undefined;
        if (peer !== undefined) peer.acked = lastOf(state.log);
        return event;
      },
    },
    members: THREE,
    settings: { style: "active" },
    budget: { updates: ["a"], stands: 1, standers: ["b", "c"], isOrdered: true },
    says: LOST,
  },
  {
    mutation: {
      name: "the next view is decided with one agreement less than a majority",
      after: (state, _event, effects) => {
        const { attempt } = state;
        if (attempt?.proposed === undefined || attempt.accepted.size > 1) return effects;
        const { ballot } = attempt;
        return [...effects, ...forged(state, { kind: "accept", view: viewOf(state), ballot })];
      },
    },
    members: THREE,
    budget: { updates: [], stands: 2, standers: ["a", "b"], isOrdered: true },
    says: /two views/,
  },
  {
    mutation: {
      name: "a view is ended with one promise less than a majority",
      after: (state, event, effects) => {
        const own = state.attempt?.promises.get(state.self);
        if (event.kind !== "stand" || own === undefined) return effects;
        return [...effects, ...forged(state, own)];
      },
    },
    members: THREE,
    settings: { style: "active" },
    budget: { updates: ["a"], stands: 1, standers: ["b"], isOrdered: true },
    says: /two views|lacks it|without committed/,
  },
  {
    mutation: {
      name: "messages of other views are taken for those of the current one",
      before: (state, event) => {
        if (event.kind !== "message" || state.view === undefined) return event;
        const { kind } = event.message;
        if (kind !== "append" && kind !== "ack") return event;
        const from = kind === "append" ? state.view.primary : event.from;
        return { ...event, from, message: { ...event.message, view: state.view.number } };
      },
    },
    members: THREE,
    settings: { style: "active" },
    budget: { updates: ["a", "b"], stands: 1, standers: ["b"], isOrdered: true },
    says: /lacks it|without committed|is in the history twice|operation \d+ is/,
  },
  {
    mutation: {
      name: "an acknowledgement is sent before the operation is in the log",
      after: (state, event, effects) => {
        if (event.kind !== "message" || event.message.kind !== "append") return effects;
        if (event.message.entries.length === 0 || state.role.at !== "follower") return effects;
        const kept = event.message.from - 1;
        cutAfter(state.log, kept);
        state.commit = Math.min(state.commit, kept);
        state.started = Math.min(state.started, kept);
        return effects.filter(({ kind }) => kind !== "execute");
      },
    },
    members: THREE,
    settings: { style: "active" },
    budget: { updates: ["a"], stands: 1, standers: ["b"], isOrdered: true },
    says: LOST,
  },
  {
    mutation: {
      name: "a member goes on acknowledging in a view it promised to end",
      after: (state, event, effects) => {
        if (event.kind === "message" && event.message.kind === "wedge") state.promised = undefined;
        return effects;
      },
    },
    members: THREE,
    settings: { style: "active" },
    budget: { updates: ["a"], stands: 1, standers: ["b"], isOrdered: true },
    says: LOST,
  },
  {
    mutation: {
      name: "what others agreed to before does not bind a proposal",
      before: (state, event) => {
        if (event.kind === "stand") state.accepted = undefined;
        if (event.kind !== "message" || event.message.kind !== "promise") return event;
        return { ...event, message: { ...event.message, accepted: undefined } };
      },
    },
    members: THREE,
    budget: { updates: [], stands: 2, standers: ["a", "b"], isOrdered: true },
    says: /two views/,
  },
  {
    mutation: {
      name: "the new primary begins with its own log, though another one is longer",
      before: (_state, event) => {
        if (event.kind !== "message" || event.message.kind !== "promise") return event;
        return { ...event, message: { ...event.message, op: -1 } };
      },
    },
    members: THREE,
    settings: { style: "active" },
    budget: { updates: ["a"], stands: 1, standers: ["b"], isOrdered: true },
    says: LOST,
  },
  {
    mutation: {
      name: "the witness forgets how it voted",
      witness: (state, { kind }) => (kind === "wedge" ? undefined : state),
    },
    members: TWO,
    witness: "w",
    budget: { updates: [], stands: 2, isDropping: true, isOrdered: true },
    says: /two views/,
  },
  {
    mutation: {
      name: "requests that came before are not known again",
      before: (state, event) => {
        state.replies.byHash.clear();
        state.inFlight.clear();
        return event;
      },
    },
    members: TWO,
    settings: { style: "active" },
    budget: { updates: ["b"], doubles: 1, isOrdered: true },
    says: /twice/,
  },
  {
    mutation: {
      name: "a reply is dropped as answered, and that it was is forgotten, too",
      after: (state, _event, effects) => {
        for (const caller of state.replies.callers.values()) caller.answered = undefined;
        return effects;
      },
    },
    members: TWO,
    budget: { updates: ["b", "a"], doubles: 1, isTelling: true },
    says: /twice/,
  },
  {
    mutation: {
      name: "the reply leaves before others hold the update",
      after: (state, _event, effects) => [...effects, ...earlyReplies(state)],
    },
    members: TWO,
    budget: { updates: ["a"], stands: 1, isOrdered: true },
    says: /is not committed/,
  },
  {
    mutation: {
      name: "a fenced primary answers what it executed",
      after: (_state, _event, effects) => effects.map(answeredFenced),
    },
    members: THREE,
    budget: { updates: ["a"], stands: 1, standers: ["b"], isDropping: true, isOrdered: true },
    says: /is not committed/,
  },
  {
    mutation: {
      name: "a servant keeps what the history lost",
      after: (state, _event, effects) => {
        state.isTainted = false;
        return effects;
      },
    },
    members: TWO,
    isSlow: true,
    budget: { updates: ["a", "b"], stands: 1, standers: ["b"], isOrdered: true },
    says: /executed/,
  },
  {
    mutation: {
      name: "a read is answered without asking whether there is a later view",
      before: (state, event) => {
        if (state.role.at === "primary")
          for (const peer of state.role.peers.values()) peer.round = state.role.round + 1;
        return event;
      },
    },
    members: THREE,
    settings: { style: "active" },
    budget: { updates: ["b"], reads: ["a"], stands: 1, standers: ["b"], isOrdered: true },
    says: /answered the read/,
  },
  {
    mutation: {
      name: "a group that becomes warm passive tells once more what all have executed",
      after: (_state, _event, effects) => effects.filter(({ kind }) => kind !== "update"),
    },
    members: TWO,
    budget: { updates: ["a", "b"], styles: ["warm-passive"], isOrdered: true },
    says: /executed twice/,
  },
  {
    mutation: {
      name: "the style is changed while something is under way that belongs to the former one",
      before: (state, event) => {
        hidden = event.kind === "executed" ? undefined : state.busy;
        if (hidden !== undefined) state.busy = undefined;
        return event;
      },
      after: (state, _event, effects) => {
        state.busy ??= hidden;
        return effects;
      },
    },
    members: TWO,
    isSlow: true,
    budget: { updates: ["a", "b"], styles: ["warm-passive"], isOrdered: true },
    says: /executed twice/,
  },
  {
    mutation: {
      name: "a member that leaves votes without its log",
      before: (state, event) => {
        if (event.kind !== "retire") return event;
        cutAfter(state.log, 0);
        state.commit = 0;
        return event;
      },
    },
    members: THREE,
    settings: { style: "active" },
    budget: { updates: ["a"], stands: 1, standers: ["b"], retirements: 1, isOrdered: true },
    says: LOST,
  },
];

/** What a step is not to see. */
let hidden: State["busy"];

/** What a primary has executed and its client not yet been told. */
function earlyReplies(state: State): readonly Effect[] {
  return [...state.pending].flatMap(([id, { tickets }]) => {
    const outcome = findReply(state.replies, id)?.outcome;
    if (outcome === undefined || state.role.at !== "primary") return [];
    state.pending.delete(id);
    return tickets.map((ticket) => ({ kind: "release", ticket, outcome }) as const);
  });
}

function answeredFenced(effect: Effect): Effect {
  if (effect.kind !== "refuse" || effect.why !== "fenced" || !effect.maybe) return effect;
  return { kind: "release", ticket: effect.ticket, outcome: octets("1") };
}
