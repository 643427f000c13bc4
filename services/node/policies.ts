import { LONGEST_DELAY_MS } from "../../orb/base/index.ts";
import {
  type Check,
  checksOf,
  integer,
  oneOf,
  type Options,
  saying,
  someOf,
  table,
  truth,
  whole,
} from "../settings/index.ts";

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

const ROUTES = ["ROUTE_NONE", "ROUTE_FORWARD", "ROUTE_STORE_AND_FORWARD"] as const;

const milliseconds = integer(1, LONGEST_DELAY_MS);
const short = integer(-32_768, 32_767);

function range<T>(end: Check<T>, rank: (value: T) => number): Check<Range<T>> {
  const both = whole<Range<T>>({ min: end as never, max: end as never });
  return saying(`{ min, max }, each ${end.allows}`, (value, fail) => {
    const read = both(value, fail);
    if (rank(read.min) <= rank(read.max)) return read;
    return fail(`min is above max: ${String(read.min)}, ${String(read.max)}`);
  });
}

const priorities = range(short, (value) => value);

/** Every key of `[orb.policies]`. */
export const POLICY_OPTIONS: Options<PolicyConfig> = {
  relativeRoundtripTimeoutMs: {
    check: milliseconds,
    unit: "ms",
    otherwise: "deadlineMs",
    means: "until TIMEOUT, from the call to its reply",
  },
  relativeRequestTimeoutMs: {
    check: milliseconds,
    unit: "ms",
    otherwise: "none",
    means: "within which the request must have left",
  },
  connectionTimeoutMs: {
    check: milliseconds,
    unit: "ms",
    otherwise: "connectTimeoutMs",
    means: "one connect to one address",
  },
  rebind: {
    check: oneOf(["TRANSPARENT", "NO_REBIND", "NO_RECONNECT"]),
    otherwise: "TRANSPARENT",
    means: "whether a reference may be moved, or its connection opened again, unseen",
  },
  syncScope: {
    check: oneOf(["SYNC_NONE", "SYNC_WITH_TRANSPORT", "SYNC_WITH_SERVER", "SYNC_WITH_TARGET"]),
    otherwise: "SYNC_WITH_TRANSPORT",
    means: "what a oneway call waits for",
  },
  requestPriority: {
    check: priorities,
    otherwise: "none",
    means: "range of the priority of requests",
  },
  replyPriority: {
    check: priorities,
    otherwise: "none",
    means: "range of the priority of replies",
  },
  routing: {
    check: range(oneOf(ROUTES), (value) => ROUTES.indexOf(value)),
    otherwise: "ROUTE_NONE",
    means: "range of the routing of requests",
  },
  maxHops: {
    check: integer(0, 0xffff),
    unit: "hops",
    otherwise: "none",
    means: "of a routed request",
  },
  queueOrder: {
    check: someOf(oneOf(["ANY", "TEMPORAL", "PRIORITY", "DEADLINE"])),
    otherwise: "none",
    means: "in which queued requests leave",
  },
  requestDurationMs: {
    check: milliseconds,
    unit: "ms",
    otherwise: "none",
    means: "for which a request to an object group may be sent again",
  },
  heartbeat: {
    check: whole({ enabled: truth, intervalMs: milliseconds, timeoutMs: milliseconds }),
    otherwise: "none",
    means: "of connections to members of object groups",
  },
};

/** Instants are no policies of an ORB: they would end with the day. */
export const policies: Check<PolicyConfig> = saying("table", table(checksOf(POLICY_OPTIONS)));
