import type { Effect, GroupSettings, View } from "../../../services/group/index.ts";
import { type Entry, entryAt, lastOf, type Request } from "../../../services/history/index.ts";
import { type Node, text } from "./servant.ts";

/** What an entry does, so that two entries that do the same for the same request are told apart from others. */
function contentOf(entry: Entry): readonly string[] {
  const { work } = entry;
  if (work.kind === "update") return work.done.map(({ id }) => id);
  const { request, decisions } = work;
  return [decisions === undefined ? request.id : `${request.id}@${text(decisions)}`];
}

/** Operations looked at in each step although they were committed before. */
const COMPARED_AGAIN = 32;

interface Fact {
  readonly content: readonly string[];
  /** View of the member that first knew it as committed. */
  readonly view: number;
}

/**
 * What happened in a world, seen from outside, and what of it must not have: the invariants of a replicated group.
 * Never changed; `fault` is the first one found.
 */
export interface Chronicle {
  readonly views: ReadonlyMap<number, { readonly text: string; readonly start: number }>;
  /** The group's history, operation by operation, as soon as one member knows it as committed. */
  readonly facts: readonly Fact[];
  /** Updates that were answered, with the answers. */
  readonly released: ReadonlyMap<string, string>;
  /** Refused with the promise that they were not executed and never will be. */
  readonly disowned: ReadonlySet<string>;
  /** Updates answered before a read was asked. */
  readonly reads: ReadonlyMap<string, readonly string[]>;
  readonly fault: string | undefined;
}

export const NO_CHRONICLE: Chronicle = {
  views: new Map(),
  facts: [],
  released: new Map(),
  disowned: new Set(),
  reads: new Map(),
  fault: undefined,
};

export function textOfChronicle(from: Chronicle): string {
  const facts = from.facts.map(({ content, view }) => `${content.join("+")}^${view}`).join(",");
  const released = [...from.released].map(([id, outcome]) => `${id}=${outcome}`).toSorted();
  const views = [...from.views].map(([number, one]) => `${number}:${one.text}`).join(",");
  const disowned = [...from.disowned].toSorted();
  const reads = [...from.reads].map(([id, seen]) => `${id}>${seen.join("+")}`).toSorted();
  return `${facts}|${released.join()}|${views}|${disowned.join()}|${reads.join()}`;
}

export function asked(from: Chronicle, { id, isRead }: Request): Chronicle {
  if (!isRead) return from;
  return {
    ...from,
    reads: new Map(from.reads).set(id, [...from.released.keys()]),
  };
}

export function sawView(from: Chronicle, view: View): Chronicle {
  const text = `${view.primary}(${view.members.join("")})${view.start}${view.style ?? ""}`;
  const known = from.views.get(view.number);
  if (known?.text === text) return from;
  if (known !== undefined)
    return failed(from, `two views have the number ${view.number}: ${known.text} and ${text}`);
  const after: Chronicle = {
    ...from,
    views: new Map(from.views).set(view.number, { text, start: view.start }),
  };
  const lost = from.facts.findIndex((fact, i) => fact.view < view.number && i + 1 > view.start);
  return lost < 0
    ? after
    : failed(after, `view ${view.number} begins without committed operation ${lost + 1}`);
}

/** A node made a step. */
export function saw(
  from: Chronicle,
  node: Node,
  settings: GroupSettings,
  effects: readonly Effect[],
): Chronicle {
  if (from.fault !== undefined) return from;
  let after = from;
  if (node.state.view !== undefined) after = sawView(after, node.state.view);
  after = sawServant(sawLog(after, node), node);
  for (const effect of effects) {
    if (effect.kind === "release")
      after = sawRelease(after, node, settings, `r${effect.ticket}`, text(effect.outcome));
    if (effect.kind === "refuse" && !effect.maybe) {
      const id = `r${effect.ticket}`;
      after = { ...after, disowned: new Set(after.disowned).add(id) };
      if (after.facts.some(({ content }) => content.some((one) => idOf(one) === id)))
        after = failed(after, `${id} was refused as not executed, and is in the history`);
    }
  }
  return after;
}

function sawLog(from: Chronicle, { id, state }: Node): Chronicle {
  const { log, commit, view, installed } = state;
  const number = view?.number ?? 0;
  let after = from;
  if (commit > lastOf(log)) return failed(from, `${id} committed ${commit} without having it`);
  // What was compared long ago has not changed: a log only loses its head, or what comes after the commit.
  const first = Math.max(log.base + 1, Math.min(from.facts.length, commit) - COMPARED_AGAIN);
  for (let op = first; op <= lastOf(log); op++) {
    const entry = entryAt(log, op);
    if (entry === undefined) return failed(from, `${id} has no operation ${op} in its log`);
    const fact = after.facts[op - 1];
    const content = contentOf(entry);
    const isCertain = op <= commit || (installed === number && op <= (view?.start ?? 0));
    if (fact !== undefined && isCertain && fact.content.join("+") !== content.join("+"))
      return failed(
        after,
        `operation ${op} is ${fact.content.join("+")}, at ${id} ${content.join("+")}`,
      );
    if (fact === undefined && op <= commit) after = committed(after, op, content, number, id);
  }
  return after;
}

function committed(
  from: Chronicle,
  op: number,
  content: readonly string[],
  view: number,
  by: string,
): Chronicle {
  if (op !== from.facts.length + 1)
    return failed(from, `${by} committed ${op} when the history had ${from.facts.length}`);
  const after: Chronicle = { ...from, facts: [...from.facts, { content, view }] };
  for (const one of content) {
    const twice = from.facts.some((fact) =>
      fact.content.some((other) => idOf(other) === idOf(one)),
    );
    if (twice) return failed(after, `${one} is in the history twice`);
    if (from.disowned.has(idOf(one)))
      return failed(after, `${one} is in the history, and was refused as not executed`);
  }
  for (const [number, { start }] of from.views)
    if (number > view && start < op)
      return failed(after, `${by} committed ${op} in view ${view}, and view ${number} lacks it`);
  return after;
}

function sawServant(from: Chronicle, { id, list, state, chores }: Node): Chronicle {
  const ids = list.map(idOf);
  if (new Set(ids).size < ids.length) return failed(from, `${id} executed twice: ${list.join()}`);
  // What is still to be done may be to begin anew.
  if (state.isTainted || !state.hasState || chores.length > 0) return from;
  const known = from.facts.slice(0, Math.min(state.applied, state.commit));
  const expected = known.flatMap(({ content }) => content);
  if (expected.some((one, i) => list[i] !== one))
    return failed(from, `${id} executed ${list.join()}, the history is ${expected.join()}`);
  return from;
}

function sawRelease(
  from: Chronicle,
  node: Node,
  settings: GroupSettings,
  id: string,
  outcome: string,
): Chronicle {
  const before = from.reads.get(id);
  // Who acknowledges by itself loses by definition what it had not sent.
  const isStrict = settings.ack !== "one" && !settings.isDeferred;
  if (before !== undefined) {
    const seen = outcome.split(" ").map(idOf);
    const missed = before.find((one) => !seen.includes(one));
    if (missed === undefined || !isStrict) return from;
    return failed(from, `${node.id} answered the read ${id} without ${missed}`);
  }
  const after: Chronicle = { ...from, released: new Map(from.released).set(id, outcome) };
  const earlier = from.released.get(id);
  if (earlier !== undefined && earlier !== outcome && isStrict)
    return failed(after, `${id} was answered ${earlier} and ${outcome}`);
  const all = from.facts.flatMap(({ content }) => content).map(idOf);
  const place = all.indexOf(id) + 1;
  if (isStrict && place === 0)
    return failed(after, `${node.id} answered ${id}, which is not committed`);
  if (isStrict && String(place) !== outcome)
    return failed(after, `${node.id} answered ${outcome} to ${id}, which is number ${place}`);
  return after;
}

function failed(from: Chronicle, fault: string): Chronicle {
  return { ...from, fault: from.fault ?? fault };
}

/** The request of an item of a list: what stands before who decided. */
function idOf(item: string): string {
  const at = item.indexOf("@");
  return at < 0 ? item : item.slice(0, at);
}
