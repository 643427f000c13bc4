import type { Random } from "../../orb/base/index.ts";
import type {
  AttributeValue,
  PeerEntry,
  PeerId,
  PeerRef,
  Query,
  Role,
  Service,
  Standing,
} from "../overlay/index.ts";
import { onAsk } from "./discovery/answering.ts";
import { ask, onAnswer, stepAsks } from "./discovery/asking.ts";
import { discredit, onForget } from "./discovery/memory.ts";
import { onJoin, onVerdict } from "./membership/admitting.ts";
import {
  onChildBeat,
  onCoordinatorBeat,
  onMemberBeat,
  onParentBeat,
  stepBeats,
} from "./membership/beats.ts";
import { onBind } from "./membership/binding.ts";
import { onClaim, onSuperseded } from "./membership/election.ts";
import { onEntry, onFeed, onSnapshot, setEntry } from "./membership/feed.ts";
import { onBound, onPlace, onRefused, onRoot, onWelcome } from "./membership/joiner.ts";
import { loseLink, onGone, onStray } from "./membership/links.ts";
import { onWhere, placeWaiting } from "./membership/placing.ts";
import { hurryQuest, newQuest, rejoin, stepQuest } from "./membership/quest.ts";
import { reject } from "./membership/refusal.ts";
import { onAdopted, onCoordinator, onRebind } from "./membership/uplink.ts";
import type { Message, Rejection } from "./message.ts";
import type { P3Settings } from "./settings.ts";
import { Contacts } from "./state/contacts.ts";
import {
  type Cell,
  type Effect,
  send,
  standingOf,
  type State,
  tell,
  type Turn,
} from "./state/state.ts";

/** What happens to a peer. */
export type PeerEvent =
  /** One period of {@link P3Settings.heartbeatMs} is over. */
  | { readonly kind: "tick" }
  | { readonly kind: "message"; readonly from: PeerRef; readonly message: Message }
  /** A peer's process is gone: its connection broke, or its machine takes none for it. */
  | { readonly kind: "reset"; readonly peer: PeerRef }
  | { readonly kind: "join" }
  | { readonly kind: "leave" }
  | { readonly kind: "publish"; readonly service: Service }
  | { readonly kind: "withdraw"; readonly name: string; readonly instance: string }
  | { readonly kind: "describe"; readonly attributes: Readonly<Record<string, AttributeValue>> }
  | { readonly kind: "ask"; readonly id: number; readonly query: Query }
  | { readonly kind: "discredit"; readonly service: string }
  /** Other seeds than those it was made with: a name's addresses were found late, or have changed. */
  | { readonly kind: "seeds"; readonly seeds: readonly PeerRef[] };

/** What else than itself a peer starts from. */
export interface PeerOptions {
  readonly ref: PeerRef;
  readonly role: Role;
  readonly settings: P3Settings;
  readonly random: Random;
  /** One for machines that are stepped one after the other; each has its own where none is given. */
  readonly turn?: Turn;
}

/**
 * One peer of P3: no clock, no socket, no timer. Each step takes an event and its instant and gives back what is to
 * be done; the same events at the same instants give the same effects, always.
 */
export class P3Machine {
  readonly #state: State;

  constructor({ ref, role, settings, random, turn }: PeerOptions) {
    this.#state = {
      settings,
      turn: turn ?? { nowMs: 0, effects: [] },
      phase: "out",
      cell: undefined,
      self: { ref, role, version: 1, services: [], attributes: {} },
      quest: undefined,
      asks: undefined,
      isNewsDue: false,
      latestQuest: 0,
      formerQuest: 0,
      rejectedCount: 0,
      reportedAt: "out",
      reportedHow: undefined,
      untoldCount: 0,
      random,
      contacts: new Contacts(ref, settings.seeds),
      cache: new Map(),
      told: new Map(),
    };
  }

  /** @param nowMs monotonic; never before that of the last step */
  step(event: PeerEvent, nowMs: number): readonly Effect[] {
    const state = this.#state;
    const effects: Effect[] = [];
    state.turn.effects = effects;
    state.turn.nowMs = nowMs;
    if (state.phase !== "left") handle(state, event);
    // Who left still tells the rest, which may have missed it.
    else if (event.kind === "message" && isBeat(event.message))
      send(state, event.from, { kind: "leave" });
    placeWaiting(state);
    this.#report();
    return effects;
  }

  get standing(): Standing {
    return standingOf(this.#state);
  }

  get self(): PeerEntry {
    return this.#state.self;
  }

  /** The cell's state as this peer has it; undefined while it is in none. */
  get cell(): Readonly<Cell> | undefined {
    return this.#state.cell;
  }

  /** Phi of the link to a neighbour; undefined when there is none. */
  suspicion(peer: PeerId): number | undefined {
    const { cell, turn } = this.#state;
    const seat = cell?.seat;
    if (seat === undefined) return undefined;
    if (seat.at === "follower")
      return seat.coordinator.ref.id === peer ? seat.coordinator.phi(turn.nowMs) : undefined;
    const up = seat.up.at === "linked" && seat.up.link.ref.id === peer ? seat.up.link : undefined;
    const link = seat.members.get(peer) ?? seat.children.get(peer) ?? up;
    return link?.phi(turn.nowMs);
  }

  #report(): void {
    const state = this.#state;
    const { cell } = state;
    const seat = cell?.seat;
    const how = seat?.at === "coordinator" ? seat.up.at : seat?.coordinator.ref.id;
    const at = cell === undefined ? state.phase : cell.id;
    if (state.reportedAt === at && state.reportedHow === how) return;
    state.reportedAt = at;
    state.reportedHow = how;
    tell(state, { kind: "standing", standing: standingOf(state) });
  }
}

function isBeat({ kind }: Message): boolean {
  return kind.endsWith("-beat");
}

function handle(state: State, event: PeerEvent): void {
  switch (event.kind) {
    case "tick":
      state.rejectedCount = 0;
      if (state.phase !== "in") return;
      if (state.isNewsDue) tellNews(state);
      stepBeats(state);
      return stepAsks(state);
    case "message": {
      if (state.phase !== "in") return;
      const { from, message } = event;
      const rejection = receive(state, from, message);
      if (rejection !== undefined) reject(state, from, message.kind, rejection);
      return;
    }
    case "reset":
      state.contacts.forget(event.peer.id);
      return loseLink(state, event.peer, "reset");
    case "join":
      if (state.phase !== "out") return;
      state.phase = "in";
      state.quest = newQuest(state, "peer");
      return stepQuest(state);
    case "leave":
      return leave(state);
    case "publish":
      return setServices(state, [...without(state, event.service), event.service]);
    case "withdraw":
      return setServices(state, without(state, event));
    case "describe":
      // Measures change often: they are told with the next heartbeat, however many there were.
      state.self = {
        ...state.self,
        attributes: event.attributes,
        version: state.self.version + 1,
      };
      state.isNewsDue = true;
      return;
    case "ask":
      return ask(state, event.id, event.query);
    case "discredit":
      return discredit(state, event.service);
    case "seeds":
      state.contacts.setSeeds(event.seeds);
      return hurryQuest(state);
  }
}

function without(
  state: State,
  { name, instance }: { readonly name: string; readonly instance: string },
): readonly Service[] {
  return state.self.services.filter((one) => one.name !== name || one.instance !== instance);
}

function setServices(state: State, services: readonly Service[]): void {
  state.self = { ...state.self, services, version: state.self.version + 1 };
  tellNews(state);
}

/** This peer is other than it was. */
function tellNews(state: State): void {
  state.isNewsDue = false;
  const { cell, self } = state;
  if (cell === undefined) return;
  if (cell.seat.at === "coordinator") return setEntry(state, cell, cell.seat, self);
  // The coordinator's heartbeat shows whether it came; until then it is sent again.
  send(state, cell.seat.coordinator.ref, { kind: "entry", entry: self });
}

/** Every link hears it, so that nobody has to find out. */
function leave(state: State): void {
  state.phase = "left";
  const { cell } = state;
  if (cell === undefined) return;
  const { seat } = cell;
  if (seat.at === "follower") return send(state, seat.coordinator.ref, { kind: "leave" });
  const up = seat.up.at === "linked" ? [seat.up.link.ref] : [];
  const children = [...seat.children.values()].map(({ ref }) => ref);
  for (const ref of [...[...seat.members.values()].map((link) => link.ref), ...children, ...up])
    send(state, ref, { kind: "leave" });
}

/** @returns why the message was not acted upon; undefined when it was, or is merely late */
function receive(state: State, from: PeerRef, message: Message): Rejection | undefined {
  switch (message.kind) {
    // Nearly all there are.
    case "member-beat":
      return onMemberBeat(state, from, message);
    case "coordinator-beat":
      return onCoordinatorBeat(state, from, message);
    case "child-beat":
      return onChildBeat(state, from, message);
    case "parent-beat":
      return onParentBeat(state, from, message);
    case "where":
      return onWhere(state, from, message);
    case "root":
      return onRoot(state, message);
    case "place":
      return onPlace(state, from, message);
    case "bind":
      return onBind(state, from, message);
    case "bound":
      return onBound(state, from, message);
    case "join":
      return onJoin(state, from, message);
    case "verdict":
      return onVerdict(state, from, message);
    case "welcome":
      return onWelcome(state, from, message);
    case "refused":
      return onRefused(state, from, message);
    case "feed":
      return onFeed(state, from, message);
    case "snapshot":
      return onSnapshot(state, from, message);
    case "entry":
      return onEntry(state, from, message.entry);
    case "claim":
      return onClaim(state, from, message);
    case "superseded":
      return onSuperseded(state, from, message);
    case "stray":
      return onStray(state, from);
    case "rebind":
      return onRebind(state, from, message);
    case "adopted":
      return onAdopted(state, from, message);
    case "coordinator":
      return onCoordinator(state, from, message.coordinator);
    case "dissolve":
      return onDissolve(state, from, message.root);
    case "leave":
      return onGone(state, from, "left");
    case "ask":
      return onAsk(state, from, message);
    case "answer":
      return onAnswer(state, from, message);
    case "forget":
      return onForget(state, from, message);
  }
}

/** The coordinator gave the cell up in favour of another tree. */
function onDissolve(state: State, from: PeerRef, root: PeerRef): Rejection | undefined {
  const seat = state.cell?.seat;
  if (seat?.at !== "follower" || seat.coordinator.ref.id !== from.id)
    return "not from the coordinator";
  rejoin(state, root);
  return undefined;
}
