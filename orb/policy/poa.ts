/** POA policies as values (CORBA 3.3 Part 1, 15.3.8; numbers of poa-policies in the OMG IDL). */

export type Lifespan = "TRANSIENT" | "PERSISTENT";
export type IdAssignment = "SYSTEM_ID" | "USER_ID";
export type IdUniqueness = "UNIQUE_ID" | "MULTIPLE_ID";
export type ServantRetention = "RETAIN" | "NON_RETAIN";
export type RequestProcessing =
  | "USE_ACTIVE_OBJECT_MAP_ONLY"
  | "USE_DEFAULT_SERVANT"
  | "USE_SERVANT_MANAGER";
export type ImplicitActivation = "IMPLICIT_ACTIVATION" | "NO_IMPLICIT_ACTIVATION";
export type ThreadModel = "ORB_CTRL_MODEL" | "SINGLE_THREAD_MODEL" | "MAIN_THREAD_MODEL";

/** BOTH: its ORB offers calls over the connections it opened, and accepts them over those that clients opened. */
export type Bidirectionality = "NORMAL" | "BOTH";

/** The policies of one POA, all decided. */
export interface PoaPolicies {
  readonly thread: ThreadModel;
  readonly lifespan: Lifespan;
  readonly idUniqueness: IdUniqueness;
  readonly idAssignment: IdAssignment;
  readonly implicitActivation: ImplicitActivation;
  readonly servantRetention: ServantRetention;
  readonly requestProcessing: RequestProcessing;
  readonly bidirectional: Bidirectionality;
}

/** What `create_POA` assumes where no policy is given. */
export const DEFAULT_POA_POLICIES: PoaPolicies = {
  thread: "ORB_CTRL_MODEL",
  lifespan: "TRANSIENT",
  idUniqueness: "UNIQUE_ID",
  idAssignment: "SYSTEM_ID",
  implicitActivation: "NO_IMPLICIT_ACTIVATION",
  servantRetention: "RETAIN",
  requestProcessing: "USE_ACTIVE_OBJECT_MAP_ONLY",
  bidirectional: "NORMAL",
};

/** The RootPOA differs from the defaults in implicit activation alone. */
export const ROOT_POA_POLICIES: PoaPolicies = {
  ...DEFAULT_POA_POLICIES,
  implicitActivation: "IMPLICIT_ACTIVATION",
};

interface PoaPolicyKind {
  readonly key: keyof PoaPolicies;
  /** Values by ordinal of the IDL enum. */
  readonly values: readonly string[];
}

/** PolicyType to what it decides. */
export const POA_POLICY_TYPES: ReadonlyMap<number, PoaPolicyKind> = new Map([
  [16, { key: "thread", values: ["ORB_CTRL_MODEL", "SINGLE_THREAD_MODEL", "MAIN_THREAD_MODEL"] }],
  [17, { key: "lifespan", values: ["TRANSIENT", "PERSISTENT"] }],
  [18, { key: "idUniqueness", values: ["UNIQUE_ID", "MULTIPLE_ID"] }],
  [19, { key: "idAssignment", values: ["USER_ID", "SYSTEM_ID"] }],
  [20, { key: "implicitActivation", values: ["IMPLICIT_ACTIVATION", "NO_IMPLICIT_ACTIVATION"] }],
  [21, { key: "servantRetention", values: ["RETAIN", "NON_RETAIN"] }],
  [
    22,
    {
      key: "requestProcessing",
      values: ["USE_ACTIVE_OBJECT_MAP_ONLY", "USE_DEFAULT_SERVANT", "USE_SERVANT_MANAGER"],
    },
  ],
  // BiDirPolicy::BIDIRECTIONAL_POLICY_TYPE (CORBA 3.3 Part 2, 9.9).
  [37, { key: "bidirectional", values: ["NORMAL", "BOTH"] }],
]);
