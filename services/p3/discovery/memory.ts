import type { Found, PeerId, PeerRef, Query } from "../../overlay/index.ts";
import type { MessageOf, Rejection } from "../message.ts";
import type { Change } from "../state/directory.ts";
import { type Cell, isSelf, type State, type Told } from "../state/state.ts";
import { isFromAbove, passDown, reply } from "./path.ts";
import { lostServices } from "./search.ts";

/** Names remembered at most, of answers and of those told. */
const REMEMBERED = 1_024;
/** Peers told of one service that hear when it goes. */
const TOLD = 64;

type ServiceQuery = Extract<Query, { readonly of: "service" }>;

/** What an earlier answer said, while it is believed. */
export function cached(state: State, query: ServiceQuery): readonly Found[] | undefined {
  if (query.attributes !== undefined) return undefined;
  const known = state.cache.get(cacheKey(query));
  return known !== undefined && known.untilMs > state.turn.nowMs ? known.found : undefined;
}

/** Answers that were chosen by attributes are not remembered: those of peers change without a word to the asker. */
export function remember(
  state: State,
  query: ServiceQuery,
  { found, by }: { readonly found: readonly Found[]; readonly by: PeerId },
): void {
  if (query.attributes !== undefined) return;
  limit(state.cache);
  const untilMs = state.turn.nowMs + state.settings.cacheMs;
  state.cache.set(cacheKey(query), { found, by, untilMs });
}

function cacheKey({ name, instance }: ServiceQuery): string {
  return JSON.stringify(name) + JSON.stringify([instance]);
}

/** Those that were told of a service hear when it is gone. Called before the changes are made. */
export function callOff(state: State, cell: Cell, changes: readonly Change[]): void {
  if (state.told.size === 0) return;
  for (const [key, record] of changes)
    for (const service of lostServices(cell.directory.get(key), record)) {
      const peers = state.told.get(service);
      if (peers === undefined) continue;
      state.told.delete(service);
      for (const { path, isStraight } of peers.values())
        reply(state, { kind: "forget", service, path }, isStraight);
    }
}

export function onForget(
  state: State,
  from: PeerRef,
  message: MessageOf<"forget">,
): Rejection | undefined {
  const isAbove = isFromAbove(state, from);
  if (message.path.length > 0) return isAbove ? passDown(state, message) : "not from the parent";
  const keys = keysOf(state, message.service);
  const isTeller = keys.some((key) => state.cache.get(key)?.by === from.id);
  // Nothing is left of what was told where somebody else called it off before.
  if (keys.length > 0 && !isTeller && !isAbove) return "not from the parent";
  for (const key of keys) state.cache.delete(key);
  return undefined;
}

/** Drops what is remembered of a service, whatever the instance asked for. */
export function discredit(state: State, service: string): void {
  for (const key of keysOf(state, service)) state.cache.delete(key);
}

function keysOf(state: State, service: string): readonly string[] {
  const prefix = JSON.stringify(service);
  return [...state.cache.keys()].filter((key) => key.startsWith(prefix));
}

export function noteTold(state: State, service: string, told: Told): void {
  const asker = told.path[0];
  if (asker === undefined || isSelf(state, asker.id)) return;
  limit(state.told);
  const peers = state.told.get(service) ?? new Map();
  limit(peers, TOLD);
  peers.set(asker.id, told);
  state.told.set(service, peers);
}

/** Makes room for one more: the oldest goes. */
function limit(map: Map<string, unknown>, most: number = REMEMBERED): void {
  for (const key of map.keys()) {
    if (map.size < most) break;
    map.delete(key);
  }
}
