import { Any } from "../any/index.ts";
import { type TCKind, typeName } from "../typecode/index.ts";
import { POLICY_ERROR, PolicyError } from "./exceptions.ts";
import { POLICY_KIND_BY_TYPE } from "./kinds.ts";
import { POA_POLICY_TYPES } from "./poa.ts";
import { CreatedPolicy, type Policy } from "./policy.ts";

/** Makes policies of types that the ORB does not know by itself; undefined for a type that nobody knows. @throws PolicyError */
export type CustomPolicies = (type: number, value: unknown) => Policy | undefined;

/** Known to the standard and to nobody here: 33 to 48 beside those of calls, transactions, security, RT, compression. */
function isOfTheStandard(type: number): boolean {
  return type > 0 && type < 68;
}

/** BidirectionalPolicy alone has constants of a number in place of an enum. */
const BIDIRECTIONAL = 37;

function kindOf(type: number): TCKind {
  return type === BIDIRECTIONAL ? "tk_ushort" : "tk_enum";
}

/** A policy of POAs. @throws PolicyError */
function poaPolicy(type: number, names: readonly string[], given: unknown): Policy {
  const allowed = `an enum of ${names.join(", ")}`;
  if (given instanceof Any && given.type.unaliased().kind() !== kindOf(type)) {
    throw new PolicyError(
      { reason: POLICY_ERROR.BAD_POLICY_TYPE },
      `POA policy ${type} is made of ${allowed}, not ${typeName(given.type)}`,
    );
  }
  const held = given instanceof Any ? given.value : given;
  const value = typeof held === "number" && kindOf(type) === "tk_ushort" ? names[held] : held;
  if (!names.some((name) => name === value)) {
    throw new PolicyError(
      { reason: POLICY_ERROR.BAD_POLICY_VALUE },
      `POA policy ${type} cannot be ${String(held)}; allowed: ${allowed}`,
    );
  }
  return new CreatedPolicy(type, value);
}

/** Makes policies by number (CORBA 3.3 Part 1, 8.6). */
export class PolicyFactories {
  readonly #custom: CustomPolicies;
  readonly #made = new WeakSet<Policy>();

  constructor(custom: CustomPolicies) {
    this.#custom = custom;
  }

  /** Whether the policy is of a type that is not the ORB's own, and came from here. */
  isCustom(policy: Policy): boolean {
    return this.#made.has(policy);
  }

  /** @param value an any, or its value alone. @throws PolicyError */
  create(type: number, value: unknown): Policy {
    const kind = POLICY_KIND_BY_TYPE.get(type);
    if (kind !== undefined) return kind.create(value);
    const ofPoa = POA_POLICY_TYPES.get(type);
    if (ofPoa !== undefined) return poaPolicy(type, ofPoa.values, value);
    const custom = this.#custom(type, value);
    if (custom !== undefined) {
      this.#made.add(custom);
      return custom;
    }
    throw isOfTheStandard(type)
      ? new PolicyError(
          { reason: POLICY_ERROR.UNSUPPORTED_POLICY },
          `policies of type ${type} are not supported`,
        )
      : new PolicyError(
          { reason: POLICY_ERROR.BAD_POLICY },
          `nobody knows policies of type ${type}`,
        );
  }
}
