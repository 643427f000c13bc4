import { type Channel, channel } from "node:diagnostics_channel";

/**
 * What `node:diagnostics_channel` is told of, by the names of the channels. The same object is published
 * at the start of a thing and at its end, filled in. Nothing is made where nobody has subscribed.
 */

/** A call: `orbweaver:client:start`, `orbweaver:client:end`. */
export interface ClientRequestTrace {
  /** The same object for everything of one ORB. */
  readonly origin: object;
  readonly operation: string;
  /** What the reference says of the object's type; may be empty. */
  readonly typeId: string;
  readonly isOneway: boolean;
  /** Monotonic, `performance.now()`. */
  readonly startedMs: number;
  /** At the end. */
  elapsedMs?: number;
  /** At the end. */
  outcome?: "result" | "exception";
  /** At the end of a call that failed. */
  error?: unknown;
}

/** A request that came over a connection: `orbweaver:server:start`, `orbweaver:server:end`. */
export interface ServerRequestTrace {
  readonly origin: object;
  readonly operation: string;
  readonly objectKey: Uint8Array;
  /** `host:port` of the client. */
  readonly peer: string;
  readonly requestId: number;
  /** Whether the client waits for an answer: a oneway ends when it was carried out. */
  readonly isAnswered: boolean;
  readonly startedMs: number;
  /** At the end. */
  elapsedMs?: number;
  /** At the end: the status of the reply, or what it would have been, or that nobody waited for it any more. */
  outcome?: string;
}

/**
 * A connection: `orbweaver:connection:open`, `orbweaver:connection:close`; `orbweaver:connection:refuse` for one that
 * came when there were as many as are allowed, which is not opened.
 */
export interface ConnectionTrace {
  readonly origin: object;
  /** Whether this ORB opened it, or accepted it. */
  readonly side: "client" | "server";
  /** `host:port` of the other side. */
  readonly peer: string;
}

/** The channels. */
export const TRACE: {
  readonly clientStart: Channel;
  readonly clientEnd: Channel;
  readonly serverStart: Channel;
  readonly serverEnd: Channel;
  readonly connectionOpen: Channel;
  readonly connectionClose: Channel;
  readonly connectionRefuse: Channel;
} = {
  clientStart: channel("orbweaver:client:start"),
  clientEnd: channel("orbweaver:client:end"),
  serverStart: channel("orbweaver:server:start"),
  serverEnd: channel("orbweaver:server:end"),
  connectionOpen: channel("orbweaver:connection:open"),
  connectionClose: channel("orbweaver:connection:close"),
  connectionRefuse: channel("orbweaver:connection:refuse"),
};

/** Tells of a connection, where somebody listens. */
export function traceConnection(at: Channel, trace: ConnectionTrace): void {
  if (at.hasSubscribers) at.publish(trace);
}

/** Tells of a request that just came; its end is told with {@link traceServerEnd}. */
export function traceServerRequest(
  request: Omit<ServerRequestTrace, "startedMs" | "elapsedMs" | "outcome">,
): ServerRequestTrace {
  const trace: ServerRequestTrace = { ...request, startedMs: performance.now() };
  TRACE.serverStart.publish(trace);
  return trace;
}

/** Whether anybody wants to know of requests that come. */
export function isServerTraced(): boolean {
  return TRACE.serverStart.hasSubscribers || TRACE.serverEnd.hasSubscribers;
}

export function traceServerEnd(trace: ServerRequestTrace, outcome: string): void {
  trace.elapsedMs = performance.now() - trace.startedMs;
  trace.outcome = outcome;
  TRACE.serverEnd.publish(trace);
}

/** Whether anybody wants to know of calls. */
export function isClientTraced(): boolean {
  return TRACE.clientStart.hasSubscribers || TRACE.clientEnd.hasSubscribers;
}

/** Where the answer of a call goes. */
export interface Settlement {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** Tells of a call now, and when it is settled. */
export function traceCall(
  call: Omit<ClientRequestTrace, "startedMs" | "elapsedMs" | "outcome" | "error">,
  { resolve, reject }: Settlement,
): Settlement {
  const trace: ClientRequestTrace = { ...call, startedMs: performance.now() };
  TRACE.clientStart.publish(trace);
  const end = (outcome: "result" | "exception"): void => {
    // What is settled once stays so: a oneway may fail after it was told that it left.
    if (trace.outcome !== undefined) return;
    trace.outcome = outcome;
    trace.elapsedMs = performance.now() - trace.startedMs;
    TRACE.clientEnd.publish(trace);
  };
  return {
    resolve: (value) => {
      end("result");
      resolve(value);
    },
    reject: (reason) => {
      if (trace.outcome === undefined) trace.error = reason;
      end("exception");
      reject(reason);
    },
  };
}
