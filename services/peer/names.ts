import { CosNaming } from "../../idl/index.ts";
import { type ObjectReference, type ORB, SystemException } from "../../orb/index.ts";
import { nameFromString } from "../naming/index.ts";

/** Milliseconds that one step of binding may take: a naming service of several peers asks a majority. */
const STEP_TIMEOUT_MS = 5_000;
const OPTIONS = { timeoutMs: STEP_TIMEOUT_MS } as const;

/** What an exception of the naming service says to people. */
function reasonOf(thrown: unknown): string {
  const { NotFound, InvalidName, CannotProceed, AlreadyBound } = CosNaming.NamingContext;
  if (thrown instanceof NotFound) return `a name on the way is ${thrown.why}`;
  if (thrown instanceof InvalidName) return "it is no name";
  if (thrown instanceof CannotProceed) return "the naming service could not go on";
  if (thrown instanceof AlreadyBound) return "an object is bound where a context is needed";
  if (thrown instanceof SystemException) return `${thrown.name}: ${thrown.message}`;
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Names of services, bound while these run. */
export class Names {
  readonly #orb: ORB;
  readonly #root: () => Promise<CosNaming.NamingContext | null>;

  /** @param root the naming service; null where there is none */
  constructor(orb: ORB, root: () => Promise<CosNaming.NamingContext | null>) {
    this.#orb = orb;
    this.#root = root;
  }

  /**
   * Binds a name, and makes the contexts on the way. One that is bound is taken over: a peer that was killed left it.
   * @throws Error that says which name, and why not
   */
  async bind(text: string, reference: ObjectReference): Promise<void> {
    const name = nameFromString(text);
    try {
      const root = await this.#root();
      if (root === null) throw new Error('there is no naming service: naming.kind is "none"');
      for (let length = 1; length < name.length; length++)
        await this.#ensure(root, name.slice(0, length));
      await root.rebind(name, reference, OPTIONS);
    } catch (thrown) {
      throw new Error(`name "${text}" is not bound: ${reasonOf(thrown)}`, { cause: thrown });
    }
  }

  /** Takes a name away if it is still bound to that reference: another peer may have taken it over. */
  async unbind(text: string, reference: string): Promise<void> {
    const name = nameFromString(text);
    const root = await this.#root();
    if (root === null) return;
    try {
      const bound = await root.resolve(name, OPTIONS);
      if (this.#orb.object_to_string(bound) === reference) await root.unbind(name, OPTIONS);
    } catch (thrown) {
      if (thrown instanceof CosNaming.NamingContext.NotFound) return;
      throw new Error(`name "${text}" is still bound: ${reasonOf(thrown)}`, { cause: thrown });
    }
  }

  async #ensure(
    root: CosNaming.NamingContext,
    name: readonly CosNaming.NameComponent[],
  ): Promise<void> {
    try {
      await root.bind_new_context(name, OPTIONS);
    } catch (thrown) {
      if (!(thrown instanceof CosNaming.NamingContext.AlreadyBound)) throw thrown;
    }
  }
}
