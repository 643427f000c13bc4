import { tc } from "../typecode/index.ts";
import { checkedValue } from "./create.ts";
import type { PolicyKind } from "./kind.ts";
import { CreatedPolicy } from "./policy.ts";

/** FT::HEARTBEAT_ENABLED_POLICY: of POAs; their references say so in a component of its own. */
export const HEARTBEAT_ENABLED_POLICY = 49;

/** Policies of fault-tolerant CORBA that only POAs have (CORBA 3.3 Part 2, 23.2.9). */
export const FT_POA_KINDS: readonly PolicyKind[] = [
  {
    type: HEARTBEAT_ENABLED_POLICY,
    name: "heartbeatEnabled",
    isOfCalls: false,
    isOfPoas: true,
    inIor: false,
    create: (given) => {
      const value = checkedValue("policy 49 (heartbeatEnabled)", tc.boolean, given) === true;
      const policy = new CreatedPolicy(HEARTBEAT_ENABLED_POLICY, value);
      return Object.assign(policy, { heartbeat_enabled_policy_value: value });
    },
  },
];
