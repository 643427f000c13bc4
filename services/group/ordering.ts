import {
  countAt,
  type Done,
  findReply,
  isAnswered,
  lastOf,
  type Request,
  requestsOf,
  type Work,
} from "../history/index.ts";
import { acknowledged, answer, refuse, refuseHere } from "./answering.ts";
import { type Executed, groupClock, noteDigest, onOrdered } from "./executing.ts";
import type { Refusal } from "./message.ts";
import { onReadDone, read } from "./reading.ts";
import { executesFirst } from "./settings.ts";
import { addEntry, isActive, type Primary, send, type State, viewNumber } from "./state.ts";
import { byMajority, isSurvivor, reachesMajority, servesAlone, stream } from "./streaming.ts";
import type { MemberId } from "./view.ts";

/** A client's request came to this member: it is kept until it is answered, whoever is primary by then. */
export function submit(state: State, ticket: number, request: Request): void {
  const { pending, settings } = state;
  const why = whyNot(state, request);
  const known = pending.get(request.id);
  const isFull = (known?.tickets.length ?? pending.size) >= settings.queueCount;
  if (why !== undefined || isFull)
    return void state.out.push({ kind: "refuse", ticket, why: why ?? "full", maybe: false });
  if (known !== undefined) return void known.tickets.push(ticket);
  pending.set(request.id, { request, tickets: [ticket], sentCount: 0, why: undefined });
  pass(state, request);
}

function whyNot(state: State, request: Request): Refusal | undefined {
  const { role } = state;
  if (role.at === "outside") return "joining";
  if (role.at === "fenced" || role.at === "left") return role.at;
  if (role.at === "retiring") return "left";
  if (reachesMajority(state) || servesAlone(state)) return undefined;
  return request.isRead && isSurvivor(state) ? undefined : "no majority";
}

/** Takes a pending request to the primary, which may be this member; without one it waits for the next view. */
export function pass(state: State, request: Request): void {
  const { role, view } = state;
  if (role.at === "primary") return order(state, role, request);
  if (request.isRead && isSurvivor(state)) return read(state, request);
  if (view === undefined || !isActive(state)) return;
  const waiting = state.pending.get(request.id);
  if (waiting !== undefined) waiting.sentCount++;
  send(state, view.primary, { kind: "submit", view: view.number, request });
}

/** Passes on again what came while there was no view to send it in, and what may have been lost on its way. */
export function passAgain(state: State): void {
  if (!isActive(state)) return;
  for (const [id, { request, why }] of state.pending)
    if (why === undefined) pass(state, request);
    // The copies that were not refused are lost, or late.
    else refuseHere(state, id, why, true);
}

/** The primary has changed: what the one before did with its copies it will never say. */
export function passAnew(state: State): void {
  for (const waiting of state.pending.values()) {
    if (waiting.sentCount > 0) waiting.sentCount = Infinity;
    waiting.why = undefined;
    pass(state, waiting.request);
  }
}

/** The primary does not take a request that was passed on; if it has told so of each copy, nobody executes it. */
export function onRefused(state: State, id: string, why: Refusal, maybe: boolean): void {
  const waiting = state.pending.get(id);
  if (waiting === undefined) return;
  if (!maybe) waiting.sentCount--;
  if (maybe || waiting.sentCount === 0 || waiting.sentCount === Infinity)
    return refuseHere(state, id, why, maybe);
  waiting.why = why;
}

/** A member passed a request on. */
export function onSubmit(state: State, from: MemberId, request: Request): void {
  const { role } = state;
  if (role.at !== "primary") return;
  const askers = role.askers.get(request.id) ?? [];
  if (!askers.includes(from)) role.askers.set(request.id, [...askers, from]);
  order(state, role, request);
}

/** The primary takes a request, unless it has it already. */
function order(state: State, role: Primary, request: Request): void {
  const { id } = request;
  if (request.isRead) return read(state, request);
  const reply = findReply(state.replies, id);
  if (reply !== undefined) {
    // Otherwise its answer goes out when it is safe.
    if (reply.op > Math.min(acknowledged(state), state.answered)) return;
    if (reply.outcome === undefined) return refuse(state, id, "forgotten", true);
    return answer(state, id, reply.outcome);
  }
  const done = doneOf(state, id);
  // Deferred, its answer went out at once; else it goes out when it is in the log and safe.
  if (done !== undefined && state.settings.isDeferred) return answer(state, id, done.outcome);
  const isQueued = role.next?.id === id || role.queue.has(id);
  const isUnderWay = state.busy?.id === id || state.inFlight.has(id) || isQueued;
  if (done !== undefined || isUnderWay) return;
  if (isAnswered(state.replies, id)) return refuse(state, id, "answered", true);
  const why = whyNotNew(state, role, request);
  if (why !== undefined) return refuse(state, id, why, false);
  if (role.next === undefined && role.queue.size === 0) role.next = request;
  else role.queue.set(id, request);
}

/** What was executed and is not in the log yet. */
function doneOf({ unlogged, held }: State, id: string): Done | undefined {
  const isIt = (done: Done): boolean => done.id === id;
  const waiting = held?.work.kind === "update" ? held.work.done.find(isIt) : undefined;
  return waiting ?? unlogged.find(isIt);
}

function whyNotNew(state: State, role: Primary, request: Request): Refusal | undefined {
  if (request.expiresMs < groupClock(state)) return "expired";
  const { replies, queueCount } = state.settings;
  const queuedCount = role.queue.size + (role.next === undefined ? 0 : 1);
  const room = replies.count - state.inFlight.size - queuedCount;
  // What has expired goes with the next operation, for only operations move the clock of the log: it must not bar it.
  const isFull = state.replies.count >= room && countAt(state.replies, groupClock(state)) >= room;
  if (isFull) return "retention";
  return queuedCount >= queueCount ? "full" : undefined;
}

/** Orders what waits, as far as the window allows. */
export function pump(state: State, role: Primary): void {
  if (!isActive(state)) return;
  if (state.held !== undefined && hasRoom(state)) {
    const { work, outcome, digest } = state.held;
    state.held = undefined;
    // Deferred, an update travels beside the next execution.
    if (!state.settings.isDeferred) state.busy = undefined;
    addWork(state, role, work, outcome);
    noteDigest(state, lastOf(state.log), digest);
  }
  // A state ahead of the log, which nobody else is there to hold, could not be given to them.
  if (role.isGathering && byMajority(role, 0, ({ acked }) => acked) < 0) return;
  role.isGathering = false;
  while (mayBegin(state, role)) {
    const request = takeNext(role);
    if (request === undefined) return;
    begin(state, role, request);
  }
}

function takeNext(role: Primary): Request | undefined {
  const { next, queue } = role;
  role.next = undefined;
  if (next !== undefined) return next;
  for (const [id, request] of queue) {
    queue.delete(id);
    return request;
  }
  return undefined;
}

function mayBegin(state: State, { heir, restyle }: Primary): boolean {
  if (!hasRoom(state) || heir !== undefined || restyle !== undefined) return false;
  if (!executesFirst(state.settings)) return true;
  // A primary that executes first begins where the servant has everything ordered so far.
  const isUpToDate = state.busy === undefined && state.started >= lastOf(state.log);
  return isUpToDate && !state.isTainted && state.hasState;
}

function begin(state: State, role: Primary, request: Request): void {
  const { id } = request;
  // It waited: its client may have given up meanwhile.
  if (request.expiresMs < groupClock(state)) return refuse(state, id, "expired", false);
  markSent(state, id);
  if (executesFirst(state.settings)) execute(state, request);
  else addWork(state, role, { kind: "request", request, decisions: undefined });
}

function execute(state: State, request: Request): void {
  state.busy = request;
  const op = lastOf(state.log) + 1;
  const task = { kind: "first", op, atMs: groupClock(state), request } as const;
  state.out.push({ kind: "execute", run: state.run, task });
}

function hasRoom(state: State): boolean {
  return lastOf(state.log) - state.commit < state.settings.windowCount;
}

/** From now on nobody here can say that it was not executed. */
function markSent(state: State, id: string): void {
  const waiting = state.pending.get(id);
  if (waiting !== undefined) waiting.sentCount = Infinity;
}

function addWork(state: State, role: Primary, work: Work, outcome?: Uint8Array): void {
  const op = lastOf(state.log) + 1;
  const entry = { op, view: viewNumber(state), atMs: groupClock(state), work };
  addEntry(state, entry);
  if (outcome === undefined) for (const { id } of requestsOf(entry)) state.inFlight.set(id, op);
  else {
    state.started = op;
    state.ahead = { entry, outcome };
  }
  for (const [id, peer] of role.peers) stream(state, role, id, peer);
}

/** The servant's side tells a result. */
export function onExecuted(
  state: State,
  { of, outcome, decisions, update, digest }: Executed,
): void {
  if (typeof of === "number") {
    noteDigest(state, of, digest);
    return onOrdered(state, of, outcome);
  }
  const { busy, settings } = state;
  const isTaken = state.held !== undefined && !settings.isDeferred;
  if (busy?.id !== of || isTaken) return onReadDone(state, of, outcome);
  if (settings.style === "semi-active") {
    state.held = { work: { kind: "request", request: busy, decisions }, outcome, digest };
    return;
  }
  const { id, expiresMs, answered } = busy;
  state.unlogged.push({ id, expiresMs, answered, outcome });
  if (!settings.isDeferred) return hold(state, update ?? NOTHING, outcome);
  state.busy = undefined;
  if (reachesMajority(state) || servesAlone(state)) answer(state, of, outcome);
  else refuse(state, of, "no majority", true);
}

/** What changed since the last update, asked for or given with a result. */
export function onUpdated(state: State, update: Uint8Array): void {
  if (state.unlogged.length > 0 && state.held === undefined) hold(state, update, NOTHING);
}

function hold(state: State, update: Uint8Array, outcome: Uint8Array): void {
  const work = { kind: "update", update, done: state.unlogged } as const;
  state.held = { work, outcome, digest: undefined };
  state.unlogged = [];
}

const NOTHING: Uint8Array = new Uint8Array();
