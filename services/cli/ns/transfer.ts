import { CosNaming } from "../../../idl/index.ts";
import type { ObjectReference, ORB } from "../../../orb/index.ts";
import { nameToString } from "../../naming/index.ts";
import { bindingsOf, type Context } from "./listing.ts";
import type { NamesTree, SourceBinding } from "./names-tree.ts";

export interface TransferOptions {
  readonly orb: ORB;
  readonly root: Context;
  readonly tree: NamesTree;
  /** Says what it would do, and does nothing. */
  readonly isDry: boolean;
  /** Objects that stand for something else are replaced. */
  readonly isReplacing: boolean;
  readonly print: (line: string) => void;
}

/** How many names there were of each kind. */
export interface TransferCounts {
  readonly contexts: number;
  readonly bound: number;
  readonly replaced: number;
  readonly same: number;
  readonly differing: number;
}

/** A context that was read, and what it is in the other service. */
interface Place {
  readonly key: string;
  readonly path: string;
  /** `undefined`: it would be made, were this no dry run. */
  readonly context: Context | undefined;
}

/**
 * Binds names that were read, context by context. What is there already stays: contexts are filled, the same object is
 * passed over, another one is reported. So it can be run again after it was interrupted.
 */
export async function transferNames(options: TransferOptions): Promise<TransferCounts> {
  return await new Transfer(options).run();
}

class Transfer {
  readonly #options: TransferOptions;
  readonly #places: Map<string, Place> = new Map();
  readonly #waiting: Place[] = [];
  #contexts = 0;
  #bound = 0;
  #replaced = 0;
  #same = 0;
  #differing = 0;

  constructor(options: TransferOptions) {
    this.#options = options;
  }

  async run(): Promise<TransferCounts> {
    const { tree, root } = this.#options;
    this.#enter({ key: tree.root, path: "", context: root });
    for (let place = this.#waiting.shift(); place !== undefined; place = this.#waiting.shift())
      await this.#fill(place);
    return {
      contexts: this.#contexts,
      bound: this.#bound,
      replaced: this.#replaced,
      same: this.#same,
      differing: this.#differing,
    };
  }

  #enter(place: Place): void {
    this.#places.set(place.key, place);
    this.#waiting.push(place);
  }

  #say(done: string, wouldBe: string, name: string): void {
    this.#options.print(`${this.#options.isDry ? wouldBe : done} ${name}`);
  }

  async #fill({ key, path, context }: Place): Promise<void> {
    const there = new Map<string, CosNaming.BindingType>();
    if (context !== undefined)
      for (const { binding_name: name, binding_type: type } of await bindingsOf(context))
        there.set(nameToString(name), type);
    for (const binding of this.#options.tree.contexts.get(key) ?? []) {
      const text = nameToString([binding.component]);
      await this.#one(context, binding, `${path}${text}`, there.get(text));
    }
  }

  async #one(
    context: Context | undefined,
    { component, target }: SourceBinding,
    name: string,
    there: CosNaming.BindingType | undefined,
  ): Promise<void> {
    const n = [component];
    switch (target.type) {
      case "object":
        return await this.#object(context, n, name, there, target.ior);
      case "foreign-context": {
        const reference = await this.#options.orb.string_to_object(target.ior);
        return await this.#again(context, n, name, there, reference);
      }
      case "context": {
        const known = this.#places.get(target.key);
        if (known !== undefined && known.context !== undefined)
          return await this.#again(context, n, name, there, known.context);
        if (known !== undefined) return this.#say("bound", "would bind", `${name} (a context)`);
        return await this.#context(context, n, name, there, target.key);
      }
    }
  }

  async #object(
    context: Context | undefined,
    n: CosNaming.Name,
    name: string,
    there: CosNaming.BindingType | undefined,
    ior: string,
  ): Promise<void> {
    const { orb, isDry, isReplacing } = this.#options;
    if (there === undefined || context === undefined) {
      this.#bound++;
      this.#say("bound", "would bind", name);
      if (!isDry) await context?.bind(n, await orb.string_to_object(ior));
      return;
    }
    if (there === "ncontext") return this.#differs(name, "is a context there");
    const old = orb.object_to_string(await context.resolve(n));
    if (old === orb.object_to_string(await orb.string_to_object(ior))) {
      this.#same++;
      return;
    }
    if (!isReplacing) return this.#differs(name, "stands for another object there");
    this.#replaced++;
    this.#say("replaced", "would replace", name);
    if (!isDry) await context.rebind(n, await orb.string_to_object(ior));
  }

  /** A context that is to be made, or filled. */
  async #context(
    context: Context | undefined,
    n: CosNaming.Name,
    name: string,
    there: CosNaming.BindingType | undefined,
    key: string,
  ): Promise<void> {
    const path = `${name}/`;
    if (there === "nobject")
      return this.#differs(name, "is an object there: left out with all in it");
    if (there === "ncontext" && context !== undefined) {
      const inner = await CosNaming.NamingContext.narrow(await context.resolve(n));
      if (inner === null) return this.#differs(name, "is no context that can be used there");
      return this.#enter({ key, path, context: inner });
    }
    this.#contexts++;
    this.#say("made", "would make", path);
    const made = this.#options.isDry ? null : await context?.bind_new_context(n);
    this.#enter({ key, path, context: made ?? undefined });
  }

  /** A context that has been made, or another server's: under one more name. */
  async #again(
    context: Context | undefined,
    n: CosNaming.Name,
    name: string,
    there: CosNaming.BindingType | undefined,
    reference: ObjectReference | null,
  ): Promise<void> {
    if (there !== undefined && context !== undefined) {
      const old = await context.resolve(n);
      const isSame = old !== null && reference !== null && old._is_equivalent(reference);
      if (!isSame) return this.#differs(name, "stands for something else there");
      this.#same++;
      return;
    }
    this.#bound++;
    this.#say("bound", "would bind", `${name} (a context)`);
    if (this.#options.isDry || reference === null) return;
    await context?.bind_context(n, CosNaming.NamingContext.uncheckedNarrow(reference));
  }

  #differs(name: string, why: string): void {
    this.#differing++;
    this.#options.print(`differs ${name} ${why}`);
  }
}
