import type { GiopMinor, NoWchar } from "../cdr/index.ts";

/** Where a connection leads and what is spoken on it; calls with equal `routeKey` share connections. */
export interface Route {
  readonly host: string;
  readonly port: number;
  /** GIOP 1.`minor`: a connection carries one version, for peers that mind a mix. */
  readonly minor: GiopMinor;
  readonly charSet: number;
  /** 0: no wide characters. */
  readonly wcharSet: number;
  readonly noWchar: NoWchar;
  readonly routeKey: string;
}
