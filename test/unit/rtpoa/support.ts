import type { ExecutionContext } from "ava";
import {
  MemoryTransport,
  type ObjectReference,
  type ORB,
  ORB_init,
  type OrbInitOptions,
  type ThreadpoolLane,
  type ThreadpoolOptions,
} from "../../../orb/index.ts";
import { Sample } from "../../support/sample.ts";

/** The lanes of the captures. */
export const PRIORITIES: readonly number[] = [5_000, 15_000, 25_000];

export function lanesOf(priorities: readonly number[]): readonly ThreadpoolLane[] {
  return priorities.map((lane_priority) => ({
    lane_priority,
    static_threads: 1,
    dynamic_threads: 0,
  }));
}

/** Server and client that reach each other over memory. */
export interface Pair {
  readonly server: ORB;
  readonly client: ORB;
  /** The reference as the client has it. */
  readonly far: (reference: ObjectReference) => Promise<ObjectReference>;
}

export async function pair(
  t: ExecutionContext,
  options: OrbInitOptions = {},
  ofClient: OrbInitOptions = {},
): Promise<Pair> {
  const transport = new MemoryTransport();
  const server = await ORB_init([], { transport, ...options });
  const client = await ORB_init([], { transport, config: { orb: { listen: [] } }, ...ofClient });
  server.rootPOA.the_POAManager.activate();
  t.teardown(async () => {
    await client.destroy();
    await server.destroy();
  });
  return {
    server,
    client,
    far: async (reference) => {
      const there = await client.string_to_object(server.object_to_string(reference));
      if (there === null) throw new TypeError("nil");
      return there;
    },
  };
}

/** A pool with lanes that buffers nothing, unless told. */
export function lanePool(
  orb: ORB,
  priorities: readonly number[] = PRIORITIES,
  options: ThreadpoolOptions & {
    readonly borrow?: boolean;
    readonly buffer?: readonly [number, number];
  } = {},
): Promise<number> {
  const { borrow = false, buffer, ...rest } = options;
  const [count, octets] = buffer ?? [0, 0];
  return orb.rt.create_threadpool_with_lanes(
    0,
    lanesOf(priorities),
    borrow,
    buffer !== undefined,
    count,
    octets,
    rest,
  );
}

/** Says at which priority it was called; `park` waits to be ended. */
export class PrioritySample extends Sample {
  readonly #orb: ORB;
  readonly seen: (number | undefined)[] = [];

  constructor(orb: ORB) {
    super();
    this.#orb = orb;
  }

  #see(): void {
    this.seen.push(this.#orb.rt.current._peek()?.priority);
  }

  override echo(text: string): string | Promise<string> {
    this.#see();
    return super.echo(text);
  }

  override park(): Promise<void> {
    this.#see();
    return super.park();
  }
}
