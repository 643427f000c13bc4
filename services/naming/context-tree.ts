import { BindingTable } from "./binding-table.ts";
import type { Binding, Target } from "./binding.ts";
import { NameFault } from "./name-fault.ts";
import { nameToString } from "./name-string.ts";
import type { Name, NameComponent } from "./name.ts";
import type { ContextRecord, NamingStore } from "./store.ts";
import { Turns } from "./turns.ts";

/** Where the last component of a name is to be looked up. */
export type Place =
  | { readonly at: "here"; readonly contextId: string; readonly component: NameComponent }
  /** The way leaves this server: `rest` is to be done at the context that `ior` denotes. */
  | { readonly at: "elsewhere"; readonly ior: string; readonly rest: Name };

export interface ContextTreeOptions {
  readonly store: NamingStore;
  /** A fresh id for a context; never one that was given out before. */
  readonly newId: () => string;
  /** How often a change is tried when others change the same context in between. */
  readonly attempts?: number;
}

const ATTEMPTS = 16;

function asText(name: Name): string {
  return `"${nameToString(name)}"`;
}

function notFound(why: "missing_node" | "not_context" | "not_object", rest: Name): NameFault {
  const reason = {
    missing_node: "is not bound",
    not_context: "is not bound as a context",
    not_object: "is bound as a context, not as an object",
  }[why];
  return new NameFault({ kind: "NotFound", why, rest }, `${asText(rest.slice(0, 1))} ${reason}`);
}

/** Whether the exact kind of the last binding matters: rebind and rebind_context refuse the other. */
function mayReplace(old: Target, next: Target): boolean {
  return (old.type === "object") === (next.type === "object");
}

/**
 * Contexts and their bindings over a store: what the operations of CosNaming mean, without CORBA.
 * Operations take a context and one component; {@link ContextTree.locate} walks a longer name first.
 * Every operation throws NameFault, and whatever the store throws.
 */
export class ContextTree {
  readonly #store: NamingStore;
  readonly #newId: () => string;
  readonly #attempts: number;
  // Changes of one context from this process take turns, so that only those of other processes can
  // use up the attempts.
  readonly #turns: Turns = new Turns();

  constructor(options: ContextTreeOptions) {
    this.#store = options.store;
    this.#newId = options.newId;
    this.#attempts = options.attempts ?? ATTEMPTS;
  }

  /**
   * Follows all components but the last.
   * @throws NameFault InvalidName, NotFound (missing_node, not_context), NoSuchContext, CannotProceed
   */
  async locate(contextId: string, name: Name): Promise<Place> {
    let at = contextId;
    for (const [index, component] of name.entries()) {
      if (index === name.length - 1) return { at: "here", contextId: at, component };
      const rest = name.slice(index);
      const record = await this.#store.read(at);
      if (record === undefined) throw this.#gone(contextId, at, rest);
      const target = record.bindings.get(component)?.target;
      if (target === undefined) throw notFound("missing_node", rest);
      if (target.type === "object") throw notFound("not_context", rest);
      if (target.type === "foreign-context")
        return { at: "elsewhere", ior: target.ior, rest: name.slice(index + 1) };
      at = target.contextId;
    }
    throw new NameFault({ kind: "InvalidName" }, "the name has no components");
  }

  #gone(asked: string, at: string, rest: Name): NameFault {
    if (asked === at)
      return new NameFault({ kind: "NoSuchContext", contextId: at }, `no context ${at}`);
    return new NameFault(
      { kind: "CannotProceed", contextId: at, rest },
      `the context before ${asText(rest)} was destroyed`,
    );
  }

  async #read(contextId: string): Promise<ContextRecord> {
    const record = await this.#store.read(contextId);
    if (record === undefined) throw this.#gone(contextId, contextId, []);
    return record;
  }

  /** Changes a context by `change`, again and again until nobody came in between. */
  #update(
    contextId: string,
    change: (now: BindingTable) => BindingTable | undefined,
  ): Promise<void> {
    return this.#turns.run(contextId, async () => {
      for (let attempt = 0; attempt < this.#attempts; attempt++) {
        const record = await this.#read(contextId);
        const next = change(record.bindings);
        if (await this.#store.compareAndSet(contextId, record.version, next)) return;
      }
      throw new NameFault(
        { kind: "Contention", contextId, attempts: this.#attempts },
        `context ${contextId} was changed by others during each of ${this.#attempts} attempts`,
      );
    });
  }

  /** @throws NameFault NotFound (missing_node) */
  async resolve(contextId: string, component: NameComponent): Promise<Target> {
    const record = await this.#read(contextId);
    const binding = record.bindings.get(component);
    if (binding === undefined) throw notFound("missing_node", [component]);
    return binding.target;
  }

  /** @throws NameFault AlreadyBound */
  bind(contextId: string, component: NameComponent, target: Target): Promise<void> {
    return this.#update(contextId, (now) => {
      if (now.get(component) !== undefined)
        throw new NameFault({ kind: "AlreadyBound" }, `${asText([component])} is bound already`);
      return now.with({ component, target });
    });
  }

  /** @throws NameFault NotFound: not_object over a context, not_context over an object */
  rebind(contextId: string, component: NameComponent, target: Target): Promise<void> {
    return this.#update(contextId, (now) => {
      const old = now.get(component)?.target;
      if (old !== undefined && !mayReplace(old, target))
        throw notFound(target.type === "object" ? "not_object" : "not_context", [component]);
      return now.with({ component, target });
    });
  }

  /** @throws NameFault NotFound (missing_node) */
  unbind(contextId: string, component: NameComponent): Promise<void> {
    return this.#update(contextId, (now) => {
      const next = now.without(component);
      if (next === now) throw notFound("missing_node", [component]);
      return next;
    });
  }

  /** A new empty context, bound nowhere. */
  async create(): Promise<string> {
    const contextId = this.#newId();
    await this.ensure(contextId);
    return contextId;
  }

  /** Creates the context with this id, empty, unless it exists. */
  async ensure(contextId: string): Promise<void> {
    await this.#store.compareAndSet(contextId, 0, BindingTable.empty);
  }

  /**
   * A new context under a name; when the name cannot be had, no context is left behind.
   * @throws NameFault AlreadyBound
   */
  async bindNew(contextId: string, component: NameComponent): Promise<string> {
    const created = await this.create();
    try {
      await this.bind(contextId, component, { type: "context", contextId: created });
    } catch (thrown) {
      await this.destroy(created);
      throw thrown;
    }
    return created;
  }

  /** @throws NameFault NotEmpty */
  destroy(contextId: string): Promise<void> {
    return this.#update(contextId, (now) => {
      if (now.size > 0)
        throw new NameFault({ kind: "NotEmpty" }, `the context still holds ${now.size} bindings`);
      return undefined;
    });
  }

  /** All bindings of a context as they are now. */
  async list(contextId: string): Promise<readonly Binding[]> {
    return [...(await this.#read(contextId)).bindings.values()];
  }

  /** @throws NameFault NoSuchContext */
  async check(contextId: string): Promise<void> {
    await this.#read(contextId);
  }
}
