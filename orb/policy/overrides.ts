import { BAD_PARAM, Completion, MINOR, NO_PERMISSION } from "../exception/index.ts";
import type { CallPolicies } from "./call-policies.ts";
import { InvalidPolicies, PolicyError } from "./exceptions.ts";
import { messagingPolicy } from "./create.ts";
import type { PolicyFactories } from "./factories.ts";
import { POLICY_KIND_BY_TYPE } from "./kinds.ts";
import {
  MESSAGING_KIND_BY_KEY,
  MESSAGING_KIND_BY_TYPE,
  MESSAGING_KINDS,
  MESSAGING_POLICY,
  type MessagingKind,
} from "./messaging.ts";
import type { Policy } from "./policy.ts";
import type { UtcT } from "./time.ts";

/** Whether new overrides stand for the old ones or beside them (CORBA::SetOverrideType). */
export type SetOverrideType = "SET_OVERRIDE" | "ADD_OVERRIDE";

/** Instants that must not come in the other order. */
const IN_ORDER: readonly (readonly [before: number, after: number])[] = [
  [MESSAGING_POLICY.requestStartTime, MESSAGING_POLICY.requestEndTime],
  [MESSAGING_POLICY.replyStartTime, MESSAGING_POLICY.replyEndTime],
  [MESSAGING_POLICY.requestStartTime, MESSAGING_POLICY.replyEndTime],
];

function kindOfKey(key: string): MessagingKind {
  const kind = MESSAGING_KIND_BY_KEY.get(key);
  if (kind !== undefined) return kind;
  const known = [...MESSAGING_KIND_BY_KEY.keys()].join(", ");
  throw new BAD_PARAM(`"${key}" is no policy of calls; known: ${known}`);
}

/** The OMG form of policies by name. @throws BAD_PARAM naming what is wrong and what is allowed */
export function policiesByName(policies: CallPolicies): readonly Policy[] {
  const list: Policy[] = [];
  for (const [key, setting] of Object.entries(policies)) {
    const kind = kindOfKey(key);
    if (setting === undefined) continue;
    try {
      list.push(messagingPolicy(kind, kind.fromSetting(setting)));
    } catch (cause) {
      if (cause instanceof PolicyError) {
        throw new BAD_PARAM(cause.message, undefined, undefined, { cause });
      }
      if (!(cause instanceof RangeError) && !(cause instanceof TypeError)) throw cause;
      throw new BAD_PARAM(`${key}: ${cause.message}`, undefined, undefined, { cause });
    }
  }
  return list;
}

function settingsOf(policies: ReadonlyMap<number, Policy>): CallPolicies {
  const settings: [string, unknown][] = [];
  for (const kind of MESSAGING_KINDS) {
    const policy = policies.get(kind.type);
    if (policy !== undefined) settings.push([kind.key, kind.toSetting(policy.value)]);
  }
  return Object.fromEntries(settings) as CallPolicies;
}

function checkDuplicates(policies: readonly Policy[]): void {
  const types = policies.map((policy) => policy.policy_type);
  const twice = types.find((type, at) => types.indexOf(type) !== at);
  if (twice === undefined) return;
  throw new BAD_PARAM(
    `two policies of type ${twice} in one list`,
    MINOR.duplicatePolicyType,
    Completion.no,
  );
}

/** Policies of one level: of an object, of a thread, of the ORB. Immutable. */
export class Overrides {
  readonly #policies: ReadonlyMap<number, Policy>;
  /** Those of calls, by name. */
  readonly settings: CallPolicies;

  private constructor(policies: ReadonlyMap<number, Policy>) {
    this.#policies = policies;
    this.settings = settingsOf(policies);
  }

  static readonly none: Overrides = new Overrides(new Map());

  get isEmpty(): boolean {
    return this.#policies.size === 0;
  }

  /** The one of the type. */
  get(type: number): Policy | undefined {
    return this.#policies.get(type);
  }

  /** Those of the types; all for an empty list. */
  list(types: readonly number[]): readonly Policy[] {
    if (types.length === 0) return [...this.#policies.values()];
    return types.flatMap((type) => this.#policies.get(type) ?? []);
  }

  /** All policies, by type. */
  entries(): Iterable<readonly [number, Policy]> {
    return this.#policies;
  }

  /**
   * These with others beside or in place of them.
   * @param isOfOrb whether they are the ORB's, which POAs that are made without take some of
   * @throws BAD_PARAM minor OMG 30 for two of one type, NO_PERMISSION for one that clients cannot override,
   *   InvalidPolicies for values that cannot be, or not together
   */
  with(
    policies: readonly Policy[],
    how: SetOverrideType,
    factories: PolicyFactories,
    isOfOrb: boolean = false,
  ): Overrides {
    checkDuplicates(policies);
    const invalid: number[] = [];
    const checked = policies.map((policy, index) => {
      const { policy_type: type, value } = policy;
      if (factories.isCustom(policy)) return policy;
      const kind = POLICY_KIND_BY_TYPE.get(type);
      const isTaken = kind?.isOfCalls === true || (isOfOrb && kind?.isDefaultOfPoas === true);
      if (kind === undefined || !isTaken) {
        const text =
          kind?.isDefaultOfPoas === true
            ? `a policy of type ${type} (${kind.name}) is one of POAs; of these levels the ORB's takes it alone`
            : `a policy of type ${type} is none that a client overrides`;
        throw new NO_PERMISSION(text, MINOR.none, Completion.no);
      }
      try {
        // One written as a literal is as good as one that create_policy made.
        return kind.create(value);
      } catch (error) {
        if (!(error instanceof PolicyError)) throw error;
        invalid.push(index);
        return policy;
      }
    });
    if (invalid.length > 0) {
      throw new InvalidPolicies(
        { indices: invalid },
        `policies ${invalid.join(", ")} of the list are wrong`,
      );
    }
    const all = new Map(how === "ADD_OVERRIDE" ? this.#policies : []);
    for (const policy of checked) all.set(policy.policy_type, policy);
    checkOrder(all, policies);
    return new Overrides(all);
  }
}

function checkOrder(all: ReadonlyMap<number, Policy>, given: readonly Policy[]): void {
  for (const [before, after] of IN_ORDER) {
    const [start, end] = [all.get(before)?.value, all.get(after)?.value] as (UtcT | undefined)[];
    if (start === undefined || end === undefined || start.time <= end.time) continue;
    const indices = [...given.keys()].filter((i) =>
      [before, after].includes(given[i]?.policy_type ?? 0),
    );
    throw new InvalidPolicies(
      { indices },
      `${MESSAGING_KIND_BY_TYPE.get(before)?.key} is later than ${MESSAGING_KIND_BY_TYPE.get(after)?.key}`,
    );
  }
}
