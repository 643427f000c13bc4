import { depthOf, LARGEST_DEPTH } from "./cell-id.ts";
import type { Change, Directory } from "./directory.ts";
import type { Message } from "./message.ts";
import {
  type Answer,
  type CellRecord,
  type Found,
  isWanted,
  type PeerEntry,
  type PeerRef,
  type Query,
  servicesOf,
} from "../overlay/index.ts";
import { type Cell, isSelf, keepsState, send, type State } from "./state.ts";

/** A question is asked again after this part of its deadline. */
const RETRY_PART = 1 / 3;
/** Names remembered at most, of answers and of those told. */
const REMEMBERED = 1_024;
/** Peers told of one service that hear when it goes. */
const TOLD = 64;

/** Asks: first what this peer knows itself, then the coordinator, then the parents. */
export function ask(state: State, id: number, query: Query): void {
  const known = atHome(state, query);
  if (known !== undefined) {
    settle(state, id, { kind: "found", found: known, hops: 0 });
    return;
  }
  state.asks.set(id, { query, startedAtMs: state.nowMs, sentAtMs: state.nowMs });
  pass(state, id, query);
}

function atHome(state: State, query: Query): readonly Found[] | undefined {
  if (query.of === "service") {
    const own = servicesOf(state.self, query);
    if (own.length > 0) return own;
    const cached = state.cache.get(cacheKey(query));
    if (cached !== undefined && cached.untilMs > state.nowMs) return cached.found;
  }
  const { cell } = state;
  if (cell === undefined || !keepsState(state.self.role)) return undefined;
  const found = search(cell.directory, depthOf(cell.id), query);
  return suffices(query, found) ? found : undefined;
}

/** On to the next that knows more; a root has the last word. */
function pass(state: State, id: number, query: Query): void {
  const { cell } = state;
  if (cell === undefined) return;
  const path = [state.self.ref];
  if (cell.seat.at === "follower") {
    send(state, cell.seat.coordinator.ref, { kind: "ask", id, query, hops: 1, path });
    return;
  }
  const { up } = cell.seat;
  if (up.at === "linked") send(state, up.link.ref, { kind: "ask", id, query, hops: 1, path });
  else if (up.at === "root")
    settle(state, id, outcome(search(cell.directory, depthOf(cell.id), query), 0));
}

export function onAsk(state: State, message: Extract<Message, { kind: "ask" }>): void {
  const { cell } = state;
  const { id, query, hops, path } = message;
  // A member that was coordinator passes on what reaches it late; a ring ends where the levels do.
  if (cell === undefined || path.length > LARGEST_DEPTH + 2) return;
  const found = search(cell.directory, depthOf(cell.id), query);
  const isLast = cell.seat.at === "coordinator" && cell.seat.up.at === "root";
  if (suffices(query, found) || isLast) {
    if (query.of === "service" && found.length > 0) noteTold(state, query.name, path);
    passBack(state, { kind: "answer", id, hops, found, path });
    return;
  }
  const next = nextUp(cell);
  if (next === undefined) return;
  send(state, next, { ...message, hops: hops + 1, path: [...path, state.self.ref] });
}

function nextUp(cell: Cell): PeerRef | undefined {
  if (cell.seat.at === "follower") return cell.seat.coordinator.ref;
  return cell.seat.up.at === "linked" ? cell.seat.up.link.ref : undefined;
}

/** The way down: each hop takes itself off the path. */
export function passBack(
  state: State,
  message: Extract<Message, { kind: "answer" | "forget" }>,
): void {
  const next = message.path.at(-1);
  if (next !== undefined) send(state, next, { ...message, path: message.path.slice(0, -1) });
}

export function onAnswer(state: State, message: Extract<Message, { kind: "answer" }>): void {
  if (message.path.length > 0) return passBack(state, message);
  const asked = state.asks.get(message.id);
  if (asked === undefined) return;
  state.asks.delete(message.id);
  const { query } = asked;
  if (query.of === "service" && message.found.length > 0) {
    const untilMs = state.nowMs + state.settings.cacheMs;
    limit(state.cache);
    state.cache.set(cacheKey(query), { found: message.found, untilMs });
  }
  settle(state, message.id, outcome(message.found, message.hops));
}

export function onForget(state: State, message: Extract<Message, { kind: "forget" }>): void {
  if (message.path.length > 0) return passBack(state, message);
  discredit(state, message.service);
}

/** Drops what is remembered of a service, whatever the instance asked for. */
export function discredit(state: State, service: string): void {
  const prefix = JSON.stringify(service);
  for (const key of state.cache.keys()) if (key.startsWith(prefix)) state.cache.delete(key);
}

/** Open questions: asked again after a while, given up at the deadline. */
export function stepAsks(state: State): void {
  if (state.asks.size === 0) return;
  const { deadlineMs } = state.settings;
  for (const [id, asked] of state.asks) {
    const elapsedMs = state.nowMs - asked.startedAtMs;
    if (elapsedMs >= deadlineMs) {
      state.asks.delete(id);
      settle(state, id, { kind: "late", elapsedMs });
    } else if (state.nowMs - asked.sentAtMs >= deadlineMs * RETRY_PART) {
      asked.sentAtMs = state.nowMs;
      const known = atHome(state, asked.query);
      if (known === undefined) pass(state, id, asked.query);
      else settle(state, id, { kind: "found", found: known, hops: 0 });
    }
  }
}

/** Those that were told of a service hear when it is gone. Called before the changes are made. */
export function callOff(state: State, cell: Cell, changes: readonly Change[]): void {
  if (state.told.size === 0) return;
  for (const [key, record] of changes)
    for (const service of lostServices(cell.directory.get(key), record)) {
      const peers = state.told.get(service);
      if (peers === undefined) continue;
      state.told.delete(service);
      for (const path of peers.values()) passBack(state, { kind: "forget", service, path });
    }
}

function noteTold(state: State, service: string, path: readonly PeerRef[]): void {
  const asker = path[0];
  if (asker === undefined || isSelf(state, asker.id)) return;
  limit(state.told);
  const peers = state.told.get(service) ?? new Map();
  limit(peers, TOLD);
  peers.set(asker.id, path);
  state.told.set(service, peers);
}

/** Makes room for one more: the oldest goes. */
function limit(map: Map<string, unknown>, most: number = REMEMBERED): void {
  for (const key of map.keys()) {
    if (map.size < most) break;
    map.delete(key);
  }
}

function outcome(found: readonly Found[], hops: number): Answer {
  return found.length > 0 ? { kind: "found", found, hops } : { kind: "none", hops };
}

function settle(state: State, id: number, answer: Answer): void {
  state.asks.delete(id);
  state.out.push({ kind: "answer", id, answer });
}

function cacheKey({ name, instance, attributes }: Extract<Query, { of: "service" }>): string {
  return JSON.stringify(name) + JSON.stringify([instance, attributes]);
}

/** What a directory has for a question; `base` is the depth of the cell that keeps it. */
function search(directory: Directory, base: number, query: Query): readonly Found[] {
  if (query.of === "service")
    return [...directory.cellsWith(query.name)].flatMap((key) =>
      (directory.get(key)?.members ?? [])
        // One that moved may still be told where it was.
        .filter(({ ref }) => directory.cellOf(ref.id) === key)
        .flatMap((entry) => servicesOf(entry, query)),
    );
  const entries: PeerEntry[] = [];
  for (const [key, record] of directory.cells) {
    if (query.level !== undefined && base + key.length !== query.level) continue;
    for (const entry of record.members)
      if (directory.cellOf(entry.ref.id) === key && isWanted(entry, query)) entries.push(entry);
  }
  return entries
    .toSorted((a, b) => a.services.length - b.services.length)
    .slice(0, query.count)
    .map(({ ref }) => ({ peer: ref, service: undefined }));
}

/** Whether what was found settles the question where the rest of the tree is not known. */
function suffices(query: Query, found: readonly Found[]): boolean {
  return query.of === "service" ? found.length > 0 : found.length >= query.count;
}

/** Services of a cell that another state of it no longer has, by name. */
function lostServices(
  before: CellRecord | undefined,
  after: CellRecord | undefined,
): ReadonlySet<string> {
  const kept = new Set(
    (after?.members ?? []).flatMap(({ services }) => services.map(({ reference }) => reference)),
  );
  return new Set(
    (before?.members ?? []).flatMap(({ services }) =>
      services.filter(({ reference }) => !kept.has(reference)).map(({ name }) => name),
    ),
  );
}
