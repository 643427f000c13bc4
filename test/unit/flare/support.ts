import type { ExecutionContext } from "ava";
import { portable, Redirection, type RedirectionOptions } from "../../../interceptors/index.ts";
import {
  type Channel,
  MemoryTransport,
  type ObjectReference,
  type ORB,
  ORB_init,
  PassedOnChannel,
  type Transport,
} from "../../../orb/index.ts";
import type { Flare, Monitor } from "../../../services/monitor/index.ts";
import { Sample } from "../../support/sample.ts";

/** A server that can be made to crash: its connections break, and nobody listens any more. */
export class Server {
  readonly name: string;
  readonly servant: Named;
  readonly ior: string;
  readonly #orb: ORB;
  readonly #channels: Set<Channel>;

  private constructor(name: string, servant: Named, orb: ORB, ior: string, channels: Set<Channel>) {
    this.name = name;
    this.servant = servant;
    this.#orb = orb;
    this.ior = ior;
    this.#channels = channels;
  }

  static async start(t: ExecutionContext, base: MemoryTransport, name: string): Promise<Server> {
    const channels = new Set<Channel>();
    const transport: Transport = {
      connect: (to, signal) => base.connect(to, signal),
      listen: (at, accept) =>
        base.listen(at, (channel) => {
          channels.add(channel);
          accept(new PassedOnChannel(channel, { closed: () => channels.delete(channel) }));
        }),
    };
    const orb = await ORB_init(["-ORBListenEndpoints", `iiop://${name}:1`], { transport });
    t.teardown(() => orb.destroy());
    orb.rootPOA.the_POAManager.activate();
    const servant = new Named(name);
    const reference = await orb.rootPOA.activate(servant);
    return new Server(name, servant, orb, orb.object_to_string(reference), channels);
  }

  /** Every connection breaks; who comes again is refused. */
  async crash(): Promise<void> {
    for (const channel of this.#channels) channel.destroy();
    await this.#orb.destroy();
  }

  /** Connections break, and the server goes on. */
  cut(): void {
    for (const channel of this.#channels) channel.destroy();
  }
}

/** Answers with its name. */
export class Named extends Sample {
  readonly #name: string;

  constructor(name: string) {
    super();
    this.#name = name;
  }

  override echo(text: string): string {
    void super.echo(text);
    return this.#name;
  }
}

export interface Client {
  readonly orb: ORB;
  readonly redirection: Redirection;
  to(server: Pick<Server, "ior">): Promise<ObjectReference>;
}

export async function clientOf(
  t: ExecutionContext,
  transport: Transport,
  options: RedirectionOptions,
  args: readonly string[] = [],
): Promise<Client> {
  const redirection = new Redirection(options);
  const orb = await ORB_init([...args], { transport, initializers: portable([redirection]) });
  t.teardown(() => orb.destroy());
  const to = async ({ ior }: Pick<Server, "ior">): Promise<ObjectReference> => {
    const reference = await orb.string_to_object(ior);
    if (reference === null) throw new TypeError("nil");
    return reference;
  };
  return { orb, redirection, to };
}

/** What a monitor tells of a processor without processes. */
export function reportOf(
  processor: string,
  number: number,
  utilization: number,
  gone: readonly string[] = [],
): Monitor.Report {
  return {
    processor,
    run: 1n,
    number: BigInt(number),
    why: "CAUSE_PERIOD",
    utilization,
    processes: [],
    gone,
  };
}

/** A replica of the object `A`, which has a processor of its own and takes a tenth of it. */
export function registrationOf(
  process: string,
  replica: ObjectReference | null,
): Flare.Registration {
  return { object_id: "A", process, processor: process, load: 0.1, replica };
}
