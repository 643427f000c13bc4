import { CosNaming } from "../../../idl/index.ts";
import {
  addressing,
  cached,
  FailOverClient,
  type FailOverScheme,
  type LostServer,
  Messages,
  portable,
  type ReplicaAddress,
  resolved,
} from "../../../interceptors/index.ts";
import { type ObjectReference, type ORB, ORB_init } from "../../../orb/index.ts";
import { ObservedTransport } from "../../../orb/trace/index.ts";
import { Reflector } from "../gen/Bench.ts";
import { transportOf } from "../transport.ts";
import type { Replicas, Which } from "./mead-replicas.ts";

/** MEAD's schemes, and none; "prepared" is "message" with a connection in advance, as "ready" is "addressing". */
export type SchemeName =
  | "none"
  | "prepared"
  | "message"
  | "forward"
  | "ready"
  | "addressing"
  | "cached"
  | "resolved";

/** Which ORB of the replicas a scheme calls: what servers do for it costs what it costs. */
export const SERVED_BY: Readonly<Record<SchemeName, Which>> = {
  none: "plain",
  prepared: "message",
  message: "message",
  forward: "forward",
  ready: "plain",
  addressing: "plain",
  cached: "plain",
  resolved: "plain",
};

/** Whether a client of the scheme has a connection to the next replica before it goes there. */
export const isPrepared = (name: SchemeName): boolean => name === "prepared" || name === "ready";

/** Whether calls that a server had in its hands are made again. */
const repeats = (name: SchemeName): boolean => name === "ready" || name === "addressing";

const PAYLOAD = new Uint8Array(64);
const TIMEOUT_MS = 10_000;
const CLIENT = { config: { orb: { listen: [] } } };

/** How a call ended, and how long that took. */
export interface Called {
  readonly us: number;
  /** Process id of the one who answered; undefined where the call raised. */
  readonly by: number | undefined;
}

interface Observed {
  octets: number;
  /** When a connection was closed last. */
  closedMs: number;
}

/** A client of the replicas that goes on by one scheme, with an ORB of its own, and another to ask a naming service. */
export class Client implements AsyncDisposable {
  readonly #orb: ORB;
  readonly #asking: ORB;
  readonly #reflector: Reflector;
  readonly #observed: Observed;
  #watchedSince = 0;

  private constructor(orb: ORB, asking: ORB, reflector: Reflector, observed: Observed) {
    this.#orb = orb;
    this.#asking = asking;
    this.#reflector = reflector;
    this.#observed = observed;
  }

  /** @param first number of the replica it begins with */
  static async start(name: SchemeName, replicas: Replicas, first: number): Promise<Client> {
    const observed: Observed = { octets: 0, closedMs: 0 };
    const transport = new ObservedTransport(transportOf(replicas.transport), () => ({
      sent: ({ length }) => void (observed.octets += length),
      received: ({ length }) => void (observed.octets += length),
      queued: () => undefined,
      closed: () => void (observed.closedMs = performance.now()),
    }));
    const asking = await ORB_init([], {
      ...CLIENT,
      transport: transportOf(replicas.transport),
    });
    const url = await asking.string_to_object(replicas.namingUrl);
    const names = CosNaming.NamingContext.uncheckedNarrow(url);
    if (names === null) throw new TypeError("no naming service");
    const resolve = (i: number): Promise<ObjectReference | null> =>
      names.resolve([{ id: `replica${i % replicas.all.length}`, kind: "" }]);
    // As in the paper, a client comes by the naming service, and has a connection to it.
    await resolve(first);
    const schemes = await schemesOf(name, resolve, replicas.all.length, first);
    const failOver = new FailOverClient({
      schemes,
      timeoutMs: TIMEOUT_MS,
      isPrepared: isPrepared(name),
    });
    const orb = await ORB_init([], {
      ...CLIENT,
      transport,
      ...(schemes.length === 0 ? {} : { connectionWatch: failOver }),
      ...(repeats(name) ? { initializers: portable([failOver]) } : {}),
    });
    const port = replicas.at(first).port(SERVED_BY[name]);
    const object = await orb.string_to_object(`corbaloc:iiop:1.2@127.0.0.1:${port}/echo`);
    const reflector = Reflector.uncheckedNarrow(object);
    if (reflector === null) throw new TypeError("no replica");
    return new Client(orb, asking, reflector, observed);
  }

  /** Octets sent and received. */
  get octets(): number {
    return this.#observed.octets;
  }

  /** From now on it is looked whether a connection is lost. */
  watch(): void {
    this.#watchedSince = performance.now();
    this.#observed.closedMs = 0;
  }

  /** Milliseconds from then until a connection was closed; 0: none was. */
  get lostAfterMs(): number {
    return Math.max(0, this.#observed.closedMs - this.#watchedSince);
  }

  async call(): Promise<Called> {
    const begun = performance.now();
    try {
      const who = await this.#reflector.echo(PAYLOAD);
      const us = (performance.now() - begun) * 1_000;
      return { us, by: new DataView(who.buffer, who.byteOffset).getUint32(0, true) };
    } catch {
      return { us: (performance.now() - begun) * 1_000, by: undefined };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#orb.destroy();
    await this.#asking.destroy();
  }
}

/** @param resolve asks the naming service for one of `count` replicas @param first the one that is called first */
async function schemesOf(
  name: SchemeName,
  resolve: (i: number) => Promise<ObjectReference | null>,
  count: number,
  first: number,
): Promise<readonly FailOverScheme[]> {
  /** Numbers of replicas, by the ports that somebody was told of. */
  const numbers = new Map<number, number>();
  const next = async ({ at }: LostServer): Promise<ObjectReference | null> => {
    const number = (numbers.get(at.port) ?? first) + 1;
    const reference = await resolve(number);
    const [target] = reference?._core.ownTargets ?? [];
    if (target !== undefined) numbers.set(target.port, number);
    return reference;
  };
  const known: ReplicaAddress[] = [];
  const resolveAll = async (): Promise<readonly ReplicaAddress[]> => {
    const all = await Promise.all(Array.from({ length: count }, (_, i) => resolve(i)));
    known.length = 0;
    for (const reference of all) {
      const [target] = reference?._core.ownTargets ?? [];
      if (target !== undefined) known.push({ host: target.host, port_number: target.port });
    }
    return known;
  };
  switch (name) {
    case "none":
    case "forward":
      return [];
    case "prepared":
    case "message":
      return [new Messages()];
    case "ready":
    case "addressing":
      return [addressing(next, { repeats: () => true })];
    case "cached":
      await resolveAll();
      return [cached(known), resolved(resolveAll)];
    case "resolved":
      return [resolved(next)];
  }
}
