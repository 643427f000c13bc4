import type { NameComponent } from "./name.ts";

/**
 * What a name stands for. References are kept as the text they were given as (`IOR:…`), so that a
 * foreign one comes out unchanged. A context of this server is kept by its id: it stays right when
 * the server moves to another address.
 */
export type Target =
  | { readonly type: "object"; readonly ior: string }
  | { readonly type: "context"; readonly contextId: string }
  | { readonly type: "foreign-context"; readonly ior: string };

/** One name in one context. */
export interface Binding {
  readonly component: NameComponent;
  readonly target: Target;
}
