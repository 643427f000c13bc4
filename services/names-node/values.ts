import type { Binding, NameComponent, Refusal, Target } from "../bindings/index.ts";
import type { Delta, Entry, ValueDelta, VoterConfig } from "../names/index.ts";
import { Names } from "./names.ts";

/** None or one, as IDL has it. */
export function maybe<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

const TARGET_TYPES = {
  object: "TARGET_OBJECT",
  context: "TARGET_CONTEXT",
  "foreign-context": "TARGET_FOREIGN_CONTEXT",
} as const;

function packTarget(target: Target): Names.Target {
  const text = target.type === "context" ? target.contextId : target.ior;
  return { type: TARGET_TYPES[target.type], text };
}

function unpackTarget({ type, text }: Names.Target): Target {
  if (type === "TARGET_CONTEXT") return { type: "context", contextId: text };
  return { type: type === "TARGET_OBJECT" ? "object" : "foreign-context", ior: text };
}

export function packBinding({ component, target }: Binding): Names.Binding {
  return { name: component, bound: packTarget(target) };
}

export function unpackBinding({ name, bound }: Names.Binding): Binding {
  return { component: name, target: unpackTarget(bound) };
}

const REFUSALS: Readonly<Record<Refusal, Names.Refusal>> = {
  AlreadyBound: "REFUSED_ALREADY_BOUND",
  NotEmpty: "REFUSED_NOT_EMPTY",
  NoSuchContext: "REFUSED_NO_SUCH_CONTEXT",
  missing_node: "REFUSED_MISSING_NODE",
  not_context: "REFUSED_NOT_CONTEXT",
  not_object: "REFUSED_NOT_OBJECT",
};

export function packRefusal(refusal: Refusal | undefined): readonly Names.Refusal[] {
  return refusal === undefined ? [] : [REFUSALS[refusal]];
}

export function unpackRefusal([packed]: readonly Names.Refusal[]): Refusal | undefined {
  const found = Object.entries(REFUSALS).find(([, one]) => one === packed);
  return found?.[0] as Refusal | undefined;
}

export function packEntry({ id, component, refused }: Entry): Names.Entry {
  return { id, name: maybe<NameComponent>(component), refused: packRefusal(refused) };
}

export function unpackEntry({ id, name, refused }: Names.Entry): Entry {
  return { id, component: name[0], refused: unpackRefusal(refused) };
}

export function packDelta({ from, to, isGone, set, unset, recent }: Delta): Names.Delta {
  return {
    start: maybe(from),
    end: to,
    is_gone: isGone,
    bound: set.map(packBinding),
    unbound: unset,
    recent: recent.map(packEntry),
  };
}

export function unpackDelta(packed: Names.Delta): Delta {
  const { start, end, is_gone: isGone, bound, unbound, recent } = packed;
  return {
    from: start[0],
    to: end,
    isGone,
    set: bound.map(unpackBinding),
    unset: unbound,
    recent: recent.map(unpackEntry),
  };
}

export function packConfig({ epoch, era, voters, base }: VoterConfig): Names.Config {
  return {
    epoch,
    era,
    members: voters.map(({ peer, store }) => ({ voter_peer: peer, store })),
    base,
  };
}

export function unpackConfig({ epoch, era, members, base }: Names.Config): VoterConfig {
  return {
    epoch,
    era,
    voters: members.map(({ voter_peer: peer, store }) => ({ peer, store })),
    base,
  };
}

export function packValue(value: ValueDelta): Names.Value {
  return value.is === "context"
    ? { $d: "VALUE_CONTEXT", change: packDelta(value.delta) }
    : { $d: "VALUE_CONFIG", voters: packConfig(value.config) };
}

export function unpackValue(packed: Names.Value): ValueDelta {
  return packed.$d === "VALUE_CONTEXT"
    ? { is: "context", delta: unpackDelta(packed.change) }
    : { is: "config", config: unpackConfig(packed.voters) };
}
