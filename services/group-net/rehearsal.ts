import { systemRandom } from "../../orb/base/index.ts";
import {
  type Effect,
  foundingView,
  GroupMember,
  type GroupSettings,
  MEMBER_TIMES,
  type MemberEvent,
  type MemberId,
  type Task,
} from "../group/index.ts";
import { decodeLetter, encodeLetter } from "../group-wire/index.ts";
import { memberIdAt } from "./carrier.ts";

/** What is run through before it happens in earnest: an engine compiles what it sees often. */
export interface RehearsalOptions {
  readonly settings: GroupSettings;
  /** Losses of a primary that are gone through. */
  readonly rounds: number;
}

/** Of three, a follower knows by itself what is certain: a proposal would bring nothing. */
const CAST: readonly MemberId[] = ["a", "b", "c", "d", "e"].map((name, i) =>
  memberIdAt(name, `127.0.0.1:${i + 1}`),
);
const OPERATIONS = 20;
/** Ticks within which a group has followed its primary: it has taken four or so. */
const MOST_TICKS = 40;

/**
 * Founds a group of five in memory, has it execute operations, takes its primary away and goes on with the other four,
 * again and again; every message is written and read as it would be on a connection. A process that has done so needs
 * milliseconds less for its first fail-over, for code that has never run is not compiled. Takes about 5 ms a round.
 * @throws Error when those that are left do not go on
 */
export function rehearse({ settings, rounds }: RehearsalOptions): void {
  for (let round = 0; round < rounds; round++) new Rehearsal(settings).play();
}

class Rehearsal {
  readonly #members: Map<MemberId, GroupMember>;
  readonly #letters: { readonly to: MemberId; readonly octets: Uint8Array }[] = [];
  #nowMs = 0;
  #answered = 0;
  #asked = 0;

  constructor(settings: GroupSettings) {
    const founding = foundingView(CAST);
    // What is on disk is not played with.
    const played = { ...settings, isDurable: false };
    this.#members = new Map(
      CAST.map((self) => [
        self,
        new GroupMember({ self, settings: played, founding }, MEMBER_TIMES, 0, systemRandom),
      ]),
    );
  }

  play(): void {
    this.#operate();
    const [lost = "", ...left] = CAST;
    // The others hold it, and are not told that it is certain: the next view has to begin with it.
    this.#ask(lost);
    this.#deliver((to) => to !== lost);
    this.#members.delete(lost);
    for (const each of left) this.#step(each, { kind: "reset", member: lost });
    this.#operate();
  }

  #operate(): void {
    const wanted = this.#answered + OPERATIONS;
    const [first = "", second = first] = this.#members.keys();
    for (let i = 0; i < OPERATIONS; i++) this.#ask(i % 2 === 0 ? first : second);
    for (let tick = 0; this.#answered < wanted && tick < MOST_TICKS; tick++) this.#tick();
    if (this.#answered < wanted)
      throw new Error(`the rehearsal of a group came to ${this.#answered} of ${wanted} operations`);
  }

  #ask(at: MemberId): void {
    const ticket = ++this.#asked;
    const request = {
      id: `${at} ${ticket}`,
      expiresMs: Infinity,
      answered: undefined,
      isRead: false,
      body: Buffer.alloc(64),
    };
    this.#step(at, { kind: "submit", ticket, request });
  }

  #tick(): void {
    this.#nowMs += MEMBER_TIMES.heartbeatMs;
    for (const id of this.#members.keys()) this.#step(id, { kind: "tick" });
    this.#deliver(() => true);
  }

  #deliver(isReached: (to: MemberId) => boolean): void {
    for (let letter = this.#letters.shift(); letter !== undefined; letter = this.#letters.shift()) {
      const { from, content } = decodeLetter(letter.octets);
      if (content.kind === "message" && isReached(letter.to))
        this.#step(letter.to, { kind: "message", from, message: content.message });
    }
  }

  #step(id: MemberId, event: MemberEvent): void {
    const effects = this.#members.get(id)?.step(event, this.#nowMs) ?? [];
    for (const effect of effects) this.#do(id, effect);
  }

  #do(id: MemberId, effect: Effect): void {
    if (effect.kind === "send") {
      const { to, message } = effect;
      const letter = { group: "", from: id, to, content: { kind: "message", message } } as const;
      this.#letters.push({ to, octets: Buffer.from(encodeLetter(letter)) });
    } else if (effect.kind === "execute") {
      const of = nameOf(effect.task);
      const outcome = Buffer.alloc(16);
      const told = { of, outcome, update: outcome, decisions: outcome };
      this.#step(id, { kind: "executed", run: effect.run, ...told });
    } else if (effect.kind === "capture")
      this.#step(id, { kind: "captured", run: effect.run, state: Buffer.alloc(16) });
    else if (effect.kind === "update")
      this.#step(id, { kind: "updated", run: effect.run, update: Buffer.alloc(16) });
    else if (effect.kind === "release") this.#answered++;
  }
}

function nameOf(task: Task): number | string {
  return task.kind === "ordered" ? task.op : task.request.id;
}
