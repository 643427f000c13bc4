import {
  COMM_FAILURE,
  Completion,
  type CompletionStatus,
  MINOR,
  NO_RESPONSE,
  OBJ_ADAPTER,
  OBJECT_NOT_EXIST,
  REBIND,
  type SystemException,
  TIMEOUT,
  toSystemException,
  TRANSIENT,
} from "../exception/index.ts";
import type { Route } from "../iiop/index.ts";
import type { CallTerms } from "../messaging/index.ts";

/** How far a call has come. */
export type CallStep = "connecting" | "waiting" | "settled";

/** The caller's signal was aborted. */
export function cancelledCall(
  reason: unknown,
  completed: CompletionStatus,
  during: string,
): SystemException {
  const options = { cause: reason };
  if (reason instanceof Error && reason.name === "TimeoutError") {
    const text = `${during}: the caller's signal timed out`;
    return new TIMEOUT(text, MINOR.requestTimedOut, completed, options);
  }
  const text = `${during}: cancelled by the caller's signal`;
  return new TRANSIENT(text, MINOR.requestCancelled, completed, options);
}

/** No connection to an address. @param afterMs how long it was tried, where the connect limit ended it */
export function unreachable(
  { place }: Route,
  cause: unknown,
  afterMs: number | undefined,
  during: string,
): TRANSIENT {
  const why = cause instanceof Error ? cause.message : String(cause);
  const text =
    afterMs === undefined
      ? `no connection to ${place}: ${why}`
      : `no connection within ${Math.round(afterMs)} ms: the connect limit (connectTimeoutMs) passed`;
  return new TRANSIENT(
    `${during}: ${text}`,
    afterMs === undefined ? MINOR.connectFailed : MINOR.connectTimedOut,
    Completion.no,
    { cause },
  );
}

/** Of the server's answers, those that another address may not give. */
export function isPassing(exception: SystemException): boolean {
  return (
    exception instanceof TRANSIENT ||
    exception instanceof COMM_FAILURE ||
    exception instanceof NO_RESPONSE ||
    exception instanceof OBJ_ADAPTER
  );
}

/** A call that goes round in circles. */
export function circling(how: string, during: string): TRANSIENT {
  return new TRANSIENT(`${during}: ${how}`, MINOR.none, Completion.no);
}

export function closedAgain(times: number, during: string): TRANSIENT {
  const text = `${during}: the peer closed the connection ${times} times before it took the request`;
  return new TRANSIENT(text, MINOR.peerClosed, Completion.no);
}

export function withoutAddress(typeId: string, operation: string): TRANSIENT {
  const text = `${operation}: the reference (${typeId || "without a type"}) has no IIOP address to call`;
  return new TRANSIENT(text, MINOR.noUsableEndpoint, Completion.no);
}

export function forwardedToNil(during: string): OBJECT_NOT_EXIST {
  return new OBJECT_NOT_EXIST(`${during}: forwarded to nil`, MINOR.none, Completion.no);
}

/** What the stub could not write was never sent. */
export function unsent(error: unknown): unknown {
  return error instanceof RangeError || !(error instanceof Error)
    ? toSystemException(error, Completion.no)
    : error;
}

/** A limit of the call passed. @param during `announce on 10.0.0.1:2810 after 12 ms` */
export function expiredCall(terms: CallTerms, step: CallStep, during: string): TIMEOUT {
  const { timeoutMs, limitName, requestTimeoutMs, requestLimitName } = terms;
  const isSent = step === "waiting";
  const [ms, name] =
    !isSent && requestTimeoutMs < timeoutMs
      ? [requestTimeoutMs, requestLimitName]
      : [timeoutMs, limitName];
  const limit =
    ms > 0
      ? `the limit of ${Math.round(ms)} ms (${name}) passed`
      : `${name} was over before the call`;
  const doing = isSent ? "connected and sent, no reply yet" : "no connection yet";
  return new TIMEOUT(
    `${during}: ${limit}: ${doing}`,
    isSent ? MINOR.replyExpired : MINOR.requestExpired,
    isSent ? Completion.maybe : Completion.no,
  );
}

/** The RebindPolicy forbids what the call would have to do. */
export function rebindForbidden(terms: CallTerms, why: string, during: string): REBIND {
  return new REBIND(
    `${during}: ${why}, and the RebindPolicy (${terms.rebind}) forbids to follow; _validate_connection() binds anew`,
    MINOR.none,
    Completion.no,
  );
}
