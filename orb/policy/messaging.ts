import { type TypeCode, tc } from "../typecode/index.ts";
import type { CallPolicies, Heartbeat, Range } from "./call-policies.ts";
import { timeFromMs, timeToMs, type UtcT, utcFromWallMs, utcToWallMs } from "./time.ts";

/** Numbers of the policies of calls (CORBA 3.3 Part 1, 17.2; the last is TAO's), and of those to object groups (Part 2, 23.2). */
export const MESSAGING_POLICY = {
  rebind: 23,
  syncScope: 24,
  requestPriority: 25,
  replyPriority: 26,
  requestStartTime: 27,
  requestEndTime: 28,
  replyStartTime: 29,
  replyEndTime: 30,
  relativeRequestTimeout: 31,
  relativeRoundtripTimeout: 32,
  routing: 33,
  maxHops: 34,
  queueOrder: 35,
  requestDuration: 47,
  heartbeat: 48,
  connectionTimeout: 0x5441_0008,
} as const;

/** How one policy of calls is called, what it holds, and what that is in {@link CallPolicies}. */
export interface MessagingKind {
  readonly type: number;
  /** The attribute of its IDL interface. */
  readonly attribute: string;
  readonly key: keyof CallPolicies;
  readonly valueType: TypeCode;
  /** The values allowed, in words. */
  readonly allowed: string;
  readonly isAllowed: (value: unknown) => boolean;
  readonly toSetting: (value: unknown) => unknown;
  /** @throws whatever, for a setting that is no such thing */
  readonly fromSetting: (setting: unknown) => unknown;
  /** What a client's and a reference's value have in common, undefined for nothing; absent where it is the client's own affair. */
  readonly common?: (client: unknown, server: unknown) => unknown;
}

const TIME = "IDL:omg.org/TimeBase";
const MESSAGING = "IDL:omg.org/Messaging";

const timeT: TypeCode = /* @__PURE__ */ tc.alias(`${TIME}/TimeT:1.0`, "TimeT", () => tc.ulonglong);
const utcT: TypeCode = /* @__PURE__ */ tc.struct(`${TIME}/UtcT:1.0`, "UtcT", () => [
  ["time", timeT],
  ["inacclo", tc.ulong],
  ["inacchi", tc.ushort],
  ["tdf", tc.short],
]);
const priorityRange: TypeCode = /* @__PURE__ */ tc.struct(
  `${MESSAGING}/PriorityRange:1.0`,
  "PriorityRange",
  () => [
    ["min", tc.short],
    ["max", tc.short],
  ],
);
const routingRange: TypeCode = /* @__PURE__ */ tc.struct(
  `${MESSAGING}/RoutingTypeRange:1.0`,
  "RoutingTypeRange",
  () => [
    ["min", tc.short],
    ["max", tc.short],
  ],
);

const REBIND_MODES: readonly string[] = ["TRANSPARENT", "NO_REBIND", "NO_RECONNECT"];
const SYNC_SCOPES: readonly string[] = [
  "SYNC_NONE",
  "SYNC_WITH_TRANSPORT",
  "SYNC_WITH_SERVER",
  "SYNC_WITH_TARGET",
];
const ROUTING_TYPES: readonly string[] = ["ROUTE_NONE", "ROUTE_FORWARD", "ROUTE_STORE_AND_FORWARD"];
const ORDERINGS: readonly string[] = ["ANY", "TEMPORAL", "PRIORITY", "DEADLINE"];
const EVERY_ORDERING = 0b1111;

/** @throws RangeError */
function indexIn(names: readonly string[], name: unknown): number {
  const index = names.indexOf(String(name));
  if (index < 0) throw new RangeError(`${String(name)} is none of ${names.join(", ")}`);
  return index;
}

function named(
  type: number,
  attribute: string,
  key: keyof CallPolicies,
  names: readonly string[],
): MessagingKind {
  return {
    type,
    attribute,
    key,
    valueType: tc.short,
    allowed: names.map((name, value) => `${name} (${value})`).join(", "),
    isAllowed: (value) => names[value as number] !== undefined,
    toSetting: (value) => names[value as number],
    fromSetting: (setting) => indexIn(names, setting),
  };
}

/** @throws RangeError */
function durationOf(setting: unknown): bigint {
  if (typeof setting === "number" && setting > 0) return timeFromMs(setting);
  throw new RangeError(`milliseconds above 0 are needed, not ${String(setting)}`);
}

function duration(
  type: number,
  key: keyof CallPolicies,
  attribute: string = "relative_expiry",
): MessagingKind {
  return {
    type,
    attribute,
    key,
    valueType: timeT,
    allowed: "a time above 0",
    isAllowed: (value) => (value as bigint | number) > 0,
    toSetting: (value) => timeToMs(BigInt(value as bigint | number)),
    fromSetting: durationOf,
  };
}

function instant(type: number, attribute: string, key: keyof CallPolicies): MessagingKind {
  return {
    type,
    attribute,
    key,
    valueType: utcT,
    allowed: "an instant",
    isAllowed: () => true,
    toSetting: (value) => new Date(utcToWallMs(value as UtcT)),
    fromSetting: (setting) => {
      const wallMs = setting instanceof Date ? setting.getTime() : Number.NaN;
      if (Number.isNaN(wallMs)) throw new RangeError(`a Date is needed, not ${String(setting)}`);
      return utcFromWallMs(wallMs);
    },
  };
}

function commonRange(client: unknown, server: unknown): Range<number> | undefined {
  const mine = client as Range<number>;
  const theirs = server as Range<number>;
  const range = { min: Math.max(mine.min, theirs.min), max: Math.min(mine.max, theirs.max) };
  return range.min <= range.max ? range : undefined;
}

const isRange = (value: unknown): boolean => {
  const { min, max } = value as Range<number>;
  return min <= max;
};

function priorities(type: number, key: keyof CallPolicies): MessagingKind {
  return {
    type,
    attribute: "priority_range",
    key,
    valueType: priorityRange,
    allowed: "min up to max",
    isAllowed: isRange,
    toSetting: (value) => value,
    fromSetting: (setting) => setting,
    common: commonRange,
  };
}

const routing: MessagingKind = {
  type: MESSAGING_POLICY.routing,
  attribute: "routing_range",
  key: "routing",
  valueType: routingRange,
  allowed: "min up to max, each from 0 to 2",
  isAllowed: (value) => {
    const { min, max } = value as Range<number>;
    return isRange(value) && min >= 0 && ROUTING_TYPES[max] !== undefined;
  },
  toSetting: (value) => {
    const { min, max } = value as Range<number>;
    return { min: ROUTING_TYPES[min], max: ROUTING_TYPES[max] };
  },
  fromSetting: (setting) => {
    const { min, max } = setting as Range<unknown>;
    return { min: indexIn(ROUTING_TYPES, min), max: indexIn(ROUTING_TYPES, max) };
  },
  common: commonRange,
};

const maxHops: MessagingKind = {
  type: MESSAGING_POLICY.maxHops,
  attribute: "max_hops",
  key: "maxHops",
  valueType: tc.ushort,
  allowed: "0 to 65535",
  isAllowed: () => true,
  toSetting: (value) => value,
  fromSetting: (setting) => setting,
};

const queueOrder: MessagingKind = {
  type: MESSAGING_POLICY.queueOrder,
  attribute: "allowed_orders",
  key: "queueOrder",
  valueType: tc.ushort,
  allowed: "a sum of ANY 1, TEMPORAL 2, PRIORITY 4, DEADLINE 8",
  isAllowed: (value) => (value as number) > 0 && (value as number) <= EVERY_ORDERING,
  toSetting: (value) => ORDERINGS.filter((_, bit) => ((value as number) & (1 << bit)) !== 0),
  fromSetting: (setting) =>
    (setting as readonly unknown[]).reduce<number>(
      (mask, name) => mask | (1 << indexIn(ORDERINGS, name)),
      0,
    ),
  common: (client, server) => (client as number) & (server as number) || undefined,
};

/** FT::HeartbeatPolicyValue. */
interface HeartbeatValue {
  readonly heartbeat: boolean;
  readonly heartbeat_interval: bigint;
  readonly heartbeat_timeout: bigint;
}

const heartbeat: MessagingKind = {
  type: MESSAGING_POLICY.heartbeat,
  attribute: "heartbeat_policy_value",
  key: "heartbeat",
  valueType: /* @__PURE__ */ tc.struct(
    "IDL:omg.org/FT/HeartbeatPolicyValue:1.0",
    "HeartbeatPolicyValue",
    () => [
      ["heartbeat", tc.boolean],
      ["heartbeat_interval", timeT],
      ["heartbeat_timeout", timeT],
    ],
  ),
  allowed: "an interval and a timeout above 0",
  isAllowed: (value) => {
    const { heartbeat_interval, heartbeat_timeout } = value as HeartbeatValue;
    return heartbeat_interval > 0 && heartbeat_timeout > 0;
  },
  toSetting: (value): Heartbeat => {
    const { heartbeat: enabled, ...times } = value as HeartbeatValue;
    const intervalMs = timeToMs(times.heartbeat_interval);
    return { enabled, intervalMs, timeoutMs: timeToMs(times.heartbeat_timeout) };
  },
  fromSetting: (setting): HeartbeatValue => {
    const { enabled, intervalMs, timeoutMs } = setting as Heartbeat;
    return {
      heartbeat: enabled,
      heartbeat_interval: durationOf(intervalMs),
      heartbeat_timeout: durationOf(timeoutMs),
    };
  },
};

/** All policies of calls. */
export const MESSAGING_KINDS: readonly MessagingKind[] = [
  named(MESSAGING_POLICY.rebind, "rebind_mode", "rebind", REBIND_MODES),
  named(MESSAGING_POLICY.syncScope, "synchronization", "syncScope", SYNC_SCOPES),
  priorities(MESSAGING_POLICY.requestPriority, "requestPriority"),
  priorities(MESSAGING_POLICY.replyPriority, "replyPriority"),
  instant(MESSAGING_POLICY.requestStartTime, "start_time", "requestStartTime"),
  instant(MESSAGING_POLICY.requestEndTime, "end_time", "requestEndTime"),
  instant(MESSAGING_POLICY.replyStartTime, "start_time", "replyStartTime"),
  instant(MESSAGING_POLICY.replyEndTime, "end_time", "replyEndTime"),
  duration(MESSAGING_POLICY.relativeRequestTimeout, "relativeRequestTimeoutMs"),
  duration(MESSAGING_POLICY.relativeRoundtripTimeout, "relativeRoundtripTimeoutMs"),
  routing,
  maxHops,
  queueOrder,
  duration(MESSAGING_POLICY.connectionTimeout, "connectionTimeoutMs"),
  duration(MESSAGING_POLICY.requestDuration, "requestDurationMs", "request_duration_value"),
  heartbeat,
];

/** By policy type. */
export const MESSAGING_KIND_BY_TYPE: ReadonlyMap<number, MessagingKind> = new Map(
  MESSAGING_KINDS.map((kind) => [kind.type, kind]),
);

/** By name in {@link CallPolicies}. */
export const MESSAGING_KIND_BY_KEY: ReadonlyMap<string, MessagingKind> = new Map(
  MESSAGING_KINDS.map((kind) => [kind.key, kind]),
);
