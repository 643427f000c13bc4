import { BindingTable } from "./binding-table.ts";
import type { Target } from "./binding.ts";
import { NameFault, type NotFoundWhy } from "./name-fault.ts";
import { nameToString } from "./name-string.ts";
import type { Name, NameComponent } from "./name.ts";

/** What can be done to one context. */
export type ContextChange =
  /** Makes it, empty; nothing when there is one. */
  | { readonly kind: "create" }
  | { readonly kind: "bind"; readonly component: NameComponent; readonly target: Target }
  | { readonly kind: "rebind"; readonly component: NameComponent; readonly target: Target }
  | { readonly kind: "unbind"; readonly component: NameComponent }
  | { readonly kind: "destroy" };

/** Why a change cannot be: the rules of CosNaming. */
export type Refusal = "AlreadyBound" | "NotEmpty" | "NoSuchContext" | NotFoundWhy;

/** What becomes of a context: its bindings from now on, `undefined` when it is no more; or why nothing does. */
export type Verdict =
  | { readonly refused: Refusal }
  | { readonly refused: undefined; readonly bindings: BindingTable | undefined };

/** Whether the exact kind of the last binding matters: rebind and rebind_context refuse the other. */
export function mayReplace(old: Target, next: Target): boolean {
  return (old.type === "object") === (next.type === "object");
}

/**
 * What a change makes of a context (Naming Service 1.3, 2.2).
 * @param now its bindings; `undefined` when there is no such context
 */
export function judge(now: BindingTable | undefined, change: ContextChange): Verdict {
  if (change.kind === "create") return become(now ?? BindingTable.empty);
  if (now === undefined) return { refused: "NoSuchContext" };
  switch (change.kind) {
    case "bind": {
      const { component, target } = change;
      if (now.get(component) !== undefined) return { refused: "AlreadyBound" };
      return become(now.with({ component, target }));
    }
    case "rebind": {
      const { component, target } = change;
      const old = now.get(component)?.target;
      if (old === undefined || mayReplace(old, target))
        return become(now.with({ component, target }));
      return { refused: target.type === "object" ? "not_object" : "not_context" };
    }
    case "unbind": {
      const next = now.without(change.component);
      return next === now ? { refused: "missing_node" } : become(next);
    }
    case "destroy":
      return now.size > 0 ? { refused: "NotEmpty" } : become(undefined);
  }
}

function become(bindings: BindingTable | undefined): Verdict {
  return { refused: undefined, bindings };
}

function asText(name: Name): string {
  return `"${nameToString(name)}"`;
}

/** A name that leads nowhere; `rest` begins where it failed. */
export function notFound(why: NotFoundWhy, rest: Name): NameFault {
  const reason = {
    missing_node: "is not bound",
    not_context: "is not bound as a context",
    not_object: "is bound as a context, not as an object",
  }[why];
  return new NameFault({ kind: "NotFound", why, rest }, `${asText(rest.slice(0, 1))} ${reason}`);
}

/** The error that a refused change ends in. */
export function faultOf(refusal: Refusal, contextId: string, change: ContextChange): NameFault {
  const name = "component" in change ? [change.component] : [];
  switch (refusal) {
    case "AlreadyBound":
      return new NameFault({ kind: "AlreadyBound" }, `${asText(name)} is bound already`);
    case "NotEmpty":
      return new NameFault({ kind: "NotEmpty" }, "the context still holds bindings");
    case "NoSuchContext":
      return new NameFault({ kind: "NoSuchContext", contextId }, `no context ${contextId}`);
    case "missing_node":
    case "not_context":
    case "not_object":
      return notFound(refusal, name);
  }
}
