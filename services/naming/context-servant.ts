import { CosNaming } from "../../idl/index.ts";
import {
  BAD_PARAM,
  NO_PERMISSION,
  type ObjectReference,
  SystemException,
} from "../../orb/index.ts";
import type { Place } from "./context-tree.ts";
import { faultToException } from "./fault-exception.ts";
import { type NameComponent, NameFault, nameFromString, nameToString } from "../bindings/index.ts";
import { nameToUrl } from "./name-url.ts";
import { contextTarget, type Realm, toBinding } from "./realm.ts";

function needContext(nc: CosNaming.NamingContext | null): asserts nc is CosNaming.NamingContext {
  if (nc === null) throw new BAD_PARAM("a nil reference cannot be bound as a context");
}

/**
 * CosNaming::NamingContextExt for one context (Naming Service 1.3, 2.2 and 2.5). A compound name is
 * followed here as far as contexts are of this server; where one is another server's, it is asked
 * for the rest of the operation.
 */
export class ContextServant extends CosNaming.NamingContextExtSkeleton {
  readonly #realm: Realm;
  readonly #contextId: string;

  constructor(realm: Realm, contextId: string) {
    super();
    this.#realm = realm;
    this.#contextId = contextId;
  }

  #toException(thrown: unknown): unknown {
    return faultToException(thrown, (contextId) => this.#realm.contextReference(contextId));
  }

  /** Runs the naming logic; its faults become exceptions of CosNaming. */
  async #logic<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      throw this.#toException(thrown);
    }
  }

  /** A context that is gone is one thing when it was asked, another when a name led there. */
  #onTheWay({ contextId, component }: Place & { readonly at: "here" }): (thrown: unknown) => never {
    return (thrown) => {
      const isGone = thrown instanceof NameFault && thrown.fault.kind === "NoSuchContext";
      if (!isGone || contextId === this.#contextId) throw thrown;
      const rest = [component];
      throw new NameFault({ kind: "CannotProceed", contextId, rest }, thrown.message);
    };
  }

  /** Does `here` where the last component belongs, if that is in this server, else `elsewhere`. */
  async #atEndOf<T>(
    n: CosNaming.Name,
    here: (contextId: string, component: NameComponent) => Promise<T>,
    elsewhere: (
      context: CosNaming.NamingContext,
      rest: CosNaming.Name,
      options: { readonly timeoutMs: number },
    ) => Promise<T>,
  ): Promise<T> {
    const { tree, forwardTimeoutMs } = this.#realm;
    const place = await this.#logic(() => tree.locate(this.#contextId, n));
    if (place.at === "here") {
      const { contextId, component } = place;
      return this.#logic(() => here(contextId, component).catch(this.#onTheWay(place)));
    }
    const context = CosNaming.NamingContext.uncheckedNarrow(await this.#realm.fromText(place.ior));
    needContext(context);
    try {
      return await elsewhere(context, place.rest, { timeoutMs: forwardTimeoutMs });
    } catch (cause) {
      // What the other context says about the name is the answer; that it cannot be asked is not.
      if (!(cause instanceof SystemException)) throw cause;
      throw new CosNaming.NamingContext.CannotProceed(
        { cxt: context, rest_of_name: place.rest },
        { cause },
      );
    }
  }

  override bind(n: CosNaming.Name, obj: ObjectReference | null): Promise<void> {
    const ior = this.#realm.toText(obj);
    return this.#atEndOf(
      n,
      (contextId, last) => this.#realm.tree.bind(contextId, last, { type: "object", ior }),
      (context, rest, options) => context.bind(rest, obj, options),
    );
  }

  override rebind(n: CosNaming.Name, obj: ObjectReference | null): Promise<void> {
    const ior = this.#realm.toText(obj);
    return this.#atEndOf(
      n,
      (contextId, last) => this.#realm.tree.rebind(contextId, last, { type: "object", ior }),
      (context, rest, options) => context.rebind(rest, obj, options),
    );
  }

  override bind_context(n: CosNaming.Name, nc: CosNaming.NamingContext | null): Promise<void> {
    needContext(nc);
    const target = contextTarget(this.#realm, nc);
    return this.#atEndOf(
      n,
      (contextId, last) => this.#realm.tree.bind(contextId, last, target),
      (context, rest, options) => context.bind_context(rest, nc, options),
    );
  }

  override rebind_context(n: CosNaming.Name, nc: CosNaming.NamingContext | null): Promise<void> {
    needContext(nc);
    const target = contextTarget(this.#realm, nc);
    return this.#atEndOf(
      n,
      (contextId, last) => this.#realm.tree.rebind(contextId, last, target),
      (context, rest, options) => context.rebind_context(rest, nc, options),
    );
  }

  override resolve(n: CosNaming.Name): Promise<ObjectReference | null> {
    return this.#atEndOf(
      n,
      async (contextId, last) => {
        const target = await this.#realm.tree.resolve(contextId, last);
        return target.type === "context"
          ? this.#realm.lastingReference(target.contextId)
          : this.#realm.fromText(target.ior);
      },
      (context, rest, options) => context.resolve(rest, options),
    );
  }

  override unbind(n: CosNaming.Name): Promise<void> {
    return this.#atEndOf(
      n,
      (contextId, last) => this.#realm.tree.unbind(contextId, last),
      (context, rest, options) => context.unbind(rest, options),
    );
  }

  override new_context(): Promise<CosNaming.NamingContext> {
    return this.#logic(async () => {
      await this.#realm.tree.check(this.#contextId);
      return this.#realm.lastingReference(await this.#realm.tree.create());
    });
  }

  override bind_new_context(n: CosNaming.Name): Promise<CosNaming.NamingContext | null> {
    return this.#atEndOf<CosNaming.NamingContext | null>(
      n,
      async (contextId, last) =>
        this.#realm.lastingReference(await this.#realm.tree.bindNew(contextId, last)),
      (context, rest, options) => context.bind_new_context(rest, options),
    );
  }

  override destroy(): Promise<void> {
    return this.#logic(async () => {
      const { rootId } = this.#realm;
      // Without it nobody would find anything here any more.
      if (this.#contextId === rootId && (await this.#realm.tree.list(rootId)).length === 0)
        throw new NO_PERMISSION("the root context cannot be destroyed");
      await this.#realm.tree.destroy(this.#contextId);
    });
  }

  override list(
    how_many: number,
  ): Promise<{ bl: CosNaming.BindingList; bi: CosNaming.BindingIterator | null }> {
    return this.#logic(async () => {
      const all = await this.#realm.tree.list(this.#contextId);
      const rest = all.slice(how_many);
      return {
        bl: all.slice(0, how_many).map(toBinding),
        bi: rest.length === 0 ? null : this.#realm.openIterator(rest),
      };
    });
  }

  override to_string(n: CosNaming.Name): Promise<string> {
    return this.#logic(() => nameToString(n));
  }

  override to_name(sn: string): Promise<CosNaming.Name> {
    return this.#logic(() => nameFromString(sn));
  }

  override to_url(addr: string, sn: string): Promise<string> {
    return this.#logic(() => nameToUrl(addr, sn));
  }

  override async resolve_str(sn: string): Promise<ObjectReference | null> {
    return this.resolve(await this.to_name(sn));
  }
}
