import {
  type Binding,
  BindingTable,
  componentKey,
  type ContextChange,
  judge,
  type NameComponent,
  type Refusal,
  type Target,
} from "../bindings/index.ts";

/** Which state of a context: the number of changes it has seen, in the era of the last forced re-forming. */
export interface Version {
  readonly era: number;
  readonly count: number;
}

/** Below 0 when `a` is the older one. */
export function compareVersions(a: Version, b: Version): number {
  return a.era === b.era ? a.count - b.count : a.era - b.era;
}

/** One change that a context has seen. */
export interface Entry {
  /** Of the change: unlike that of any other. */
  readonly id: string;
  /** The name that it set or took away. */
  readonly component: NameComponent | undefined;
  /** It changed nothing, and never will. */
  readonly refused: Refusal | undefined;
}

/** A context: the value of its register. Never changed; a change makes another one. */
export interface ContextState {
  readonly version: Version;
  /** `undefined`: it was destroyed. */
  readonly bindings: BindingTable | undefined;
  /** The last changes, the newest last: by them a change that comes twice is known, and a copy that is behind is led on. */
  readonly recent: readonly Entry[];
  /** Size of all names and references, about. */
  readonly octets: number;
}

/** Changes of a context that are remembered. */
export const RECENT_CHANGES: number = 256;

/** From a state to a later one, or all of it. */
export interface Delta {
  /** `undefined`: `set` is all that is bound. */
  readonly from: Version | undefined;
  readonly to: Version;
  readonly isGone: boolean;
  readonly set: readonly Binding[];
  readonly unset: readonly NameComponent[];
  readonly recent: readonly Entry[];
}

/** A change as the voters are asked for it. */
export interface AskedChange {
  readonly id: string;
  readonly change: ContextChange;
  /** Changes that the context had seen when this was asked for first, or fewer. */
  readonly since: number;
  /** Asked for before, of another voter: a refusal has to be remembered, lest the other one grant it later. */
  readonly isAgain: boolean;
}

/**
 * "stale": whether it was done before cannot be told any more, and it never will be from now on. "full": there is no
 * room.
 */
export type ChangeResult =
  | { readonly kind: "done" }
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly isRecorded: boolean }
  | { readonly kind: "stale" }
  | { readonly kind: "full" };

/** What may still be added. */
export interface Room {
  readonly contexts: number;
  readonly bindings: number;
  readonly octets: number;
  readonly contextOctets: number;
}

const DONE: ChangeResult = { kind: "done" };

/** What is left of a target when names and references are counted. */
function octetsOf({ component, target }: Binding): number {
  return component.id.length + component.kind.length + textOf(target).length + 16;
}

function textOf(target: Target): string {
  return target.type === "context" ? target.contextId : target.ior;
}

/**
 * Does one change, once: one that the context has seen gets the same answer again and changes nothing.
 * @param era of a context that is new
 */
export function evaluate(
  state: ContextState | undefined,
  { id, change, since, isAgain }: AskedChange,
  era: number,
  room: Room,
): { readonly state: ContextState | undefined; readonly result: ChangeResult } {
  const seen = state?.recent.find((entry) => entry.id === id);
  if (seen !== undefined) {
    if (seen.refused === undefined) return { state, result: DONE };
    return { state, result: { kind: "refused", refusal: seen.refused, isRecorded: true } };
  }
  if (since < oldestKnown(state)) return { state, result: { kind: "stale" } };
  const verdict =
    // An id is never used again.
    state !== undefined && state.bindings === undefined
      ? ({ refused: "NoSuchContext" } as const)
      : judge(state?.bindings, change);
  if (verdict.refused !== undefined) {
    const { refused } = verdict;
    const result: ChangeResult = { kind: "refused", refusal: refused, isRecorded: isAgain };
    // A context that never was stays so: nobody has its id before it is made.
    if (!isAgain || state === undefined) return { state, result };
    return { state: seeing(state, { id, component: undefined, refused }), result };
  }
  const { bindings } = verdict;
  if (state !== undefined && bindings === state.bindings) return { state, result: DONE };
  const component = "component" in change ? change.component : undefined;
  const octets = (state?.octets ?? 0) + growth(state, bindings, component);
  const isMore = octets > (state?.octets ?? 0) || state === undefined;
  if (isMore && !hasRoom(room, state, bindings, octets)) return { state, result: { kind: "full" } };
  const now = state ?? { version: { era, count: 0 }, bindings, recent: [], octets: 0 };
  return {
    state: { ...seeing(now, { id, component, refused: undefined }), bindings, octets },
    result: DONE,
  };
}

function oldestKnown(state: ContextState | undefined): number {
  return state === undefined ? 0 : state.version.count - state.recent.length;
}

function growth(
  state: ContextState | undefined,
  bindings: BindingTable | undefined,
  component: NameComponent | undefined,
): number {
  if (component === undefined) return 0;
  const before = state?.bindings?.get(component);
  const after = bindings?.get(component);
  return (
    (after === undefined ? 0 : octetsOf(after)) - (before === undefined ? 0 : octetsOf(before))
  );
}

function hasRoom(
  room: Room,
  state: ContextState | undefined,
  bindings: BindingTable | undefined,
  octets: number,
): boolean {
  if (state === undefined) return room.contexts > 0;
  const more = (bindings?.size ?? 0) - (state.bindings?.size ?? 0);
  return (
    more <= room.bindings && octets <= room.contextOctets && octets - state.octets <= room.octets
  );
}

function seeing(state: ContextState, entry: Entry): ContextState {
  const { era, count } = state.version;
  const recent = [...state.recent.slice(1 - RECENT_CHANGES), entry];
  return { ...state, version: { era, count: count + 1 }, recent };
}

/** What leads a copy at `from` to `state`; everything when it is too far behind, or nothing is known of it. */
export function deltaSince(from: Version | undefined, state: ContextState): Delta {
  const { version: to, bindings, recent } = state;
  const isGone = bindings === undefined;
  const isNear =
    from !== undefined &&
    from.era === to.era &&
    from.count <= to.count &&
    from.count >= to.count - recent.length;
  if (!isNear)
    return { from: undefined, to, isGone, set: [...(bindings?.values() ?? [])], unset: [], recent };
  const missed = recent.slice(recent.length - (to.count - from.count));
  const touched = new Map<string, NameComponent>();
  for (const { component } of missed)
    if (component !== undefined) touched.set(componentKey(component), component);
  const set: Binding[] = [];
  const unset: NameComponent[] = [];
  for (const component of touched.values()) {
    const binding = bindings?.get(component);
    if (binding === undefined) unset.push(component);
    else set.push(binding);
  }
  return { from, to, isGone, set, unset, recent: missed };
}

/** @returns the later state; `undefined` when the delta does not start at `state` or before */
export function applyDelta(
  state: ContextState | undefined,
  delta: Delta,
): ContextState | undefined {
  const { from, to, isGone, set, unset } = delta;
  if (from === undefined) {
    const bindings = isGone ? undefined : BindingTable.of(set);
    const octets = set.reduce((sum, binding) => sum + octetsOf(binding), 0);
    return { version: to, bindings, recent: delta.recent.slice(-RECENT_CHANGES), octets };
  }
  if (state === undefined || state.version.era !== to.era) return undefined;
  const { count } = state.version;
  if (count < from.count || count > to.count) return undefined;
  // A state in between may have seen some of it: each name is set to what it is in the end.
  let bindings = state.bindings ?? BindingTable.empty;
  let { octets } = state;
  for (const binding of set) {
    const old = bindings.get(binding.component);
    octets += octetsOf(binding) - (old === undefined ? 0 : octetsOf(old));
    bindings = bindings.with(binding);
  }
  for (const component of unset) {
    const old = bindings.get(component);
    if (old === undefined) continue;
    octets -= octetsOf(old);
    bindings = bindings.without(component);
  }
  const missed = to.count - count;
  const news = missed === 0 ? [] : delta.recent.slice(-missed);
  return {
    version: to,
    bindings: isGone ? undefined : bindings,
    recent: [...state.recent, ...news].slice(-RECENT_CHANGES),
    octets: isGone ? 0 : octets,
  };
}
