import type { Found, PeerRef, Query } from "../../overlay/index.ts";
import type { MessageOf, Rejection } from "../message.ts";
import type { Change } from "../state/directory.ts";
import { type Cell, isSelf, type State } from "../state/state.ts";
import { isFromAbove, passDown } from "./path.ts";
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
  return known !== undefined && known.untilMs > state.nowMs ? known.found : undefined;
}

/** Answers that were chosen by attributes are not remembered: those of peers change without a word to the asker. */
export function remember(state: State, query: ServiceQuery, found: readonly Found[]): void {
  if (query.attributes !== undefined) return;
  limit(state.cache);
  state.cache.set(cacheKey(query), { found, untilMs: state.nowMs + state.settings.cacheMs });
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
      for (const path of peers.values()) passDown(state, { kind: "forget", service, path });
    }
}

export function onForget(
  state: State,
  from: PeerRef,
  message: MessageOf<"forget">,
): Rejection | undefined {
  if (!isFromAbove(state, from)) return "not from the parent";
  if (message.path.length > 0) return passDown(state, message);
  discredit(state, message.service);
  return undefined;
}

/** Drops what is remembered of a service, whatever the instance asked for. */
export function discredit(state: State, service: string): void {
  const prefix = JSON.stringify(service);
  for (const key of state.cache.keys()) if (key.startsWith(prefix)) state.cache.delete(key);
}

export function noteTold(state: State, service: string, path: readonly PeerRef[]): void {
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
