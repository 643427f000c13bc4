import { encapsulate } from "../cdr/index.ts";
import { Completion, SystemException, TIMEOUT } from "../exception/index.ts";
import { SERVICE_ID, type ServiceContext } from "../giop/index.ts";
import type { CallChoice } from "../hook/index.ts";
import type { CallTerms } from "../messaging/index.ts";
import { utcFromWallMs } from "../policy/index.ts";
import type { CallEnvironment, GroupClient } from "./call-environment.ts";
import { isPassing } from "./call-failures.ts";
import { Course } from "./course.ts";
import type { ReferenceCore } from "./reference-core.ts";
import type { Target } from "./target.ts";

/** Milliseconds between two passes through the members of a group. */
const PASS_PAUSE_MS = 100;
/** Milliseconds a server keeps the answer of a request that has no limit. */
const LONGEST_REQUEST_MS = 30_000;

/** A year: what a RequestDurationPolicy may say at most. */
const LONGEST_DURATION_MS = 365 * 24 * 3_600_000;

/** @param run octets that tell this run of the ORB from every other */
export function newGroupClient(run: Uint8Array): GroupClient {
  let last = 0;
  return {
    clientId: `orbweaver-${Buffer.from(run).toString("hex")}`,
    nextRetentionId: () => (last = (last + 1) | 0),
  };
}

/**
 * One request to an object group, whichever members it is sent to (CORBA 3.3 Part 2, 23.2.7). With its FT_REQUEST context
 * members know it again, so that it may be sent anew where a single object's may not: when nobody knows
 * whether it was executed.
 */
export class GroupCall {
  readonly #env: CallEnvironment;
  readonly #core: ReferenceCore;
  readonly #terms: CallTerms;
  readonly #endMs: number;
  /** When members forget the request, and it must not be sent again. */
  readonly #expiresMs: number;
  readonly #request: ServiceContext;
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
    const { time } = utcFromWallMs(env.clock.wallMs() + durationMs);
    const { clientId } = env.groupClient;
    const retentionId = env.groupClient.nextRetentionId();
    this.#request = {
      id: SERVICE_ID.ftRequest,
      data: encapsulate((out) => out.string(clientId).long(retentionId).ulonglong(time)),
    };
  }

  /** The way of an attempt made now. */
  course(choice: CallChoice | undefined): Course {
    const { heartbeat } = this.#terms;
    return new Course(this.#core, choice, (at, connection) => {
      this.#at = at;
      if (heartbeat !== undefined) this.#env.heartbeats.keep(connection, at, heartbeat);
    });
  }

  /** The terms of an attempt made now. */
  terms(): CallTerms {
    const contexts = (): readonly ServiceContext[] => this.#contexts();
    // Calls that take the ORB's time limit share a timer: of a first attempt nothing is over.
    const leftMs = this.#isFirst ? this.#terms.timeoutMs : this.#endMs - this.#env.clock.nowMs();
    this.#isFirst = false;
    return {
      ...this.#terms,
      timeoutMs: Math.max(1, leftMs),
      // Of the version in which the group is known when the request leaves: a forward may bring another.
      get contexts() {
        return contexts();
      },
    };
  }

  #contexts(): readonly ServiceContext[] {
    const version = this.#core.group?.version ?? 0;
    const groupVersion = {
      id: SERVICE_ID.ftGroupVersion,
      data: encapsulate((out) => out.ulong(version)),
    };
    return [...this.#terms.contexts, groupVersion, this.#request];
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

  /** What the caller is told: not that nothing was executed where nobody knows. */
  error(last: unknown): unknown {
    const isNo = last instanceof SystemException && last.completed === Completion.no;
    return isNo && this.#lost !== undefined ? this.#lost : last;
  }
}
