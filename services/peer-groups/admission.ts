import { laneDemand, type Qos } from "../admission/index.ts";

/** What a replica asks of its host: percent of what the peer has there, for the service and for its group. */
export interface ReplicaShare {
  readonly cpuPercent: number;
  readonly groupPercent: number;
}

/** Something reserved. */
export interface Reserved {
  /** Where it is in the tree of control groups. */
  readonly path: string;
  release(): Promise<void>;
}

/** Who admits and reserves: the QoS daemon's client. */
export interface Reserver {
  /** @throws Qos.Refused with what is free; nothing is changed then */
  reserve(demand: Qos.LaneDemand): Promise<Reserved>;
}

/** Of the name of a leaf; the daemon takes 48. */
const LONGEST_NAME = 40;

/**
 * Reserves what a replica takes, for the service and for its group: both or nothing. The daemon admits and reserves in
 * one, so that nobody comes between.
 * @throws Qos.Refused with what is free
 */
export async function reserveReplica(
  name: string,
  { cpuPercent, groupPercent }: ReplicaShare,
  reserver: Reserver,
): Promise<Reserved> {
  const plain = name.replaceAll(/[^\w.-]/g, "_").slice(0, LONGEST_NAME);
  const service = await reserver.reserve(laneDemand({ name: plain, cpu_percent: cpuPercent }));
  try {
    const group = await reserver.reserve(
      laneDemand({ name: `${plain}.group`, cpu_percent: groupPercent }),
    );
    return {
      path: `${service.path}, ${group.path}`,
      release: async () => {
        try {
          await group.release();
        } finally {
          await service.release();
        }
      },
    };
  } catch (error) {
    await service.release();
    throw error;
  }
}
