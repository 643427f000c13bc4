import type { Clock, Rank } from "../base/index.ts";
import { encapsulate } from "../cdr/index.ts";
import { Completion, INV_POLICY, MINOR } from "../exception/index.ts";
import { RESPONSE, SERVICE_ID, type ServiceContext } from "../giop/index.ts";
import {
  type CallLevel,
  type CallPolicies,
  effectivePolicy,
  effectiveSettings,
  type Heartbeat,
  MESSAGING_KIND_BY_TYPE,
  MESSAGING_POLICY,
  overrideOf,
  type Policy,
  policiesByName,
  type RebindMode,
  type SyncScope,
  writePolicies,
} from "../policy/index.ts";
import type { CalledReference, ClientPolicies } from "./client-policies.ts";
import { publishedPolicies } from "./published.ts";
import { rankOf } from "./rank.ts";

/** What the policies in force ask of one call; all milliseconds count from its start. */
export interface CallTerms {
  /** Until TIMEOUT; `Infinity` for never. */
  readonly timeoutMs: number;
  /** Which setting that is from, for messages. */
  readonly limitName: string;
  /** Until the request must have left. */
  readonly requestTimeoutMs: number;
  readonly requestLimitName: string;
  /** The request leaves no earlier. */
  readonly startAfterMs: number;
  /** The reply is given no earlier. */
  readonly replyAfterMs: number;
  readonly rebind: RebindMode;
  readonly syncScope: SyncScope;
  /** One connect may take; the ORB's limit where absent. */
  readonly connectTimeoutMs: number | undefined;
  /** A request to an object group may be sent again for so long; as `timeoutMs`, but not for ever, where absent. */
  readonly requestDurationMs: number | undefined;
  /** Of the connection, where it leads to a member of a group. */
  readonly heartbeat: Heartbeat | undefined;
  /** Where the request stands among those that wait; by age where absent. */
  readonly rank: Rank | undefined;
  readonly contexts: readonly ServiceContext[];
}

const SYNC_SCOPES: readonly SyncScope[] = [
  "SYNC_NONE",
  "SYNC_WITH_TRANSPORT",
  "SYNC_WITH_SERVER",
  "SYNC_WITH_TARGET",
];

const NO_CONTEXTS: readonly ServiceContext[] = [];
const NO_POLICIES: readonly Policy[] = [];

/** Policies that servers and routers are told of; times relative to a call's start are its client's own affair. */
const PROPAGATED: ReadonlySet<number> = new Set([
  MESSAGING_POLICY.requestPriority,
  MESSAGING_POLICY.replyPriority,
  MESSAGING_POLICY.requestStartTime,
  MESSAGING_POLICY.requestEndTime,
  MESSAGING_POLICY.replyStartTime,
  MESSAGING_POLICY.replyEndTime,
  MESSAGING_POLICY.routing,
  MESSAGING_POLICY.maxHops,
  MESSAGING_POLICY.queueOrder,
]);

/** Policies that a reference may have a say in. */
const SHARED: readonly number[] = [
  MESSAGING_POLICY.requestPriority,
  MESSAGING_POLICY.replyPriority,
  MESSAGING_POLICY.routing,
  MESSAGING_POLICY.queueOrder,
];

/** What is not told to the server. */
type Times = Omit<CallTerms, "contexts" | "rank">;

/** What the terms of a call are made of, beside its options. */
export interface TermsEnvironment {
  readonly clock: Clock;
  readonly policies: ClientPolicies;
  /** What a call without policies keeps to. */
  readonly defaultTerms: CallTerms;
}

/** The terms of a call without policies. */
export function defaultTerms(deadlineMs: number): CallTerms {
  return {
    timeoutMs: deadlineMs,
    limitName: "orb.deadlineMs",
    requestTimeoutMs: Infinity,
    requestLimitName: "",
    startAfterMs: 0,
    replyAfterMs: 0,
    rebind: "TRANSPARENT",
    syncScope: "SYNC_WITH_TRANSPORT",
    connectTimeoutMs: undefined,
    requestDurationMs: undefined,
    heartbeat: undefined,
    rank: undefined,
    contexts: NO_CONTEXTS,
  };
}

/**
 * What this call has to keep to.
 * @param isTold whether the server hears of policies; a LocateRequest has no room for them
 * @throws INV_POLICY minor OMG 1 when policies have nothing in common with those of the reference, or with each
 *   other; BAD_PARAM for policies in the options that are wrong
 */
export function termsOf(
  env: TermsEnvironment,
  reference: CalledReference,
  options: CallLevel | undefined,
  isTold: boolean,
): CallTerms {
  const { policies: levels } = env;
  const settings = effectiveSettings(levels, reference.overrides, options?.policies);
  const timeoutMs = options?.timeoutMs;
  if (settings === undefined) {
    if (timeoutMs === undefined) return env.defaultTerms;
    return { ...env.defaultTerms, timeoutMs, limitName: "timeoutMs" };
  }
  const told = isTold ? toldPolicies(env, reference, settings, options) : NO_POLICIES;
  const terms = termsOfSettings(env, settings, options);
  if (told.length === 0) return { ...terms, rank: undefined, contexts: NO_CONTEXTS };
  // What limits the request alone counts first: most calls have one limit for all of the way.
  const limitMs = terms.requestTimeoutMs === Infinity ? terms.timeoutMs : terms.requestTimeoutMs;
  const endMs = (): number => env.clock.wallMs() + limitMs;
  const rank = rankOf((type) => told.find((policy) => policy.policy_type === type), 0, endMs);
  const data = encapsulate((out) => writePolicies(out, told));
  return { ...terms, rank, contexts: [{ id: SERVICE_ID.invocationPolicies, data }] };
}

function termsOfSettings(
  env: TermsEnvironment,
  settings: CallPolicies,
  options: CallLevel | undefined,
): Times {
  const wallMs = env.clock.wallMs();
  const fromNow = (at: Date | undefined, otherwise: number): number =>
    at === undefined ? otherwise : at.getTime() - wallMs;
  const terms = {
    ...roundtripOf(env, settings, options, fromNow),
    ...requestLimitOf(settings, fromNow),
    startAfterMs: fromNow(settings.requestStartTime, 0),
    replyAfterMs: fromNow(settings.replyStartTime, 0),
    rebind: settings.rebind ?? env.defaultTerms.rebind,
    syncScope: settings.syncScope ?? env.defaultTerms.syncScope,
    connectTimeoutMs: settings.connectionTimeoutMs,
    requestDurationMs: settings.requestDurationMs,
    heartbeat: settings.heartbeat,
  };
  checkOrder(terms);
  return terms;
}

function roundtripOf(
  env: TermsEnvironment,
  settings: CallPolicies,
  options: CallLevel | undefined,
  fromNow: (at: Date | undefined, otherwise: number) => number,
): Pick<CallTerms, "timeoutMs" | "limitName"> {
  const { relativeRoundtripTimeoutMs: relative, replyEndTime } = settings;
  const given =
    options?.timeoutMs === undefined
      ? { timeoutMs: relative, limitName: "relativeRoundtripTimeoutMs" }
      : { timeoutMs: options.timeoutMs, limitName: "timeoutMs" };
  const endMs = fromNow(replyEndTime, Infinity);
  const { timeoutMs = replyEndTime === undefined ? env.defaultTerms.timeoutMs : Infinity } = given;
  if (endMs < timeoutMs) return { timeoutMs: endMs, limitName: "replyEndTime" };
  return {
    timeoutMs,
    limitName: given.timeoutMs === undefined ? env.defaultTerms.limitName : given.limitName,
  };
}

function requestLimitOf(
  { relativeRequestTimeoutMs = Infinity, requestEndTime }: CallPolicies,
  fromNow: (at: Date | undefined, otherwise: number) => number,
): Pick<CallTerms, "requestTimeoutMs" | "requestLimitName"> {
  const endMs = fromNow(requestEndTime, Infinity);
  return endMs < relativeRequestTimeoutMs
    ? { requestTimeoutMs: endMs, requestLimitName: "requestEndTime" }
    : {
        requestTimeoutMs: relativeRequestTimeoutMs,
        requestLimitName: "relativeRequestTimeoutMs",
      };
}

function checkOrder({ startAfterMs, replyAfterMs, timeoutMs, limitName }: Times): void {
  const late = startAfterMs > timeoutMs ? "requestStartTime" : "replyStartTime";
  if (Math.max(startAfterMs, replyAfterMs) <= Math.max(0, timeoutMs)) return;
  throw new INV_POLICY(
    `${late} is later than the call may last (${limitName})`,
    MINOR.policiesIrreconcilable,
    Completion.no,
  );
}

/** The policies that the server is told. */
function toldPolicies(
  env: TermsEnvironment,
  reference: CalledReference,
  settings: CallPolicies,
  options: CallLevel | undefined,
): readonly Policy[] {
  const ofCall = new Map<number, Policy>();
  for (const policy of options?.policies === undefined ? [] : policiesByName(options.policies)) {
    ofCall.set(policy.policy_type, policy);
  }
  const sent: Policy[] = [];
  for (const [type, { key }] of MESSAGING_KIND_BY_TYPE) {
    if (!PROPAGATED.has(type) || settings[key] === undefined) continue;
    const own = ofCall.get(type) ?? overrideOf(env.policies, reference.overrides, type);
    const theirs = SHARED.includes(type)
      ? publishedPolicies(reference.currentIor).get(type)
      : undefined;
    const policy = effectivePolicy(own, theirs);
    if (policy !== undefined) sent.push(policy);
  }
  return sent;
}

/** When a oneway call is answered, by its scope; before GIOP 1.2 no server can be asked for more than the octets' arrival. */
export function onewayFlags(scope: SyncScope, minor: number): number {
  if (minor < 2) return RESPONSE.none;
  if (scope === "SYNC_WITH_SERVER") return RESPONSE.server;
  return scope === "SYNC_WITH_TARGET" ? RESPONSE.target : RESPONSE.none;
}

/** Messaging::SyncScope. */
export function syncScopeNumber(scope: SyncScope): number {
  return SYNC_SCOPES.indexOf(scope);
}
