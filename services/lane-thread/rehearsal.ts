import type { Clock, Timer } from "../../orb/base/index.ts";
import { type InterfaceDescriptor, invoke, type Operation, Servant } from "../../orb/generated.ts";
import {
  type Channel,
  type CreatePoaOptions,
  INV_OBJREF,
  type ORB,
  ORB_init,
  type Transport,
} from "../../orb/index.ts";

/** Octets each way: what small requests are like. */
const OCTETS: Uint8Array = new Uint8Array(64);
/** Nobody else is to call. */
const LISTEN = "iiop://127.0.0.1:0";
const MS_PER_SECOND = 1_000;
const ANSWER_TIMEOUT_MS = 5_000;

const echo: Operation<Rehearsed, readonly [Uint8Array], Uint8Array> = {
  name: "echo",
  writeArguments: (out, [octets]) => void out.octetSequence(octets),
  readArguments: (input) => [input.octetSequence()],
  writeResult: (out, octets) => void out.octetSequence(octets),
  readResult: (input) => input.octetSequence(),
  upcall: (servant, [octets]) => servant.echo(octets),
};

const descriptor: InterfaceDescriptor = {
  repositoryId: "IDL:orbweaver/Rehearsed:1.0",
  name: "Rehearsed",
  bases: () => [],
  operations: [echo],
};

class Rehearsed extends Servant {
  override readonly _descriptor: InterfaceDescriptor = descriptor;

  echo(octets: Uint8Array): Uint8Array {
    return octets;
  }
}

/** When a thread rehearses while it serves. */
export interface Pauses {
  readonly clock: Clock;
  /** Requests that the thread took so far: one that has just served is warm. */
  readonly taken: () => number;
  /** A rehearsal failed; there are no more. */
  readonly failed: (error: Error) => void;
}

/**
 * Calls of a lane's thread to itself, over loopback. By ORBs of their own, so that no interceptor and no metric of the
 * lane sees them.
 */
export class Rehearsal {
  /** Undefined: that of ORBs. */
  readonly #transport: Transport | undefined;
  readonly #server: ORB;
  #channel: Channel | undefined;
  #timer: Timer | undefined;
  /** Of the last call. */
  #request: Uint8Array | undefined;

  private constructor(transport: Transport | undefined, server: ORB) {
    this.#transport = transport;
    this.#server = server;
  }

  /**
   * @param transport what the lane uses; undefined where the addon is missing: such a lane cannot be kept warm
   * @param poa what its adapters are made with
   * @param calls so many, and one at least: then the way of a request is compiled
   */
  static async warmUp(
    transport: Transport | undefined,
    poa: CreatePoaOptions,
    calls: number,
  ): Promise<Rehearsal> {
    const means = transport === undefined ? {} : { transport };
    const server = await ORB_init([], { ...means, config: { orb: { listen: [LISTEN] } } });
    const rehearsal = new Rehearsal(transport, server);
    try {
      const adapter = await server.rootPOA.createPoa("rehearsed", poa);
      const own = await adapter.activate(new Rehearsed());
      server.rootPOA.the_POAManager.activate();
      await rehearsal.#callTo(server.object_to_string(own), calls);
      return rehearsal;
    } catch (error) {
      await rehearsal.close();
      throw error;
    }
  }

  async #callTo(reference: string, calls: number): Promise<void> {
    let last: Uint8Array | undefined;
    const hear = (octets: Uint8Array): void => {
      last = octets.slice();
    };
    const means = this.#transport === undefined ? {} : { transport: heard(this.#transport, hear) };
    await using client = await ORB_init([], { ...means, config: { orb: { listen: [] } } });
    const target = await client.string_to_object(reference);
    if (target === null) throw new INV_OBJREF("a thread's reference to itself is nil");
    for (let call = 1; call < calls; call++) await invoke(target, echo, [OCTETS]);
    await invoke(target, echo, [OCTETS]);
    // The client says one thing more: that it closes its connection.
    this.#request = last;
  }

  /**
   * From now on the last call again, so often a second, when none came meanwhile: what lies idle for milliseconds is
   * thrown out of the processor's caches by whoever else runs on the machine, and pages of a heap that is little used
   * V8 gives back to the system.
   */
  async keepWarm(perSecond: number, { clock, taken, failed }: Pauses): Promise<void> {
    const [at] = this.#server.endpoints;
    const request = this.#request;
    if (at === undefined || request === undefined || this.#transport === undefined) return;
    const channel = await this.#transport.connect(at, AbortSignal.timeout(ANSWER_TIMEOUT_MS));
    this.#channel = channel;
    let sentAtMs: number | undefined;
    const stop = (cause: Error): void => {
      if (this.#channel === undefined) return;
      this.#stop();
      failed(cause);
    };
    channel.start({
      data: () => (sentAtMs = undefined),
      drained: () => undefined,
      closed: (cause) => stop(cause ?? new Error("the thread closed its connection to itself")),
    });
    let before = taken();
    const rehearse = (): void => {
      const nowMs = clock.nowMs();
      if (sentAtMs !== undefined && nowMs - sentAtMs > ANSWER_TIMEOUT_MS) {
        stop(new Error(`the thread did not answer itself within ${ANSWER_TIMEOUT_MS} ms`));
        return;
      }
      const now = taken();
      if (sentAtMs === undefined && now === before) {
        sentAtMs = nowMs;
        channel.send(request);
      }
      before = now;
      this.#timer = clock.timer(MS_PER_SECOND / perSecond, rehearse);
    };
    rehearse();
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#server.destroy();
  }

  #stop(): void {
    const channel = this.#channel;
    this.#channel = undefined;
    this.#timer?.cancel();
    channel?.destroy();
  }
}

/** The transport; `hear` is told what connections made by it send. */
function heard(transport: Transport, hear: (octets: Uint8Array) => void): Transport {
  return {
    listen: (at, accept) => transport.listen(at, accept),
    async connect(to, signal) {
      const channel = await transport.connect(to, signal);
      const send = channel.send.bind(channel);
      channel.send = (octets, free) => {
        hear(octets);
        send(octets, free);
      };
      return channel;
    },
  };
}
