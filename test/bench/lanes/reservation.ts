import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ControlGroup, ControlGroups } from "../../../native/index.ts";
import {
  coresOfHost,
  defaultConfig,
  laneDemand,
  type LaneReservation,
  QosClient,
  type QosdConfig,
  runtimeDemand,
  startQosDaemon,
} from "../../../services/qos/index.ts";

/** Cores of the machine, divided: one for what is reserved, the others for all else. */
export interface Reservation extends AsyncDisposable {
  /** Paths of the two groups, for the processes that place themselves. */
  readonly groups: { readonly lanes: string; readonly rest: string };
  readonly core: number;
  /** Puts a process into the reserved core's group. */
  take(processId: number): void;
}

/** The group of cores of that path. @throws TypeError when it is not there */
export function coreGroup(path: string): ControlGroup {
  const group = ControlGroups.find().existing(path, ["cpuset"]);
  if (group === undefined) throw new TypeError(`there is no group of cores ${path}`);
  return group;
}

/** What a later run takes away first, where one was killed. */
const GROUP = "orbweaver-bench";
/** Of each second: what is left is the kernel's and everybody else's. */
const BUDGET = { runtime_us: 800_000, period_us: 1_000_000 } as const;
const PRIORITY = 48;

/** Each complaint once: a reservation is made for each cell. */
const complaints = new Set<string>();

function complain(message: string): void {
  if (complaints.has(message)) return;
  complaints.add(message);
  process.stderr.write(`${message}\n`);
}

const quiet = (): void => undefined;
const logger = { debug: quiet, info: quiet, warn: complain, error: complain };

function configOf(socket: string, cores: readonly number[]): QosdConfig {
  const common = { memoryOctets: undefined, awake: undefined } as const;
  const none = { runtime_us: 0, period_us: 0 };
  return {
    ...defaultConfig(),
    socket,
    group: GROUP,
    confine: true,
    partitions: [
      { ...common, name: "rest", use: "system", cores: cores.slice(0, -1), realtime: none },
      {
        ...common,
        name: "runtimes",
        use: "runtimes",
        cores: cores.slice(-1),
        realtime: BUDGET,
        awake: true,
      },
    ],
  };
}

async function reserveLeaf(socket: string): Promise<readonly [QosClient, LaneReservation]> {
  const runtime = runtimeDemand({ name: "bench", realtime: BUDGET });
  const client = await QosClient.open({ socket, logger, runtime });
  if (client === undefined) throw new TypeError("the daemon of this process does not answer");
  const fifo = { sched: "SCHED_FIFO", priority: PRIORITY, realtime: BUDGET } as const;
  return [client, await client.reserve(laneDemand({ name: "lanes", ...fifo }))];
}

/**
 * The last core for lanes and their clients, the others for all else of the machine: partitions of a QoS daemon in
 * this process, and a leaf of its tree. All is as it was when it is disposed of.
 * @throws Qos.SystemRefused where control groups cannot be made
 */
export async function reserveCore(): Promise<Reservation> {
  // Not those of this process: a run that was killed may have left it confined, and this one is to mend that.
  const cores = coresOfHost();
  const folder = await mkdtemp(join(tmpdir(), `${GROUP}-`));
  const socket = join(folder, "qosd.sock");
  const daemon = await startQosDaemon({
    logger,
    config: configOf(socket, cores),
    // Not beside the socket: the next run gives back what this one changed, if it is killed.
    stateFile: join(tmpdir(), `${GROUP}.settings.json`),
  });
  const [client, leaf] = await reserveLeaf(socket);
  const lanes = coreGroup(leaf.path);
  return {
    groups: { lanes: leaf.path, rest: `${GROUP}/rest` },
    core: cores.at(-1) ?? 0,
    take: (processId) => lanes.addProcess(processId),
    async [Symbol.asyncDispose]() {
      await client.close();
      await daemon.close();
      await rm(folder, { recursive: true });
    },
  };
}
