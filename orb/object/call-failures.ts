import {
  COMM_FAILURE,
  Completion,
  type CompletionStatus,
  MINOR,
  NO_RESPONSE,
  OBJ_ADAPTER,
  OBJECT_NOT_EXIST,
  type SystemException,
  TIMEOUT,
  toSystemException,
  TRANSIENT,
} from "../exception/index.ts";
import type { Route } from "../iiop/index.ts";

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
  { host, port }: Route,
  cause: unknown,
  afterMs: number | undefined,
  during: string,
): TRANSIENT {
  const why = cause instanceof Error ? cause.message : String(cause);
  const text =
    afterMs === undefined
      ? `no connection to ${host}:${port}: ${why}`
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

/** A call that is never made, or goes round in circles. */
export function hopeless(text: string, minor: number = MINOR.none): TRANSIENT {
  return new TRANSIENT(text, minor, Completion.no);
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
