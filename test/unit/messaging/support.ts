import { TestClock } from "../../../orb/base/index.ts";
import { MemoryTransport, type ObjectReference, type ORB, ORB_init } from "../../../orb/index.ts";
import { Sample } from "../../support/sample.ts";

export const REBIND_POLICY = 23;
export const SYNC_SCOPE = 24;
export const REQUEST_PRIORITY = 25;
export const REPLY_PRIORITY = 26;
export const REQUEST_START = 27;
export const REQUEST_END = 28;
export const REPLY_START = 29;
export const REPLY_END = 30;
export const REQUEST_TIMEOUT = 31;
export const ROUNDTRIP_TIMEOUT = 32;
export const ROUTING = 33;
export const MAX_HOPS = 34;
export const QUEUE_ORDER = 35;

/** The day on which the walls of these tests begin. */
export const DAY_MS: number = Date.UTC(2026, 0, 1);

export interface Joined extends AsyncDisposable {
  readonly transport: MemoryTransport;
  readonly clock: TestClock;
  readonly server: ORB;
  readonly client: ORB;
  readonly servant: Sample;
  readonly local: ObjectReference;
  readonly reference: ObjectReference;
}

/** A client whose clock stands, and a server, joined by memory. */
export async function joined(): Promise<Joined> {
  const transport = new MemoryTransport();
  const clock = new TestClock(0, DAY_MS);
  const server = await ORB_init([], { transport });
  const client = await ORB_init([], { transport, clock });
  const servant = new Sample();
  const local = await server.rootPOA.activate(servant);
  server.rootPOA.the_POAManager.activate();
  const reference = await referenceTo(client, server.object_to_string(local));
  return {
    transport,
    clock,
    server,
    client,
    servant,
    local,
    reference,
    [Symbol.asyncDispose]: async () => {
      for (const release of servant.parked) release();
      await client.destroy();
      await server.destroy();
    },
  };
}

export async function referenceTo(orb: ORB, url: string): Promise<ObjectReference> {
  const reference = await orb.string_to_object(url);
  if (reference === null) throw new TypeError("nil");
  return reference;
}

/** Lets everything that memory transports have on the way arrive. */
export async function turns(count: number = 10): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
