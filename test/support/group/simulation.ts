import { type Random, seededRandom } from "../../../orb/base/index.ts";
import {
  type Effect,
  foundingView,
  GROUP_DEFAULTS,
  GroupMember,
  type GroupSettings,
  type MemberEvent,
  type MemberId,
  MEMBER_TIMES,
  type Message,
  type StoreChange,
  type Stored,
  type Style,
  Witness,
} from "../../../services/group/index.ts";
import type { Request } from "../../../services/history/index.ts";
import { Agenda } from "../overlay/agenda.ts";
import { type NetworkSettings, ROUGH_NETWORK, SimulatedNetwork } from "../overlay/network.ts";
import { asked, type Chronicle, NO_CHRONICLE, saw, sawView } from "./chronicle.ts";
import { freeze, hashOf, textOf } from "./fingerprint.ts";
import { type Chore, type Executions, octets, serve } from "./servant.ts";

export interface SimulationOptions {
  readonly seed: number;
  readonly members: number;
  /** The group has a witness, which nothing happens to. */
  readonly hasWitness?: boolean;
  readonly settings?: Partial<GroupSettings>;
  readonly network?: NetworkSettings;
  /** Only the first one knows that it founds the group: the others come to it for their state. */
  readonly isGathering?: boolean;
  /** A servant takes up to this for a request, milliseconds. */
  readonly servantMs?: number;
}

/** One process of a simulated group. */
export interface Process {
  readonly id: MemberId;
  readonly member: GroupMember;
  isFrozen: boolean;
  list: Executions;
  logged: number;
  readonly chores: Chore[];
  isWorking: boolean;
  readonly kept: MemberEvent[];
}

/** A client that sends one update after another, each until it is answered or, now and then, given up. */
interface Client {
  /** The request under way. */
  request: Request | undefined;
  /** How often it was sent. */
  tries: number;
}

const ANSWER_MS = 300;
/** Of the requests that are not answered in time. */
const GIVEN_UP = 0.1;
const LIFE_MS = 60_000;
const KEPT_EVENTS = 2_000;
/** After a process ends, who is connected to it sees so this much later. */
const RESET_MS = 0.5;
/** Who is not in yet is told of another contact after this. */
const SEEK_MS = 500;

function requestOf(
  number: number,
  expiresMs: number,
  answered: number | undefined,
  isRead: boolean,
): Request {
  return freeze({ id: `r${number}`, expiresMs, answered, isRead, body: octets("") });
}

function numberOf(id: string): number {
  return Number(id.slice(1));
}

/** A replicated group with its clients on virtual time: the same seed gives the same run. */
export class GroupSimulation {
  readonly random: Random;
  readonly network: SimulatedNetwork;
  /** The members' own: their waits change nothing else of a run. */
  readonly #chance: Random;
  readonly processes: Map<MemberId, Process> = new Map();
  readonly #agenda: Agenda<() => void> = new Agenda();
  readonly #settings: GroupSettings;
  readonly #servantMs: number;
  readonly #stores: Map<MemberId, Stored> = new Map();
  /** How requests without a client ended. */
  readonly #ended: Map<number, string> = new Map();
  readonly #clients: Set<Client> = new Set();
  /** Clients by the numbers of their requests. They are one caller, and number these together. */
  readonly #askers: Map<number, Client> = new Map();
  readonly #witness: Witness | undefined;
  #started = 0;
  #digest = 0;
  chronicle: Chronicle;

  constructor(options: SimulationOptions) {
    const { seed, members, hasWitness, isGathering, settings, network, servantMs } = options;
    this.random = seededRandom(seed);
    this.network = new SimulatedNetwork(network ?? ROUGH_NETWORK, seededRandom(seed + 1));
    this.#chance = seededRandom(seed + 2);
    this.#settings = Object.freeze({ ...GROUP_DEFAULTS, ...settings });
    this.#servantMs = servantMs ?? 2;
    const ids = Array.from({ length: members }, () => this.#newId());
    this.#witness = hasWitness === true ? new Witness("w") : undefined;
    const founding = freeze(foundingView(ids, this.#witness?.self));
    this.chronicle = sawView(NO_CHRONICLE, founding);
    const [first = ""] = ids;
    for (const id of ids) {
      if (isGathering !== true || id === first)
        this.#start(id, {
          self: id,
          settings: this.#settings,
          founding,
          ...(isGathering === undefined ? {} : { isGathering }),
        });
      else {
        this.#start(id, { self: id, settings: this.#settings });
        this.#step(id, { kind: "join", contact: first });
      }
    }
  }

  get nowMs(): number {
    return this.#agenda.nowMs;
  }

  /** A number that two runs have in common only when the same happened in the same order. */
  get digest(): number {
    return this.#digest;
  }

  get answeredCount(): number {
    return this.chronicle.released.size;
  }

  /** Those in the latest view that live and serve it. */
  get serving(): readonly Process[] {
    const latest = Math.max(...this.chronicle.views.keys());
    return [...this.processes.values()].filter(({ member: { standing } }) => {
      const isIn = standing.at === "primary" || standing.at === "follower";
      return isIn && standing.view.number === latest;
    });
  }

  /** Runs until `untilMs`, or until something happened that must not. */
  run(forMs: number): void {
    const endMs = this.nowMs + forMs;
    for (;;) {
      const happening = this.#agenda.next(endMs);
      if (happening === undefined || this.chronicle.fault !== undefined) return;
      happening();
    }
  }

  /** @returns whether it became so within that time */
  runUntil(isSo: () => boolean, mostMs: number): boolean {
    for (const endMs = this.nowMs + mostMs; this.nowMs < endMs; this.run(20))
      if (isSo() || this.chronicle.fault !== undefined) return isSo();
    return isSo();
  }

  /** Another replica comes, and joins by one that serves as soon as there is one. */
  join(): MemberId {
    const id = this.#newId();
    this.#start(id, { self: id, settings: this.#settings });
    this.#seek(id);
    return id;
  }

  /** As its owner does: the contact it had may be gone before it was told of the view. */
  #seek(id: MemberId): void {
    if (this.processes.get(id)?.member.standing.at !== "joining") return;
    const contact = this.#pick(this.serving.map((one) => one.id));
    if (contact !== undefined) this.#step(id, { kind: "join", contact });
    this.#agenda.enter(SEEK_MS, () => this.#seek(id));
  }

  /** The process ends, as by SIGKILL. */
  kill(id: MemberId): void {
    this.processes.delete(id);
    for (const other of this.processes.keys())
      if (this.network.isReachable(id, other))
        this.#agenda.enter(RESET_MS, () => this.#step(other, { kind: "reset", member: id }));
  }

  /** The process ends in good order, as soon as its member has nothing more to do. */
  retire(id: MemberId): void {
    this.#step(id, { kind: "retire" });
  }

  /** A process that was killed comes back with its store, and its servant with nothing. */
  restart(id: MemberId): void {
    const recovered = this.#stores.get(id);
    if (recovered === undefined) throw new Error(`${id} has stored nothing`);
    this.#start(id, { self: id, settings: this.#settings, recovered });
  }

  freeze(id: MemberId, forMs: number): void {
    const one = this.processes.get(id);
    if (one === undefined) return;
    one.isFrozen = true;
    this.#agenda.enter(forMs, () => {
      one.isFrozen = false;
      for (const event of one.kept.splice(0)) this.#step(id, event);
      this.#work(one);
    });
  }

  /** Whoever is the primary is told to have the group run in another way. */
  restyle(style: Style): void {
    const primary = this.serving.find(({ member }) => member.standing.at === "primary");
    if (primary !== undefined) this.#step(primary.id, { kind: "restyle", style });
  }

  /** Those of the members that serve. */
  get styles(): ReadonlySet<Style> {
    return new Set(this.serving.map(({ member }) => member.state.settings.style));
  }

  /** A client begins, with a pause of up to `pauseMs` between its updates; @param stopMs when it sends its last */
  addClient(pauseMs: number, stopMs: number): void {
    const client: Client = { request: undefined, tries: 0 };
    this.#clients.add(client);
    const next = (): void => {
      if (this.nowMs >= stopMs) return;
      if (client.request === undefined) this.#ask(client);
      this.#agenda.enter(this.random.number() * pauseMs, next);
    };
    next();
  }

  /** One request to one member. @returns how it ended within a second; undefined: not at all */
  submit(to: MemberId, number: number, isRead: boolean): string | undefined {
    const expiresMs = this.nowMs + LIFE_MS;
    const request = requestOf(number, expiresMs, undefined, isRead);
    this.chronicle = asked(this.chronicle, request);
    this.#step(to, { kind: "submit", ticket: number, request });
    this.run(1_000);
    return this.#ended.get(number);
  }

  get waitingCount(): number {
    return [...this.#clients].filter(({ request }) => request !== undefined).length;
  }

  #newId(): MemberId {
    return `m${this.#started++}`;
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.random.number() * from.length)];
  }

  #start(id: MemberId, options: ConstructorParameters<typeof GroupMember>[0]): void {
    const member = new GroupMember(options, MEMBER_TIMES, this.nowMs, this.#chance);
    const one: Process = {
      id,
      member,
      isFrozen: false,
      list: [],
      logged: 0,
      chores: [],
      isWorking: false,
      kept: [],
    };
    this.processes.set(id, one);
    const tick = (): void => {
      if (this.processes.get(id) !== one) return;
      if (!one.isFrozen) this.#step(id, { kind: "tick" });
      this.#agenda.enter(MEMBER_TIMES.heartbeatMs, tick);
    };
    this.#agenda.enter(this.random.number() * MEMBER_TIMES.heartbeatMs, tick);
  }

  #ask(client: Client): void {
    const number = this.#askers.size + 1;
    this.#askers.set(number, client);
    const isRead = this.random.number() < 0.2;
    const expiresMs = this.nowMs + LIFE_MS;
    client.tries = 0;
    const open = [...this.#clients].flatMap(({ request }) => request ?? []);
    const answered = Math.min(number, ...open.map(({ id }) => numberOf(id)));
    client.request = requestOf(number, expiresMs, answered, isRead);
    this.chronicle = asked(this.chronicle, client.request);
    this.#send(client);
  }

  /** Sends the request under way, to anybody; again when it was not answered in time. */
  #send(client: Client): void {
    const { request } = client;
    if (request === undefined) return;
    const to = this.#pick([...this.processes.keys()]);
    client.tries++;
    if (to !== undefined) this.#step(to, { kind: "submit", ticket: numberOf(request.id), request });
    this.#agenda.enter(ANSWER_MS, () => {
      if (client.request !== request) return;
      if (this.random.number() < GIVEN_UP) client.request = undefined;
      else this.#send(client);
    });
  }

  #step(id: MemberId, event: MemberEvent): void {
    const one = this.processes.get(id);
    if (one === undefined || this.chronicle.fault !== undefined) return;
    if (one.isFrozen) {
      if (one.kept.length < KEPT_EVENTS) one.kept.push(event);
      return;
    }
    const effects = one.member.step(event, this.nowMs);
    this.#digest = hashOf(`${this.#digest} ${id} ${event.kind} ${textOf(effects.length)}`);
    // Who sent it twice is not told by one member what became of it at another.
    const known = effects.map((effect) =>
      effect.kind === "refuse" && !this.#isOnlyTry(effect.ticket)
        ? { ...effect, maybe: true }
        : effect,
    );
    for (const effect of known) this.#do(one, effect);
    const { list, logged, chores, member } = one;
    const node = { id, state: member.state, list, logged, chores };
    this.chronicle = saw(this.chronicle, node, this.#settings, known);
    this.#work(one);
    if (member.state.role.at === "left") this.kill(id);
  }

  #do(one: Process, effect: Effect): void {
    switch (effect.kind) {
      case "send":
        return this.#carry(one.id, effect.to, effect.message);
      case "release":
      case "refuse":
        return this.#answered(effect);
      case "standing":
        // Who is out comes back as another: the group forgets nothing, and it remembers nothing.
        if (effect.standing.at === "fenced") {
          this.processes.delete(one.id);
          this.#agenda.enter(50, () => void this.join());
        }
        return;
      case "diverged":
      case "doubt":
        return;
      case "store":
        return this.#store(one.id, effect.change);
      case "execute":
      case "capture":
      case "update":
      case "restore":
        one.chores.push(effect);
    }
  }

  #isOnlyTry(ticket: number): boolean {
    const client = this.#askers.get(ticket);
    return client?.request?.id === `r${ticket}` && client.tries === 1;
  }

  #store(id: MemberId, change: StoreChange): void {
    const before = this.#stores.get(id)?.entries ?? [];
    const kept = before.filter(({ op }) => op > change.base && op < change.from);
    this.#stores.set(id, { stored: change, entries: [...kept, ...change.entries] });
  }

  #answered(effect: Extract<Effect, { kind: "release" | "refuse" }>): void {
    const client = this.#askers.get(effect.ticket);
    if (client === undefined)
      this.#ended.set(effect.ticket, effect.kind === "refuse" ? effect.why : "released");
    if (client?.request?.id !== `r${effect.ticket}`) return;
    // Maybe executed: it is asked again, until it is known.
    if (effect.kind === "release" || !effect.maybe) client.request = undefined;
  }

  #carry(from: MemberId, to: MemberId, message: Message): void {
    freeze(message);
    const witness = this.#witness;
    const deliver = (): void => {
      if (witness === undefined || to !== witness.self)
        return this.#step(to, { kind: "message", from, message });
      const reply = witness.step(message);
      if (reply !== undefined) this.#carry(to, from, reply);
    };
    for (const delayMs of [this.network.delayMs(), this.network.copyDelayMs()])
      if (delayMs !== undefined && this.network.isReachable(from, to))
        this.#agenda.enter(delayMs, deliver);
  }

  /** The servant does one chore after the other. */
  #work(one: Process): void {
    if (one.isWorking || one.isFrozen || one.chores.length === 0) return;
    one.isWorking = true;
    this.#agenda.enter(this.random.number() * this.#servantMs, () => {
      one.isWorking = false;
      const chore = one.chores.shift();
      if (chore === undefined || this.processes.get(one.id) !== one) return;
      const { settings } = one.member.state;
      const { list, logged, event } = serve(one.id, settings, one.list, one.logged, chore);
      one.list = list;
      one.logged = logged;
      if (event !== undefined) this.#step(one.id, event as MemberEvent);
      this.#work(one);
    });
  }
}
