import type { ClientPolicies } from "../messaging/index.ts";
import {
  type CallPolicies,
  policiesByName,
  PolicyCurrent,
  type CustomPolicies,
  PolicyFactories,
  PolicyManager,
} from "../policy/index.ts";

/** The policies that all calls of one ORB share. */
export class OrbPolicies implements ClientPolicies {
  readonly factories: PolicyFactories;
  readonly orb: PolicyManager;
  readonly thread: PolicyCurrent;
  readonly defaults: CallPolicies;

  /**
   * @param own where no level has an override
   * @param overrides what the ORB's level begins with
   */
  constructor(own: CallPolicies, overrides: CallPolicies, custom: CustomPolicies) {
    this.factories = new PolicyFactories(custom);
    this.orb = new PolicyManager(this.factories);
    this.orb.set_policy_overrides(policiesByName(overrides), "SET_OVERRIDE");
    this.thread = new PolicyCurrent(this.factories);
    this.defaults = { rebind: "TRANSPARENT", syncScope: "SYNC_WITH_TRANSPORT", ...own };
  }

  /** Runs `call` with policies beside those of the thread. @throws BAD_PARAM */
  run<T>(policies: CallPolicies, call: () => T): T {
    const overrides = this.thread._overrides.with(
      policiesByName(policies),
      "ADD_OVERRIDE",
      this.factories,
    );
    return this.thread._run(overrides, call);
  }
}
