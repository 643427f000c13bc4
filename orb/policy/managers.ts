import { AsyncLocalStorage } from "node:async_hooks";
import type { PolicyFactories } from "./factories.ts";
import { Overrides, type SetOverrideType } from "./overrides.ts";
import type { Policy } from "./policy.ts";

/** The policies of all calls through an ORB, where neither thread nor object has others (CORBA 3.3 Part 1, 8.7.4). */
export class PolicyManager {
  readonly #factories: PolicyFactories;
  #overrides = Overrides.none;

  constructor(factories: PolicyFactories) {
    this.#factories = factories;
  }

  /** Those of the types asked for; all for an empty list. */
  get_policy_overrides(types: readonly number[]): readonly Policy[] {
    return this._overrides.list(types);
  }

  /**
   * SET_OVERRIDE puts the list in place of what was there, ADD_OVERRIDE beside it. The ORB's takes PriorityModel-, Threadpool-
   * and ServerProtocolPolicy, too: POAs that are made from then on have them where they say nothing else.
   * @throws InvalidPolicies, NO_PERMISSION; BAD_PARAM minor OMG 30 for two of one type
   */
  set_policy_overrides(policies: readonly Policy[], set_add: SetOverrideType): void {
    this._replace(this._overrides.with(policies, set_add, this.#factories, this._isOfOrb));
  }

  /** Internal: whether POAs are made with what it has, too. */
  protected get _isOfOrb(): boolean {
    return true;
  }

  /** Internal: what is in force. */
  get _overrides(): Overrides {
    return this.#overrides;
  }

  protected _replace(overrides: Overrides): void {
    this.#overrides = overrides;
  }
}

/**
 * The policies of the calls of one thread, which here is a chain of awaits (CORBA 3.3 Part 1, 8.7.5). They hold
 * for what runs after they were set, and for what that starts; `ORB.withPolicies` has an end as well. Following
 * such chains costs every promise of the process a little, so it starts when policies are first set.
 */
export class PolicyCurrent extends PolicyManager {
  #storage: AsyncLocalStorage<Overrides> | undefined;

  protected override get _isOfOrb(): boolean {
    return false;
  }

  override get _overrides(): Overrides {
    return this.#storage?.getStore() ?? Overrides.none;
  }

  protected override _replace(overrides: Overrides): void {
    this.#storage ??= new AsyncLocalStorage();
    this.#storage.enterWith(overrides);
  }

  /** Internal: runs `call` with these in force, until its promise is settled where it gives one. */
  _run<T>(overrides: Overrides, call: () => T): T {
    this.#storage ??= new AsyncLocalStorage();
    return this.#storage.run(overrides, call);
  }
}
