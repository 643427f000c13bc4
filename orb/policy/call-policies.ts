/** May a call go elsewhere than the reference was bound to (Messaging::RebindMode). */
export type RebindMode = "TRANSPARENT" | "NO_REBIND" | "NO_RECONNECT";

/** How far a oneway call has come when it returns (Messaging::SyncScope). */
export type SyncScope =
  | "SYNC_NONE"
  | "SYNC_WITH_TRANSPORT"
  | "SYNC_WITH_SERVER"
  | "SYNC_WITH_TARGET";

/** Where a call may be stored on its way (Messaging::RoutingType). */
export type RoutingType = "ROUTE_NONE" | "ROUTE_FORWARD" | "ROUTE_STORE_AND_FORWARD";

/** One of the orders in which waiting requests may be taken (Messaging::Ordering). */
export type Ordering = "ANY" | "TEMPORAL" | "PRIORITY" | "DEADLINE";

export interface Range<T> {
  readonly min: T;
  readonly max: T;
}

/** Whether and how the servers of an object group are asked for their health (FT::HeartbeatPolicyValue). */
export interface Heartbeat {
  readonly enabled: boolean;
  /** Milliseconds between an answer and the next question. */
  readonly intervalMs: number;
  /** Milliseconds of silence after which the connection is given up. */
  readonly timeoutMs: number;
}

/**
 * The policies of calls by name (CORBA 3.3 Part 1, 17.2): the same that `create_policy` makes and
 * `set_policy_overrides` takes, with milliseconds, instants and names in place of numbers.
 */
export interface CallPolicies {
  /** Milliseconds until TIMEOUT, from the call to its reply; `Infinity` for no limit. */
  readonly relativeRoundtripTimeoutMs?: number;
  /** Milliseconds within which the request must have left. */
  readonly relativeRequestTimeoutMs?: number;
  /** Wall clock: the request does not leave before. */
  readonly requestStartTime?: Date;
  /** Wall clock: the servant is not called after. */
  readonly requestEndTime?: Date;
  /** Wall clock: the reply is not given before. */
  readonly replyStartTime?: Date;
  /** Wall clock: TIMEOUT when there is no reply by then. */
  readonly replyEndTime?: Date;
  /** TRANSPARENT where absent. */
  readonly rebind?: RebindMode;
  /** Of oneway calls; SYNC_WITH_TRANSPORT where absent. */
  readonly syncScope?: SyncScope;
  /** Priorities the request may be given while it waits, -32768 to 32767. */
  readonly requestPriority?: Range<number>;
  readonly replyPriority?: Range<number>;
  readonly routing?: Range<RoutingType>;
  /** Routers the request may pass. */
  readonly maxHops?: number;
  /** Orders in which the request may be taken from a queue. */
  readonly queueOrder?: readonly Ordering[];
  /** Milliseconds one connect to one address may take. */
  readonly connectionTimeoutMs?: number;
  /** Milliseconds for which a request to an object group may be sent again, and members keep its answer. */
  readonly requestDurationMs?: number;
  /** Of connections to members of object groups. */
  readonly heartbeat?: Heartbeat;
}
