import {
  BAD_CONTEXT,
  Completion,
  OBJECT_NOT_EXIST,
  SystemException,
  TIMEOUT,
} from "../exception/index.ts";
import type { ServiceContext } from "../giop/index.ts";
import type { CallChoice } from "../hook/index.ts";
import type { ClientConnection } from "../iiop/index.ts";
import type { CallTerms } from "../messaging/index.ts";
import { utcFromWallMs } from "../policy/index.ts";
import type { CallEnvironment, GroupRequest } from "./call-environment.ts";
import { isPassing } from "./call-failures.ts";
import { Course, type Traveller } from "./course.ts";
import type { ReferenceCore } from "./reference-core.ts";
import type { Target } from "./target.ts";

/** Milliseconds between two passes through the members of a group. */
const PASS_PAUSE_MS = 100;
/** Milliseconds a server keeps the answer of a request that has no limit. */
const LONGEST_REQUEST_MS = 30_000;

/** A year: what a RequestDurationPolicy may say at most. */
const LONGEST_DURATION_MS = 365 * 24 * 3_600_000;

/**
 * One request to an object group, whichever members it is sent to (CORBA 3.3 Part 2, 23.2.7). With its FT_REQUEST context
 * members know it again, so that it may be sent anew where a single object's may not: when nobody knows
 * whether it was executed.
 */
export class GroupCall implements Traveller {
  readonly #env: CallEnvironment;
  readonly #core: ReferenceCore;
  readonly #terms: CallTerms;
  readonly #endMs: number;
  /** When members forget the request, and it must not be sent again. */
  readonly #expiresMs: number;
  /** TimeBase::TimeT of the same on the wall's clock. */
  readonly #expiresAt: bigint;
  #group: bigint | undefined;
  #request: GroupRequest;
  /** Where the request went last. */
  #at: Target | undefined;
  #lostCount = 0;
  #isFirst = true;
  /** Nobody knows whether the request was executed since this happened. */
  #lost: SystemException | undefined;

  constructor(env: CallEnvironment, core: ReferenceCore, terms: CallTerms) {
    this.#env = env;
    this.#core = core;
    this.#terms = terms;
    this.#endMs = env.clock.nowMs() + terms.timeoutMs;
    const { requestDurationMs = Math.min(terms.timeoutMs, LONGEST_REQUEST_MS) } = terms;
    // Longer than a year is a number that UtcT has no room for.
    const durationMs = Math.min(requestDurationMs, LONGEST_DURATION_MS);
    this.#expiresMs = Math.min(this.#endMs, env.clock.nowMs() + durationMs);
    this.#expiresAt = utcFromWallMs(env.clock.wallMs() + durationMs).time;
    this.#group = core.group?.id;
    this.#request = env.groupClient.newRequest(this.#group, this.#expiresAt);
  }

  /** The way of an attempt made now. */
  course(choice: CallChoice | undefined): Course {
    return new Course(this.#core, choice, this);
  }

  begun(at: Target, connection: ClientConnection): void {
    this.#at = at;
    const { heartbeat } = this.#terms;
    if (heartbeat !== undefined) this.#env.heartbeats.keep(connection, at, heartbeat);
  }

  /** Of the version in which the group is known when the request leaves: a forward may bring another. */
  contexts(): readonly ServiceContext[] {
    const { groupClient } = this.#env;
    const { group } = this.#core;
    if (group?.id !== this.#group) this.#move(group?.id);
    const version = groupClient.ofVersion(group?.version ?? 0);
    const answered = this.#request.answered();
    const { context } = this.#request;
    return answered === undefined ? [version, context] : [version, context, answered];
  }

  /** A forward led to another group: it hears of the request for the first time, and of others what is true of them there. */
  #move(group: bigint | undefined): void {
    this.ended(true);
    this.#group = group;
    this.#request = this.#env.groupClient.newRequest(group, this.#expiresAt);
  }

  /** It is not sent again, and nobody waits for its answer. @param isHeard false for a oneway request that only left */
  ended(isHeard: boolean): void {
    this.#request.ended(isHeard);
  }

  /** The terms of an attempt made now: calls that take the ORB's time limit share a timer, and of a first one nothing is over. */
  terms(): CallTerms {
    if (this.#isFirst) {
      this.#isFirst = false;
      return this.#terms;
    }
    const leftMs = this.#endMs - this.#env.clock.nowMs();
    return { ...this.#terms, timeoutMs: Math.max(1, leftMs) };
  }

  /**
   * What an attempt's failure means.
   * @returns milliseconds after which the next attempt is to be made; undefined: the call ends with {@link error}
   */
  retryAfterMs(error: unknown): number | undefined {
    // Who is cut off says nothing: the next call goes to another member.
    if (error instanceof TIMEOUT && this.#at !== undefined) this.#core.suspect(this.#at);
    if (!(error instanceof SystemException) || !isPassing(error)) return undefined;
    if (error.completed === Completion.yes) return undefined;
    if (error.completed === Completion.maybe) {
      this.#lost = error;
      this.#lostCount++;
      if (this.#at !== undefined) this.#core.suspect(this.#at);
    }
    // Every member has said, or shown, that it did not execute the request.
    if (this.#lost === undefined) return undefined;
    const isPassOver =
      error.completed === Completion.no || this.#lostCount % this.#core.targets.length === 0;
    const pauseMs = isPassOver ? PASS_PAUSE_MS : 0;
    return this.#env.clock.nowMs() + pauseMs < this.#expiresMs ? pauseMs : undefined;
  }

  /**
   * What the caller is told: not that nothing was executed where nobody knows.
   * @param isAnswered a member said it, and not this client
   */
  error(last: unknown, isAnswered: boolean): unknown {
    if (this.#lost === undefined || !(last instanceof SystemException)) return last;
    const isOutcome = isAnswered && isOfRequest(last);
    return last.completed === Completion.no && !isOutcome ? this.#lost : last;
  }
}

/**
 * Whether a member says it of the request, which it knows again: not one that could not be asked, has no replica any
 * more, or was asked after the request's time.
 */
function isOfRequest(answer: SystemException): boolean {
  return !(
    isPassing(answer) ||
    answer instanceof BAD_CONTEXT ||
    answer instanceof OBJECT_NOT_EXIST
  );
}
