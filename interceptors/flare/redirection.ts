import { PortableInterceptor } from "../../idl/index.ts";
import {
  COMM_FAILURE,
  Completion,
  NO_RESPONSE,
  OBJ_ADAPTER,
  type ObjectReference,
  SystemException,
  TRANSIENT,
} from "../../orb/index.ts";
import type {
  ClientRequestInfo,
  ClientRequestInterceptor,
  ORBInitInfo,
  ORBInitializer,
} from "../portable/index.ts";

/** Who knows where calls go when a place has failed. Nothing in it waits: interception points are synchronous. */
export interface FailoverTargets {
  /** While no place is known to have failed, calls are not looked at before they are sent. */
  readonly knowsGone: boolean;
  /** Whether a place is known to have failed, so that nothing need be sent there. */
  isGone(place: ObjectReference): boolean;
  /**
   * Where else the object is.
   * @param failed places that a call has been to in vain, the last one last
   * @returns undefined where there is no other, or nothing is known of the object
   */
  next(failed: readonly ObjectReference[]): ObjectReference | undefined;
  /** Told of the way to a place given by `next`, before the request is sent there. */
  announce?(ri: ClientRequestInfo, failed: readonly FailedPlace[]): void;
  /** The ORB is made; whoever needs something of it waits here. */
  begin?(info: ORBInitInfo): void | Promise<void>;
}

/** Where a call was in vain. */
export interface FailedPlace {
  readonly reference: ObjectReference;
  /** The profile's octets. */
  readonly profile: Uint8Array;
}

/** A call that may have been executed when its connection broke. */
export interface LostCall {
  readonly operation: string;
  readonly target: ObjectReference;
}

export interface RedirectionOptions {
  readonly targets: FailoverTargets;
  /**
   * Whether a call is sent again, elsewhere, when nobody knows if it was executed (COMPLETED_MAYBE). No, where left
   * out: for objects without state, and operations that may well be done twice, say so.
   */
  readonly mayRepeat?: (call: LostCall) => boolean;
}

/** Exceptions that say: not here. The same as lets FT-CORBA clients fail over (CORBA 3.3 Part 2, table 23-1). */
const FAILURES = [COMM_FAILURE, TRANSIENT, NO_RESPONSE, OBJ_ADAPTER] as const;
/** Calls that are remembered while they look for a place. */
const MOST_COURSES = 10_000;
/** PortableInterceptor::TRANSPORT_RETRY. */
const { LOCATION_FORWARD, TRANSPORT_RETRY } = PortableInterceptor;

/**
 * Redirects the calls of a client when a server fails, without the program's notice: `portable([new Redirection(…)])`.
 * After FLARe: the client request interceptor catches the exception and raises ForwardRequest to the place that it is
 * given. It uses nothing but the interceptors of the standard (CORBA 3.3 Part 1, 16).
 */
export class Redirection implements ORBInitializer, ClientRequestInterceptor {
  readonly name = "orbweaver.redirection";
  readonly #targets: FailoverTargets;
  readonly #mayRepeat: (call: LostCall) => boolean;
  /** By request: where it was in vain. Empty as long as nothing fails. */
  readonly #courses: Map<number, FailedPlace[]> = new Map();
  #redirectedCount = 0;

  constructor({ targets, mayRepeat = () => false }: RedirectionOptions) {
    this.#targets = targets;
    this.#mayRepeat = mayRepeat;
  }

  /** Calls that were sent elsewhere; one that went to three places counts twice. */
  get redirectedCount(): number {
    return this.#redirectedCount;
  }

  /** To be called by `ORB_init`. */
  pre_init(info: ORBInitInfo): void {
    info.add_client_request_interceptor(this);
  }

  /** To be called by `ORB_init`. */
  async post_init(info: ORBInitInfo): Promise<void> {
    await this.#targets.begin?.(info);
  }

  /** Where a place is known to have failed the call does not even try. */
  send_request(ri: ClientRequestInfo): void {
    if (this.#courses.size > 0) {
      const course = this.#courses.get(ri.request_id);
      if (course !== undefined) this.#targets.announce?.(ri, course);
    }
    // The reference as the program has it costs little to look at; where it was forwarded to costs more.
    if (!this.#targets.knowsGone || !this.#targets.isGone(ri.target)) return;
    const place = ri.effective_target;
    if (this.#targets.isGone(place)) this.#redirect(ri, place);
  }

  receive_reply(ri: ClientRequestInfo): void {
    this.#done(ri);
  }

  receive_exception(ri: ClientRequestInfo): void {
    const failure: unknown = ri.received_exception.value;
    if (this.#mayGoOn(ri, failure)) this.#redirect(ri, ri.effective_target);
    this.#done(ri);
  }

  receive_other(ri: ClientRequestInfo): void {
    const { reply_status: status } = ri;
    // The ORB goes on by itself, perhaps to the place that the reference names first: this one was in vain.
    if (status === TRANSPORT_RETRY) this.#note(ri, ri.effective_target);
    else if (status !== LOCATION_FORWARD) this.#done(ri);
  }

  #mayGoOn(ri: ClientRequestInfo, failure: unknown): boolean {
    if (!(failure instanceof SystemException)) return false;
    if (!FAILURES.some((kind) => failure instanceof kind)) return false;
    if (failure.completed === Completion.no) return true;
    if (failure.completed === Completion.yes) return false;
    return this.#mayRepeat({ operation: ri.operation, target: ri.target });
  }

  /** @throws ForwardRequest where there is a place that was not tried */
  #redirect(ri: ClientRequestInfo, place: ObjectReference): void {
    const failed = this.#note(ri, place);
    const forward = this.#targets.next(failed.map(({ reference }) => reference));
    if (forward === undefined) return;
    this.#redirectedCount++;
    throw new PortableInterceptor.ForwardRequest({ forward });
  }

  #note(ri: ClientRequestInfo, reference: ObjectReference): readonly FailedPlace[] {
    const { request_id: id } = ri;
    const course = this.#courses.get(id) ?? [];
    course.push({ reference, profile: ri.effective_profile.profile_data });
    this.#courses.set(id, course);
    if (this.#courses.size > MOST_COURSES) this.#forgetOldest();
    return course;
  }

  #done(ri: ClientRequestInfo): void {
    if (this.#courses.size > 0) this.#courses.delete(ri.request_id);
  }

  #forgetOldest(): void {
    const [oldest] = this.#courses.keys();
    if (oldest !== undefined) this.#courses.delete(oldest);
  }
}
