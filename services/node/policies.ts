import { type Check, type Checks, integer, oneOf, someOf, table, truth, whole } from "./checks.ts";

type Route = "ROUTE_NONE" | "ROUTE_FORWARD" | "ROUTE_STORE_AND_FORWARD";

interface Range<T> {
  readonly min: T;
  readonly max: T;
}

/** `[orb.policies]`: the policies of all calls, where neither call, reference nor thread has others. */
export interface PolicyConfig {
  /** Milliseconds until TIMEOUT, from the call to its reply. */
  readonly relativeRoundtripTimeoutMs?: number;
  /** Milliseconds within which the request must have left. */
  readonly relativeRequestTimeoutMs?: number;
  /** Milliseconds one connect to one address may take. */
  readonly connectionTimeoutMs?: number;
  readonly rebind?: "TRANSPARENT" | "NO_REBIND" | "NO_RECONNECT";
  /** Of oneway calls. */
  readonly syncScope?:
    | "SYNC_NONE"
    | "SYNC_WITH_TRANSPORT"
    | "SYNC_WITH_SERVER"
    | "SYNC_WITH_TARGET";
  readonly requestPriority?: Range<number>;
  readonly replyPriority?: Range<number>;
  readonly routing?: Range<Route>;
  readonly maxHops?: number;
  readonly queueOrder?: readonly ("ANY" | "TEMPORAL" | "PRIORITY" | "DEADLINE")[];
  /** Milliseconds for which a request to an object group may be sent again. */
  readonly requestDurationMs?: number;
  /** Of connections to members of object groups. */
  readonly heartbeat?: {
    readonly enabled: boolean;
    readonly intervalMs: number;
    readonly timeoutMs: number;
  };
}

/** Node's timers count milliseconds in 31 bits. */
const LONGEST_MS = 2_147_483_647;
const ROUTES = ["ROUTE_NONE", "ROUTE_FORWARD", "ROUTE_STORE_AND_FORWARD"] as const;

const milliseconds = integer(1, LONGEST_MS);
const short = integer(-32_768, 32_767);

function range<T>(end: Check<T>, rank: (value: T) => number): Check<Range<T>> {
  const both = whole<Range<T>>({ min: end as never, max: end as never });
  return (value, fail) => {
    const read = both(value, fail);
    if (rank(read.min) <= rank(read.max)) return read;
    return fail(`min is above max: ${String(read.min)}, ${String(read.max)}`);
  };
}

const priorities = range(short, (value) => value);

const POLICIES: Checks<PolicyConfig> = {
  relativeRoundtripTimeoutMs: milliseconds,
  relativeRequestTimeoutMs: milliseconds,
  connectionTimeoutMs: milliseconds,
  rebind: oneOf(["TRANSPARENT", "NO_REBIND", "NO_RECONNECT"]),
  syncScope: oneOf(["SYNC_NONE", "SYNC_WITH_TRANSPORT", "SYNC_WITH_SERVER", "SYNC_WITH_TARGET"]),
  requestPriority: priorities,
  replyPriority: priorities,
  routing: range(oneOf(ROUTES), (value) => ROUTES.indexOf(value)),
  maxHops: integer(0, 0xffff),
  queueOrder: someOf(oneOf(["ANY", "TEMPORAL", "PRIORITY", "DEADLINE"])),
  requestDurationMs: milliseconds,
  heartbeat: whole({ enabled: truth, intervalMs: milliseconds, timeoutMs: milliseconds }),
};

/** Instants are no policies of an ORB: they would end with the day. */
export const policies: Check<PolicyConfig> = table(POLICIES);
