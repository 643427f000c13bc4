import type { CORBA } from "../../idl/index.ts";
import {
  type Any,
  BAD_INV_ORDER,
  Completion,
  INV_POLICY,
  MINOR,
  type Policy,
} from "../../orb/index.ts";
import { PROCESSING_MODE_POLICY_TYPE, ProcessingModePolicy } from "./processing-mode.ts";

/** Makes policies of a type of its own (CORBA 3.3 Part 1, 16.6). */
export interface PolicyFactory {
  /** @throws PolicyError */
  create_policy(type: CORBA.PolicyType, value: Any): Policy;
}

/** Policy types of POAs and of messaging, which the ORB knows by itself. */
const FIRST_OF_POA = 16;
const LAST_OF_POA = 22;
const FIRST_OF_MESSAGING = 23;
const LAST_OF_MESSAGING = 35;

/** The policy factories of one ORB by type (CORBA 3.3 Part 1, 16.6). */
export class PolicyFactories {
  readonly #byType = new Map<CORBA.PolicyType, PolicyFactory>([
    [
      PROCESSING_MODE_POLICY_TYPE,
      { create_policy: (_type, value: Any) => new ProcessingModePolicy(value.value as number) },
    ],
  ]);

  /** @throws BAD_INV_ORDER 16 for a type that has one */
  register(type: CORBA.PolicyType, factory: PolicyFactory): void {
    if (this.#byType.has(type)) {
      const text = `policy type ${type} has a factory already`;
      throw new BAD_INV_ORDER(text, MINOR.policyFactoryAlreadyRegistered, Completion.no);
    }
    this.#byType.set(type, factory);
  }

  has(type: CORBA.PolicyType): boolean {
    return this.#byType.has(type);
  }

  /** undefined for a type without a factory. @throws what the factory throws */
  create(type: CORBA.PolicyType, value: Any): Policy | undefined {
    return this.#byType.get(type)?.create_policy(type, value);
  }

  /** @throws INV_POLICY 2 for a type that neither the ORB nor a factory knows */
  checkKnown(type: CORBA.PolicyType): void {
    const isOfOrb = type >= FIRST_OF_POA && type <= LAST_OF_POA;
    const isOfMessaging = type >= FIRST_OF_MESSAGING && type <= LAST_OF_MESSAGING;
    if (isOfOrb || isOfMessaging || this.#byType.has(type)) return;
    const text = `policy type ${type} is not known: the ORB has none of it, and no factory was registered`;
    throw new INV_POLICY(text, MINOR.invalidPolicyType, Completion.no);
  }
}
