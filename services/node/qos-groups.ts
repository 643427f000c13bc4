import type { LaneGroups, LaneSettings } from "../lanes/index.ts";
import {
  laneDemand,
  type LaneReservation,
  type Qos,
  type QosClient,
  qosFaultText,
} from "../qos/index.ts";

/** What lanes ask the daemon for beside what their settings say. */
export interface QosGroupsOptions {
  /** Budgets of lanes by name, for FIFO and RR; `budget` for the others. */
  readonly budgets?: Readonly<Record<string, Qos.CpuTime>>;
  readonly budget?: Qos.CpuTime;
}

/** A tenth of each core: a lane that needs more is named in `budgets`. */
const DEFAULT_BUDGET: Qos.CpuTime = { runtime_us: 10_000, period_us: 100_000 };
const MOST_NAME = 48;

/** `pool 1, lane 0` as a name of a group: `pool-1-lane-0`. */
function groupName(lane: string): string {
  const plain = lane.replaceAll(/[^A-Za-z0-9_.]+/g, "-").replace(/^[-.]+/, "");
  return (plain === "" ? "lane" : plain).slice(0, MOST_NAME);
}

function demandOf(name: string, { wish }: LaneSettings, budget: Qos.CpuTime): Qos.LaneDemand {
  const { scheduling } = wish;
  switch (scheduling.policy) {
    case "other":
      return laneDemand({ name });
    case "deadline": {
      const { runtimeNs, deadlineNs, periodNs } = scheduling;
      const edf = {
        runtime_ns: BigInt(runtimeNs),
        deadline_ns: BigInt(deadlineNs),
        period_ns: BigInt(periodNs),
      };
      return laneDemand({ name, sched: "SCHED_DEADLINE", edf });
    }
    case "fifo":
    case "rr": {
      const sched = scheduling.policy === "fifo" ? "SCHED_FIFO" : "SCHED_RR";
      return laneDemand({ name, sched, priority: scheduling.priority, realtime: budget });
    }
  }
}

/**
 * Puts each lane of a process into a leaf of the QoS daemon's tree: for `wire(config, { groups })`. A lane that
 * the daemon's configuration names in this runtime takes that share, whatever it would ask for.
 */
export function qosGroups(client: QosClient, options: QosGroupsOptions = {}): LaneGroups {
  const { budgets = {}, budget = DEFAULT_BUDGET } = options;
  const reserved = new Map<string, Promise<LaneReservation>>();
  const reserve = (lane: string, settings: LaneSettings): Promise<LaneReservation> => {
    const known = reserved.get(lane);
    if (known !== undefined) return known;
    const made = client.reserve(demandOf(groupName(lane), settings, budgets[lane] ?? budget));
    reserved.set(lane, made);
    // The next thread of the lane asks again.
    made.catch(() => reserved.delete(lane));
    return made;
  };
  return {
    join: async (lane, threadId, settings) => {
      try {
        const reservation = await reserve(lane, settings);
        await reservation.place([threadId]);
      } catch (thrown) {
        throw new Error(qosFaultText(thrown), { cause: thrown });
      }
    },
  };
}
