import { chmod, chown, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { AwakeCores, ControlGroups, loadNative } from "../../native/index.ts";
import {
  newTcpTransport,
  type ORB,
  ORB_init,
  type POA,
  string_to_ObjectId,
  type Transport,
} from "../../orb/index.ts";
import { Qos } from "../admission/index.ts";
import { Confinement } from "./confinement.ts";
import { AwakePartitions } from "./awake-partitions.ts";
import { awakePartitions, configFault, hostOf, type QosdConfig, userId } from "./config.ts";
import { DAEMON_KEY } from "./daemon-reference.ts";
import { hold, type Hold, type HoldOptions, QosConfigError } from "./hold.ts";
import { Keeper } from "./keeper.ts";
import { Owners } from "./owners.ts";
import { linuxProcesses, type Processes } from "./processes.ts";
import { reportOf } from "./report.ts";
import { DaemonServant, forgetRuntime, type Home } from "./servants.ts";

const OWNER_ONLY = 0o600;

export interface QosDaemonOptions extends HoldOptions {
  readonly config: QosdConfig;
  /** Control groups of this machine; found where left out. */
  readonly groups?: ControlGroups;
  readonly processes?: Processes;
  /** Beneath the daemon's connections; `node:net` where left out. */
  readonly transport?: Transport;
}

/** A daemon at work. */
export interface QosDaemon extends AsyncDisposable {
  readonly socket: string;
  /** Groups of a daemon that had died, removed at the start. */
  readonly leftGroups: number;
  /** The tree with what is left, as `report` tells it. */
  report(): Qos.Status;
  /** Takes no more requests, and removes all groups; processes run on. */
  close(): Promise<void>;
}

/** References to servants of one POA, by ids. */
class PoaHome implements Home {
  readonly #poa: POA;
  readonly #ids: Set<string> = new Set();

  constructor(poa: POA) {
    this.#poa = poa;
  }

  activate(id: string, servant: Parameters<Home["activate"]>[1]): void {
    if (this.#ids.has(id)) this.#deactivateOne(id);
    this.#poa.activate_object_with_id(string_to_ObjectId(id), servant);
    this.#ids.add(id);
  }

  deactivate(id: string): void {
    for (const each of this.#ids)
      if (each === id || (id.endsWith("/") && each.startsWith(id))) this.#deactivateOne(each);
  }

  #deactivateOne(id: string): void {
    this.#ids.delete(id);
    this.#poa.deactivate_object(string_to_ObjectId(id));
  }

  daemon(): Qos.Daemon {
    return Qos.Daemon.uncheckedNarrow(this.#poa.id_to_reference(string_to_ObjectId(DAEMON_KEY)));
  }

  runtime(id: string): Qos.Runtime {
    return Qos.Runtime.uncheckedNarrow(this.#poa.id_to_reference(string_to_ObjectId(id)));
  }

  reservation(id: string): Qos.Reservation {
    return Qos.Reservation.uncheckedNarrow(this.#poa.id_to_reference(string_to_ObjectId(id)));
  }
}

/** With the native addon the system tells whose process connected; without, the socket's mode alone decides. */
function transportWithCredentials(): Transport {
  const sockets = loadNative()?.sockets;
  if (sockets === undefined) return newTcpTransport({ keepAliveMs: 0 });
  return newTcpTransport({
    keepAliveMs: 0,
    credentialsOf: (socket) => {
      const descriptor = sockets.descriptorOf(socket);
      return descriptor === undefined ? undefined : sockets.peerCredentials(descriptor);
    },
  });
}

function userOf({ user }: QosdConfig): number | undefined {
  if (user === undefined) return undefined;
  const id = userId(user);
  if (id === undefined) throw new QosConfigError(`there is no user "${user}" on this host`);
  return id;
}

async function guardSocket(path: string, user: number | undefined): Promise<void> {
  await chmod(path, OWNER_ONLY);
  if (user !== undefined) await chown(path, user, process.getgid?.() ?? 0);
}

async function serve(
  orb: ORB,
  keeper: Keeper,
  owners: Owners,
  realm: { home: Home | undefined },
): Promise<void> {
  const parent = await orb.rootPOA.create_POA("qos", null, []);
  const poa = await parent.createPoa("daemon", {
    lifespan: "PERSISTENT",
    idAssignment: "USER_ID",
    gate: owners,
  });
  const home = new PoaHome(poa);
  realm.home = home;
  const root = await poa.activate(DAEMON_KEY, new DaemonServant({ keeper, owners, home }));
  orb.bindPlainKey(DAEMON_KEY, root);
  parent.the_POAManager.activate();
}

/**
 * Starts the QoS daemon of this host: groups that an earlier one left are removed, partitions and static
 * runtimes made, and requests answered at the socket, which only its owner can open.
 * @throws QosConfigError; Qos.SystemRefused when the kernel refuses the partitions; INITIALIZE when the
 *   socket cannot be listened at
 */
export async function startQosDaemon(options: QosDaemonOptions): Promise<QosDaemon> {
  const { config, logger, processes = linuxProcesses } = options;
  const groups = options.groups ?? ControlGroups.find({ at: config.at });
  const fault = configFault(config, groups);
  if (fault !== undefined) throw new QosConfigError(fault);
  const user = userOf(config);
  const base = options.transport ?? transportWithCredentials();
  const held = await hold(base, groups, options);
  const realm: { home: Home | undefined } = { home: undefined };
  const owners = new Owners((owner) => void keeper.ownerGone(owner));
  const keeper: Keeper = new Keeper({
    groups,
    host: hostOf(config, groups),
    layout: {
      root: config.group,
      version: groups.versionOf("cpuset") ?? 1,
      isExclusive: config.exclusive,
    },
    processes,
    users: [...new Set([0, process.getuid?.() ?? 0, ...(user === undefined ? [] : [user])])],
    statics: config.runtimes,
    awake: new AwakePartitions(awakePartitions(config), new AwakeCores(held.settings), logger),
    log: logger,
    onTaken: (name) => {
      logger.info("a runtime was taken away: its process has ended", { runtime: name });
      if (realm.home !== undefined) forgetRuntime({ home: realm.home }, name);
    },
  });
  let orb: ORB | undefined;
  try {
    await mkdir(dirname(config.socket), { recursive: true });
    orb = await ORB_init(["-ORBListenEndpoints", `unix://${config.socket}`], {
      logger,
      transport: owners.transport(base),
    });
    await guardSocket(config.socket, user);
    const confinement = new Confinement(held.settings, groups, config, logger);
    const isV1 = groups.versionOf("cpuset") === 1;
    if (config.confine && isV1) confinement.settings();
    await keeper.start();
    // Groups of version 2 have cores to be told only since there are groups of ours.
    if (config.confine && !isV1) confinement.settings();
    if (config.confine) await confinement.threads((off) => keeper.confine(off));
    await serve(orb, keeper, owners, realm);
    owners.open();
    return new Daemon(config.socket, held.leftGroups, { orb, keeper, held });
  } catch (thrown) {
    await orb?.destroy();
    await held.close();
    throw thrown;
  }
}

class Daemon implements QosDaemon {
  readonly socket: string;
  readonly leftGroups: number;
  readonly #parts: { readonly orb: ORB; readonly keeper: Keeper; readonly held: Hold };
  #closed: Promise<void> | undefined;

  constructor(
    socket: string,
    leftGroups: number,
    parts: { readonly orb: ORB; readonly keeper: Keeper; readonly held: Hold },
  ) {
    this.socket = socket;
    this.leftGroups = leftGroups;
    this.#parts = parts;
  }

  report(): Qos.Status {
    return reportOf(this.#parts.keeper);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { orb, keeper, held } = this.#parts;
    try {
      await orb.destroy();
      await keeper.close();
    } finally {
      await held.close();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
