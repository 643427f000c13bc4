import { LONGEST_DELAY_MS } from "../../orb/base/index.ts";
import type { DispatchGate, ReplicationOptions, Replicator } from "../../orb/index.ts";
import { AdapterState } from "./adapter-state.ts";
import { DegreeBound, type DegreeFault } from "./degree-bound.ts";
import { Door } from "./door.ts";
import type { GroupReplicaOptions } from "./group-replica.ts";
import type { Entry, GroupHost, JoinOptions, MemberStore } from "./port.ts";

/** How POAs that ask for replication come into their groups. */
export interface ReplicatorOptions {
  /** Where the groups of this process live. */
  readonly host: GroupHost;
  /** How this process comes into a group. */
  readonly entry: Entry | ((group: string) => Entry);
  /** Told when a group has not had its replicas back within `restoreWithinMs` of its policy. */
  readonly missed?: (fault: DegreeFault) => void;
  /** Told of each group that is joined, with what its clients meet. */
  readonly joined?: (door: Door) => void;
  /** Details of groups that the policy does not name; those of the policy win. */
  readonly details?: Pick<
    GroupReplicaOptions,
    "settings" | "times" | "digestEvery" | "diverged" | "mostMs" | "clock"
  >;
  /** Address of the host that votes while a group's members are even in number. */
  readonly witness?: (group: string) => string | undefined;
  /** Where the members of durable groups keep their logs. */
  readonly store?: (group: string) => MemberStore;
}

type Settings = NonNullable<JoinOptions["settings"]>;

const CHOICES = {
  style: ["active", "semi-active", "warm-passive", "cold-passive"],
  ack: ["all", "quorum", "one"],
  partition: ["fence", "serve"],
} as const;
const KEYS: readonly string[] = [
  "group",
  "style",
  "replicas",
  "restoreWithinMs",
  "ack",
  "partition",
  "periodMs",
  "durable",
  "deterministic",
  "reads",
];

/** What POAs are replicated with, and their groups. */
export interface GroupReplicator extends Replicator {
  /** By the names of their groups; those of POAs that are gone are not among them. */
  readonly doors: ReadonlyMap<string, Door>;
  /**
   * Settled when the replica here is in its group, and its references name all members.
   * @throws RangeError for a group that is not joined here; TIMEOUT when the signal ends it
   */
  ready(group: string, signal: AbortSignal): Promise<void>;
}

/** For the option `replicator` of `ORB_init`: `createPoa("alarms", { replication: { style: "semi-active" } })`. */
export function replicator(options: ReplicatorOptions): GroupReplicator {
  const doors = new Map<string, Door>();
  const { joined } = options;
  const keeping = {
    ...options,
    joined: (door: Door): void => {
      doors.set(door.group.name, door);
      joined?.(door);
    },
  };
  return {
    doors,
    gate: (path, policy) => gateFor(path, policy, keeping, (name) => void doors.delete(name)),
    ready: async (group, signal) => {
      const door = doors.get(group);
      if (door === undefined)
        throw new RangeError(
          `group ${group} is not joined here; joined are: ${[...doors.keys()].join(", ") || "none"}`,
        );
      await door.ready(signal);
    },
  };
}

function gateFor(
  path: readonly string[],
  policy: ReplicationOptions,
  {
    host,
    entry,
    details = {},
    joined,
    store,
    witness,
    missed = () => undefined,
  }: ReplicatorOptions,
  gone: (name: string) => void,
): DispatchGate {
  checkPolicy(policy);
  if (policy.durable === true && store === undefined)
    throw new RangeError("durable needs a store, and the replicator was given none");
  const name = policy.group ?? path.join("/");
  const chosen = typeof entry === "function" ? entry(name) : entry;
  checkReplicas(policy, chosen);
  const { clock } = details;
  const state = new AdapterState(clock);
  const { reads = [], periodMs = 0 } = policy;
  const voter = witness?.(name);
  const isRead = (operation: string): boolean => reads.includes(operation);
  const group = host.join({
    ...details,
    group: name,
    entry: chosen,
    state,
    settings: { ...details.settings, ...settingsOf(policy) },
    times: { ...details.times, ...(periodMs === 0 ? {} : { periodMs }) },
    ...(reads.length === 0 ? {} : { isRead }),
    ...(voter === undefined ? {} : { witness: voter }),
    ...(policy.durable === true && store !== undefined ? { store: store(name) } : {}),
  });
  const door = new Door({
    group,
    policy,
    servants: state,
    gone: () => gone(name),
    ...(clock === undefined ? {} : { clock }),
  });
  const { restoreWithinMs: withinMs, replicas = placesIn(chosen) } = policy;
  if (withinMs !== undefined && replicas !== undefined)
    void new DegreeBound({
      group,
      replicas,
      withinMs,
      missed,
      ...(clock === undefined ? {} : { clock }),
    });
  joined?.(door);
  return door;
}

/** The settings of a group as the policy of its POAs says them; the same at all replicas. */
export function settingsOf(policy: ReplicationOptions): Partial<Settings> {
  const { style, ack, partition, periodMs, durable } = policy;
  return {
    ...(style === undefined ? {} : { style }),
    ...(ack === undefined ? {} : { ack }),
    ...(partition === undefined ? {} : { partition }),
    ...(periodMs === undefined ? {} : { isDeferred: periodMs > 0 }),
    ...(durable === undefined ? {} : { isDurable: durable }),
  };
}

/** @throws RangeError for what no group can be, and why */
export function checkPolicy(policy: ReplicationOptions): void {
  for (const key of Object.keys(policy))
    if (!KEYS.includes(key)) throw new RangeError(`"${key}" is unknown; known: ${KEYS.join(", ")}`);
  for (const [key, allowed] of Object.entries(CHOICES) as [
    keyof typeof CHOICES,
    readonly string[],
  ][]) {
    const value = policy[key];
    if (value !== undefined && !allowed.includes(value))
      throw new RangeError(`${key} cannot be ${String(value)}; allowed: ${allowed.join(", ")}`);
  }
  const { periodMs = 0, style = "semi-active", durable = false, replicas = 1 } = policy;
  if (!(periodMs >= 0 && Number.isFinite(periodMs)))
    throw new RangeError(`periodMs cannot be ${periodMs}; allowed: 0 and more`);
  const { restoreWithinMs = 1 } = policy;
  if (!(restoreWithinMs > 0 && restoreWithinMs <= LONGEST_DELAY_MS))
    throw new RangeError(
      `restoreWithinMs cannot be ${restoreWithinMs}; allowed: above 0, ${LONGEST_DELAY_MS} at most`,
    );
  if (periodMs > 0 && style !== "warm-passive")
    throw new RangeError(`periodMs ${periodMs} is for warm-passive groups, and this is ${style}`);
  if (durable && style !== "cold-passive")
    throw new RangeError(`durable is for cold-passive groups, and this is ${style}`);
  if (policy.deterministic === false && style === "active")
    throw new RangeError(
      "active groups need deterministic servants: every replica executes by itself",
    );
  if (!(Number.isInteger(replicas) && replicas >= 1))
    throw new RangeError(`replicas cannot be ${replicas}; allowed: whole numbers from 1 on`);
}

function placesIn(entry: Entry): number | undefined {
  return entry.by === "list" ? entry.addresses.length : undefined;
}

function checkReplicas({ replicas, restoreWithinMs }: ReplicationOptions, entry: Entry): void {
  if (replicas === undefined && restoreWithinMs !== undefined && placesIn(entry) === undefined)
    throw new RangeError(`restoreWithinMs ${restoreWithinMs} is of no use without replicas`);
  if (replicas === undefined || entry.by !== "list" || replicas <= entry.addresses.length) return;
  throw new RangeError(
    `${replicas} replicas need as many places, and the list has ${entry.addresses.length}`,
  );
}

/**
 * What a crash of the primary may cost a group of acknowledged updates, in words for people: nothing, or all of the last
 * so many milliseconds.
 */
export function lossWindow(policy: ReplicationOptions): string {
  const { style = "semi-active", ack = "quorum", periodMs = 0, durable = false } = policy;
  if (style === "warm-passive" && periodMs > 0) return `the updates of the last ${periodMs} ms`;
  if (ack === "one") return "the updates that the primary had not yet sent: of one round trip";
  if (style === "cold-passive" && !durable) return "none, while a majority of the replicas lives";
  if (durable) return "none, while the stores of a majority are kept";
  return ack === "all"
    ? "none, while one replica lives"
    : "none, while a majority of the replicas lives";
}
