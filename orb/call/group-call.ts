import { encapsulate } from "../cdr/index.ts";
import {
  BAD_CONTEXT,
  Completion,
  OBJECT_NOT_EXIST,
  SystemException,
  TIMEOUT,
} from "../exception/index.ts";
import { SERVICE_ID, type ServiceContext } from "../giop/index.ts";
import type { CallChoice } from "../hook/index.ts";
import type { ClientConnection } from "../iiop/index.ts";
import type { CallTerms } from "../messaging/index.ts";
import { utcFromWallMs } from "../policy/index.ts";
import type { CallEnvironment, GroupClient } from "./call-environment.ts";
import { isPassing } from "./call-failures.ts";
import { Course, type Traveller } from "./course.ts";
import type { ReferenceCore } from "./reference-core.ts";
import type { Target } from "./target.ts";

/** Milliseconds between two passes through the members of a group. */
const PASS_PAUSE_MS = 100;
/** Milliseconds a server keeps the answer of a request that has no limit. */
const LONGEST_REQUEST_MS = 30_000;

/** Of a TimeBase::TimeT. */
const TIME_OCTETS = 8;

/** A year: what a RequestDurationPolicy may say at most. */
const LONGEST_DURATION_MS = 365 * 24 * 3_600_000;

/** The contexts of requests to groups differ in a few octets: they are made once, and those written anew. */
class GroupContexts implements GroupClient {
  readonly #request: Buffer;
  /** Where the retention id is, and the time at which the request expires: the last 8 octets. */
  readonly #retentionAt: number;
  readonly #timeAt: number;
  #version: ServiceContext = versionContext(0);
  #versionNumber = 0;
  #retentionId = 0;

  /** @param clientId unlike that of every other client */
  constructor(clientId: string) {
    let retentionAt = 0;
    const data = encapsulate(
      (out) => {
        out.string(clientId).align(4);
        retentionAt = out.position;
        out.long(0).ulonglong(0n);
      },
      { littleEndian: true },
    );
    this.#request = Buffer.from(data);
    this.#retentionAt = retentionAt;
    this.#timeAt = data.length - TIME_OCTETS;
  }

  newRequest(expiresAt: bigint): ServiceContext {
    const data = Buffer.from(this.#request);
    this.#retentionId = (this.#retentionId + 1) | 0;
    data.writeInt32LE(this.#retentionId, this.#retentionAt);
    data.writeBigUInt64LE(expiresAt, this.#timeAt);
    return { id: SERVICE_ID.ftRequest, data };
  }

  ofVersion(version: number): ServiceContext {
    if (version !== this.#versionNumber) {
      this.#version = versionContext(version);
      this.#versionNumber = version;
    }
    return this.#version;
  }
}

function versionContext(version: number): ServiceContext {
  return { id: SERVICE_ID.ftGroupVersion, data: encapsulate((out) => out.ulong(version)) };
}

/** @param run octets that tell this run of the ORB from every other */
export function newGroupClient(run: Uint8Array): GroupClient {
  return new GroupContexts(`orbweaver-${Buffer.from(run).toString("hex")}`);
}

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
    this.#request = env.groupClient.newRequest(time);
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
    return [this.#env.groupClient.ofVersion(this.#core.group?.version ?? 0), this.#request];
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
