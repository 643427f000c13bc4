import type { Endpoint } from "../transport/index.ts";
import type { GiopMinor, NoWchar } from "../cdr/index.ts";

/**
 * What becomes of a call that is given up while its server works on it.
 * - `tell`: a CancelRequest is sent, and the connection serves further calls.
 * - `forget`: nothing is sent. omniORB's server (4.2.5) does not consume a CancelRequest: its thread then reads it again
 *   and again, or never reads on.
 * - `leave`: nobody knows whose server it is. The connection takes no further calls and closes with its last one; when
 *   that is the one given up, a CancelRequest is sent first.
 */
export type OnCancel = "tell" | "forget" | "leave";

/** Where a connection leads and what is spoken on it; calls with equal `routeKey` share connections. */
export interface Route extends Endpoint {
  /** `HOST:PORT` or `unix:PATH`. */
  readonly place: string;
  /** GIOP 1.`minor`: a connection carries one version, for peers that mind a mix. */
  readonly minor: GiopMinor;
  readonly charSet: number;
  /** 0: no wide characters. */
  readonly wcharSet: number;
  readonly noWchar: NoWchar;
  readonly onCancel: OnCancel;
  /** Of a connection that is not shared with all other calls to the place; empty mostly. */
  readonly tag: string;
  readonly routeKey: string;
}
