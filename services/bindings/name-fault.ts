import type { Name } from "./name.ts";

/** Why a name leads nowhere (CosNaming::NamingContext::NotFoundReason). */
export type NotFoundWhy = "missing_node" | "not_context" | "not_object";

/** What went wrong with an operation on names, in the terms of CosNaming. */
export type Fault =
  | { readonly kind: "InvalidName" }
  | { readonly kind: "InvalidAddress" }
  | { readonly kind: "AlreadyBound" }
  | { readonly kind: "NotEmpty" }
  /** `rest` begins with the component that failed. */
  | { readonly kind: "NotFound"; readonly why: NotFoundWhy; readonly rest: Name }
  /** The way leads into a context of this server that is gone; `rest` is what was left to do there. */
  | { readonly kind: "CannotProceed"; readonly contextId: string; readonly rest: Name }
  /** The context that was asked does not exist (any more). */
  | { readonly kind: "NoSuchContext"; readonly contextId: string }
  /** Others changed the context again and again; nothing was changed, the caller may try later. */
  | { readonly kind: "Contention"; readonly contextId: string; readonly attempts: number };

/** The naming logic's only error; what serves it to CORBA clients turns it into their exceptions. */
export class NameFault extends Error {
  override readonly name: string = "NameFault";
  readonly fault: Fault;

  constructor(fault: Fault, message: string) {
    super(message);
    this.fault = fault;
  }
}
