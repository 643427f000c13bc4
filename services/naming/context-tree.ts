import {
  type Binding,
  type ContextChange,
  type ContextRecord,
  type Name,
  type NameComponent,
  NameFault,
  nameToString,
  type NamingStore,
  notFound,
  type Target,
} from "../bindings/index.ts";

/** Where the last component of a name is to be looked up. */
export type Place =
  | { readonly at: "here"; readonly contextId: string; readonly component: NameComponent }
  /** The way leaves this server: `rest` is to be done at the context that `ior` denotes. */
  | { readonly at: "elsewhere"; readonly ior: string; readonly rest: Name };

export interface ContextTreeOptions {
  readonly store: NamingStore;
  /** A fresh id for a context; never one that was given out before. */
  readonly newId: () => string;
}

/**
 * Contexts and their bindings over a store: what the operations of CosNaming mean, without CORBA.
 * Operations take a context and one component; {@link ContextTree.locate} walks a longer name first.
 * Every operation throws NameFault, and whatever the store throws.
 */
export class ContextTree {
  readonly #store: NamingStore;
  readonly #newId: () => string;

  constructor(options: ContextTreeOptions) {
    this.#store = options.store;
    this.#newId = options.newId;
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
      const record = await this.#store.read(at, component);
      if (record === undefined) throw this.#gone(contextId, at, rest);
      const target = record.bindings.get(component)?.target;
      if (target === undefined) throw notFound("missing_node", rest);
      if (target.type === "object") throw notFound("not_context", rest);
      if (target.type === "foreign-context")
        return { at: "elsewhere", ior: target.ior, rest: name.slice(index + 1) };
      at = await this.#follow(at, component, target.contextId);
    }
    throw new NameFault({ kind: "InvalidName" }, "the name has no components");
  }

  /**
   * The context that a binding leads to. When it is gone, the binding may have been an old one: what it is now counts.
   */
  async #follow(from: string, component: NameComponent, to: string): Promise<string> {
    if ((await this.#store.read(to)) !== undefined) return to;
    const target = (await this.#store.read(from, "latest"))?.bindings.get(component)?.target;
    return target?.type === "context" ? target.contextId : to;
  }

  #gone(asked: string, at: string, rest: Name): NameFault {
    if (asked === at)
      return new NameFault({ kind: "NoSuchContext", contextId: at }, `no context ${at}`);
    return new NameFault(
      { kind: "CannotProceed", contextId: at, rest },
      `the context before "${nameToString(rest)}" was destroyed`,
    );
  }

  async #read(contextId: string, wanted?: NameComponent): Promise<ContextRecord> {
    const record = await this.#store.read(contextId, wanted);
    if (record === undefined) throw this.#gone(contextId, contextId, []);
    return record;
  }

  /** @throws NameFault NotFound (missing_node) */
  async resolve(contextId: string, component: NameComponent): Promise<Target> {
    const record = await this.#read(contextId, component);
    const binding = record.bindings.get(component);
    if (binding === undefined) throw notFound("missing_node", [component]);
    return binding.target;
  }

  #change(contextId: string, change: ContextChange): Promise<void> {
    return this.#store.change(contextId, change);
  }

  /** @throws NameFault AlreadyBound */
  bind(contextId: string, component: NameComponent, target: Target): Promise<void> {
    return this.#change(contextId, { kind: "bind", component, target });
  }

  /** @throws NameFault NotFound: not_object over a context, not_context over an object */
  rebind(contextId: string, component: NameComponent, target: Target): Promise<void> {
    return this.#change(contextId, { kind: "rebind", component, target });
  }

  /** @throws NameFault NotFound (missing_node) */
  unbind(contextId: string, component: NameComponent): Promise<void> {
    return this.#change(contextId, { kind: "unbind", component });
  }

  /** A new empty context, bound nowhere. */
  async create(): Promise<string> {
    const contextId = this.#newId();
    await this.ensure(contextId);
    return contextId;
  }

  /** Creates the context with this id, empty, unless it exists. */
  ensure(contextId: string): Promise<void> {
    return this.#change(contextId, { kind: "create" });
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
      // Anything but a refusal leaves open whether it is bound: then it must not be destroyed.
      if (thrown instanceof NameFault) await this.destroy(created);
      throw thrown;
    }
    return created;
  }

  /** @throws NameFault NotEmpty */
  destroy(contextId: string): Promise<void> {
    return this.#change(contextId, { kind: "destroy" });
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
