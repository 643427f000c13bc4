import { existsSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import {
  COMM_FAILURE,
  type Logger,
  newTcpTransport,
  type ORB,
  ORB_init,
  PassedOnChannel,
  SystemException,
  TRANSIENT,
  type Transport,
} from "../../orb/index.ts";
import { Qos } from "../admission/index.ts";
import { daemonAddress, DEFAULT_SOCKET } from "./daemon-reference.ts";

/** Milliseconds that the daemon may take for one answer: it waits for threads to leave their groups. */
const CALL_TIMEOUT_MS = 5_000;
/** Milliseconds between two attempts to find a daemon that has gone. */
const RETRY_MS = 1_000;

export interface QosClientOptions {
  /** What this process asks for as a whole. */
  readonly runtime: Qos.RuntimeDemand;
  /** Where the daemon listens; `/run/orbweaver/qosd.sock` where left out. */
  readonly socket?: string;
  readonly logger: Logger;
}

/** A lane's leaf, held until it is released or the client closed. */
export interface LaneReservation {
  readonly name: string;
  /** Where it is in the tree of control groups. */
  readonly path: string;
  /** The cores that its threads run on. */
  readonly cores: readonly number[];
  /**
   * Moves threads of this process, or of processes that it started, into it, by the kernel's ids. FIFO and RR are set after this; DEADLINE
   * before it: the kernel refuses that policy to a thread that may not use all cores.
   * @throws Qos.NotAllowed, Qos.SystemRefused
   */
  place(threads: readonly number[]): Promise<void>;
  /** @throws Qos.Refused with what is free; nothing is changed then */
  change(demand: Qos.LaneDemand): Promise<void>;
  /** Gives it back; its threads run on in the runtime's group. */
  release(): Promise<void>;
}

/** One session with the daemon: all that it gave ends with its connection. */
interface Session {
  readonly orb: ORB;
  readonly daemon: Qos.Daemon;
  readonly runtime: Qos.Runtime;
}

const OPTIONS = { timeoutMs: CALL_TIMEOUT_MS } as const;

/** An ORB of its own: one connection, never closed for being idle, whose end is told. */
async function newOrb(logger: Logger, lost: () => void): Promise<ORB> {
  const base = newTcpTransport({ keepAliveMs: 0 });
  const transport: Transport = {
    listen: (at, accept) => base.listen(at, accept),
    connect: async (to, signal) =>
      new PassedOnChannel(await base.connect(to, signal), { closed: lost }),
  };
  return await ORB_init([], {
    transport,
    logger,
    config: { orb: { listen: [], openedIdleMs: 0, deadlineMs: CALL_TIMEOUT_MS } },
  });
}

/** The daemon at a socket, by an ORB that the caller destroys. @throws TRANSIENT or COMM_FAILURE when nobody answers */
export async function connectToDaemon(
  socket: string,
  logger: Logger,
  lost: () => void = () => undefined,
): Promise<{ readonly orb: ORB; readonly daemon: Qos.Daemon }> {
  const orb = await newOrb(logger, lost);
  try {
    const first = Qos.Daemon.uncheckedNarrow(await orb.string_to_object(daemonAddress(socket)));
    const daemon = await first?.here(OPTIONS);
    if (daemon === null || daemon === undefined) throw new TypeError("the daemon is nil");
    return { orb, daemon };
  } catch (thrown) {
    await orb.destroy();
    throw thrown;
  }
}

class Lane implements LaneReservation {
  readonly name: string;
  path: string = "";
  cores: readonly number[] = [];
  demand: Qos.LaneDemand;
  readonly threads: Set<number> = new Set();
  remote: Qos.Reservation | undefined;
  readonly #released: (lane: Lane) => void;

  constructor(demand: Qos.LaneDemand, released: (lane: Lane) => void) {
    this.name = demand.name;
    this.demand = demand;
    this.#released = released;
  }

  /** Reserves it in a session, and places the threads it had in one before. */
  async reserveIn({ runtime }: Session): Promise<void> {
    const remote = await runtime.reserve(this.demand, OPTIONS);
    if (remote === null) throw new TypeError("the daemon gave no reservation");
    this.path = await remote._get_path(OPTIONS);
    this.cores = await remote._get_runs_on(OPTIONS);
    this.remote = remote;
    // Those that ended meanwhile are no longer anyone's.
    for (const thread of this.threads)
      if (!existsSync(`/proc/${thread}`)) this.threads.delete(thread);
    if (this.threads.size > 0) await remote.place([...this.threads], OPTIONS);
  }

  async place(threads: readonly number[]): Promise<void> {
    for (const thread of threads) this.threads.add(thread);
    try {
      await this.remote?.place(threads, OPTIONS);
    } catch (thrown) {
      if (!isLoss(thrown)) for (const thread of threads) this.threads.delete(thread);
      throw thrown;
    }
  }

  async change(demand: Qos.LaneDemand): Promise<void> {
    await this.remote?.change(demand, OPTIONS);
    this.demand = demand;
    if (this.remote !== undefined) this.cores = await this.remote._get_runs_on(OPTIONS);
  }

  async release(): Promise<void> {
    this.#released(this);
    const { remote } = this;
    this.remote = undefined;
    await remote?.release(OPTIONS);
  }
}

/** Whether the daemon went away, rather than refused. */
function isLoss(thrown: unknown): boolean {
  return thrown instanceof COMM_FAILURE || thrown instanceof TRANSIENT;
}

/** `Refused: 10 % of …`: what a person is told. */
export function qosFaultText(thrown: unknown): string {
  if (
    thrown instanceof Qos.Refused ||
    thrown instanceof Qos.BadDemand ||
    thrown instanceof Qos.NotAllowed ||
    thrown instanceof Qos.SystemRefused
  )
    return `${thrown.name}: ${thrown.reason}`;
  if (thrown instanceof SystemException) return `${thrown.name}: ${thrown.message}`;
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** What a process asks of the QoS daemon: its runtime, and a leaf for each lane. */
export class QosClient implements AsyncDisposable {
  readonly #options: QosClientOptions;
  readonly #socket: string;
  readonly #lanes: Set<Lane> = new Set();
  readonly #stop: AbortController = new AbortController();
  #session: Session | undefined;
  #restoring: Promise<void> | undefined;

  private constructor(options: QosClientOptions, socket: string) {
    this.#options = options;
    this.#socket = socket;
  }

  /**
   * Joins the daemon of this host.
   * @returns undefined where there is none: lanes run without reservation then, which is said once
   * @throws Qos.Refused, BadDemand, NotAllowed, SystemRefused: there is one, and it does not give the runtime
   */
  static async open(options: QosClientOptions): Promise<QosClient | undefined> {
    const { socket = DEFAULT_SOCKET, logger } = options;
    const client = new QosClient(options, socket);
    try {
      if (existsSync(socket)) {
        await client.#join();
        return client;
      }
    } catch (thrown) {
      if (!isLoss(thrown)) throw thrown;
    }
    logger.warn(
      `no QoS daemon answers at ${socket}: lanes run without reservation; "orbweaver qosd" starts one`,
    );
    return undefined;
  }

  /** Whether the daemon is there; while it is not, lanes run on without their reservation. */
  get isConnected(): boolean {
    return this.#session !== undefined;
  }

  /** A leaf for a lane. @throws Qos.Refused with what is free; BadDemand, NotAllowed, SystemRefused */
  async reserve(demand: Qos.LaneDemand): Promise<LaneReservation> {
    const lane = new Lane(demand, (released) => this.#lanes.delete(released));
    await lane.reserveIn(this.#need());
    this.#lanes.add(lane);
    return lane;
  }

  /**
   * Moves all threads of this process that are in no lane to the housekeeping leaf: the collector's helpers,
   * the pool of libuv, the main thread. To be called when lanes were placed; threads made later are where
   * the thread is that made them.
   * @returns how many were moved
   */
  settle(): Promise<number> {
    return this.#need().runtime.settle(OPTIONS);
  }

  /** Moves threads of other processes of this user to the system's cores. */
  expel(threads: readonly number[]): Promise<void> {
    return this.#need().daemon.expel(threads, OPTIONS);
  }

  /** @throws Qos.Refused with what is free; nothing is changed then */
  change(demand: Qos.RuntimeDemand): Promise<void> {
    return this.#need().runtime.change(demand, OPTIONS);
  }

  report(): Promise<Qos.Status> {
    return this.#need().daemon.report(OPTIONS);
  }

  /** Gives everything back. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#restoring;
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    try {
      await session.runtime.leave(OPTIONS);
    } catch (thrown) {
      // The end of the connection gives back as well.
      this.#options.logger.debug("the QoS daemon did not answer the farewell", { thrown });
    }
    await session.orb.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #need(): Session {
    if (this.#session !== undefined) return this.#session;
    throw new TRANSIENT(`the QoS daemon at ${this.#socket} is away`);
  }

  async #join(): Promise<void> {
    const { logger, runtime: demand } = this.#options;
    let isLost = false;
    const { orb, daemon } = await connectToDaemon(this.#socket, logger, () => {
      isLost = true;
      if (this.#session?.orb === orb) this.#lost();
    });
    try {
      const runtime = await daemon.join(demand, OPTIONS);
      if (runtime === null) throw new TypeError("the daemon gave no runtime");
      const session = { orb, daemon, runtime };
      for (const lane of this.#lanes) await lane.reserveIn(session);
      if (isLost) throw new COMM_FAILURE(`the QoS daemon at ${this.#socket} went away`);
      this.#session = session;
    } catch (thrown) {
      await orb.destroy();
      throw thrown;
    }
  }

  #lost(): void {
    const session = this.#session;
    this.#session = undefined;
    for (const lane of this.#lanes) lane.remote = undefined;
    if (this.#stop.signal.aborted) return;
    this.#options.logger.warn(
      `the QoS daemon at ${this.#socket} went away: lanes run without reservation until it is back`,
    );
    this.#restoring ??= this.#restore(session?.orb).finally(() => {
      this.#restoring = undefined;
    });
  }

  async #restore(old: ORB | undefined): Promise<void> {
    const { signal } = this.#stop;
    const { logger } = this.#options;
    let said = "";
    await old?.destroy();
    while (!signal.aborted) {
      try {
        await wait(RETRY_MS, undefined, { signal, ref: false });
        await this.#join();
        logger.info("the QoS daemon is back: lanes have their reservations again");
        return;
      } catch (thrown) {
        const text = qosFaultText(thrown);
        if (!signal.aborted && !isLoss(thrown) && text !== said)
          logger.warn(`the QoS daemon is back and gives no reservation: ${text}`);
        said = text;
      }
    }
  }
}
