import { LONGEST_DELAY_MS } from "../../orb/base/index.ts";
import type { ReplicationOptions } from "../../orb/index.ts";
import {
  type Check,
  host,
  hostPort,
  integer,
  listOf,
  oneOf,
  type Options,
  saying,
  tableOf,
  text,
  truth,
} from "../settings/index.ts";
import { checkPolicy } from "../replication/index.ts";
import type { ReplicaShare } from "./admission.ts";

const LARGEST_PORT = 65_535;
const MOST = 1_000_000;

const path: Check<string> = text("path", /^.+$/, "/var/lib/orbweaver/groups");

/** `[groups]`: where the replicas of a peer hear of each other. */
export interface GroupsTable {
  readonly enabled: boolean;
  readonly host?: string;
  readonly listenHost?: string;
  readonly port: number;
  readonly store?: string;
  readonly checksHosts: boolean;
}

export const GROUPS_OPTIONS: Options<GroupsTable> = {
  enabled: {
    check: truth,
    standard: false,
    means: "whether replicas can be at this peer, those of others that lack one, too",
  },
  host: {
    check: host,
    otherwise: "that of `[overlay]`",
    means: "where other peers reach it",
  },
  listenHost: {
    check: host,
    otherwise: "`host`",
    means: "where it listens",
  },
  port: {
    check: integer(0, LARGEST_PORT),
    standard: 0,
    means:
      "where it listens, TCP for letters and UDP for the question whether a silent process lives; 0 takes a free one, which `members` of services cannot name",
  },
  store: {
    check: path,
    otherwise: "none",
    means:
      "folder of the logs of durable replicas and of the votes of a witness, for this peer alone",
  },
  checksHosts: {
    check: truth,
    standard: true,
    means:
      "whether a peer's address must be that of its connection; not behind address translation",
  },
};

/** `replication` of `[[service]]`. */
export interface ReplicationTable extends Omit<ReplicationOptions, "group"> {
  /** Where the group is founded. */
  readonly members: readonly string[];
  /** The group is there, and `members` are some of those in it. */
  readonly joins?: boolean;
  readonly witness?: string;
  /** What a replica asks of the QoS daemon of its host. */
  readonly qos?: ReplicaShare;
}

const SHARES: Options<ReplicaShare> = {
  cpuPercent: { check: integer(0, 100), standard: 0, means: "" },
  groupPercent: { check: integer(0, 100), standard: 0, means: "" },
};

const share: Check<ReplicaShare> = saying("{ cpuPercent, groupPercent }", (value, fail) => {
  const { cpuPercent = 0, groupPercent = 0 } = tableOf(SHARES)(value, fail);
  return { cpuPercent, groupPercent };
});

const REPLICATION_OPTIONS: Options<ReplicationTable> = {
  members: { check: listOf(hostPort), otherwise: "needed", means: "" },
  joins: { check: truth, otherwise: "false", means: "" },
  witness: { check: hostPort, otherwise: "none", means: "" },
  qos: { check: share, otherwise: "none", means: "" },
  style: {
    check: oneOf(["active", "semi-active", "warm-passive", "cold-passive"]),
    otherwise: "semi-active",
    means: "",
  },
  replicas: { check: integer(1, MOST), otherwise: "as many as members", means: "" },
  restoreWithinMs: { check: integer(1, LONGEST_DELAY_MS), otherwise: "none", means: "" },
  ack: { check: oneOf(["all", "quorum", "one"]), otherwise: "quorum", means: "" },
  partition: { check: oneOf(["fence", "serve"]), otherwise: "fence", means: "" },
  periodMs: { check: integer(0, MOST), otherwise: "0", means: "" },
  durable: { check: truth, otherwise: "false", means: "" },
  deterministic: { check: truth, otherwise: "true", means: "" },
  reads: { check: listOf(text("operation", /^\w+$/, "balance")), otherwise: "none", means: "" },
};

/** What a service says of its replication. */
export const replicationTable: Check<ReplicationTable> = saying(
  `{ ${Object.keys(REPLICATION_OPTIONS).join(", ")} }`,
  (value, fail) => {
    const read = tableOf(REPLICATION_OPTIONS)(value, fail);
    if (read.members === undefined || read.members.length === 0)
      return fail('a list like ["10.0.0.1:7500", "10.0.0.2:7500"] is needed', "members");
    const { members, joins: _, witness: __, qos: ___, ...policy } = read;
    try {
      checkPolicy(policy);
    } catch (error) {
      return fail((error as Error).message);
    }
    return { ...read, members };
  },
);
